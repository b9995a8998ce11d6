"""Aims of a programme, and their approval."""

from __future__ import annotations

import uuid
from datetime import timedelta

from factory.declarations import LazyFunction, SubFactory
from factory.django import DjangoModelFactory

from hat_clinic.core.clock import london_date, now
from outcomes.models import AimsApproval, AimsVersion
from tests.factories.accounts import ClinicFactory, UserFactory


class AimsVersionFactory(DjangoModelFactory[AimsVersion]):
    """One aim from tomorrow on, not approved."""

    class Meta:
        model = AimsVersion

    clinic = SubFactory(ClinicFactory)
    from_day = LazyFunction(lambda: london_date(now()) + timedelta(days=1))
    aims = LazyFunction(
        lambda: [{"words": "Fewer deaths", "figures": ["safety.deaths.in_treatment"], "unknown": "Chance"}]
    )
    source = "Invented agreement, 2026"
    key = LazyFunction(uuid.uuid4)
    written_at = LazyFunction(now)
    written_by = SubFactory(UserFactory)


class AimsApprovalFactory(DjangoModelFactory[AimsApproval]):
    """The approval by somebody else."""

    class Meta:
        model = AimsApproval

    version = SubFactory(AimsVersionFactory)
    approved_at = LazyFunction(now)
    approved_by = SubFactory(UserFactory)
