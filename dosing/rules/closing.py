"""Closing the day: what is counted before it, what stands against it, and what is only listed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dosing.rules.days import CheckFacts, CheckResult, CountState, count_state
from hat_clinic.core.decisions import Decision, Finding, block, note

SOURCE = "clinical rule 47"
_NOT_OPEN = "This day was not opened, so there is nothing to close."


@dataclass(frozen=True, slots=True)
class ClosingFacts:
    """One day at one premises as its closing is judged.

    `counted` is where the closing count of every ledger stands, `unclassified` the cases of these premises that
    nobody has classified. The others are what is listed: sessions that are over or still to come and have no
    outcome, drawn doses without an ending, people being observed.
    """

    is_open: bool
    counted: tuple[CountState, ...]
    unclassified: int = 0
    without_outcome: int = 0
    still_to_come: int = 0
    open_draws: int = 0
    observed: int = 0
    waiting_lines: int = 0


def as_of_now(last: CheckFacts | None, *, has_moved: bool) -> CheckFacts | None:
    """Return the last closing check of a ledger as it is worth now.

    A result is of its moment: when a line was written since, it is as if stock had moved between the counts, and both
    count again from the first round. A case that the result opened stays. Source: clinical rules 47 and 7.11.
    """
    if last is None or not has_moved or count_state(last) not in {CountState.AGREES, CountState.DIFFERS}:
        return last
    return replace(last, round=1, result=CheckResult.MOVED)


def may_count_for_closing(*, is_open: bool, is_closed: bool) -> Decision:
    """Decide whether stock is counted to close a day: it is open, and was not closed.

    Source: clinical rule 47.
    """
    return Decision.of(
        [
            None if is_open else block("day_is_not_open", _NOT_OPEN, SOURCE),
            block("day_is_closed", "The day is closed. The next count opens the next day.", SOURCE)
            if is_closed
            else None,
        ]
    )


def may_close_day(facts: ClosingFacts) -> Decision:
    """Decide whether a day is closed: opened, every ledger counted by two, no difference left unclassified.

    Sessions without an outcome, drawn doses, people being observed and doses on paper without their register line are
    listed as notes and stop nothing: nothing is made up for them.
    Source: clinical rules 47 and 7.11; trust design 5 (INV-2, INV-19).
    """
    return Decision.of(
        [
            None if facts.is_open else block("day_is_not_open", _NOT_OPEN, SOURCE),
            _counts(facts.counted),
            _cases(facts.unclassified),
            _note("open_draws", facts.open_draws, "drawn dose", "has no ending", "have no ending"),
            _note(
                "observed", facts.observed, "person", "is still being observed", "are still being observed"
            ),
            _note("still_to_come", facts.still_to_come, "session", "is still to come", "are still to come"),
            _note(
                "without_outcome",
                facts.without_outcome,
                "session that is over",
                "has no outcome",
                "have no outcome",
                many="sessions that are over",
            ),
            _note(
                "waiting_lines",
                facts.waiting_lines,
                "dose on paper",
                "has no register line yet",
                "have no register line yet",
                many="doses on paper",
            ),
        ]
    )


def _counts(counted: tuple[CountState, ...]) -> Finding | None:
    if all(state in {CountState.AGREES, CountState.DIFFERS} for state in counted):
        return None
    return block(
        "count_is_missing", "The closing count is not finished. Two people count every register.", SOURCE
    )


def _cases(unclassified: int) -> Finding | None:
    if not unclassified:
        return None
    return block(
        "case_not_classified",
        "A balance difference is not yet classified. The controlled-drug lead classifies its case, "
        "then the day can be closed.",
        SOURCE,
    )


def _note(code: str, number: int, one: str, is_so: str, are_so: str, *, many: str = "") -> Finding | None:
    if not number:
        return None
    words = f"1 {one} {is_so}." if number == 1 else f"{number} {many or one + 's'} {are_so}."
    words = words.replace("persons", "people")
    return note(code, f"{words} Nothing is written for them by closing the day.", SOURCE)
