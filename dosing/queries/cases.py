"""Discrepancy cases: what is known of each, who must be told by when, and what waits for the controlled-drug lead."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from dosing.models import BalanceResult, CaseEvent, ClinicDay, Discrepancy, RegisterEntry
from dosing.queries.closing import list_results
from dosing.queries.days import is_balance_hidden, title_of
from dosing.rules.cases import (
    CaseEventKind,
    CaseFacts,
    CaseState,
    Classification,
    Classified,
    Destination,
    Due,
    destinations_of,
    may_close_case,
)
from dosing.rules.days import CheckKind, CheckResult
from dosing.rules.moments import days_ago, moment_in_words
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import LONDON, london_date
from hat_clinic.core.decisions import Decision

# How far back a day that nobody closed is told of.
LEFT_OPEN_DAYS = 7


@dataclass(frozen=True, slots=True)
class ToTell:
    """One destination of a case in words; `is_overdue` and `is_told` are never told by colour alone."""

    destination: Destination
    label: str
    why: str
    due_at: datetime
    due: str
    is_told: bool
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One line of a case as it is read."""

    number: int
    kind: str
    what: str
    words: str
    seen_with: str
    recorded_at: datetime
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Both counts and what the register expected, in ampoules; None while that ledger is being counted."""

    first: int
    second: int
    expected: int


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case in a list: which ledger, since when, how far, and what is to be done next and by when."""

    id: uuid.UUID
    title: str
    premises: str
    opened_at: datetime
    since: str
    state: CaseState
    classification: str
    to_tell: tuple[ToTell, ...]
    figures: Figures | None

    @property
    def waiting(self) -> tuple[ToTell, ...]:
        """Who has not been told."""
        return tuple(one for one in self.to_tell if not one.is_told)

    @property
    def is_overdue(self) -> bool:
        """Whether somebody should have been told by now."""
        return any(one.is_overdue for one in self.to_tell)


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case with all its lines, oldest first; `closing` says what stands against closing it."""

    row: CaseRow
    counters: tuple[str, ...]
    counted_in: str
    lines: tuple[CaseLine, ...]
    closing: Decision


@dataclass(frozen=True, slots=True)
class CasesPage:
    """The open cases, what is overdue first, then the closed ones; and what else of the days is to be looked at."""

    open: tuple[CaseRow, ...]
    closed: tuple[CaseRow, ...]
    left_open: tuple[date, ...]
    after_closing: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One balance check that has ended. Without figures where nothing was compared, or while a count goes on."""

    title: str
    premises: str
    kind: str
    round: int
    compared_at: datetime
    counters: tuple[str, ...]
    result: str
    figures: Figures | None
    case_id: uuid.UUID | None


def get_case_here(*, clinic: Clinic, case_id: uuid.UUID) -> Discrepancy | None:
    """Return a case of a clinic; None for a case of nobody or of another clinic."""
    return _cases(clinic).filter(id=case_id).first()


def get_case_facts(case: Discrepancy) -> CaseFacts:
    """Return what the rules ask of a case."""
    return _facts(case, case.events.order_by("number"))


def get_case_page(*, clinic: Clinic, case_id: uuid.UUID, may_count: bool, at: datetime) -> CasePage | None:
    """Return one case with its lines; None for a case of nobody or of another clinic.

    `may_count` says that whoever looks may count: they see no figure while that ledger is being counted.
    """
    case = get_case_here(clinic=clinic, case_id=case_id)
    if case is None:
        return None
    events = list(case.events.select_related("recorded_by", "seen_with").order_by("number"))
    facts = _facts(case, events)
    check = case.balance_result.balance_check
    counts = check.counts.select_related("counted_by").order_by("position")
    return CasePage(
        row=_row(case, facts, may_count=may_count, at=at),
        counters=tuple(count.counted_by.full_name for count in counts),
        counted_in=f"{check.get_kind_display()} count, round {check.round}",
        lines=tuple(_line(event) for event in events),
        closing=may_close_case(facts, words="-", at=at),
    )


def get_cases_page(*, clinic: Clinic, may_count: bool, at: datetime) -> CasesPage:
    """Return the cases of a clinic: what is overdue first, then by age; the closed ones newest first."""
    rows = []
    for case in _cases(clinic).prefetch_related("events").order_by("opened_at"):
        events = sorted(case.events.all(), key=lambda event: event.number)
        rows.append(_row(case, _facts(case, events), may_count=may_count, at=at))
    standing = [row for row in rows if row.state is not CaseState.CLOSED or row.waiting]
    return CasesPage(
        open=tuple(sorted(standing, key=lambda row: (not row.is_overdue, row.opened_at))),
        closed=tuple(reversed([row for row in rows if row not in standing])),
        left_open=_left_open(clinic, at),
        after_closing=_after_closing(clinic, at),
    )


