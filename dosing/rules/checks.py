"""The check before an injection: what is measured, asked and seen, and what it says against a dose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from dosing.rules.oxygen import USUAL, USUAL_TARGET, OxygenTarget
from hat_clinic.core.decisions import Decision, Finding, Level, block, note, stop

# A check says nothing of how somebody is half an hour later. Source: clinical rules 7.11.
CHECK_IS_GOOD_FOR: Final = timedelta(minutes=30)
# Breaths a minute, percent of oxygen, and micrograms of alcohol in 100 ml of breath. Source: clinical rule 19.
BREATHS_HOLD_BELOW: Final = 12
OXYGEN_HOLD_BELOW: Final = USUAL_TARGET
ALCOHOL_STOP_FROM: Final = 20
ALCOHOL_HOLD_FROM: Final = 35
# From here on it is an emergency, whatever was planned. Source: clinical rule 28.
BREATHS_EMERGENCY: Final = 8

# Readings that no doctor's decision passes over. Source: clinical rules 7.11.
STANDING: Final = frozenset({"sedation", "asleep", "breathing", "oxygen"})


class Sedation(StrEnum):
    """The Pasero opioid-induced sedation scale."""

    ALERT = "1"
    SLIGHTLY_DROWSY = "2"
    DRIFTS_OFF = "3"
    HARD_TO_ROUSE = "4"
    ASLEEP = "S"

    @property
    def label(self) -> str:
        """The step in words."""
        return {
            "1": "Awake and alert",
            "2": "Slightly drowsy, easily roused",
            "3": "Drifts off while talking",
            "4": "Hard to rouse, or not at all",
            "S": "Asleep, easily roused",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Readings:
    """What was measured: POSS, breaths a minute counted, oxygen in percent, pulse a minute.

    `oxygen` and `pulse` are None when they could not be measured; sedation and breathing always can. `target` is what
    this person's oxygen is held against.
    """

    sedation: Sedation
    breaths: int
    oxygen: int | None
    pulse: int | None
    target: OxygenTarget = USUAL


@dataclass(frozen=True, slots=True)
class CheckAnswers:
    """A whole check: the readings, breath alcohol (µg in 100 ml; None: declined or unable), four answers."""

    readings: Readings
    alcohol_ug: int | None
    took_other_drugs: bool
    oral_as_ordered: bool
    is_intoxicated: bool
    sites_are_well: bool


def is_emergency(readings: Readings) -> bool:
    """Tell whether somebody needs help now, dose or no dose.

    An oxygen under 90, on scale 2 under 84, counts at once: whether it lasted ten seconds is not asked of a nurse who
    must act. Source: clinical rules 28 and 7.11.
    """
    return (
        readings.sedation is Sedation.HARD_TO_ROUSE
        or readings.breaths <= BREATHS_EMERGENCY
        or (readings.oxygen is not None and readings.oxygen < readings.target.scale.emergency_below)
    )


def judge_check(answers: CheckAnswers) -> Decision:
    """Return everything a check says against a dose, all at once.

    A hold outlives the attempt: it stands until a licensed doctor lifts it after a new check. Breath alcohol
    from 20 up, or not known, stops this dose until a licensed doctor lets it go ahead with a reason.
    Source: clinical rules 17, 19, 20 and 7.11.
    """
    readings = answers.readings
    return Decision.of(
        (
            _sedation(readings.sedation),
            _hold(
                "breathing",
                f"Breathing {readings.breaths} a minute, under {BREATHS_HOLD_BELOW}.",
            )
            if readings.breaths < BREATHS_HOLD_BELOW
            else None,
            _oxygen(readings),
            _hold("pulse_unknown", "The pulse could not be measured.") if readings.pulse is None else None,
            _alcohol(answers.alcohol_ug),
            _hold("intoxicated", "In your judgement this person is intoxicated.")
            if answers.is_intoxicated
            else None,
            note(
                "other_drugs",
                "Other drugs were taken since the last visit: observe for 30 minutes.",
                "clinical rule 26",
            )
            if answers.took_other_drugs
            else None,
            note(
                "oral_not_as_ordered",
                "Oral medicine was not taken as ordered. Tell the prescriber.",
                "clinical rule 17",
            )
            if not answers.oral_as_ordered
            else None,
            note(
                "sites_of_concern",
                "An injection site is of concern. Choose another and write it in the notes.",
                "clinical rule 17",
            )
            if not answers.sites_are_well
            else None,
        )
    )


# What a check is asked for, by what it is called where it is missing. Sedation, breathing and the judgement have no
# "unable"; the others do, with a reason. Source: clinical rules 17 and 7.11.
_ALWAYS: Final = {"sedation": "Sedation", "breaths": "Breathing, the counted respiratory rate,"}
_JUDGED: Final = {
    "took_other_drugs": "Other drugs since the last visit",
    "oral_as_ordered": "Oral medicine since the last visit",
    "is_intoxicated": "The judgement of intoxication",
    "sites_are_well": "The look at the injection sites",
}


def gaps_in(answers: CheckAnswers, *, unable_reason: str) -> Decision:
    """Return what a check lacks: any value that was left empty, and the reason where one could not be had.

    A page may send less than its form asks for; an empty value is never read as a good one. Source: clinical
    rules 17 and 7.11.
    """
    missing = [words for name, words in _ALWAYS.items() if _is_empty(answers.readings, name)]
    missing += [words for name, words in _JUDGED.items() if _is_empty(answers, name)]
    unknown = None in (answers.readings.oxygen, answers.readings.pulse, answers.alcohol_ug)
    return Decision.of(
        (
            *(
                block(
                    "answer_missing",
                    f"{words} is missing. The check is not saved without it.",
                    "clinical rule 17",
                )
                for words in missing
            ),
            block("no_reason", "Say in a few words why a value could not be had.", "clinical rule 17")
            if unknown and not unable_reason.strip()
            else None,
        )
    )


def _is_empty(answers: object, name: str) -> bool:
    value: Any = getattr(answers, name)
    return value is None or value == ""


def is_fresh(*, made_at: datetime, at: datetime) -> bool:
    """Tell whether a check still speaks for now: made at most 30 minutes ago. Source: clinical rules 7.11."""
    return at.astimezone(UTC) - made_at.astimezone(UTC) <= CHECK_IS_GOOD_FOR


def _hold(code: str, what: str) -> Finding:
    return Finding(code, Level.BLOCK, what, "clinical rule 19", opens_hold=True)


def _sedation(sedation: Sedation) -> Finding | None:
    if sedation in (Sedation.DRIFTS_OFF, Sedation.HARD_TO_ROUSE):
        return _hold("sedation", f"Sedation POSS {sedation.value}: {sedation.label.lower()}.")
    if sedation is Sedation.ASLEEP:
        message = "Somebody asleep gets no dose. Wake them, and answer the sedation again."
        return block("asleep", message, "clinical rule 19")
    return None


def _oxygen(readings: Readings) -> Finding | None:
    oxygen, target = readings.oxygen, readings.target
    if oxygen is None:
        return _hold("oxygen_unknown", "Oxygen could not be measured.")
    if oxygen < target.percent:
        why = f": {target.why}" if target.why else ""
        return _hold("oxygen", f"Oxygen {oxygen} %, under {target.percent}{why}.")
    return None


def _alcohol(alcohol_ug: int | None) -> Finding | None:
    if alcohol_ug is None:
        what = "Breath alcohol is not known."
    elif alcohol_ug >= ALCOHOL_HOLD_FROM:
        return _hold("alcohol", f"Breath alcohol {alcohol_ug}, {ALCOHOL_HOLD_FROM} or more.")
    elif alcohol_ug >= ALCOHOL_STOP_FROM:
        what = f"Breath alcohol {alcohol_ug}, {ALCOHOL_STOP_FROM} or more."
    else:
        return None
    return stop("alcohol_stop", f"{what} Whoever has a dose is watched for 30 minutes.", "clinical rule 19")
