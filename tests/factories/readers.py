"""What a class of readers is given, and its approval."""

from __future__ import annotations

import uuid

from factory.declarations import LazyFunction, SubFactory
from factory.django import DjangoModelFactory

from hat_clinic.core.clock import london_date, now
from outcomes.models import ReaderEditions, ReaderEditionsApproval
from tests.factories.accounts import ClinicFactory, UserFactory


class ReaderEditionsFactory(DjangoModelFactory[ReaderEditions]):
    """The justice edition for probation from today on, not approved."""

    class Meta:
        model = ReaderEditions

    clinic = SubFactory(ClinicFactory)
    reader = "probation"
    from_day = LazyFunction(lambda: london_date(now()))
    has_restricted = False
    has_justice = True
    source = "Invented agreement of 1 March 2026"
    key = LazyFunction(uuid.uuid4)
    written_at = LazyFunction(now)
    written_by = SubFactory(UserFactory)


class ReaderEditionsApprovalFactory(DjangoModelFactory[ReaderEditionsApproval]):
    """The approval by somebody else."""

    class Meta:
        model = ReaderEditionsApproval

    editions = SubFactory(ReaderEditionsFactory)
    approved_at = LazyFunction(now)
    approved_by = SubFactory(UserFactory)
