"""The end of a treatment here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hat_clinic.core.decisions import Decision, block

SOURCE = "clinical rules 7.11"


@dataclass(frozen=True, slots=True)
class EndingFacts:
    """What is known of a treatment that is to end today.

    `plan_is_whole` tells that the plan for leaving lacks nothing, `goes_without_plan` that whoever ends it said that the
    person goes without one.
    """

    today: date
    accepted_on: date
    started_on: date | None
    is_ended: bool
    reason_is_known: bool
    plan_is_whole: bool
    goes_without_plan: bool


def may_end_treatment(facts: EndingFacts) -> Decision:
    """Decide whether a treatment may be ended: it runs, has begun by today, and the reason is of the list.

    From then on no order of it gives a dose. Somebody who goes without a whole plan goes so knowingly.
    Source: clinical rules 7.11 (an episode stops a dose); product P 5 (exit with plan).
    """
    begun_on = facts.started_on or facts.accepted_on
    return Decision.of(
        (
            block("treatment_ended", "This treatment has ended already.", SOURCE) if facts.is_ended else None,
            block("not_begun", "This treatment has not begun yet.", SOURCE)
            if begun_on > facts.today
            else None,
            None if facts.reason_is_known else block("no_reason", "Choose why the treatment ends.", SOURCE),
            None
            if facts.plan_is_whole or facts.goes_without_plan
            else block(
                "without_plan",
                "The plan for leaving is not whole. Finish it first, or say that they go without one.",
                "product P 5",
            ),
        )
    )
