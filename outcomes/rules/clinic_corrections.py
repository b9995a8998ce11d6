"""What a clinic is known by, and who may correct it: two people, because places and every report hang on it.

Source: cohort files, programme.csv.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from hat_clinic.core.csv_cells import Unreadable, refuse_bad_characters
from hat_clinic.core.decisions import Decision, Finding, block

FILES: Final = "cohort files"
LONGEST_NAME: Final = 120
LONGEST_WHY: Final = 300
MOST_PLACES: Final = 9_999
MOST_SESSIONS: Final = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class ClinicSaid:
    """What a clinic is called, when it opened, and its places and sessions a day where no phase says otherwise."""

    name: str
    opened_on: date
    places: int
    sessions_per_day: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ClinicHas:
    """What a correction may not contradict: the first day anybody started, and the sessions that have clock times."""

    first_start_on: date | None
    slots: int


def may_write_correction(
    said: ClinicSaid, *, why: str, stands: ClinicSaid, has: ClinicHas, today: date
) -> Decision:
    """Decide whether a correction may be written, with every reason against it. It counts once another approves it."""
    return Decision.of(
        [
            _line("name", said.name, LONGEST_NAME, missing="Write what the clinic is called."),
            _opened(said.opened_on, has.first_start_on, today),
            block("clinic_places", f"Write a whole number from 1 to {MOST_PLACES:,}.", FILES)
            if not 1 <= said.places <= MOST_PLACES
            else None,
            _sessions(said.sessions_per_day, has.slots),
            _line("why", why, LONGEST_WHY, missing="Write why it is corrected."),
            block("clinic_same", "Nothing is different from what stands.", FILES) if said == stands else None,
        ]
    )


def may_approve_correction(
    *, is_own: bool, is_approved: bool, is_outdated: bool, is_confirmed: bool, still: Decision
) -> Decision:
    """Decide whether somebody may approve what another wrote; `still` is what stands against writing it now."""
    return Decision.of(
        [
            block("clinic_approved", "This correction is approved already.", FILES) if is_approved else None,
            block("clinic_own", "You wrote this correction. Somebody else approves it.", FILES)
            if is_own
            else None,
            block(
                "clinic_outdated",
                "What stands has changed since this was written. Write the correction anew.",
                FILES,
            )
            if is_outdated and not is_approved
            else None,
            block("clinic_unconfirmed", "Tick that you checked it.", FILES) if not is_confirmed else None,
            *([] if is_approved or is_outdated else still.refusals),
        ]
    )


def _opened(opened_on: date, first_start_on: date | None, today: date) -> Finding | None:
    if opened_on > today:
        return block("clinic_opens_ahead", "The day it opened lies ahead.", FILES)
    if first_start_on is not None and first_start_on < opened_on:
        first = f"{first_start_on.day} {first_start_on:%B %Y}"
        return block("clinic_opens_late", f"Somebody started treatment before, on {first}.", FILES)
    return None


def _sessions(sessions: int, slots: int) -> Finding | None:
    if not 1 <= sessions <= MOST_SESSIONS:
        return block("clinic_sessions", "A day has one, two or three sessions.", FILES)
    if slots and sessions != slots:
        return block("clinic_slots", f"Clock times are set for {slots} a day. Keep to that number.", FILES)
    return None


def _line(name: str, text: str, longest: int, *, missing: str) -> Finding | None:
    if not text:
        return block(f"no_{name}", missing, FILES)
    if len(text) > longest:
        return block(f"long_{name}", f"Keep it to {longest} letters.", FILES)
    try:
        refuse_bad_characters(text)
    except Unreadable as wrong:
        return block(f"bad_{name}", f"The line {wrong}", FILES)
    return None
