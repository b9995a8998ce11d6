"""What was written of one session, every first line beside the one that puts it right."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from dosing.models import Injection, InjectionFacts, PreInjectionCheck, Reading, SessionOutcome
from dosing.queries.correction_words import correction_in_words
from dosing.queries.corrections import (
    check_in_a_line,
    head_of,
    outcome_in_words,
    reading_in_words,
)
from dosing.queries.standing import injection_in_words, said_by
from dosing.queries.visits import RoomHead, get_visit
from dosing.rules.visits import VisitState
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import LONDON


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """One line of a session as it was written, and who put it right if it is not the first line."""

    line_id: uuid.UUID
    time: str
    by: str
    says: str
    why: str
    is_amended: bool


def _checks(session_id: uuid.UUID) -> tuple[WrittenLine, ...]:
    """Return the checks of a session, the first one first, each first line before the one that puts it right."""
    rows = PreInjectionCheck.objects.select_related("made_by", "correction__corrected_by", "amended_by")
    found = list(rows.filter(session_id=session_id))
    # A chain has one moment: its later rows were put right one after the other.
    found.sort(key=lambda row: (row.made_at, row.correction.corrected_at if row.amends_id else row.made_at))
    return tuple(
        WrittenLine(
            line_id=row.id,
            time=f"{row.made_at.astimezone(LONDON):%H:%M}",
            by=row.made_by.full_name,
            says=check_in_a_line(row),
            why=correction_in_words(row.correction) if row.amends_id else "",
            is_amended=hasattr(row, "amended_by"),
        )
        for row in found
    )


@dataclass(frozen=True, slots=True)
class WrittenPage:
    """All that the page of one session's lines prints. Its readings have a page of their own."""

    head: RoomHead
    checks: tuple[WrittenLine, ...]
    injections: tuple[WrittenLine, ...]
    has_readings: bool


def get_written_page(*, clinic: Clinic, session_id: uuid.UUID, at: datetime) -> WrittenPage | None:
    """Return what was written of a session of this clinic, or None for one of another or that nobody came to."""
    visit = get_visit(clinic=clinic, session_id=session_id)
    if visit is None:
        return None
    return WrittenPage(
        head=head_of(clinic, session_id, at),
        checks=_checks(session_id),
        injections=_injections(session_id),
        has_readings=visit.injected_at is not None and visit.state != VisitState.PREPARED,
    )


@dataclass(frozen=True, slots=True)
class PastLinesPage:
    """All that the clinical lead reads of one session at a desk, to put a line of it right once its day is over."""

    head: RoomHead
    checks: tuple[WrittenLine, ...]
    readings: tuple[WrittenLine, ...]
    endings: tuple[WrittenLine, ...]


def get_past_lines_page(*, clinic: Clinic, session_id: uuid.UUID, at: datetime) -> PastLinesPage | None:
    """Return the lines of a session of this clinic, or None for one of another or that nobody came to."""
    if get_visit(clinic=clinic, session_id=session_id) is None:
        return None
    return PastLinesPage(
        head=head_of(clinic, session_id, at),
        checks=_checks(session_id),
        readings=_readings(session_id),
        endings=_endings(session_id),
    )


def _injections(session_id: uuid.UUID) -> tuple[WrittenLine, ...]:
    """Return the injections of a session in order, each first line before those that put it right."""
    facts = InjectionFacts.objects.select_related("recorded_by", "correction__corrected_by", "amended_by")
    amended = list(facts.filter(session_id=session_id).order_by("recorded_at"))
    lines = []
    for given in Injection.objects.select_related("giver").filter(session_id=session_id).order_by("number"):
        theirs = [row for row in amended if row.injection_id == given.id]
        time = f"{given.started_at.astimezone(LONDON):%H:%M}"
        first = injection_in_words(said_by(given))
        lines.append(WrittenLine(given.id, time, given.giver.full_name, first, "", is_amended=bool(theirs)))
        lines += [
            WrittenLine(
                line_id=given.id,
                time=time,
                by=row.recorded_by.full_name,
                says=injection_in_words(said_by(row)),
                why=correction_in_words(row.correction),
                is_amended=hasattr(row, "amended_by"),
            )
            for row in theirs
        ]
    return tuple(lines)


def _readings(session_id: uuid.UUID) -> tuple[WrittenLine, ...]:
    rows = Reading.objects.select_related("taken_by", "correction__corrected_by", "amended_by")
    found = list(rows.filter(session_id=session_id))
    found.sort(key=lambda row: (row.taken_at, row.correction.corrected_at if row.amends_id else row.taken_at))
    return tuple(
        WrittenLine(
            line_id=row.id,
            time=f"{row.taken_at.astimezone(LONDON):%H:%M}",
            by=row.taken_by.full_name,
            says=reading_in_words(row),
            why=correction_in_words(row.correction) if row.amends_id else "",
            is_amended=hasattr(row, "amended_by"),
        )
        for row in found
    )


def _endings(session_id: uuid.UUID) -> tuple[WrittenLine, ...]:
    """Return how the session ended without a dose; a dose that was given is not put right here."""
    rows = SessionOutcome.objects.select_related("recorded_by", "correction__corrected_by", "amended_by")
    found = rows.filter(session_id=session_id, injection__isnull=True, recorded_by__isnull=False)
    return tuple(
        WrittenLine(
            line_id=row.id,
            time=f"{row.recorded_at.astimezone(LONDON):%H:%M}" if row.recorded_at else "",
            by=row.recorded_by.full_name if row.recorded_by else "",
            says=outcome_in_words(row),
            why=correction_in_words(row.correction) if hasattr(row, "correction") else "",
            is_amended=hasattr(row, "amended_by"),
        )
        for row in found.order_by("recorded_at")
    )
