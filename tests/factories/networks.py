"""Groups of clinics, and what was put together of them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date

from factory import LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from hat_clinic.accounts.actions import grant_role
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from outcomes.models import (
    Network,
    NetworkClinic,
    NetworkEnd,
    NetworkLeaving,
    ReportRun,
    Rollup,
    RollupFailure,
    RollupPart,
    RollupRequest,
)
from tests.factories.accounts import ClinicFactory, UserFactory
from tests.factories.moments import NINE


class NetworkFactory(DjangoModelFactory[Network]):
    class Meta:
        model = Network

    name = Sequence(lambda number: f"Force area {number}")
    kind = "force_area"
    key = LazyFunction(uuid.uuid4)
    added_at = NINE
    added_by = SubFactory(UserFactory)


class NetworkClinicFactory(DjangoModelFactory[NetworkClinic]):
    class Meta:
        model = NetworkClinic

    network = SubFactory(NetworkFactory)
    clinic = SubFactory(ClinicFactory)


class NetworkEndFactory(DjangoModelFactory[NetworkEnd]):
    class Meta:
        model = NetworkEnd

    network = SubFactory(NetworkFactory)
    ended_on = date(2026, 1, 31)
    why = "The contract is over."
    ended_at = NINE
    ended_by = SubFactory(UserFactory)


class NetworkLeavingFactory(DjangoModelFactory[NetworkLeaving]):
    class Meta:
        model = NetworkLeaving

    member = SubFactory(NetworkClinicFactory)
    left_on = date(2026, 1, 31)
    why = "It has another funder."
    left_at = NINE
    left_by = SubFactory(UserFactory)


class RollupRequestFactory(DjangoModelFactory[RollupRequest]):
    class Meta:
        model = RollupRequest

    network = SubFactory(NetworkFactory)
    month = date(2026, 1, 1)
    edition = ReportRun.Edition.RESTRICTED
    key = LazyFunction(uuid.uuid4)
    requested_at = NINE
    requested_by = SubFactory(UserFactory)


class RollupPartFactory(DjangoModelFactory[RollupPart]):
    class Meta:
        model = RollupPart

    request = SubFactory(RollupRequestFactory)
    clinic = SubFactory(ClinicFactory)
    taken_at = NINE


class RollupFactory(DjangoModelFactory[Rollup]):
    class Meta:
        model = Rollup

    request = SubFactory(RollupRequestFactory)
    figures = LazyFunction(lambda: {"clinics": [], "missing_clinics": [], "indicators": []})
    figures_sha256 = "0" * 64
    built_at = NINE


class RollupFailureFactory(DjangoModelFactory[RollupFailure]):
    class Meta:
        model = RollupFailure

    request = SubFactory(RollupRequestFactory)
    number = 1
    failed_at = NINE


def a_rollup(clinic: Clinic) -> dict[str, uuid.UUID]:
    """Return the ids of a group that holds this clinic alone, and of the asking that its figures came of."""
    network = NetworkClinicFactory(clinic=clinic).network
    rollup = RollupFactory(request=RollupRequestFactory(network=network))
    return {"network_id": network.pk, "rollup_id": rollup.request_id}


def a_manager_who_reads(clinics: list[Clinic], make_member: Callable[..., User]) -> User:
    """The manager of the first clinic, who reads the reports of all of them."""
    user = make_member(clinics[0], Role.MANAGER)
    for clinic in clinics[1:]:
        grant_role(user=user, clinic=clinic, role=Role.COMMISSIONER, by=None, at=now())
    return user
