"""The day at one premises: is it open, what is still to be counted, and what may be shown of it.

Nothing here hands out a balance or a count before a check has ended and its figures may be seen.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from dosing.models import BalanceCheck, BalanceResult, ClinicDay, RegisterHead, RegisterLine, StockCount
from dosing.queries.closed import closed_sentence, told_of_closures
from dosing.queries.emergencies import to_tell_of
from dosing.queries.unread import UnreadHandover, told_of_handover, unread_handover
from dosing.rules.closing import as_of_now
from dosing.rules.days import (
    CheckFacts,
    CheckKind,
    CheckResult,
    CountState,
    DayFacts,
    OpenedHow,
    count_state,
    hides_balance,
    may_open_day,
    next_round,
    todo_sentence,
)
from dosing.rules.orders import Product
from dosing.rules.stock import Supply
from hat_clinic.accounts.models import Clinic, Premises, Terminal, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.clock import LONDON, london_date
from hat_clinic.core.compiled import ask_compiled
from hat_clinic.core.decisions import Decision


@dataclass(frozen=True, slots=True)
class DayState:
    """What the board and the rule of preparation need to know of today at one premises.

    Times are in Europe/London. `counters` are the two people of the counts that agree, `checked_at` when the
    last of them was compared. `is_counting` says that balances are hidden. `headline` and `todo` are sentences
    for the board; `todo` is empty when the day is open. `closed` tells that the clinic's sessions are closed now,
    `unread` of a handover that nobody of the next team has read.
    """

    premises_id: uuid.UUID | None
    on: date
    is_open: bool
    is_counting: bool
    headline: str
    todo: str
    opened_at: datetime | None = None
    opened_by_name: str = ""
    how: OpenedHow | None = None
    reason: str = ""
    counters: tuple[str, ...] = ()
    checked_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by_name: str = ""
    has_emergency: bool = False
    closed: str = ""
    unread: UnreadHandover | None = None

    @property
    def is_closed(self) -> bool:
        """True once the day was closed; what is supplied after it is in the next opening count."""
        return self.closed_at is not None

    @property
    def facts(self) -> DayFacts:
        """What `may_supply` asks."""
        return DayFacts(is_open=self.is_open, closed=self.closed)


def get_day_state(*, clinic: Clinic, at: datetime, terminal_id: uuid.UUID | None = None) -> DayState:
    """Return the state of the Europe/London day of a moment, in one statement.

    Of the premises where the terminal stands if that is known, else of the clinic's first by name. A clinic
    without premises has no day to open. Source: clinical rules 7.11.
    """
    today = london_date(at)
    if terminal_id is None:
        found = ask_compiled(_day_of_clinic, clinic=clinic.id, at=at, today=today)
    else:
        found = ask_compiled(_day_at_terminal, clinic=clinic.id, terminal=terminal_id, at=at, today=today)
    return day_state(found[0] if found else None, today=today)


def _day_of_clinic(*, clinic: uuid.UUID, at: datetime, today: date) -> Any:
    return with_day(premises_of(clinic), at=at, today=today)


def _day_at_terminal(*, clinic: uuid.UUID, terminal: uuid.UUID, at: datetime, today: date) -> Any:
    return with_day(premises_of_terminal(clinic, terminal), at=at, today=today)


def with_day(premises: Any, *, at: datetime, today: date, **beside: Any) -> Any:
    """Return the first of some premises as a row that tells the day, and what else is asked beside it, by name."""
    return premises.annotate(
        **beside,
        day=FilteredRelation("clinic_days", condition=Q(clinic_days__on=today)),
        has_emergency=Exists(to_tell_of().filter(clinic=OuterRef("clinic"))),
        closures=told_of_closures(OuterRef("clinic"), at=at),
        handover=Subquery(told_of_handover(OuterRef("clinic"))),
        last_checks=ArraySubquery(
            RegisterLine.objects.filter(premises=OuterRef("pk"))
            .annotate(last=Subquery(_last_check(today)))
            .order_by("id")
            .values(told=JSONObject(last=F("last")))
        ),
    ).values(
        *beside,
        "id",
        "last_checks",
        "has_emergency",
        "closures",
        "handover",
        opened_at=F("day__opened_at"),
        opened_by_name=F("day__opened_by__full_name"),
        how=F("day__how"),
        reason=F("day__reason"),
        closed_at=F("day__closing__closed_at"),
        closed_by_name=F("day__closing__closed_by__full_name"),
    )[:1]


def day_state(found: dict[str, Any] | None, *, today: date) -> DayState:
    """Return the state of the day that a row tells; without a row the clinic has no premises to ask."""
    if found is None:
        return DayState(
            premises_id=None,
            on=today,
            is_open=False,
            is_counting=False,
            headline=_headline(None),
            todo="Still to do: write down the clinic's premises, then count the stock, two people.",
        )
    checks = [told["last"] for told in found["last_checks"]]
    facts = [_facts(check) for check in checks]
    agreed = [check for check in checks if check and check["result"] == CheckResult.AGREES]
    state = DayState(
        premises_id=found["id"],
        on=today,
        is_open=found["opened_at"] is not None,
        is_counting=any(hides_balance(last) for last in facts),
        headline="",
        todo="" if found["opened_at"] else todo_sentence(count_state(last) for last in facts),
        opened_at=found["opened_at"] and found["opened_at"].astimezone(LONDON),
        opened_by_name=found["opened_by_name"] or "",
        how=OpenedHow(found["how"]) if found["how"] else None,
        reason=found["reason"] or "",
        closed_at=found["closed_at"] and found["closed_at"].astimezone(LONDON),
        closed_by_name=found["closed_by_name"] or "",
        has_emergency=found["has_emergency"],
        closed=closed_sentence(found["closures"], today=today),
        unread=unread_handover(found["handover"]),
        counters=tuple(dict.fromkeys(name for check in agreed for name in check["names"])),
        checked_at=max(
            (datetime.fromisoformat(check["compared_at"]).astimezone(LONDON) for check in agreed),
            default=None,
        ),
    )
    return _with_headline(state)


def premises_of(clinic: uuid.UUID) -> QuerySet[Premises]:
    """Return a clinic's premises by name."""
    return Premises.objects.filter(clinic_id=clinic).order_by("name", "id")


