"""The stage of a treatment: titrating, settled, leaving. Said without a dose, so that case workers may read it.

Source: product P 9.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block

LONGEST_WORDS: Final = 300


class TreatmentStage(StrEnum):
    """Where somebody's treatment stands, as a prescriber says it."""

    TITRATING = "titrating"
    SETTLED = "settled"
    LEAVING = "leaving"

    @property
    def label(self) -> str:
        """The stage as it is printed."""
        return self.value.capitalize()

    @property
    def meaning(self) -> str:
        """What the stage means, in words for everybody."""
        return _MEANINGS[self]


_MEANINGS: Final = {
    TreatmentStage.TITRATING: "Finding what holds them",
    TreatmentStage.SETTLED: "Steady in treatment",
    TreatmentStage.LEAVING: "On the way out of this treatment, by plan",
}

# Each arrow is set by a prescriber: somebody settled starts anew after a long gap, and who was leaving may stay.
TRANSITIONS: Final[dict[TreatmentStage, frozenset[TreatmentStage]]] = {
    TreatmentStage.TITRATING: frozenset({TreatmentStage.SETTLED, TreatmentStage.LEAVING}),
    TreatmentStage.SETTLED: frozenset({TreatmentStage.TITRATING, TreatmentStage.LEAVING}),
    TreatmentStage.LEAVING: frozenset({TreatmentStage.TITRATING, TreatmentStage.SETTLED}),
}


@dataclass(frozen=True, slots=True)
class StageFacts:
    """What a new stage is judged against: the one that stands (None: none yet), and the dates of the treatment."""

    stands: TreatmentStage | None
    stands_since: date | None
    accepted_on: date
    started_on: date | None
    today: date


@dataclass(frozen=True, slots=True)
class StageContent:
    """What a prescriber says: the stage, the first day of it, and why. None and empty text mean: not answered."""

    stage: TreatmentStage | None
    since_on: date | None
    words: str


def stages_to_choose(facts: StageFacts) -> tuple[TreatmentStage, ...]:
    """Return the stages that may follow now, in their order.

    A treatment in which no dose was given here is titrating, whatever went before it elsewhere; one that runs
    already and has no stage yet may be given any. Source: product P 9.
    """
    if facts.started_on is None:
        return (TreatmentStage.TITRATING,) if facts.stands is None else ()
    if facts.stands is None:
        return tuple(TreatmentStage)
    return tuple(stage for stage in TreatmentStage if stage in TRANSITIONS[facts.stands])


def may_set_stage(content: StageContent, facts: StageFacts) -> Decision:
    """Decide whether a stage may be set. A finding's code is the name of the part it is about. All at once.

    Source: product P 9.
    """
    return Decision(
        (*_about_the_stage(content.stage, facts), *_about_the_day(content, facts), *_why(content))
    )


def _about_the_stage(stage: TreatmentStage | None, facts: StageFacts) -> Iterator[Finding]:
    if stage is None:
        yield _block("stage", "Choose the stage.")
    elif stage not in stages_to_choose(facts):
        if facts.stands is stage:
            yield _block(
                "stage", f"The stage is {stage.value} already. Choose another, or leave it as it is."
            )
        else:
            yield _block(
                "stage",
                f"No dose was given here yet, so the stage cannot be {stage.value}. It can be after the first dose.",
            )


def _about_the_day(content: StageContent, facts: StageFacts) -> Iterator[Finding]:
    since = content.since_on
    if since is None:
        yield _block("since_on", "Write since which day.")
    elif since > facts.today:
        yield _block("since_on", "Write today or a day before: a stage is not set ahead.")
    elif since < facts.accepted_on:
        yield _block(
            "since_on", f"This treatment began on {_day(facts.accepted_on)}. Write that day or a later one."
        )
    elif facts.stands is not None and facts.stands_since is not None and since < facts.stands_since:
        yield _block(
            "since_on",
            f"The stage before, {facts.stands.value}, stands since {_day(facts.stands_since)}. "
            "Write that day or a later one.",
        )


def _why(content: StageContent) -> Iterator[Finding]:
    if not content.words:
        yield _block("words", "Write a sentence that says why.")
    elif len(content.words) > LONGEST_WORDS:
        yield _block("words", f"Write this in at most {LONGEST_WORDS} letters.")


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"


def _block(part: str, message: str) -> Finding:
    return block(part, message, "product P 9")
