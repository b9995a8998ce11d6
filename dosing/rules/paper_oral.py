"""An oral dose that was written on a paper pack: never refused for what it breaks, and held to every rule."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from dosing.rules.checks import Sedation
from dosing.rules.oral_doses import OralAttempt, OralFacts, may_give_oral
from dosing.rules.paper import Stands
from hat_clinic.core.decisions import Decision, Finding, block

SOURCE: Final = "clinical rules 7.11"
# Two rows of the same milligrams this near each other may be one dose, written twice.
MAY_BE_THE_SAME: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class OralOnPaper:
    """One oral dose as the paper has it, in milligrams; `sedation` and `breaths` are None where it has none.

    `giver_id` is whose name stands there. The order is the one it was given on.
    """

    order_id: UUID
    mg: int
    sedation: Sedation | None
    breaths: int | None
    given_at: datetime
    giver_id: UUID


@dataclass(frozen=True, slots=True)
class BesideOral:
    """What the computer has beside the facts of an oral dose on paper, and who signs it.

    `same_dose` and `injection_after` say in words which other dose may be this one, and which injection came too soon
    after it. `is_away` tells that somebody signs for who gave it, `stand_in_is_lead` that it is the clinical lead.
    """

    pack_made_at: datetime
    same_dose: str = ""
    injection_after: str = ""
    is_away: bool = False
    stand_in_is_lead: bool = True


def reads_as_possible_oral(dose: OralOnPaper, *, at: datetime) -> Decision:
    """Refuse what cannot be a reading of the paper: nothing given, or a time that is still to come.

    Source: clinical rules 31, 39 and 7.11.
    """
    return Decision.of(
        (
            block("time_to_come", "The time is later than now. Read the paper again.", "clinical rule 39")
            if dose.given_at.astimezone(UTC) > at.astimezone(UTC)
            else None,
            block("mg_is_none", "Write at least 1 mg.", SOURCE) if dose.mg < 1 else None,
        )
    )


def speaks_against_oral(facts: OralFacts, dose: OralOnPaper, beside: BesideOral) -> Decision:
    """Return all that speaks against an oral dose on paper, as of its own time. It is stored whatever this says.

    Source: clinical rules 31 and 7.11.
    """
    # How awake somebody was is judged as the paper has it; where it says nothing, that alone is told.
    asked = OralAttempt(
        mg=dose.mg, sedation=dose.sedation or Sedation.ALERT, breaths=dose.breaths, is_identified=True
    )
    return _as_on_paper(may_give_oral(facts, asked)) | Decision.of(
        (
            block("sedation_unknown", "How awake they were is not on the paper.", "clinical rule 31")
            if dose.sedation is None
            else None,
            block("before_pack", "The dose was given before this pack was made.", SOURCE)
            if dose.given_at < beside.pack_made_at
            else None,
            block("already_recorded", beside.same_dose, "clinical rule 24") if beside.same_dose else None,
            block("injection_after", beside.injection_after, SOURCE) if beside.injection_after else None,
            block(
                "signature_missing",
                "Somebody other than the clinical lead signs for who is away.",
                "trust design 5",
            )
            if beside.is_away and not beside.stand_in_is_lead
            else None,
        )
    )


_THEN: Final = {
    "no_oral_order": "No order of that medicine was in force at that time.",
    "breathing_unknown": "The breathing was not counted, and an injection had been withheld that day.",
    "oral_too_soon": "An injection had ended too short a time before.",
    "after_withheld": "An injection had been withheld, and no prescriber had decided on the oral dose.",
}


def _as_on_paper(decision: Decision) -> Decision:
    """Return findings in words for what has happened, where the hatch says what to do first."""
    return Decision(tuple(_said_then(one) for one in decision))


def _said_then(one: Finding) -> Finding:
    return replace(one, message=_THEN.get(one.code, one.message))


_IN_WORDS: Final = {
    "no_oral_order": "no order of that medicine was in force",
    "oral_order_suspended": "the order was suspended",
    "over_oral_day": "over the most of a day",
    "oral_too_soon": "too soon after an injection",
    "open_draw": "an injection was drawn up without knowing of it",
    "injection_after": "an injection came less than 30 minutes after it",
    "already_recorded": "it may be the same dose as another",
    "sedation": "they were too drowsy",
    "sedation_unknown": "how awake they were is not on paper",
    "breathing": "they breathed too slowly",
    "breathing_unknown": "the breathing was not counted",
    "after_naloxone": "an emergency was not reviewed",
    "after_withheld": "an injection had been withheld",
    "before_pack": "before the pack was made",
    "no_consent": "no consent to treatment stood",
    "no_protocol": "no approved limits stood",
    "not_in_treatment": "not in treatment",
    "signature_missing": "a signature of who gave it is missing",
}


def oral_codes_in_words(codes: Iterable[str]) -> str:
    """Return why an oral dose is contested, in words after each other."""
    return "; ".join(oral_code_in_words(code) for code in codes)


def oral_code_in_words(code: str) -> str:
    """Return one reason for which an oral dose is contested, in words."""
    return _IN_WORDS.get(code, code.replace("_", " "))


@dataclass(frozen=True, slots=True)
class ContestedOral:
    """What is known of a contested oral dose when it is settled."""

    is_contested: bool
    is_settled: bool
    settler_signed: bool


def may_settle_oral(facts: ContestedOral, stands: Stands | None, *, reason: str) -> Decision:
    """Decide whether a contested oral dose is settled: by the clinical lead, with a reason, once, kept for ever.

    Source: clinical rules 7.11.
    """
    if not facts.is_contested:
        return Decision((block("not_contested", "Nothing speaks against this dose: it stands.", SOURCE),))
    if facts.is_settled:
        message = "This dose is settled already. Open it again to read how."
        return Decision((block("settled_already", message, SOURCE),))
    return Decision.of(
        (
            block("not_said", "Choose which of the two is right.", SOURCE) if stands is None else None,
            block("no_reason", "Write how you know which of the two is right.", SOURCE)
            if not reason.strip()
            else None,
            block(
                "settler_signed",
                "You gave or signed this dose yourself. Another clinical lead settles it.",
                SOURCE,
            )
            if facts.settler_signed
            else None,
        )
    )
