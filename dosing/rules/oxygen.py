"""What oxygen is read against: the clinic's limit, or a person's own target that a doctor has set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final

from hat_clinic.core.decisions import Decision, block

# Percent. Source: clinical rule 19.
USUAL_TARGET: Final = 94

SOURCE = "clinical rule 19"


class OxygenScale(IntEnum):
    """The early-warning scale that oxygen is scored on; 2 is for lungs that are used to less."""

    ONE = 1
    TWO = 2

    @property
    def label(self) -> str:
        """The scale in words."""
        return {1: "Scale 1, the usual one", 2: "Scale 2, for lungs that hold on to carbon dioxide"}[
            self.value
        ]

    @property
    def least(self) -> int:
        """The lowest target that anybody may have of their own, in percent. Source: clinical rule 19."""
        return {1: 90, 2: 88}[self.value]

    @property
    def emergency_below(self) -> int:
        """The percent under which it is an emergency, whoever it is. Source: clinical rules 28 and 7.11."""
        return {1: 90, 2: 84}[self.value]


@dataclass(frozen=True, slots=True)
class PersonalTarget:
    """A person's own lower target for oxygen in percent; `review_on` is the last day that it holds."""

    percent: int
    scale: OxygenScale
    review_on: date


@dataclass(frozen=True, slots=True)
class OxygenTarget:
    """What a reading is held against. `lapsed` is a target of the person's own that is past its review."""

    percent: int = USUAL_TARGET
    scale: OxygenScale = OxygenScale.ONE
    lapsed: PersonalTarget | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is the person's own and not the clinic's."""
        return self.percent != USUAL_TARGET or self.scale is not OxygenScale.ONE

    @property
    def why(self) -> str:
        """What a message adds where it is not simply the clinic's limit."""
        if self.is_own:
            return "the target of their own that a doctor has set"
        if self.lapsed is not None:
            day = self.lapsed.review_on
            return (
                f"their own target of {self.lapsed.percent} % is past its review of {day.day} {day:%B %Y}, "
                f"so {USUAL_TARGET} applies"
            )
        return ""


USUAL: Final = OxygenTarget()


def target_on(own: PersonalTarget | None, *, today: date) -> OxygenTarget:
    """Return what oxygen is held against on a day: one's own target to the end of its review day, then the usual.

    An exception that nobody looks at again would be a new normal by accident. Source: clinical rules 19 and 7.11.
    """
    if own is None:
        return USUAL
    if today > own.review_on:
        return OxygenTarget(lapsed=own)
    return OxygenTarget(percent=own.percent, scale=own.scale)


@dataclass(frozen=True, slots=True)
class TargetFacts:
    """Who sets a target, for whom, and on which day. `is_licensed`: a doctor whose licence names premises here."""

    today: date
    is_licensed: bool
    person_is_in_treatment: bool


def may_set_target(facts: TargetFacts, written: PersonalTarget, *, evidence: str) -> Decision:
    """Decide whether somebody's own target for oxygen may be set: by a doctor, on evidence, with a day of review.

    The usual target on scale 1 may be written again, which takes an own one back. All reasons at once.
    Source: clinical rule 19.
    """
    least = written.scale.least
    return Decision.of(
        (
            None
            if facts.is_licensed
            else block("no_licence", "Only a doctor licensed here sets a target for oxygen.", SOURCE),
            None
            if facts.person_is_in_treatment
            else block("not_in_treatment", "This person is not in treatment here. Nothing was set.", SOURCE),
            None
            if least <= written.percent <= USUAL_TARGET
            else block(
                "target_out_of_range",
                f"On scale {written.scale.value} a target lies from {least} to {USUAL_TARGET} %. "
                "Choose another, or the other scale.",
                SOURCE,
            ),
            None
            if evidence.strip()
            else block(
                "no_evidence", "Write what the target rests on, such as a letter and its date.", SOURCE
            ),
            None
            if written.review_on > facts.today
            else block("review_is_over", "Write a day of review that is still to come.", SOURCE),
        )
    )