def premises_of_terminal(clinic: uuid.UUID, terminal: uuid.UUID) -> QuerySet[Premises]:
    """Return a clinic's premises, those of the terminal first."""
    here = Terminal.objects.filter(id=terminal, premises=OuterRef("pk"))
    return premises_of(clinic).annotate(is_here=Exists(here)).order_by("-is_here", "name", "id")


def _last_check(today: date) -> Any:
    """Return today's last opening check of the line outside, with how it ended and who counted."""
    names = StockCount.objects.filter(balance_check=OuterRef("pk")).order_by("position")
    return (
        BalanceCheck.objects.filter(line=OuterRef("pk"), on=today, kind=CheckKind.OPENING)
        .order_by("-number")
        .values(
            told=JSONObject(
                round=F("round"),
                result=F("result__result"),
                compared_at=F("result__compared_at"),
                counted_by=ArraySubquery(names.values("counted_by_id")),
                names=ArraySubquery(names.values("counted_by__full_name")),
            )
        )[:1]
    )


def _facts(told: dict[str, Any] | None) -> CheckFacts | None:
    if told is None:
        return None
    return CheckFacts(
        round=told["round"],
        result=CheckResult(told["result"]) if told["result"] else None,
        counted_by=tuple(uuid.UUID(person) for person in told["counted_by"]),
    )


def _headline(state: DayState | None) -> str:
    if state is None or state.opened_at is None:
        return "Day not open: preparing needs the controlled-drug lead's reason."
    if state.closed_at is not None:
        return (
            f"Day closed {state.closed_at:%H:%M} by {state.closed_by_name}. "
            "What is supplied now is counted when the next day opens."
        )
    if state.how is OpenedHow.UNCHECKED:
        return (
            f"Day open without a balance check that agrees. {state.opened_by_name} opened it at "
            f"{state.opened_at:%H:%M}. Reason: {state.reason}"
        )
    done_at = state.checked_at or state.opened_at
    return f"Day open. Balance check done {done_at:%H:%M} by {' and '.join(state.counters)}"


