"""The plan for leaving: what somebody goes on to, so that nobody leaves into nothing; and what coming back means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, block

LONGEST_WORDS: Final = 300
PLAN: Final = "product P 5"
CLOSING: Final = "product P 7"


class NaloxonePlan(StrEnum):
    """What was done about naloxone to take home."""

    HELD = "held"
    ORDERED = "ordered"
    DECLINED = "declined"

    @property
    def label(self) -> str:
        """The answer in the clinic's words."""
        return _NALOXONE[self]


_NALOXONE: Final = {
    NaloxonePlan.HELD: "they hold a kit and know how to use it",
    NaloxonePlan.ORDERED: "a kit is ordered and will be handed over",
    NaloxonePlan.DECLINED: "offered, and they do not want one",
}


@dataclass(frozen=True, slots=True)
class LeavingPlanContent:
    """A plan as it is written; empty text and None mean: not settled yet.

    `receiving_service` goes on with the care, `receiving_prescriber` signs there. `oral_medicine` is in words, as the
    receiving prescriber ordered it: nothing here is worked out from a dose. `last_injection_on` is the day planned.
    """

    receiving_service: str = ""
    receiving_prescriber: str = ""
    oral_medicine: str = ""
    oral_started_on: date | None = None
    last_injection_on: date | None = None
    naloxone: NaloxonePlan | None = None
    letter_sent_on: date | None = None
    follow_up_on: date | None = None
    follow_up_words: str = ""


def missing_of_plan(plan: LeavingPlanContent | None) -> tuple[str, ...]:
    """Return what a plan does not say yet, in words, in the order of the page; everything, where there is none.

    Source: product P 5 (receiving service, oral medicine, naloxone, follow-up) and 7 (receiving prescriber, oral
    medicine started, last injection, naloxone, handover letter, contact afterwards).
    """
    written = plan or LeavingPlanContent()
    wanted: dict[str, object] = {
        "receiving service": written.receiving_service,
        "receiving prescriber": written.receiving_prescriber,
        "oral medicine": written.oral_medicine,
        "day the oral medicine started": written.oral_started_on,
        "day of the last injection": written.last_injection_on,
        "naloxone": written.naloxone,
        "handover letter": written.letter_sent_on,
        "contact afterwards": written.follow_up_on and written.follow_up_words,
    }
    return tuple(words for words, value in wanted.items() if not value)


def may_write_plan(plan: LeavingPlanContent, *, today: date, closes_on: date | None) -> Decision:
    """Decide whether a plan may be written. It may be unfinished; what it says must be possible.

    `closes_on` is the last day of injections of a programme that closes, or None. A finding's code is the name of its
    field. Source: product P 5 and 7.
    """
    last_on = plan.last_injection_on
    return Decision.of(
        (
            block("receiving_service", "Write at least one part of the plan.", PLAN)
            if plan == LeavingPlanContent()
            else None,
            block("oral_started_on", "Write a day on which it has started: today or before.", PLAN)
            if plan.oral_started_on is not None and plan.oral_started_on > today
            else None,
            block("oral_medicine", "Write which oral medicine has started.", PLAN)
            if plan.oral_started_on is not None and not plan.oral_medicine
            else None,
            block("letter_sent_on", "Write a day on which it was sent: today or before.", PLAN)
            if plan.letter_sent_on is not None and plan.letter_sent_on > today
            else None,
            block(
                "last_injection_on",
                f"The programme's last day of injections is {closes_on:%-d %B %Y}. Choose that day or before.",
                CLOSING,
            )
            if last_on is not None and closes_on is not None and last_on > closes_on
            else None,
            block("follow_up_words", "Write who contacts them, and how.", PLAN)
            if plan.follow_up_on is not None and not plan.follow_up_words
            else None,
        )
    )


def coming_back() -> tuple[str, ...]:
    """Return what somebody who comes back is told, in sentences.

    Source: clinical rule 8 (the first dose after a re-start) and clinical rules 7.11 (a new episode is a re-start).
    """
    return (
        "Who comes back is referred or accepted again: a new treatment, with its own consent and its own assessment.",
        "Nothing that was tolerated before counts. The first dose is that of a re-start, under the clinic's limits, and "
        "only a doctor licensed here orders it, as a plan of steps.",
        "Say it to them before they go: after days without, the dose they had here can kill.",
    )
