"""The clinic's day: counting the stock blind, opening the day, and what may be supplied when it is not open."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from dosing.rules.closures import closed_session
from hat_clinic.core.decisions import Decision, Finding, Level, block

# Ampoules come in boxes of five: people count boxes.
BOX: Final = 5
ROUNDS: Final = 2

_WHOLE = re.compile(r"[0-9]{1,4}", re.ASCII)


class CheckKind(StrEnum):
    """When in the day the stock is counted."""

    OPENING = "opening"
    CLOSING = "closing"


class CheckResult(StrEnum):
    """How one check of one ledger ended. Moved and set aside are no results: it is counted anew."""

    AGREES = "agrees"
    DIFFERS = "differs"
    MOVED = "moved"
    SET_ASIDE = "set_aside"


class OpenedHow(StrEnum):
    """Whether a day was opened on counts that agree, or on the controlled-drug lead's reason."""

    CHECKED = "checked"
    UNCHECKED = "unchecked"


class CountState(StrEnum):
    """Where the counting of one ledger stands today."""

    TO_COUNT = "to_count"
    FIRST_IS_IN = "first_is_in"
    AGAIN = "again"
    AGREES = "agrees"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """The last check of one ledger today: its round, how it ended (None: it is open), and who counted."""

    round: int
    result: CheckResult | None
    counted_by: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class DayFacts:
    """One premises on one Europe/London day: whether it is open, and, in words, the closure that stands now."""

    is_open: bool
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """What one person counted: full boxes of five, and loose ampoules."""

    full_boxes: int
    loose: int

    @property
    def ampoules(self) -> int:
        """The boxes and the loose ampoules together."""
        return self.full_boxes * BOX + self.loose


def parse_count(text: str) -> int | None:
    """Return a whole number from 0 to 9999, or None when the text is anything else.

    Only the digits 0-9 are read: a sign, point, separator, exponent or another script is refused, never
    cleaned; spaces around the number are let pass. Source: clinical rules 7.11.
    """
    stripped = text.strip(" ")
    return int(stripped) if _WHOLE.fullmatch(stripped) else None


def may_supply(day: DayFacts) -> Decision:
    """Decide whether a dose may be prepared today, as far as the day is concerned.

    The opening check by two opens the day. Without it the first supply is stopped, and only the controlled-drug
    lead's reason, which opens the day, lets it go on. An open discrepancy does not stop a dose. In a session that the
    lead has closed nothing is drawn up before it is reopened. Source: clinical rules 34 and 7.11.
    """
    return Decision.of(
        (
            closed_session(day.closed) if day.closed else None,
            Finding(
                code="day_not_open",
                level=Level.STOP,
                message="Day not open: preparing needs the controlled-drug lead's reason. "
                "Still to do: morning balance check, two people.",
                source="clinical rules 7.11",
            )
            if not day.is_open
            else None,
        )
    )


def count_state(last: CheckFacts | None) -> CountState:
    """Name where the counting of one ledger stands after its last check of today.

    Counts that differ are counted once more by both; what still differs stays so. Source: clinical rules 7.11.
    """
    if last is None:
        return CountState.TO_COUNT
    if last.result is None:
        return CountState.FIRST_IS_IN
    if last.result is CheckResult.AGREES:
        return CountState.AGREES
    if last.result is CheckResult.DIFFERS and last.round == ROUNDS:
        return CountState.DIFFERS
    return CountState.AGAIN


def next_round(last: CheckFacts | None) -> int:
    """Return the round that the next check of a ledger is: the second only after counts that differ."""
    if last is None:
        return 1
    return last.round + 1 if last.result is CheckResult.DIFFERS else last.round


def hides_balance(last: CheckFacts | None) -> bool:
    """Decide whether the balance of a ledger is hidden from everybody who may count.

    From the first count until there is a result: also between the two rounds, and while moved stock is counted
    anew. A first round that was set aside hides nothing; it is as if nobody had begun.
    Source: clinical rules 47 and 7.11.
    """
    if last is None:
        return False
    if last.result is CheckResult.SET_ASIDE:
        return last.round > 1
    return count_state(last) in {CountState.FIRST_IS_IN, CountState.AGAIN}


def compare(first: Count, second: Count, *, expected: int, has_moved: bool) -> CheckResult:
    """Compare two counts and the register's balance, all in ampoules, with no tolerance.

    `has_moved` says that lines were written between the two counts: then they cannot be compared.
    Source: clinical rule 47.
    """
    if has_moved:
        return CheckResult.MOVED
    if first.ampoules == second.ampoules == expected:
        return CheckResult.AGREES
    return CheckResult.DIFFERS


def may_count(last: CheckFacts | None, *, counter_id: UUID, counter_name: str) -> Decision:
    """Decide whether a person may sign a count of a ledger now: two different people, and only until a result.

    Source: clinical rules 22 and 47.
    """
    state = count_state(last)
    if state is CountState.AGREES:
        return _no("count_is_done", "This register is counted and agrees. Nothing is left to count.")
    if state is CountState.DIFFERS:
        message = "This register was counted twice and still differs. The controlled-drug lead looks into it."
        return _no("count_differs", message)
    if state is CountState.FIRST_IS_IN and last is not None and counter_id in last.counted_by:
        message = f"{counter_name} has counted already. The second count is somebody else's."
        return Decision((block("same_person", message, "clinical rule 22"),))
    return Decision()


def may_set_aside(last: CheckFacts | None) -> Decision:
    """Decide whether a count may be set aside, to be begun anew: only while its second half is missing."""
    if count_state(last) is CountState.FIRST_IS_IN:
        return Decision()
    return _no("nothing_to_set_aside", "No count is waiting for its second person. Look again.")


def may_open_day(states: tuple[CountState, ...]) -> Decision:
    """Decide whether the day may be opened on its counts: every ledger of the premises is counted and agrees.

    Source: clinical rules 47 and 7.11.
    """
    if not states:
        message = (
            "No register is open at these premises, so nothing can be counted. "
            "The controlled-drug lead can open the day with a reason."
        )
        return _no("nothing_to_count", message)
    if CountState.DIFFERS in states:
        message = "The counts still differ. Only the controlled-drug lead can open the day, with a reason and their PIN."
        return _no("count_differs", message)
    if set(states) != {CountState.AGREES}:
        return _no(
            "count_is_missing", "The balance check is not finished. Two people count every register first."
        )
    return Decision()


def _no(code: str, message: str) -> Decision:
    return Decision((block(code, message, "clinical rule 47"),))


def todo_sentence(counted: Iterable[CountState]) -> str:
    """Say what is still to be done before the day can be opened, by where the counting of each ledger stands."""
    states = tuple(counted)
    if not states:
        return "Still to do: open a register, then the morning balance check, two people."
    if CountState.DIFFERS in states:
        return "The counts still differ: the controlled-drug lead opens the day with a reason."
    if set(states) == {CountState.AGREES}:
        return "The balance check is done and agrees. Still to do: open the day."
    if CountState.FIRST_IS_IN in states:
        return "The balance check is going on. Still to do: the second count."
    return "Still to do: morning balance check, two people."
