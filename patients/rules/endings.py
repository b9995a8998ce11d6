"""The end of a treatment here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hat_clinic.core.decisions import Decision, block

SOURCE = "clinical rules 7.11"


@dataclass(frozen=True, slots=True)
class EndingFacts:
    """What is known of a treatment that is to end today."""

    today: date
    accepted_on: date
    started_on: date | None
    is_ended: bool
    reason_is_known: bool


def may_end_treatment(facts: EndingFacts) -> Decision:
    """Decide whether a treatment may be ended: it runs, has begun by today, and the reason is of the list.

    From then on no order of it gives a dose. Source: clinical rules 7.11 (an episode stops a dose).
    """
    begun_on = facts.started_on or facts.accepted_on
    return Decision.of(
        (
            block("treatment_ended", "This treatment has ended already.", SOURCE) if facts.is_ended else None,
            block("not_begun", "This treatment has not begun yet.", SOURCE)
            if begun_on > facts.today
            else None,
            None if facts.reason_is_known else block("no_reason", "Choose why the treatment ends.", SOURCE),
        )
    )
