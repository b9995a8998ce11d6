"""Exports for an evaluator, and their approval."""

from __future__ import annotations

import uuid

from factory.declarations import LazyFunction, SubFactory
from factory.django import DjangoModelFactory

from hat_clinic.core.clock import london_date, now
from outcomes.models import CohortExport, CohortExportApproval, CohortExportMade
from tests.factories.accounts import ClinicFactory, UserFactory


class CohortExportFactory(DjangoModelFactory[CohortExport]):
    """An export up to today, not approved."""

    class Meta:
        model = CohortExport

    clinic = SubFactory(ClinicFactory)
    recipient = "Invented University"
    purpose = "The second year"
    agreement = "Invented agreement 7 of 2026"
    as_of = LazyFunction(lambda: london_date(now()))
    key = LazyFunction(uuid.uuid4)
    asked_at = LazyFunction(now)
    asked_by = SubFactory(UserFactory)


class CohortExportApprovalFactory(DjangoModelFactory[CohortExportApproval]):
    """The approval by somebody else."""

    class Meta:
        model = CohortExportApproval

    export = SubFactory(CohortExportFactory)
    approved_at = LazyFunction(now)
    approved_by = SubFactory(UserFactory)


class CohortExportMadeFactory(DjangoModelFactory[CohortExportMade]):
    """That the folder was written."""

    class Meta:
        model = CohortExportMade

    export = SubFactory(CohortExportFactory)
    made_at = LazyFunction(now)
    made_by = SubFactory(UserFactory)
    people = 1
    left_out = 0
    counts = LazyFunction(dict)
    folder_sha256 = "0" * 64
    extract_sha256 = "0" * 64
