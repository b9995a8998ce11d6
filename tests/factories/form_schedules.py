"""Numbers for the outcome forms of a clinic, and their approval."""

from __future__ import annotations

import uuid
from datetime import timedelta

from factory.declarations import LazyFunction, SubFactory
from factory.django import DjangoModelFactory

from hat_clinic.core.clock import london_date, now
from outcomes.models import FormSchedule, FormScheduleApproval
from tests.factories.accounts import ClinicFactory, UserFactory


class FormScheduleFactory(DjangoModelFactory[FormSchedule]):
    """Numbers from tomorrow on, not approved."""

    class Meta:
        model = FormSchedule

    clinic = SubFactory(ClinicFactory)
    from_day = LazyFunction(lambda: london_date(now()) + timedelta(days=1))
    every_days = 28
    window_days = 7
    source = "Invented guidance, 2026"
    key = LazyFunction(uuid.uuid4)
    written_at = LazyFunction(now)
    written_by = SubFactory(UserFactory)


class FormScheduleApprovalFactory(DjangoModelFactory[FormScheduleApproval]):
    """The approval by somebody else."""

    class Meta:
        model = FormScheduleApproval

    schedule = SubFactory(FormScheduleFactory)
    approved_at = LazyFunction(now)
    approved_by = SubFactory(UserFactory)
