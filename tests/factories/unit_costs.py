"""Tables of unit costs, and their approval."""

from __future__ import annotations

from datetime import timedelta

from factory.declarations import LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from hat_clinic.core.clock import london_date, now
from outcomes.models import UnitCostApproval, UnitCostTable
from tests.factories.accounts import ClinicFactory, UserFactory

BODIES = ("police", "courts", "prison", "probation", "health", "victim")


class UnitCostTableFactory(DjangoModelFactory[UnitCostTable]):
    """One offence from tomorrow on, costed to the police alone and verified by nobody; not approved."""

    class Meta:
        model = UnitCostTable

    clinic = SubFactory(ClinicFactory)
    from_day = LazyFunction(lambda: london_date(now()) + timedelta(days=1))
    rows = LazyFunction(
        lambda: [
            {
                "offence": "shoplifting",
                "pence": dict.fromkeys(BODIES) | {"police": 12050},
                "price_year": 2020,
                "source": "Invented",
                "verified_by": None,
                "verified_on": None,
            }
        ]
    )
    sha256 = Sequence(lambda number: f"{number:064x}")
    loaded_at = LazyFunction(now)
    loaded_by = SubFactory(UserFactory)


class UnitCostApprovalFactory(DjangoModelFactory[UnitCostApproval]):
    """The approval by somebody else."""

    class Meta:
        model = UnitCostApproval

    table = SubFactory(UnitCostTableFactory)
    approved_at = LazyFunction(now)
    approved_by = SubFactory(UserFactory)
