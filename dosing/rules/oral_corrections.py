"""Putting an oral dose right: its milligrams, its time on its day, how awake they were, and what that asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from dosing.rules.checks import BREATHS_HOLD_BELOW, Sedation
from dosing.rules.holds import HoldSeverity
from dosing.rules.oral_doses import AWAKE
from dosing.rules.orders import LONDON
from hat_clinic.core.decisions import Decision, block

OVER_ITS_DAY: Final = "oral_over"


@dataclass(frozen=True, slots=True)
class OralSaid:
    """What is written of one oral dose; without a sedation where it stood on paper without one."""

    mg: int
    sedation: Sedation | None
    breaths: int | None
    given_at: datetime


@dataclass(frozen=True, slots=True)
class OralAsks:
    """What the right values of an oral dose ask for: a hold of a severity, and for what."""

    severity: HoldSeverity
    codes: tuple[str, ...]


def may_say_of_oral(
    said: OralSaid, was: OralSaid, *, given_on: date, is_drawn: bool, at: datetime
) -> Decision:
    """Decide whether an oral dose may be said to have been so: on its day, not in the future, at least 1 mg.

    What was so is never refused for what it says against the dose; what would let more be given, or sooner, is told
    to the clinical lead instead. `is_drawn` while an injection of the person is drawn up.
    Source: clinical rules 31 and 7.11.
    """
    return Decision.of(
        (
            block(
                "dose_is_drawn",
                "A dose of this person is drawn up. It gets its ending first: waste it, or inject it.",
                "trust design 5",
            )
            if is_drawn
            else None,
            block(
                "less_or_sooner",
                "Less than was written, or an earlier time, would let more be given, or sooner. That is not put right "
                "here: tell the clinical lead, who writes an incident.",
                "clinical rules 7.11",
            )
            if said.mg < was.mg or said.given_at.astimezone(UTC) < was.given_at.astimezone(UTC)
            else None,
            block("nothing_given", "At least 1 mg was given.", "clinical rule 31") if said.mg < 1 else None,
            block("another_day", "It stays on its own day: write a time of that day.", "clinical rules 7.11")
            if said.given_at.astimezone(LONDON).date() != given_on
            else None,
            block("in_the_future", "That time has not come yet.", "clinical rules 7.11")
            if said.given_at.astimezone(UTC) > at.astimezone(UTC)
            else None,
        )
    )


def asked_by_amended_oral(said: OralSaid, *, day_mg: int, most_mg: int) -> OralAsks | None:
    """Return what an oral dose asks for as it stands, or None. `day_mg` is the day's total with it.

    Given to somebody drowsy or breathing slowly, the next dose is held until a new check and a doctor; over the
    milligrams of its day, a doctor reviews it first. Source: clinical rules 19, 31 and 7.11.
    """
    over = (OVER_ITS_DAY,) if day_mg > most_mg else ()
    unwell = unwell_at_oral(said.sedation, said.breaths)
    if unwell:
        return OralAsks(HoldSeverity.HOLD, (*unwell, *over))
    return OralAsks(HoldSeverity.REVIEW, over) if over else None


def unwell_at_oral(sedation: Sedation | None, breaths: int | None) -> tuple[str, ...]:
    """Return for what an oral dose asks for a new check before the next dose: what was seen, where it was seen.

    Source: clinical rules 19 and 31.
    """
    return tuple(
        code
        for code, is_so in (
            ("sedation", sedation is not None and sedation not in AWAKE),
            ("breathing", breaths is not None and breaths < BREATHS_HOLD_BELOW),
        )
        if is_so
    )