def list_checks(
    *, clinic: Clinic, since: date, until: date, may_count: bool, at: datetime
) -> tuple[CheckRow, ...]:
    """Return the balance checks that ended in a period, newest first."""
    rows = []
    hidden: dict[uuid.UUID, bool] = {}
    for result in list_results(clinic, since=since, until=until):
        check = result.balance_check
        if check.line_id not in hidden:
            hidden[check.line_id] = may_count and is_balance_hidden(line_id=check.line_id, at=at)
        counts = sorted(check.counts.all(), key=lambda count: count.position)
        rows.append(
            CheckRow(
                title=title_of(check.line),
                premises=check.line.premises.name,
                kind=CheckKind(check.kind).value,
                round=check.round,
                compared_at=result.compared_at,
                counters=tuple(count.counted_by.full_name for count in counts),
                result=_RESULTS[CheckResult(result.result)],
                figures=None if hidden[check.line_id] else _figures(result),
                case_id=result.discrepancy.id if hasattr(result, "discrepancy") else None,
            )
        )
    return tuple(rows)


_RESULTS = {
    CheckResult.AGREES: "All three agree",
    CheckResult.DIFFERS: "They differ",
    CheckResult.MOVED: "Not compared: stock moved between the counts",
    CheckResult.SET_ASIDE: "Set aside: the second count did not come",
}


def _cases(clinic: Clinic) -> QuerySet[Discrepancy]:
    return Discrepancy.objects.select_related(
        "balance_result__balance_check__line__premises", "opened_by"
    ).filter(balance_result__balance_check__line__premises__clinic=clinic)


def _facts(case: Discrepancy, events: Iterable[CaseEvent]) -> CaseFacts:
    found = list(events)
    return CaseFacts(
        opened_at=case.opened_at,
        classified=tuple(
            Classified(Classification(event.classification), event.recorded_at)
            for event in found
            if event.kind == CaseEventKind.CLASSIFIED
        ),
        told=frozenset(Destination(event.destination) for event in found if event.kind == CaseEventKind.TOLD),
        closed_at=next((event.recorded_at for event in found if event.kind == CaseEventKind.CLOSED), None),
    )


def name_cases(ids: Collection[uuid.UUID]) -> dict[str, str]:
    """Return cases by their id as text, each named by its ledger and the day on which it was opened."""
    cases = Discrepancy.objects.select_related("balance_result__balance_check__line__premises")
    return {
        str(case.id): f"case of {london_date(case.opened_at):%d/%m/%Y}, "
        f"{title_of(line := case.balance_result.balance_check.line)}, {line.premises.name}"
        for case in cases.filter(id__in=ids)
    }


def _row(case: Discrepancy, facts: CaseFacts, *, may_count: bool, at: datetime) -> CaseRow:
    line = case.balance_result.balance_check.line
    is_hidden = may_count and is_balance_hidden(line_id=line.id, at=at)
    return CaseRow(
        id=case.id,
        title=title_of(line),
        premises=line.premises.name,
        opened_at=case.opened_at,
        since=days_ago(case.opened_at, at),
        state=facts.state,
        classification=facts.classified[-1].classification.label if facts.classified else "",
        to_tell=tuple(_to_tell(due, at) for due in destinations_of(facts)),
        figures=None if is_hidden else _figures(case.balance_result),
    )


def _to_tell(due: Due, at: datetime) -> ToTell:
    return ToTell(
        destination=due.destination,
        label=due.destination.label,
        why=due.why,
        due_at=due.due_at,
        due=moment_in_words(due.due_at),
        is_told=due.is_told,
        is_overdue=due.is_overdue(at),
    )


def _figures(result: BalanceResult) -> Figures | None:
    if result.first is None or result.second is None or result.expected is None:
        return None
    return Figures(result.first, result.second, result.expected)


def _line(event: CaseEvent) -> CaseLine:
    what = ""
    if event.kind == CaseEventKind.CLASSIFIED:
        what = Classification(event.classification).label
    elif event.kind == CaseEventKind.TOLD and event.told_moment is not None:
        told = moment_in_words(event.told_moment)
        reference = f", reference {event.reference}" if event.reference else ", no reference"
        what = f"{Destination(event.destination).label}: {event.told_name}, {told}{reference}"
    return CaseLine(
        number=event.number,
        kind=CaseEventKind(event.kind).label,
        what=what,
        words=event.words,
        seen_with=event.seen_with.full_name if event.seen_with else "",
        recorded_at=event.recorded_at,
        recorded_by=event.recorded_by.full_name,
    )


def _left_open(clinic: Clinic, at: datetime) -> tuple[date, ...]:
    """Return the days of the last week, before today, that were opened and never closed."""
    today = london_date(at)
    days = ClinicDay.objects.filter(
        premises__clinic=clinic, on__lt=today, on__gte=today - timedelta(days=LEFT_OPEN_DAYS), closing=None
    )
    return tuple(days.order_by("-on").values_list("on", flat=True))


def _after_closing(clinic: Clinic, at: datetime) -> tuple[tuple[date, int], ...]:
    """Return how many register lines were written after a day of the last week was closed, and before the next."""
    today = london_date(at)
    days = ClinicDay.objects.select_related("closing").filter(
        premises__clinic=clinic, on__gte=today - timedelta(days=LEFT_OPEN_DAYS), closing__isnull=False
    )
    found = []
    for day in days.order_by("-on"):
        midnight = datetime.combine(day.on + timedelta(days=1), datetime.min.time(), LONDON)
        lines = RegisterEntry.objects.filter(
            Q(recorded_at__gt=day.closing.closed_at, recorded_at__lt=midnight), line__premises=day.premises
        )
        if number := lines.count():
            found.append((day.on, number))
    return tuple(found)
