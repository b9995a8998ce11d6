"""Corrections of what was written in the treatment room: a later row beside the first, with who, when and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dosing.rules.checks import CheckAnswers, is_emergency, judge_check
from dosing.rules.holds import HoldSeverity
from hat_clinic.core.decisions import Decision, Finding, block


class CorrectedFor(StrEnum):
    """Why something written in the room is put right. The first is offered first."""

    WRONG_KEY = "wrong_key"
    MISREAD = "misread"
    TOLD_WRONG = "told_wrong"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason in words."""
        return {
            "wrong_key": "Wrong key",
            "misread": "The device or the count was misread",
            "told_wrong": "I was told something that was not so",
            "other": "Another reason, in words",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Corrected:
    """What is known of a line that somebody wants to put right.

    `stands` tells whether it is the last of its chain, `is_same` whether the new line says what the old one says,
    `is_lead` that the clinical lead does it, at a desk; `has_desk` that there is a page for that.
    """

    stands: bool
    is_same: bool
    service_date: date
    today: date
    is_lead: bool = False
    has_desk: bool = True


def may_correct(facts: Corrected, *, reason: CorrectedFor, words: str) -> Decision:
    """Decide whether a line may be put right: the one that stands, on its own day, with a reason. All findings at once.

    Once the day is over the clinical lead does it, with words beside the reason: nobody at the bedside can say it any
    more. A line is corrected once; what corrects it may itself be corrected, so that the chain never branches.

    Source: clinical rules 7.11 and trust design 2 (INV-14).
    """
    return Decision.of(
        (
            _is_amended_already(facts),
            block(
                "nothing_changed",
                "The new line says the same as the first. Tap what was right.",
                "clinical rules 7.11",
            )
            if facts.is_same
            else None,
            _of_its_day(facts),
            block("no_words", "Write in words why it is put right.", "clinical rules 7.11")
            if (reason is CorrectedFor.OTHER or facts.is_lead) and not words.strip()
            else None,
        )
    )


def _of_its_day(facts: Corrected) -> Finding | None:
    if facts.is_lead:
        message = "Its day is not over: the nurses put it right at the terminal, with their PIN."
        return (
            block("day_is_not_over", message, "trust design 2") if facts.today <= facts.service_date else None
        )
    message = "It is put right here on its own day only. Tell the clinical lead, who " + (
        "puts it right at a desk." if facts.has_desk else "writes an incident."
    )
    return block("day_is_past", message, "trust design 2") if facts.today != facts.service_date else None


def _is_amended_already(facts: Corrected) -> Finding | None:
    if facts.stands:
        return None
    message = (
        "Somebody has put this line right meanwhile. Nothing was saved: look at the line that stands now."
    )
    return block("amended_meanwhile", message, "trust design 2")


class CheckStage(StrEnum):
    """How far the dose has come that rests on a check: nothing is drawn up, it is drawn up, it went in, they left."""

    BEFORE = "before"
    DRAWN = "drawn"
    GIVEN = "given"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class CheckAsks:
    """What the right values of a check ask for: a hold of a severity for what they say, and an emergency."""

    severity: HoldSeverity | None
    codes: tuple[str, ...]
    is_emergency: bool


def opens_the_way(*, first_did: bool, amended: Decision) -> bool:
    """Tell whether a check that was put right lets a dose go ahead: only where the first did as well.

    A correction never opens the way to a dose. Where the first values stood against one, a new check is made.
    Source: clinical rules 17, 20 and 7.11.
    """
    return first_did and amended.is_allowed


def asked_by_amended_check(
    first: CheckAnswers, amended: CheckAnswers, *, stage: CheckStage, is_watched: bool = False
) -> CheckAsks:
    """Return what the right values of a check ask for that the first did not.

    Before a dose is drawn up they are judged as a new check is. Over a drawn dose whatever stands against it is a hold,
    so that it is not given. Once it went in, what would have held it holds the next one; what only a doctor's reason
    lets pass is reviewed by a doctor first; and somebody still in the room is treated as an emergency where the values
    are one: `is_watched`, also with a further dose drawn up. A finding that a doctor decided on counts as decided only
    with the same figure.
    Source: clinical rules 19, 20, 28 and 7.11.
    """
    known = {finding.message for finding in judge_check(first)}
    new = [finding for finding in judge_check(amended).refusals if finding.message not in known]
    holding = tuple(finding.code for finding in new if finding.opens_hold)
    against = tuple(finding.code for finding in new)
    if stage is CheckStage.BEFORE:
        severity, codes = (HoldSeverity.HOLD if holding else None), holding
    elif stage is CheckStage.DRAWN or holding:
        severity, codes = (HoldSeverity.HOLD if against else None), against
    else:
        severity, codes = (HoldSeverity.REVIEW if against else None), against
    return CheckAsks(
        severity=severity,
        codes=codes,
        is_emergency=(is_watched or stage is CheckStage.GIVEN)
        and is_emergency(amended.readings)
        and not is_emergency(first.readings),
    )


def stage_of(*, is_drawn: bool, is_given: bool, is_over: bool) -> CheckStage:
    """Return how far the dose of a check has come. A further dose that is drawn up is not given on it either.

    Source: clinical rules 7.11.
    """
    if is_drawn:
        return CheckStage.DRAWN
    if not is_given:
        return CheckStage.BEFORE
    return CheckStage.GONE if is_over else CheckStage.GIVEN
