"""What inspectors may open here, when, and what they opened."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dosing.queries.cases import name_cases
from dosing.queries.retention import list_ledgers
from hat_clinic.accounts.models import Clinic, Invitation, Membership
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date
from hat_clinic.pages.rules.events import words_for

PAGE_LINES = 100


@dataclass(frozen=True, slots=True)
class Inspection:
    """One visit: who, from which to which London day, and where it stands."""

    user_id: uuid.UUID
    name: str
    first_day: date
    last_day: date
    state: str
    invited_by: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An inspector who was invited and has not accepted."""

    name: str
    first_day: date | None
    last_day: date | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """One page or print: when, who, what, and for the register which ledger, period and lines."""

    id: int
    at: datetime
    who: str
    what: str
    details: str
    is_refused: bool


@dataclass(frozen=True, slots=True)
class InspectionsPage:
    """All inspections of a clinic, and what inspectors opened, newest first. `older_before` begins the next page."""

    inspections: tuple[Inspection, ...]
    waiting: tuple[Waiting, ...]
    opened: tuple[Opened, ...]
    older_before: int | None


def get_inspections_page(
    *, clinic: Clinic, at: datetime, inspector_id: uuid.UUID | None, before: int | None
) -> InspectionsPage:
    """Return who inspects here and the pages they opened in this clinic, in a fixed number of queries.

    Of each page one line, however many people it shows: the people stand in the privacy officer's trail.
    """
    memberships = list(
        Membership.objects.filter(clinic=clinic, role=Role.INSPECTOR, ends_at__isnull=False)
        .select_related("user", "granted_by")
        .order_by("-starts_at", "id")
    )
    inspectors = {row.user_id for row in memberships}
    chosen = inspectors & {inspector_id} if inspector_id else inspectors
    events = AuditEvent.objects.filter(clinic=clinic.id, actor__in=chosen, person__isnull=True)
    if before is not None:
        events = events.filter(id__lt=before)
    found = list(events.select_related("actor").order_by("-id")[: PAGE_LINES + 1])
    ledgers = {str(line.id): line.title for line in list_ledgers(clinic=clinic)}
    cases = name_cases({uuid.UUID(event.detail["case"]) for event in found if "case" in event.detail})
    waiting = Invitation.objects.filter(
        clinic=clinic,
        roles__contains=[Role.INSPECTOR.value],
        accepted_at__isnull=True,
        withdrawn_at__isnull=True,
        expires_at__gt=at,
    )
    return InspectionsPage(
        inspections=tuple(_inspection(row, at) for row in memberships),
        waiting=tuple(
            Waiting(
                one.full_name,
                london_date(one.roles_start_at) if one.roles_start_at else None,
                _last_day(one.roles_end_at) if one.roles_end_at else None,
                one.expires_at,
            )
            for one in waiting.order_by("expires_at")
        ),
        opened=tuple(_opened(event, ledgers, cases) for event in found[:PAGE_LINES]),
        older_before=found[PAGE_LINES - 1].id if len(found) > PAGE_LINES else None,
    )


def _last_day(ends_at: datetime) -> date:
    return london_date(ends_at - timedelta(microseconds=1))


def _inspection(row: Membership, at: datetime) -> Inspection:
    ends_at = row.ends_at
    assert ends_at is not None  # noqa: S101 - an inspector's role always has an end
    state = "over" if ends_at <= at else "not_begun" if row.starts_at > at else "open"
    return Inspection(
        user_id=row.user_id,
        name=row.user.full_name,
        first_day=london_date(row.starts_at),
        last_day=_last_day(ends_at),
        state=state,
        invited_by=row.granted_by.full_name if row.granted_by else "",
    )


def _opened(event: AuditEvent, ledgers: dict[str, str], cases: dict[str, str]) -> Opened:
    told = event.detail
    parts = [ledgers[event.object_id]] if event.object_id in ledgers else []
    if "case" in told:
        parts.append(cases[told["case"]])
    if told.get("code"):
        parts.append(f"code {told['code']}")
    if "since" in told and "until" in told:
        parts.append(f"{_day(told['since'])} to {_day(told['until'])}")
    if "first_line" in told:
        first, last = told["first_line"], told["last_line"]
        parts.append("no line" if first is None else f"lines {first} to {last}")
    is_refused = event.outcome == AuditEvent.Outcome.REFUSED
    return Opened(
        id=event.id,
        at=event.at,
        who=event.actor.full_name if event.actor else "",
        what=words_for(event.event, is_refused=is_refused),
        details="; ".join(parts),
        is_refused=is_refused,
    )


def _day(written: str) -> str:
    return f"{date.fromisoformat(written):%d/%m/%Y}"
