"""Counting the stock, cases and closing the day: what was before by inserted rows, the acts by the program's own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from dosing.actions.cases import classify_case
from dosing.actions.closing import LISTED, DayNotClosed, close_day
from dosing.actions.counts import CountRefused, count_stock
from dosing.models import Batch, ClinicDay, DayClosing, Discrepancy, RegisterLine
from dosing.queries.days import facts_now, get_last_check
from dosing.rules.cases import Classification
from dosing.rules.days import BOX, CheckKind, Count, CountState, count_state
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision
from hat_clinic.scenarios.reading import Content, NotBuilt
from hat_clinic.scenarios.results import Result, barred, refused, saved
from hat_clinic.scenarios.standing import take_standing
from hat_clinic.scenarios.world import House, World

_COUNT = {"at", "premises", "stock", "counts"}
_CLOSE = {"by", "at", "premises", "date", "acknowledged"}
# The words of a scenario for what a difference turned out to be.
_CLASSIFIED_AS = {
    "broken ampoule found": Classification.BROKEN_FOUND,
    "suspected theft": Classification.THEFT,
    "unexplained loss": Classification.LOSS,
}


# --- facts -------------------------------------------------------------------------------------------------


def discrepancy(world: World, fact: Content, at: datetime) -> None:
    """Have the closing count of one register differ twice, by two nurses, so that a case is open.

    With `status: classified` its case is classified by the one named, a second person beside.
    """
    house = world.house(fact["premises"])
    line = _batch(world, fact["stock"]).line
    line = RegisterLine.objects.select_related("head").get(id=line.id)
    if line.head.balance != fact["book"]:
        raise NotBuilt(f"a register whose book balance is not {line.head.balance}")
    for _ in range(2):
        _both_count(world, house, line, fact["counted"], at)
    case = Discrepancy.objects.get(balance_result__balance_check__line=line)
    if fact["status"] == "open":
        return
    if fact["status"] != "classified" or fact["classified_as"] not in _CLASSIFIED_AS:
        raise NotBuilt(f"a difference that is {fact.get('classified_as', fact['status'])}")
    classify_case(
        clinic=house.clinic,
        case_id=case.id,
        classification=_CLASSIFIED_AS[fact["classified_as"]],
        words=fact["classified_as"],
        seen_with_id=world.user(fact["second"]).id,
        key=uuid.uuid4(),
        by=world.user(fact["by"]),
        at=at,
    )


def _both_count(world: World, house: House, line: RegisterLine, ampoules: int, at: datetime) -> None:
    for name in world.anybody(house, "nurse")[:2]:
        _count(world, house, line, ampoules, counter=name, at=at, kind=CheckKind.CLOSING)


FACTS: dict[str, Callable[[World, Content, datetime], None]] = {"discrepancy": discrepancy}


# --- acts --------------------------------------------------------------------------------------------------


def get_ready_to_count(world: World, content: Content, at: datetime) -> None:
    """Open the terminal, and let every counter have a PIN."""
    world.terminal(world.house(content["premises"]), at)
    for count in content["counts"]:
        world.pin(count["signed_by"], at)


def check_balance(world: World, content: Content, at: datetime) -> Result:
    """Count one register, one after the other; a count is of whoever's PIN signs it.

    Opening counts before the day is open, closing counts after. What the first count stored stays.
    """
    _only(content, _COUNT, "check_balance")
    house, line = world.house(content["premises"]), _batch(world, content["stock"]).line
    is_open = ClinicDay.objects.filter(premises=house.premises, on=london_date(at)).exists()
    kind = CheckKind.CLOSING if is_open else CheckKind.OPENING
    since = None
    for count in content["counts"]:
        try:
            _count(world, house, line, count["ampoules"], counter=count["signed_by"], at=at, kind=kind)
        except CountRefused as refusal:
            return replace(refused(refusal.decision), since=since)
        except PinRefused as refusal:
            return replace(barred(str(refusal)), since=since)
        since = since or take_standing()
    return saved(Decision())


def get_ready_to_close(world: World, content: Content, at: datetime) -> None:
    """Have every register counted for the closing that no fact tells of."""
    house = world.house(content["premises"])
    for line in RegisterLine.objects.filter(premises=house.premises).select_related("head").order_by("id"):
        last = get_last_check(line_id=line.id, on=london_date(at), kind=CheckKind.CLOSING)
        if count_state(facts_now(last)) not in {CountState.AGREES, CountState.DIFFERS}:
            _both_count(world, house, line, line.head.balance, at)


def close(world: World, content: Content, at: datetime) -> Result:
    """Close the day."""
    _only(content, _CLOSE, "close_day")
    if date.fromisoformat(content["date"]) != london_date(at):
        raise NotBuilt("closing another day than today")
    house = world.house(content["premises"])
    try:
        closing: DayClosing = close_day(
            clinic=house.clinic,
            premises_id=house.premises.id,
            acknowledged=frozenset(LISTED if content.get("acknowledged") else ()),
            by=world.user(content["by"]),
            at=at,
        )
    except DayNotClosed as refusal:
        return refused(refusal.decision)
    assert closing.closed_at == at  # noqa: S101 - the clock of a scenario stands still
    return saved(Decision())


ACTS: dict[str, Callable[[World, Content, datetime], Result]] = {
    "check_balance": check_balance,
    "close_day": close,
}
READY: dict[str, Callable[[World, Content, datetime], None]] = {
    "check_balance": get_ready_to_count,
    "close_day": get_ready_to_close,
}


# --- shared ------------------------------------------------------------------------------------------------


def _batch(world: World, name: str) -> Batch:
    if name not in world.batches:
        raise NotBuilt(f"stock {name}, which the facts do not name")
    return world.batches[name]


def _count(
    world: World,
    house: House,
    line: RegisterLine,
    ampoules: int,
    *,
    counter: str,
    at: datetime,
    kind: CheckKind,
) -> None:
    user: User = world.user(counter)
    count_stock(
        clinic=house.clinic,
        line_id=line.id,
        counted=Count(*divmod(ampoules, BOX)),
        counter_id=user.id,
        pin=world.pin(counter, at),
        key=uuid.uuid4(),
        terminal_id=world.terminal(house, at).id,
        by=user,
        at=at,
        kind=kind,
    )


def _only(content: Content, known: set[str], what: str) -> None:
    unknown = sorted(set(content) - known)
    if unknown:
        raise NotBuilt(f"{what} with {', '.join(unknown)}")