def _with_headline(state: DayState) -> DayState:
    values = {name: getattr(state, name) for name in DayState.__slots__}
    return DayState(**{**values, "headline": _headline(state)})


# --- while it is counted ---------------------------------------------------------------------------------


def get_last_check(
    *, line_id: uuid.UUID, on: date, kind: CheckKind = CheckKind.OPENING
) -> BalanceCheck | None:
    """Return the last check of one kind of one ledger on one day, with its result."""
    checks = BalanceCheck.objects.filter(line_id=line_id, on=on, kind=kind)
    return checks.select_related("result").order_by("-number").first()


def as_rules_read_it(check: BalanceCheck | None) -> CheckFacts | None:
    """Return the facts of a check for the rule; one query for who counted."""
    if check is None:
        return None
    result: BalanceResult | None = getattr(check, "result", None)
    return CheckFacts(
        round=check.round,
        result=CheckResult(result.result) if result else None,
        counted_by=tuple(check.counts.order_by("position").values_list("counted_by_id", flat=True)),
    )


def facts_now(check: BalanceCheck | None) -> CheckFacts | None:
    """Return the facts of a ledger's last check as it is worth now: a closing check ends with the next line."""
    facts = as_rules_read_it(check)
    if check is None or check.kind != CheckKind.CLOSING:
        return facts
    counted_at = check.counts.order_by("-position").values_list("register_seq", flat=True).first()
    seq = RegisterHead.objects.filter(line_id=check.line_id).values_list("seq", flat=True).first()
    return as_of_now(facts, has_moved=seq != counted_at)


def is_balance_hidden(*, line_id: uuid.UUID, at: datetime) -> bool:
    """Return whether the balance of a ledger is hidden now from everybody who may count it.

    At closing as at opening. Source: clinical rules 47 and 7.11.
    """
    last_of_each = (
        BalanceCheck.objects.filter(line_id=line_id, on=london_date(at))
        .order_by("kind", "-number")
        .distinct("kind")
        .values_list("round", "result__result")
    )
    return any(
        hides_balance(
            CheckFacts(round=of_round, result=CheckResult(result) if result else None, counted_by=())
        )
        for of_round, result in last_of_each
    )


def list_count_states(*, premises_id: uuid.UUID, on: date) -> tuple[CountState, ...]:
    """Return where the counting of every ledger of a premises stands on a day, in the order of their ids."""
    lines = RegisterLine.objects.filter(premises_id=premises_id).order_by("id").values_list("id", flat=True)
    return tuple(count_state(as_rules_read_it(get_last_check(line_id=line_id, on=on))) for line_id in lines)


def get_clinic_day(*, premises_id: uuid.UUID, on: date) -> ClinicDay | None:
    """Return the row of a day that was opened, or None."""
    return (
        ClinicDay.objects.select_related("opened_by", "closing")
        .filter(premises_id=premises_id, on=on)
        .first()
    )


# --- the pages -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CountPage:
    """What the page of one blind count prints. Neither a count nor a balance is in it, nor can be worked out.

    `place` is such as "1 of 2" when the premises keep several ledgers. `first_counter` is who has signed the
    first count of the check that is open, empty before; `is_own` says that whoever is active has. `counters`
    may sign now: whoever is active, or, when they have counted, the others. `is_recount` says that two counts
    differed before, `has_moved` that stock moved during the last.
    """

    day: DayState
    line_id: uuid.UUID
    title: str
    place: str
    round: int
    first_counter: str
    first_signed_at: datetime | None
    is_own: bool
    is_recount: bool
    has_moved: bool
    counters: tuple[tuple[uuid.UUID, str], ...]


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """How the counting of one ledger stands: with all three figures in ampoules once it has ended, else none."""

    title: str
    state: CountState
    first: int | None = None
    second: int | None = None
    expected: int | None = None
    counters: tuple[str, ...] = ()
    compared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OpeningPage:
    """What the page that opens the day prints: the day, each ledger with its figures, and what stands against."""

    day: DayState
    premises: str
    lines: tuple[ComparedLine, ...]
    decision: Decision

    @property
    def is_counted(self) -> bool:
        """True when nothing is left to count."""
        return all(line.state in {CountState.AGREES, CountState.DIFFERS} for line in self.lines)


