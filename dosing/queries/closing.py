"""Closing the day at one premises: where the closing counts stand, and what has no ending yet."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from dosing.models import BalanceResult, ClinicDay, Discrepancy, SessionOutcome, Visit
from dosing.queries.closed import list_closed_spans
from dosing.queries.days import (
    ComparedLine,
    DayState,
    compared,
    facts_now,
    get_day_state,
    get_last_check,
    lines_of,
)
from dosing.queries.due import list_due
from dosing.queries.paper_waiting import waiting_at
from dosing.queries.sessions import SessionKey
from dosing.rules.cases import CaseEventKind
from dosing.rules.closing import ClosingFacts, may_close_day
from dosing.rules.days import CheckKind, CountState, count_state
from dosing.rules.missed import Held
from dosing.rules.visits import VisitState
from hat_clinic.accounts.models import Clinic, Premises, SessionSlot, Slot
from hat_clinic.core.clock import LONDON, london_date
from hat_clinic.core.decisions import Decision


@dataclass(frozen=True, slots=True)
class Unended:
    """One session of today that has no ending: whose, which, and how far it has come."""

    patient_id: uuid.UUID
    name: str
    session: str
    what: str
    code: str


@dataclass(frozen=True, slots=True)
class ClosingPage:
    """What the page that closes the day prints. `unended` names people: only for who may see the board."""

    day: DayState
    premises: str
    lines: tuple[ComparedLine, ...]
    decision: Decision
    unended: tuple[Unended, ...]
    cases: int

    @property
    def is_counted(self) -> bool:
        """True when nothing is left to count."""
        return all(line.state in {CountState.AGREES, CountState.DIFFERS} for line in self.lines)


def get_closing_page(*, clinic: Clinic, terminal_id: uuid.UUID | None, at: datetime) -> ClosingPage:
    """Return the page that closes today at the premises of the terminal, or else the clinic's first."""
    day = get_day_state(clinic=clinic, at=at, terminal_id=terminal_id)
    premises = Premises.objects.filter(id=day.premises_id).first() if day.premises_id else None
    unended = list_unended(clinic=clinic, at=at)
    waiting = waiting_at(clinic).count()
    facts = _facts(premises.id if premises else None, unended, waiting, on=day.on, is_open=day.is_open)
    lines = []
    for line, state in zip(lines_of(day.premises_id), facts.counted, strict=True):
        check = get_last_check(line_id=line.id, on=day.on, kind=CheckKind.CLOSING)
        lines.append(compared(line, check, at=at, state=state))
    return ClosingPage(
        day=day,
        premises=premises.name if premises else "",
        lines=tuple(lines),
        decision=may_close_day(facts),
        unended=unended,
        cases=facts.unclassified,
    )


def get_closing_facts(
    *, clinic: Clinic, day: ClinicDay | None, premises_id: uuid.UUID, at: datetime
) -> ClosingFacts:
    """Return what `may_close_day` asks. Who decides by it holds the locks of the premises and of every ledger."""
    unended = list_unended(clinic=clinic, at=at)
    waiting = waiting_at(clinic).count()
    return _facts(premises_id, unended, waiting, on=london_date(at), is_open=day is not None)


def _facts(
    premises_id: uuid.UUID | None, unended: tuple[Unended, ...], waiting: int, *, on: date, is_open: bool
) -> ClosingFacts:
    counted = tuple(
        count_state(facts_now(get_last_check(line_id=line.id, on=on, kind=CheckKind.CLOSING)))
        for line in lines_of(premises_id)
    )
    codes = [one.code for one in unended]
    return ClosingFacts(
        is_open=is_open,
        counted=counted,
        unclassified=count_unclassified(premises_id),
        waiting_lines=waiting,
        **{
            code: codes.count(code) for code in ("without_outcome", "still_to_come", "open_draws", "observed")
        },
    )


def count_unclassified(premises_id: uuid.UUID | None) -> int:
    """Return how many discrepancy cases of a premises nobody has classified, whenever they were opened."""
    if premises_id is None:
        return 0
    cases = Discrepancy.objects.filter(balance_result__balance_check__line__premises_id=premises_id)
    return cases.exclude(events__kind=CaseEventKind.CLASSIFIED).count()


def list_unended(*, clinic: Clinic, at: datetime) -> tuple[Unended, ...]:
    """Return the sessions of today that have no ending: expected, in the room, drawn up, or being observed.

    Nothing is made up for them. A session that the lead has closed has its ending by that. In the order of the
    sessions, by name.
    """
    today = london_date(at)
    closed = list_closed_spans(clinic=clinic, since=datetime.combine(today, time.min, LONDON))
    found = []
    for slot in SessionSlot.objects.filter(clinic=clinic).order_by("opens_at"):
        label = Slot(slot.name).label
        closes = datetime.combine(today, slot.closes_at, LONDON).astimezone(UTC)
        is_over = closes <= at.astimezone(UTC)
        opens = datetime.combine(today, slot.opens_at, LONDON).astimezone(UTC)
        if any(span.covers(Held(today, slot.name, 1, opens, closes)) for span in closed):
            continue
        ended = set(
            SessionOutcome.objects.filter(
                session__clinic=clinic, session__service_date=today, session__slot=slot.name
            ).values_list("session__patient_id", flat=True)
        )
        due = list_due(clinic=clinic, session=SessionKey(today, slot.name), at=min(at, closes), most=None)
        found += [
            Unended(
                patient_id=one.patient_id,
                name=f"{one.given_names} {one.family_name}",
                session=label,
                what="has not come, and no outcome is recorded" if is_over else "is still to come",
                code="without_outcome" if is_over else "still_to_come",
            )
            for one in due
            if one.patient_id not in ended
        ]
    return (*found, *_in_the_room(clinic))


_IN_WORDS = {
    VisitState.PREPARED: ("open_draws", "a dose is drawn up and has no ending"),
    VisitState.OBSERVED: ("observed", "is being observed"),
}


def _in_the_room(clinic: Clinic) -> list[Unended]:
    """Return who came and has not gone; also of a day before, whose draw must never be lost from sight."""
    visits = Visit.objects.select_related("session", "patient").filter(clinic=clinic, ended_at__isnull=True)
    found = []
    for visit in visits.order_by("arrived_at"):
        code, what = _IN_WORDS.get(
            VisitState(visit.state), ("without_outcome", "came, and no outcome is recorded")
        )
        found.append(
            Unended(
                patient_id=visit.patient_id,
                name=visit.patient.full_name,
                session=Slot(visit.session.slot).label,
                what=what,
                code=code,
            )
        )
    return found


def list_results(clinic: Clinic, *, since: date, until: date) -> list[BalanceResult]:
    """Return how the checks of a clinic's ledgers ended in a period of days, the newest first."""
    results = BalanceResult.objects.select_related(
        "balance_check__line__premises", "discrepancy", "compared_by"
    ).filter(
        balance_check__line__premises__clinic=clinic,
        balance_check__on__gte=since,
        balance_check__on__lte=until,
    )
    return list(
        results.prefetch_related("balance_check__counts__counted_by").order_by(
            "-compared_at", "balance_check_id"
        )
    )
