"""What was decided about the end of a programme, and who has no whole plan for it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from hat_clinic.accounts.models import Clinic, Phase
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision
from patients.models import Episode, ProgrammeClosing
from patients.queries.leaving import list_missing_of_plans
from patients.rules.closings import ClosingKind, acceptance_stopped, ending_in_words


@dataclass(frozen=True, slots=True)
class ClosingLine:
    """One decision about a programme."""

    number: int
    kind: ClosingKind
    last_on: date | None
    resumes_on: date | None
    words: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class ClosingPage:
    """What was decided, the newest first, and how far the people are. It names nobody."""

    lines: tuple[ClosingLine, ...]
    people: int
    without_plan: int
    funded_until: date | None

    @property
    def stands(self) -> ClosingLine | None:
        """Return the decision that stands, None where nothing was decided or the programme goes on."""
        newest = self.lines[0] if self.lines else None
        return newest if newest is not None and newest.kind is not ClosingKind.GOES_ON else None


def get_last_day(*, clinic_id: uuid.UUID) -> date | None:
    """Return the last day of doses of a programme that closes or pauses, or None."""
    newest = ProgrammeClosing.objects.filter(clinic_id=clinic_id).order_by("-number")
    return newest.values_list("last_on", flat=True).first()


def may_be_accepted(*, clinic_id: uuid.UUID) -> Decision:
    """Return why a clinic accepts nobody any more, if its programme closes or pauses.

    Whoever accepts holds the clinic's row, so that a decision of the same moment is seen or waits. Source: product P 7.
    """
    return Decision.of([acceptance_stopped(get_last_day(clinic_id=clinic_id))])


def list_closings(*, clinic: Clinic) -> tuple[ClosingLine, ...]:
    """Return every decision about a programme, the newest first."""
    rows = ProgrammeClosing.objects.select_related("decided_by").filter(clinic=clinic).order_by("-number")
    return tuple(
        ClosingLine(
            number=row.number,
            kind=ClosingKind(row.kind),
            last_on=row.last_on,
            resumes_on=row.resumes_on,
            words=row.words,
            decided_by=row.decided_by.full_name,
            decided_at=row.decided_at,
        )
        for row in rows
    )


def get_closing_page(*, clinic: Clinic, at: datetime) -> ClosingPage:
    """Return what was decided about a programme and how many people have no whole plan."""
    missing = list_people_without_plan(clinic=clinic)
    return ClosingPage(
        lines=list_closings(clinic=clinic),
        people=len(missing),
        without_plan=sum(bool(words) for words in missing.values()),
        funded_until=_funded_until(clinic, london_date(at)),
    )


def list_people_without_plan(*, clinic: Clinic) -> dict[Episode, tuple[str, ...]]:
    """Return everybody in treatment in a clinic with what their plan does not say yet, in two queries."""
    episodes = list(
        Episode.objects.select_related("person")
        .filter(clinic=clinic, exited_on__isnull=True, import_run__isnull=True)
        .order_by("person__family_name", "person__given_names", "id")
    )
    missing = list_missing_of_plans(episode_ids=[episode.id for episode in episodes])
    return {episode: missing[episode.id] for episode in episodes}


def ending_notice(*, clinic: Clinic, last_on: date | None, funded_until: date | None, at: datetime) -> str:
    """Return what the board says of a programme that ends within 90 days, or nothing, without a query.

    Source: product P 7.
    """
    today = london_date(at)
    if not ending_in_words(last_on=last_on, funded_until=funded_until, today=today, without_plan=0):
        return ""
    without = sum(bool(words) for words in list_people_without_plan(clinic=clinic).values())
    return ending_in_words(last_on=last_on, funded_until=funded_until, today=today, without_plan=without)


def told_of_closing(clinic: Any) -> QuerySet[Any, Any]:
    """Return the last day of doses of a clinic's programme, to be asked in another statement."""
    newest = ProgrammeClosing.objects.filter(clinic=clinic).order_by("-number")
    return newest.values("last_on")[:1]


def told_of_funding(clinic: Any, today: date) -> QuerySet[Any, Any]:
    """Return the last day that a clinic's newest phase is paid for, to be asked in another statement.

    The day of an older phase is over: where the newest names none, none is known.
    """
    phases = Phase.objects.filter(clinic=clinic, during__startswith__lte=today)
    return phases.order_by("-during").values("funded_until")[:1]


def _funded_until(clinic: Clinic, today: date) -> date | None:
    found = told_of_funding(clinic, today).first()
    return found["funded_until"] if found else None
