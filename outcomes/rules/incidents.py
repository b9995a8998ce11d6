"""Safety incidents: what one says, who must be told of it, and how it is put right.

Who must be told is a list to work through, not legal advice: the clinic's clinical lead confirms it for their nation.

Source: product W 9.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block, note

LONGEST_WORDS: Final = 500
LONGEST_LINE: Final = 200
INCIDENT = "product W 9"
TOLD_WHEN: Final = "Write a day from the incident up to today."


class Kind(StrEnum):
    """What happened."""

    OVER_SEDATION = "over_sedation"
    OVERDOSE = "overdose"
    DEATH = "death"
    MEDICINE_ERROR = "medicine_error"
    INJURY = "injury"
    VIOLENCE = "violence"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The kind in the words on the keys."""
        return _KIND_WORDS[self]


_KIND_WORDS: Final = {
    Kind.OVER_SEDATION: "Over-sedation",
    Kind.OVERDOSE: "Overdose",
    Kind.DEATH: "Death",
    Kind.MEDICINE_ERROR: "Mistake with a medicine",
    Kind.INJURY: "Fall or injury",
    Kind.VIOLENCE: "Violence or threat",
    Kind.OTHER: "Something else",
}


class Where(StrEnum):
    """Where it happened."""

    CLINIC = "clinic"
    HOME = "home"
    STREET = "street"
    HOSPITAL = "hospital"
    CUSTODY = "custody"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The place in the words on the keys."""
        return _WHERE_WORDS[self]


_WHERE_WORDS: Final = {
    Where.CLINIC: "Here in the clinic",
    Where.HOME: "At home",
    Where.STREET: "In the street",
    Where.HOSPITAL: "In hospital",
    Where.CUSTODY: "In custody",
    Where.OTHER: "Elsewhere",
}


class Harm(IntEnum):
    """How much harm came of it, from none to death; the order is used."""

    NONE = 0
    LOW = 1
    MODERATE = 2
    SEVERE = 3
    DEATH = 4

    @property
    def label(self) -> str:
        """The harm in the words on the keys."""
        return _HARM_WORDS[self]


_HARM_WORDS: Final = {
    Harm.NONE: "None",
    Harm.LOW: "Low: watched longer, or first aid",
    Harm.MODERATE: "Moderate: needed more treatment, will recover",
    Harm.SEVERE: "Severe: lasting harm",
    Harm.DEATH: "Death",
}
# From this harm on the person, or who is close to them, is told openly what happened and that we are sorry.
CANDOUR_FROM: Final = Harm.MODERATE


class Body(StrEnum):
    """Who must be told of an incident."""

    PERSON = "person"
    LEARNING = "learning"
    CD_OFFICER = "cd_officer"
    REGULATOR = "regulator"
    CORONER = "coroner"
    COMMISSIONER = "commissioner"

    @property
    def label(self) -> str:
        """Who it is, in the words of the page."""
        return _BODY_WORDS[self]


_BODY_WORDS: Final = {
    Body.PERSON: "The person or their family (duty of candour)",
    Body.LEARNING: "The national record of patient safety events",
    Body.CD_OFFICER: "The controlled-drugs accountable officer",
    Body.REGULATOR: "The care regulator",
    Body.CORONER: "The coroner",
    Body.COMMISSIONER: "The commissioner",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class IncidentSaid:
    """What is said of one incident. None: not known, such as before an inquest."""

    happened_on: date
    kind: Kind
    place: Where
    harm: Harm
    naloxone_given: bool | None
    is_drug_related: bool | None
    words: str


def must_tell(said: IncidentSaid) -> tuple[Body, ...]:
    """Return who must be told of an incident, in the order of the list. Source: product W 9."""
    is_death = said.harm is Harm.DEATH
    told = {
        Body.LEARNING: True,
        Body.PERSON: said.harm >= CANDOUR_FROM,
        Body.CD_OFFICER: _is_about_drugs(said),
        Body.REGULATOR: said.harm >= Harm.SEVERE,
        Body.CORONER: is_death,
        Body.COMMISSIONER: is_death,
    }
    return tuple(body for body in Body if told[body])


def _is_about_drugs(said: IncidentSaid) -> bool:
    """Whether a controlled drug may have had a part: unless somebody knows that it had none."""
    may_be = said.kind in (Kind.OVER_SEDATION, Kind.OVERDOSE, Kind.MEDICINE_ERROR, Kind.DEATH)
    return said.is_drug_related is True or (may_be and said.is_drug_related is None)


def may_record_incident(said: IncidentSaid, *, today: date, accepted_on: date) -> Decision:
    """Decide whether an incident may be stored, with every reason against it."""
    return Decision.of(
        [
            block("incident_in_future", "That day has not come yet. Check the day.", INCIDENT)
            if said.happened_on > today
            else None,
            block(
                "incident_before_acceptance",
                f"That day is before {accepted_on:%-d %B %Y}, when this person was accepted here. Check the day.",
                INCIDENT,
            )
            if said.happened_on < accepted_on
            else None,
            block(
                "incident_death_and_harm",
                "A death has the harm “Death”, and only a death has it: correct one of the two.",
                INCIDENT,
            )
            if (said.kind is Kind.DEATH) != (said.harm is Harm.DEATH)
            else None,
            _words(said.words),
            note("incident_candour", "Tell the person openly, and in writing after it.", INCIDENT)
            if said.harm >= CANDOUR_FROM
            else None,
        ]
    )


def _words(words: str) -> Finding | None:
    if words and len(words) <= LONGEST_WORDS:
        return None
    return block("incident_words", f"Write what happened in at most {LONGEST_WORDS} characters.", INCIDENT)


def may_amend_incident(
    stands: IncidentSaid, said: IncidentSaid, *, is_newest: bool, why: str, first_told_on: date | None = None
) -> Decision:
    """Decide whether an incident may be written again: it is the line that stands, it differs, and why is said.

    `first_told_on` is the first day on which somebody was told of it: it had happened by then.
    """
    return Decision.of(
        [
            block(
                "incident_after_told",
                f"Somebody was told of it on {first_told_on:%-d %B %Y}. Check the day, or correct who was told first.",
                INCIDENT,
            )
            if first_told_on is not None and said.happened_on > first_told_on
            else None,
            block(
                "incident_amended", "Somebody corrected this incident meanwhile. Look at it first.", INCIDENT
            )
            if not is_newest
            else None,
            block("incident_unchanged", "Nothing differs from what stands.", INCIDENT)
            if said == stands
            else None,
            block(
                "incident_why",
                f"Write why it is written again, in at most {LONGEST_LINE} characters.",
                INCIDENT,
            )
            if not 1 <= len(why) <= LONGEST_LINE
            else None,
        ]
    )


def may_note_told(
    said: IncidentSaid, body: Body, *, told: Set[Body], told_on: date, words: str, today: date
) -> Decision:
    """Decide whether it may be written down that somebody was told: once for each, on a day since it happened."""
    return Decision.of(
        [
            block("incident_told_already", f"“{body.label}” is written down as told already.", INCIDENT)
            if body in told
            else None,
            block("incident_told_when", TOLD_WHEN, INCIDENT)
            if not said.happened_on <= told_on <= today
            else None,
            block("incident_told_words", f"Keep it to {LONGEST_LINE} characters.", INCIDENT)
            if len(words) > LONGEST_LINE
            else None,
        ]
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldSaid:
    """That somebody was told, on which day and how; `told_on` None: they were not told after all."""

    told_on: date | None
    words: str = ""


def may_amend_told(
    said: IncidentSaid, *, stands: ToldSaid, now_said: ToldSaid, is_newest: bool, why: str, today: date
) -> Decision:
    """Decide whether it may be written again that somebody was told: the line stands, it differs, and why is said.

    What was taken back is no line to correct: that they were told after all is noted anew.
    """
    day = now_said.told_on
    return Decision.of(
        [
            block("incident_told_amended", "Somebody corrected this meanwhile. Look at it first.", INCIDENT)
            if not is_newest or stands.told_on is None
            else None,
            block("incident_told_unchanged", "Nothing differs from what stands.", INCIDENT)
            if now_said == stands
            else None,
            block("incident_told_when", TOLD_WHEN, INCIDENT)
            if day is not None and not said.happened_on <= day <= today
            else None,
            block("incident_told_words", f"Keep it to {LONGEST_LINE} characters.", INCIDENT)
            if len(now_said.words) > LONGEST_LINE
            else None,
            block(
                "incident_told_why",
                f"Write why it is written again, in at most {LONGEST_LINE} characters.",
                INCIDENT,
            )
            if not 1 <= len(why) <= LONGEST_LINE
            else None,
        ]
    )
