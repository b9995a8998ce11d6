"""What is built by itself, when a build that failed is tried again, and when somebody may ask once more.

Source: Indicators 1 and 4 (evaluation).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, block
from outcomes.rules.evaluation.editions import Edition, may_build_report
from outcomes.rules.evaluation.indicators import last_month, next_month

# The editions that the schedule asks for; `may_build_report` says of which months each is made.
SCHEDULED: Final = (Edition.RESTRICTED, Edition.PUBLIC, Edition.JUSTICE)
CATCH_UP: Final = 3  # months: a clinic whose history came in from files is not flooded with years of reports
MOST_TRIES: Final = 5
FIRST_WAIT: Final = timedelta(minutes=2)
# A worker that began a report so long ago and has not ended it is gone.
ABANDONED_AFTER: Final = timedelta(minutes=10)
WORKER_GONE: Final = "The worker stopped in the middle of it."
LONGEST_REASON: Final = 300
BY_SCHEDULE: Final = "Built by the schedule, after the month had ended."


class Stage(StrEnum):
    """Where the worker is with one report, in the order of the work."""

    WAITING = "waiting"
    COUNTING = "counting"
    PRINTING = "printing"
    DONE = "done"

    @property
    def step(self) -> int:
        """How many of the steps are begun, of `STEPS`."""
        return list(Stage).index(self)

    @property
    def words(self) -> str:
        """What is being done, as the page says it."""
        return _WORDS[self]


STEPS: Final = len(Stage) - 1
_WORDS = {
    Stage.WAITING: "waits for the worker",
    Stage.COUNTING: "is being built: the records are frozen and counted",
    Stage.PRINTING: "is being built: the pages are printed",
    Stage.DONE: "is built",
}


def list_due(
    *, opened_on: date, today: date, months: int = 1, editions: tuple[Edition, ...] = SCHEDULED
) -> Iterator[tuple[date, Edition]]:
    """Yield which reports of the last months are built by themselves, the latest month first.

    Source: Indicators 4 (evaluation).
    """
    month = last_month(today)
    for _ in range(months):
        for edition in editions:
            decision = may_build_report(edition=edition, month=month, opened_on=opened_on, today=today)
            if next_month(month) > opened_on and decision.is_allowed:
                yield month, edition
        month = last_month(month)


def next_try(*, tries: int, at: datetime) -> datetime | None:
    """Return when a build that failed is tried again: after 2, 4, 8 and 16 minutes; None after the fifth try."""
    return at + FIRST_WAIT * 2 ** (tries - 1) if tries < MOST_TRIES else None


def is_put_off(*, tries: int, failed_at: datetime, at: datetime) -> bool:
    """Decide whether what failed so many times, the last time then, is not tried now: not yet, or not any more.

    Source: Indicators 4 (evaluation).
    """
    again = next_try(tries=tries, at=failed_at)
    return again is None or at < again


def is_abandoned(*, started_at: datetime | None, at: datetime) -> bool:
    """Decide whether what a worker began is begun again by another: the first is taken to have stopped.

    Source: Indicators 4 (evaluation).
    """
    return started_at is not None and at - started_at > ABANDONED_AFTER


def may_ask_again(*, is_built: bool, reason: str) -> Decision:
    """Decide whether a report is asked for: one that is built already needs a reason, which its new issue prints.

    Source: Indicators 1 (evaluation).
    """
    if not is_built or reason.strip():
        return Decision()
    return Decision(
        (
            block(
                "report_again_without_reason",
                "This month is built already. Write why it is built again: the new issue prints it.",
                "indicators 1",
            ),
        )
    )
