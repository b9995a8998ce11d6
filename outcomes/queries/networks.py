"""Groups of clinics whose reports somebody reads, and what was put together of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Max

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_clinics_of
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.clock import london_date
from outcomes.models import Network, NetworkClinic, ReportRun, Rollup, RollupRequest
from outcomes.queries.readers import get_grants
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.rollup import FEWEST_CLINICS, NetworkKind


@dataclass(frozen=True, slots=True)
class RollupRow:
    """One asking, and what came of it."""

    id: uuid.UUID
    month: date
    requested_at: datetime
    built_at: datetime | None
    sha256: str
    clinics: int
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EndRow:
    """With which day a group ended or a clinic left it, why, and who wrote it down."""

    on: date
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One clinic that is or was in a group."""

    clinic_id: uuid.UUID
    code: str
    name: str
    left: EndRow | None


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """One group, its clinics, and its figures by month, the latest first."""

    id: uuid.UUID
    name: str
    kind: str
    members: tuple[MemberRow, ...]
    rollups: tuple[RollupRow, ...]
    ended: EndRow | None

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the clinics that have not left."""
        return tuple(one.code for one in self.standing)

    @property
    def standing(self) -> tuple[MemberRow, ...]:
        """The clinics that have not left, by code."""
        return tuple(one for one in self.members if one.left is None)

    @property
    def leavers(self) -> tuple[MemberRow, ...]:
        """The clinics that left, by code."""
        return tuple(one for one in self.members if one.left is not None)

    @property
    def may_shrink(self) -> bool:
        """Whether a clinic may still leave: the group stands and two would be left."""
        return self.ended is None and len(self.standing) > FEWEST_CLINICS


@dataclass(frozen=True, slots=True)
class RollupPage:
    """The figures of a group in a month."""

    network: str
    kind: str
    month: date
    built_at: datetime
    sha256: str
    document: dict[str, Any]


def clinics_read_by(*, user: User, at: datetime) -> dict[uuid.UUID, Clinic]:
    """Return the clinics whose exact figures somebody reads, by id: those of a group are made of nothing else."""
    members = [one for one in list_clinics_of(user=user, at=at) if one.may(Permission.SEE_REPORTS)]
    grants, today = get_grants([one.clinic.pk for one in members]), london_date(at)
    return {
        one.clinic.pk: one.clinic
        for one in members
        if one.may(Permission.RELEASE_REPORT)
        or Edition.RESTRICTED in grants[one.clinic.pk].editions(one.roles, today)
    }


def list_networks(*, clinic: Clinic, user: User, at: datetime) -> tuple[NetworkRow, ...]:
    """Return the groups with this clinic that somebody reads: those of whose every clinic they read the reports."""
    read = clinics_read_by(user=user, at=at)
    members: dict[uuid.UUID, dict[uuid.UUID, MemberRow]] = {}
    places = NetworkClinic.objects.select_related("clinic", "leaving__left_by").order_by("clinic__code")
    for place in places:
        members.setdefault(place.network_id, {})[place.clinic_id] = _member(place)
    shown = [
        key for key, clinics in members.items() if clinic.pk in clinics and clinics.keys() <= read.keys()
    ]
    requests = RollupRequest.objects.filter(network__in=shown).select_related("rollup")
    rows: dict[uuid.UUID, list[RollupRow]] = {}
    for request in requests.order_by("-month", "-requested_at"):
        rows.setdefault(request.network_id, []).append(_row(request))
    networks = Network.objects.filter(pk__in=shown).select_related("end__ended_by").order_by("name")
    return tuple(
        NetworkRow(
            id=network.pk,
            name=network.name,
            kind=NetworkKind(network.kind).label,
            members=tuple(members[network.pk].values()),
            rollups=tuple(rows.get(network.pk, ())),
            ended=_end(network),
        )
        for network in networks
    )


def get_network(*, clinic: Clinic, network_id: uuid.UUID, user: User, at: datetime) -> NetworkRow | None:
    """Return one group, or None when it is not there or not theirs to read."""
    return next((one for one in list_networks(clinic=clinic, user=user, at=at) if one.id == network_id), None)


def get_rollup(
    *, clinic: Clinic, network_id: uuid.UUID, rollup_id: uuid.UUID, user: User, at: datetime
) -> RollupPage | None:
    """Return the figures of a group in a month, or None; `rollup_id` is the asking's."""
    network = get_network(clinic=clinic, network_id=network_id, user=user, at=at)
    rollup = (
        Rollup.objects.select_related("request")
        .filter(request=rollup_id, request__network=network_id)
        .first()
    )
    if network is None or rollup is None:
        return None
    return RollupPage(
        network=network.name,
        kind=network.kind,
        month=rollup.request.month,
        built_at=rollup.built_at,
        sha256=rollup.figures_sha256,
        document=rollup.figures,
    )


def released_run(*, clinic_id: uuid.UUID, month: date, edition: str) -> ReportRun | None:
    """Return the newest report of a clinic, month and edition that is signed off."""
    runs = ReportRun.objects.filter(clinic=clinic_id, month=month, edition=edition, release__isnull=False)
    return runs.order_by("-issue").first()


def list_members(*, network: uuid.UUID, month: date) -> list[uuid.UUID]:
    """Return the clinics that a group has in a month: those that had not left it when the month began."""
    members = NetworkClinic.objects.filter(network=network).exclude(leaving__left_on__lt=month)
    return list(members.values_list("clinic", flat=True))


def last_asked(*, network: uuid.UUID) -> date | None:
    """Return the latest month whose figures were asked for of a group, or None."""
    last: date | None = RollupRequest.objects.filter(network=network).aggregate(last=Max("month"))["last"]
    return last


def list_open_rollups() -> list[tuple[uuid.UUID, list[uuid.UUID]]]:
    """Return the askings that have no figures yet, each with the clinics of its group then."""
    waiting = RollupRequest.objects.filter(rollup__isnull=True).order_by("requested_at")
    return [
        (request.pk, list_members(network=request.network_id, month=request.month)) for request in waiting
    ]


def _member(place: NetworkClinic) -> MemberRow:
    leaving = getattr(place, "leaving", None)
    return MemberRow(
        clinic_id=place.clinic_id,
        code=place.clinic.code,
        name=place.clinic.name,
        left=EndRow(on=leaving.left_on, why=leaving.why, by=leaving.left_by.full_name) if leaving else None,
    )


def _end(network: Network) -> EndRow | None:
    end = getattr(network, "end", None)
    return EndRow(on=end.ended_on, why=end.why, by=end.ended_by.full_name) if end else None


def _row(request: RollupRequest) -> RollupRow:
    rollup = getattr(request, "rollup", None)
    return RollupRow(
        id=request.pk,
        month=request.month,
        requested_at=request.requested_at,
        built_at=rollup.built_at if rollup else None,
        sha256=rollup.figures_sha256 if rollup else "",
        clinics=len(rollup.figures["clinics"]) if rollup else 0,
        missing=tuple(rollup.figures["missing_clinics"]) if rollup else (),
    )