def get_count_page(
    *,
    clinic: Clinic,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
    kind: CheckKind = CheckKind.OPENING,
) -> CountPage | None:
    """Return the page on which the next ledger of the premises is counted; None when none is left to count."""
    day = get_day_state(clinic=clinic, at=at, terminal_id=terminal_id)
    lines = lines_of(day.premises_id)
    for number, line in enumerate(lines, start=1):
        check = get_last_check(line_id=line.id, on=day.on, kind=kind)
        last = facts_now(check)
        state = count_state(last)
        if state in {CountState.AGREES, CountState.DIFFERS}:
            continue
        is_open = state is CountState.FIRST_IS_IN
        first = check.counts.select_related("counted_by", "signature").get() if check and is_open else None
        is_own = first is not None and first.counted_by_id == by.id
        people = list_people_who_may(Permission.COUNT_STOCK, clinic=clinic, at=at)
        return CountPage(
            day=day,
            line_id=line.id,
            title=title_of(line),
            place=f"{number} of {len(lines)}" if len(lines) > 1 else "",
            round=last.round if last and is_open else next_round(last),
            first_counter=first.counted_by.full_name if first else "",
            first_signed_at=first.signature.signed_at.astimezone(LONDON) if first else None,
            is_own=is_own,
            is_recount=bool(last and (last.round if is_open else next_round(last)) > 1),
            has_moved=bool(last and last.result is CheckResult.MOVED),
            counters=tuple(
                (person.id, person.full_name) for person in people if (person.id != by.id) == is_own
            ),
        )
    return None


def get_opening_page(*, clinic: Clinic, terminal_id: uuid.UUID | None, at: datetime) -> OpeningPage:
    """Return the page that opens the day of the premises."""
    day = get_day_state(clinic=clinic, at=at, terminal_id=terminal_id)
    lines = tuple(
        compared(line, get_last_check(line_id=line.id, on=day.on), at=at)
        for line in lines_of(day.premises_id)
    )
    premises = Premises.objects.filter(id=day.premises_id).first() if day.premises_id else None
    return OpeningPage(
        day=day,
        premises=premises.name if premises else "",
        lines=lines,
        decision=may_open_day(tuple(line.state for line in lines)),
    )


def lines_of(premises_id: uuid.UUID | None) -> list[RegisterLine]:
    """Return the ledgers of a premises, in the order in which they are counted."""
    if premises_id is None:
        return []
    lines = RegisterLine.objects.filter(premises_id=premises_id)
    return list(lines.order_by("product", "strength_mg", "id"))


def title_of(line: RegisterLine) -> str:
    """Return what is counted, such as "diamorphine 100 mg ampoules"."""
    whose = " (patients' own)" if line.supply == Supply.NAMED else ""
    return f"{Product(line.product).value} {line.strength_mg} mg ampoules{whose}"


def compared(
    line: RegisterLine, check: BalanceCheck | None, *, at: datetime, state: CountState | None = None
) -> ComparedLine:
    """Return a ledger with its figures, which are told only when nothing is left to count of it.

    Nor are they while another count of it goes on: the morning's figures would help to guess the evening's.
    """
    state = state or count_state(as_rules_read_it(check))
    is_told = state in {CountState.AGREES, CountState.DIFFERS}
    if check is None or not is_told or is_balance_hidden(line_id=line.id, at=at):
        return ComparedLine(title=title_of(line), state=state)
    names = check.counts.order_by("position").values_list("counted_by__full_name", flat=True)
    return ComparedLine(
        title=title_of(line),
        state=state,
        first=check.result.first,
        second=check.result.second,
        expected=check.result.expected,
        counters=tuple(names),
        compared_at=check.result.compared_at.astimezone(LONDON),
    )
