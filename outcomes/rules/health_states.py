"""Where somebody stands with a health topic now, worked out of the lines that count; and what a case worker is told.

A case worker is told due, offered or done and never a result: what they read is the same whatever a test showed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from outcomes.rules.health import DOSES, KIT_SOON, OFFERS, STEPS, Fact, Topic

# The topics that have one course for each person; wounds and kits are counted one by one.
COURSES: Final = (Topic.HBV, Topic.HCV, Topic.HIV, Topic.DENTAL)
# Steps that no newer line of another kind takes back, from the first that is there onwards.
_LASTING: Final[dict[Topic, tuple[tuple[str, ...], ...]]] = {
    Topic.HBV: (("immune", "complete"), *((dose,) for dose in reversed(DOSES))),
    Topic.HIV: (("positive", "in_care"), ("in_care",)),
}


class Told(StrEnum):
    """What a case worker is told of a topic."""

    DUE = "due"
    OFFERED = "offered"
    DONE = "done"


_NEXT: Final[dict[tuple[Topic, str], str]] = {
    (Topic.HBV, ""): "Offer the vaccination.",
    (Topic.HBV, "offered"): "Ask what they decided.",
    (Topic.HBV, "dose_1"): "Dose 2.",
    (Topic.HBV, "dose_2"): "Dose 3, or say that the course is complete.",
    (Topic.HBV, "dose_3"): "Dose 4, or say that the course is complete.",
    (Topic.HBV, "dose_4"): "Say that the course is complete.",
    (Topic.HCV, ""): "Offer the test.",
    (Topic.HCV, "offered"): "Ask what they decided.",
    (Topic.HCV, "antibody_positive"): "RNA test.",
    (Topic.HCV, "rna_found"): "Refer for treatment.",
    (Topic.HCV, "referred"): "Ask whether treatment has begun.",
    (Topic.HCV, "treatment_started"): "Ask whether treatment is completed.",
    (Topic.HCV, "treatment_completed"): "RNA test after treatment (SVR).",
    (Topic.HCV, "not_cured"): "Refer for treatment again.",
    (Topic.HIV, ""): "Offer the test.",
    (Topic.HIV, "offered"): "Ask what they decided.",
    (Topic.HIV, "positive"): "Make sure that they are in care.",
    (Topic.DENTAL, ""): "Ask about their teeth.",
    (Topic.DENTAL, "need"): "Refer to a dentist.",
    (Topic.DENTAL, "referred"): "Ask whether they were seen.",
}


@dataclass(frozen=True, slots=True)
class CourseState:
    """Where one person stands with one topic: the step that tells it (empty: nothing is written down)."""

    topic: Topic
    step: str
    on: date | None

    @property
    def words(self) -> str:
        """The state as a nurse reads it."""
        return STEPS[self.topic][self.step] if self.step else "Nothing written down"

    @property
    def comes_next(self) -> str:
        """What to do next, empty where nothing is."""
        return _NEXT.get((self.topic, self.step), "")

    @property
    def told(self) -> Told:
        """What a case worker is told: never a result."""
        if self.step in OFFERS:
            return Told.OFFERED
        if self.topic is Topic.DENTAL:
            return {"seen": Told.DONE, "referred": Told.OFFERED}.get(self.step, Told.DUE)
        if not self.step or self.step in DOSES:
            return Told.DUE
        return Told.DONE


def state_of(topic: Topic, facts: Iterable[Fact]) -> CourseState:
    """Return where somebody stands with a topic.

    The newest line tells it; on one day the step that comes later in the order. Offers count only while nothing else
    is written down. Immune or complete stays so for hepatitis B, and among its doses the highest tells it; a positive
    HIV test stays so too, while hepatitis C can be caught again.
    """
    rank = list(STEPS[topic]).index
    every = list(facts)
    counting = [fact for fact in every if fact.step not in OFFERS] or every
    for lasting in _LASTING.get(topic, ()):
        counting = [fact for fact in counting if fact.step in lasting] or counting
    if not counting:
        return CourseState(topic, "", None)
    newest = max(counting, key=lambda fact: (fact.on, rank(fact.step)))
    return CourseState(topic, newest.step, newest.on)


class KitState(StrEnum):
    """Whether a person is covered by a naloxone kit."""

    NONE = "none"
    PAST = "past"
    SOON = "soon"
    HELD = "held"

    @property
    def words(self) -> str:
        """The state as everybody may read it."""
        return {
            KitState.NONE: "No kit",
            KitState.PAST: "Past its date",
            KitState.SOON: "Date comes soon",
            KitState.HELD: "Has a kit",
        }[self]


def kit_state(expiries: Iterable[date], *, today: date) -> KitState:
    """Return whether somebody is covered, of the printed dates of the kits they hold: the latest one counts.

    A kit is good on the day printed on it, and no longer after it.
    """
    latest = max(expiries, default=None)
    if latest is None:
        return KitState.NONE
    if latest < today:
        return KitState.PAST
    return KitState.SOON if latest <= today + KIT_SOON else KitState.HELD
