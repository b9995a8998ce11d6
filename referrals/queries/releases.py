"""Who is expected out of prison, and when the clinic sees them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, TypedDict

from django.db.models import OuterRef, QuerySet, Subquery

from hat_clinic.accounts.models import Clinic
from referrals.models import Referral, ReleasePlan
from referrals.queries.together import sender_of
from referrals.rules.releases import LIST_DAYS, is_overdue, is_soon

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Release(TypedDict):
        """What `with_release` adds."""

        release_on: date | None
        appointment_at: time | None

    WithRelease = WithAnnotations[Referral, Release]


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One person expected out; `appointment_at` is None while no time is set on that day.

    `release_on` is None on the page of somebody of whom no day is known yet.
    """

    id: uuid.UUID
    subject_id: uuid.UUID
    name: str
    born_on: date | None
    release_on: date | None
    days: int
    appointment_at: time | None
    sender: str
    contact: str
    state: str
    is_settled: bool = False

    @property
    def days_ago(self) -> int:
        """How many days the expected release is over; 0 while it is not."""
        return max(-self.days, 0)


@dataclass(frozen=True, slots=True)
class ReleasesPage:
    """Everybody expected out from today to 14 days on, by day; before them who was due and has not started."""

    rows: tuple[ReleaseRow, ...]
    last_day: date

    @property
    def subject_ids(self) -> list[uuid.UUID]:
        """Whom the page shows, each once."""
        return list(dict.fromkeys(row.subject_id for row in self.rows))


def get_release_plan(referral: Referral) -> ReleasePlan | None:
    """Return what was said last of somebody's release, or None."""
    return ReleasePlan.objects.filter(referral=referral).order_by("-number").first()


def get_release_told_by(referral: Referral, *, agency_id: uuid.UUID) -> ReleasePlan | None:
    """Return what an agency itself said last of somebody's release, or None: what the clinic heard elsewhere stays."""
    told = ReleasePlan.objects.filter(referral=referral, said_by__memberships__agency_id=agency_id)
    return told.order_by("-number").first()


def with_release(referrals: QuerySet[Referral]) -> QuerySet[WithRelease]:
    """Add `release_on` and `appointment_at`, as they were said last, to referrals."""
    newest = ReleasePlan.objects.filter(referral=OuterRef("pk")).order_by("-number")
    return referrals.annotate(
        release_on=Subquery(newest.values("release_on")[:1]),
        appointment_at=Subquery(newest.values("appointment_at")[:1]),
    )


def list_releases(*, clinic: Clinic, today: date) -> ReleasesPage:
    """Return who is expected out of prison within the next 14 days, of those who wait and those accepted.

    Who was expected earlier stays until something is known of them.
    """
    told = Referral.objects.filter(clinic=clinic, closed_on__isnull=True, release_plans__isnull=False)
    referrals = with_release(told.select_related("agency", "person", "same_as", "episode").distinct())
    rows = [_row(referral, today) for referral in referrals]
    soon = [
        row
        for row in rows
        if is_soon(row.release_on, today=today)
        or is_overdue(row.release_on, today=today, is_settled=row.is_settled)
    ]
    return ReleasesPage(
        rows=tuple(sorted(soon, key=lambda row: (row.days, row.appointment_at or time.max, str(row.id)))),
        last_day=today + timedelta(days=LIST_DAYS),
    )


def get_release(*, clinic: Clinic, referral_id: uuid.UUID) -> ReleaseRow | None:
    """Return one person of the clinic's open or accepted referrals, or None for another clinic's and a missing one."""
    referrals = with_release(
        Referral.objects.filter(clinic=clinic, id=referral_id, closed_on__isnull=True).select_related(
            "agency", "person", "same_as", "episode"
        )
    )
    referral = referrals.first()
    return None if referral is None else _row(referral, None)


def _row(referral: WithRelease, today: date | None) -> ReleaseRow:
    release_on = referral.release_on
    episode = referral.episode
    return ReleaseRow(
        id=referral.id,
        subject_id=referral.subject_id,
        name=referral.full_name,
        born_on=referral.identity.born_on,
        release_on=release_on,
        days=(release_on - today).days if release_on and today else 0,
        appointment_at=referral.appointment_at,
        sender=sender_of(referral),
        contact=referral.contact,
        state="Accepted" if referral.episode_id is not None else "Waiting",
        is_settled=episode is not None and (episode.started_on is not None or episode.exited_on is not None),
    )


@dataclass(frozen=True, slots=True)
class FirstAppointment:
    """Somebody is expected out of prison on a day, and seen here first at a time; None while none is set."""

    referral_id: uuid.UUID
    subject_id: uuid.UUID
    name: str
    release_on: date
    appointment_at: time | None


def list_first_appointments(*, clinic: Clinic, first: date, last: date) -> tuple[FirstAppointment, ...]:
    """Return who is expected out of prison on some days, in time, of those who wait and those accepted."""
    told = Referral.objects.filter(clinic=clinic, closed_on__isnull=True, release_plans__isnull=False)
    referrals = with_release(told.select_related("person", "same_as").distinct()).filter(
        release_on__gte=first, release_on__lte=last
    )
    rows = [
        FirstAppointment(
            referral.id, referral.subject_id, referral.full_name, release_on, referral.appointment_at
        )
        for referral in referrals
        if (release_on := referral.release_on) is not None
    ]
    return tuple(
        sorted(rows, key=lambda row: (row.release_on, row.appointment_at or time.max, str(row.referral_id)))
    )
