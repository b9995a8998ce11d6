"""Who works with a person, and who may open a record they do not work with: with a reason, for one hour.

Source: trust design 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, block

SOURCE: Final = "trust design 3"
# How long a record that was opened with a reason stays open. Source: trust design 3.
OPEN_FOR: Final = timedelta(minutes=60)
# How soon somebody looks at why. Source: trust design 3.
REVIEW_WITHIN: Final = timedelta(hours=72)
SHORTEST_REASON: Final = 20
LONGEST_REASON: Final = 500


class Part(StrEnum):
    """What a colleague does for a person."""

    KEY_WORKER = "key_worker"
    NAMED_NURSE = "named_nurse"
    LEAD_PRESCRIBER = "lead_prescriber"
    AFTERCARE = "aftercare"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The part in the clinic's words."""
        return self.value.replace("_", " ") if self is not Part.OTHER else "works with them"


def lasts_after_exit(part: Part, *, is_own: bool) -> bool:
    """Tell whether a relationship outlasts the treatment: aftercare alone, and only where somebody else named it.

    Source: trust design 3 (a legitimate relationship).
    """
    return part is Part.AFTERCARE and not is_own


@dataclass(frozen=True, slots=True)
class RelationshipFacts:
    """What stands between a colleague and a person at a moment.

    `treats_here` tells that the person is in treatment in the clinic whose member looks: its team works with them.
    `is_named` tells that somebody else named this colleague for this person, and that it stands, whether the treatment
    does or not.
    """

    treats_here: bool
    is_named: bool


def has_relationship(facts: RelationshipFacts) -> bool:
    """Tell whether somebody may open a record without a reason. Source: trust design 3 (a legitimate relationship)."""
    return facts.treats_here or facts.is_named


class OpeningReason(StrEnum):
    """Why a record is opened without a relationship. The words beside it say what happened."""

    EMERGENCY = "emergency"
    AT_THE_DOOR = "at_the_door"
    HANDOVER = "handover"
    SAFEGUARDING = "safeguarding"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason in words."""
        return _REASONS[self]


_REASONS: Final = {
    OpeningReason.EMERGENCY: "an emergency, here or elsewhere",
    OpeningReason.AT_THE_DOOR: "they stand at the door of this clinic",
    OpeningReason.HANDOVER: "another service asks about them now",
    OpeningReason.SAFEGUARDING: "somebody may come to harm",
    OpeningReason.OTHER: "another reason",
}


def may_open_record(
    *, reason: OpeningReason | None, words: str, is_found: bool, is_related: bool
) -> Decision:
    """Decide whether a record may be opened with a reason: a code, and at least 20 letters of one's own.

    A code alone says nothing that could be looked into afterwards. Whether anybody was found is told only to somebody who
    has said why. Source: trust design 3.
    """
    letters = len("".join(words.split()))
    unsaid = Decision.of(
        (
            None if reason else block("reason", "Choose why you open it.", SOURCE),
            block(
                "words",
                f"Write in your own words what happened, at least {SHORTEST_REASON} letters. Somebody reads it.",
                SOURCE,
            )
            if letters < SHORTEST_REASON
            else None,
        )
    )
    if not unsaid.is_allowed:
        return unsaid
    return Decision.of(
        (
            None
            if is_found
            else block("nobody", "Nobody is known by exactly this. Check each part with the person.", SOURCE),
            block("related", "You work with this person already. Open them under People.", SOURCE)
            if is_related
            else None,
        )
    )


def is_review_late(*, opened_at: datetime, at: datetime) -> bool:
    """Tell whether an opening waits longer than it should for somebody to look at it. Source: trust design 3."""
    return at >= opened_at + REVIEW_WITHIN


class OpeningFinding(StrEnum):
    """What the privacy officer found."""

    JUSTIFIED = "justified"
    TO_LEARN = "to_learn"
    NOT_JUSTIFIED = "not_justified"

    @property
    def label(self) -> str:
        """The finding in words."""
        return _FINDINGS[self]


_FINDINGS: Final = {
    OpeningFinding.JUSTIFIED: "it was right to open it",
    OpeningFinding.TO_LEARN: "it was meant well; another way would have been right",
    OpeningFinding.NOT_JUSTIFIED: "it was not right to open it",
}


def may_close_review(
    *, finding: OpeningFinding | None, words: str, is_reviewed: bool, is_own: bool
) -> Decision:
    """Decide whether an opening may be closed with a finding: once, in words, and never by who opened it.

    Source: trust design 3 (a privacy officer reviews).
    """
    return Decision.of(
        (
            block("reviewed", "Somebody closed this one already. Nothing was changed.", SOURCE)
            if is_reviewed
            else None,
            block("own", "You opened this record yourself. Somebody else looks into it.", SOURCE)
            if is_own
            else None,
            None if finding else block("finding", "Choose what you found.", SOURCE),
            None if words else block("words", "Write whom you asked and what you found.", SOURCE),
        )
    )
