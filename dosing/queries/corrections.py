"""Lines of the treatment room that were put right: the one that stands, and those beside it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from dosing.models import Correction, Injection, PreInjectionCheck, Reading, SessionOutcome
from dosing.queries.correction_words import correction_in_words
from dosing.queries.sessions import SessionKey
from dosing.queries.standing import as_it_stands, get_standing_facts, injection_in_words, said_by
from dosing.queries.stock import list_seconds
from dosing.queries.visits import RoomHead, get_room_head, get_visit
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import LONDON

Line = TypeVar("Line", Reading, SessionOutcome, PreInjectionCheck)


def list_put_right(
    *, patient_id: uuid.UUID, clinic: Clinic, window: dict[str, date]
) -> dict[uuid.UUID, tuple[str, ...]]:
    """Return what was put right of one person's sessions, in words with the first line, by session.

    `window` names the days, as the sessions are asked for.
    """
    said: dict[uuid.UUID, list[str]] = defaultdict(list)
    for part, words_of in (
        ("reading", reading_in_words),
        ("outcome", outcome_in_words),
        ("check_made", check_in_a_line),
    ):
        path = f"{part}__session__"
        inside = {f"{path}{name}": value for name, value in window.items()}
        rows = Correction.objects.select_related("corrected_by", f"{part}__amends").filter(
            **inside, **{f"{path}patient_id": patient_id, f"{path}clinic": clinic}
        )
        for row in rows.order_by("corrected_at"):
            line = getattr(row, part)
            # A dose's outcome follows its injection, which is told below.
            if part == "outcome" and line.injection_id is not None:
                continue
            said[line.session_id].append(f"First line: {words_of(line.amends)}. {correction_in_words(row)}.")
    inside = {f"facts__session__{name}": value for name, value in window.items()}
    rows = Correction.objects.select_related("corrected_by", "facts__amends", "facts__injection").filter(
        **inside, facts__session__patient_id=patient_id, facts__session__clinic=clinic
    )
    for row in rows.order_by("corrected_at"):
        facts = row.facts
        if facts is not None:
            first = injection_in_words(said_by(facts.amends or facts.injection))
            said[facts.session_id].append(f"First line: {first}. {correction_in_words(row)}.")
    return {session_id: tuple(lines) for session_id, lines in said.items()}


def find_line(model: type[Line], line_id: uuid.UUID, *, clinic: Clinic) -> Line | None:
    """Return a line of a visit of this clinic, or None for any other."""
    found: Line | None = model._default_manager.filter(id=line_id, session__visit__clinic=clinic).first()
    return found


@dataclass(frozen=True, slots=True)
class AmendPage:
    """A line that is put right: whose it is, what it says, and whether it still stands."""

    head: RoomHead
    line_id: uuid.UUID
    says: str
    written_words: str
    stands: bool
    now_says: str


def get_amend_reading_page(*, clinic: Clinic, reading_id: uuid.UUID, at: datetime) -> AmendPage | None:
    """Return the page that puts a reading right, or None for one of another clinic."""
    reading = (
        Reading.objects.select_related("taken_by")
        .filter(id=reading_id, session__visit__clinic=clinic)
        .first()
    )
    if reading is None:
        return None
    live = reading
    while (later := Reading.objects.filter(amends=live).first()) is not None:
        live = later
    which = f"{reading.minute} minute reading" if reading.minute is not None else "Reading"
    return AmendPage(
        head=head_of(clinic, reading.session_id, at),
        line_id=reading.id,
        says=f"{which}: {reading_in_words(reading)}",
        written_words=f"{reading.taken_at.astimezone(LONDON):%H:%M}, {reading.taken_by.full_name}",
        stands=live == reading,
        now_says=reading_in_words(live),
    )


def get_amend_outcome_page(*, clinic: Clinic, outcome_id: uuid.UUID, at: datetime) -> AmendPage | None:
    """Return the page that puts an ending without a dose right, or None for one of another clinic."""
    outcome = (
        SessionOutcome.objects.select_related("recorded_by")
        .filter(id=outcome_id, session__visit__clinic=clinic, recorded_by__isnull=False)
        .first()
    )
    if outcome is None or outcome.recorded_by is None or outcome.recorded_at is None:
        return None
    live = SessionOutcome.objects.get(session_id=outcome.session_id, amended_by__isnull=True)
    return AmendPage(
        head=head_of(clinic, outcome.session_id, at),
        line_id=outcome.id,
        says=outcome_in_words(outcome),
        written_words=f"{outcome.recorded_at.astimezone(LONDON):%H:%M}, {outcome.recorded_by.full_name}",
        stands=live == outcome,
        now_says=outcome_in_words(live),
    )


def get_amend_check_page(*, clinic: Clinic, check_id: uuid.UUID, at: datetime) -> AmendPage | None:
    """Return the page that puts a check before a dose right, or None for one of another clinic."""
    checks = PreInjectionCheck.objects.select_related("made_by")
    check = checks.filter(id=check_id, session__visit__clinic=clinic).first()
    if check is None:
        return None
    # By its own chain: two checks of a session may share a moment.
    live = check
    while (later := checks.filter(amends=live).first()) is not None:
        live = later
    return AmendPage(
        head=head_of(clinic, check.session_id, at),
        line_id=check.id,
        says=f"Check before the dose: {check_in_a_line(check)}",
        written_words=f"{check.made_at.astimezone(LONDON):%H:%M}, {check.made_by.full_name}",
        stands=live == check,
        now_says=check_in_a_line(live),
    )


@dataclass(frozen=True, slots=True)
class AmendInjectionPage(AmendPage):
    """An injection that is put right: `seen` is the row that stands, `first` what was written first if that is another.

    `seconds` may sign beside whoever puts other milligrams right.
    """

    seen: uuid.UUID
    first: str
    syringe_mg: int
    seconds: tuple[tuple[str, str], ...]


def get_amend_injection_page(
    *, clinic: Clinic, injection_id: uuid.UUID, by: User, at: datetime
) -> AmendInjectionPage | None:
    """Return the page that puts an injection right, or None for one of another clinic."""
    given = (
        Injection.objects.select_related("giver", "preparation")
        .filter(id=injection_id, session__visit__clinic=clinic)
        .first()
    )
    if given is None:
        return None
    facts = get_standing_facts(given)
    says = injection_in_words(as_it_stands(given))
    who = facts.recorded_by if facts is not None else given.giver
    return AmendInjectionPage(
        head=head_of(clinic, given.session_id, at),
        line_id=given.id,
        says=f"Injection: {says}",
        written_words=f"{given.started_at.astimezone(LONDON):%H:%M}, {who.full_name}",
        stands=True,
        now_says=says,
        seen=facts.id if facts is not None else given.id,
        first=injection_in_words(said_by(given)) if facts is not None else "",
        syringe_mg=given.preparation.dose_mg if given.preparation is not None else given.drawn_mg,
        seconds=list_seconds(clinic=clinic, besides=by, at=at),
    )


def check_in_a_line(check: PreInjectionCheck) -> str:
    """Return all that a check says, in a line."""
    alcohol = f"breath alcohol {check.alcohol_ug} µg" if check.alcohol_ug is not None else "alcohol not known"
    said = (
        (check.took_other_drugs, "other drugs taken"),
        (not check.oral_as_ordered, "oral medicine not as ordered"),
        (check.is_intoxicated, "intoxicated"),
        (not check.sites_are_well, "a site of concern"),
    )
    asked = ", ".join(words for is_so, words in said if is_so) or "all four answers as they should be"
    return f"{reading_in_words(check)}, {alcohol}, {asked}"


def reading_in_words(reading: Reading | PreInjectionCheck) -> str:
    """Return the four values of a reading."""
    oxygen = f"oxygen {reading.oxygen} %" if reading.oxygen is not None else "oxygen not measured"
    pulse = f"pulse {reading.pulse}" if reading.pulse is not None else "pulse not measured"
    return f"POSS {reading.sedation}, breathing {reading.breaths}, {oxygen}, {pulse}"


def outcome_in_words(outcome: SessionOutcome) -> str:
    """Return how a session ended, with its reason."""
    ended = outcome.get_outcome_display().capitalize()
    return f"{ended}: {outcome.get_reason_display()}" if outcome.reason else ended


def head_of(clinic: Clinic, session_id: uuid.UUID, at: datetime) -> RoomHead:
    """Return the head of a visit of this clinic that is there."""
    visit = get_visit(clinic=clinic, session_id=session_id)
    assert visit is not None  # noqa: S101 - asked for through its visit above
    session = SessionKey(visit.session.service_date, visit.session.slot)
    return get_room_head(
        clinic=clinic, person=visit.patient, session=session, visit=visit, order=visit.session.order, at=at
    )
