"""The pages of an emergency: whom the red button is about, and the screen of one that goes on or is over."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from dosing.models import (
    Emergency,
    EmergencyCard,
    EmergencyLine,
    EmergencySignature,
    Injection,
    Preparation,
    Reading,
    Visit,
)
from dosing.queries.emergencies import facts_of, get_card, initials_alone, naloxone_of
from dosing.queries.standing import as_it_stands
from dosing.queries.visits import get_open_draw
from dosing.rules.emergencies import (
    LAID_TO_A_DOSE_WITHIN,
    TAPS,
    IncidentCategory,
    LineKind,
    NaloxoneGiven,
    NaloxoneRoute,
    may_recover,
)
from dosing.rules.orders import Route
from hat_clinic.accounts.models import Clinic, Terminal, User
from hat_clinic.core.clock import LONDON
from hat_clinic.core.decisions import Decision
from patients.models import Person
from patients.queries.photos import photo_url

NOT_NAMED = "not signed yet"

# --- choosing a person -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person whom an emergency may be about."""

    patient_id: uuid.UUID
    name: str
    initials: str
    photo: str
    words: str


@dataclass(frozen=True, slots=True)
class StartPage:
    """Whom the red button may be about: those in the room first, then all others in treatment here."""

    here: tuple[Somebody, ...]
    others: tuple[Somebody, ...]


def get_start_page(*, clinic: Clinic, by: User | None, at: datetime) -> StartPage:
    """Return who may be chosen. A locked screen names those who are here; of all others it tells initials and a year."""
    visits = list(
        Visit.objects.select_related("patient")
        .filter(clinic=clinic, ended_at__isnull=True, arrived_at__lte=at)
        .order_by("-injected_at", "arrived_at")
    )
    here = {visit.patient_id: visit for visit in visits}
    gone = Visit.objects.select_related("patient").filter(
        clinic=clinic, ended_at__isnull=False, ended_at__date=at.astimezone(LONDON).date()
    )
    left = {visit.patient_id: visit for visit in gone if visit.patient_id not in here}
    first = [_somebody(clinic, visit, by, at) for visit in (*here.values(), *left.values())]
    # Who collapses at the door was never checked in: nobody in treatment here is out of reach of the red button.
    people = Person.objects.filter(
        episodes__clinic=clinic, episodes__exited_on__isnull=True, import_run__isnull=True
    ).exclude(id__in=[*here, *left])
    rest = [
        Somebody(person.id, _shown_name(person, by), initials_alone(person), "", "")
        for person in people.distinct().order_by("family_name", "given_names")
    ]
    return StartPage(here=tuple(first), others=tuple(rest))


def _shown_name(person: Person, by: User | None) -> str:
    """Return the name, or on a locked screen what tells somebody apart who is not in the room."""
    if by is not None:
        return person.full_name
    born = f", born {person.born_on.year}" if person.born_on is not None else ""
    return f"{initials_alone(person)}{born}"


def _somebody(clinic: Clinic, visit: Visit, by: User | None, at: datetime) -> Somebody:
    person = visit.patient
    if visit.ended_at is not None:
        words = f"left {visit.ended_at.astimezone(LONDON):%H:%M}"
    elif visit.injected_at is not None:
        words = f"injected {visit.injected_at.astimezone(LONDON):%H:%M}"
    else:
        words = f"here since {visit.arrived_at.astimezone(LONDON):%H:%M}"
    name = person.full_name if visit.ended_at is None else _shown_name(person, by)
    return Somebody(person.id, name, initials_alone(person), _photo(clinic, person, by, at), words)


def _photo(clinic: Clinic, person: Person, by: User | None, at: datetime) -> str:
    """Return the address of a photo, which only somebody who is signed in can open."""
    return (photo_url(clinic=clinic, person_id=person.id, at=at) or "") if by is not None else ""


# --- the page ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tap:
    """One of the nine buttons: its words, the last time it was pressed, and the key that this press would have."""

    kind: LineKind
    label: str
    small: str
    is_done: bool
    key: uuid.UUID


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of what has been written, newest first. `line_id` is empty for a reading."""

    line_id: uuid.UUID | None
    time: str
    words: str
    by: str


@dataclass(frozen=True, slots=True)
class EmergencyPage:
    """All that the emergency screen prints. Clocks in seconds."""

    emergency_id: uuid.UUID
    patient_id: uuid.UUID
    session_id: uuid.UUID | None
    name: str
    initials: str
    photo: str
    head_words: str
    elapsed_s: int
    taps: tuple[Tap, ...]
    has_card: bool
    naloxone_words: str
    since_naloxone_s: int | None
    look_again: str
    log: tuple[LogLine, ...]
    lines: int
    to_tell: str
    drawn_words: str
    drawn_session_id: uuid.UUID | None
    ending: Decision
    is_over: bool
    is_unsigned: bool
    signed_by: tuple[str, ...]
    incidents: tuple[str, ...]
    is_read_here: bool


def get_emergency_page(
    *, emergency: Emergency, terminal: Terminal | None, by: User | None, at: datetime
) -> EmergencyPage:
    """Return the screen of one emergency, in a fixed number of statements."""
    facts = facts_of(emergency)
    card = get_card(clinic_id=emergency.clinic_id)
    naloxone = naloxone_of(card)
    lines = list(
        emergency.lines.select_related("written_by", "corrects").order_by("happened_at", "written_at")
    )
    readings = list(_readings(emergency))
    signed = list(emergency.signatures.select_related("signed_by").order_by("signed_at"))
    last_naloxone = facts.naloxone_at
    person = emergency.patient
    dose, drawn = _dose_before(emergency), _drawn_before(emergency)
    return EmergencyPage(
        emergency_id=emergency.id,
        patient_id=person.id,
        session_id=emergency.session_id,
        name=person.full_name,
        initials=initials_alone(person),
        photo=_photo(emergency.clinic, person, by, at),
        head_words=_head_words(emergency, readings, dose, drawn, at),
        elapsed_s=_seconds(emergency.began_at, at),
        taps=tuple(_tap(kind, lines, naloxone) for kind in TAPS),
        has_card=card is not None,
        naloxone_words=naloxone.words if naloxone else "",
        since_naloxone_s=_seconds(last_naloxone, at) if last_naloxone is not None else None,
        look_again=card.look_again if card is not None else "",
        log=_log(emergency, lines, readings),
        lines=len(lines),
        to_tell=_to_tell(dose, drawn, terminal, card),
        drawn_words=_drawn_words(drawn) if drawn is not None else "",
        drawn_session_id=drawn.session_id if drawn is not None else None,
        ending=may_recover(facts, at=at),
        is_over=facts.is_over,
        is_unsigned=_is_unsigned(emergency, lines, signed),
        signed_by=tuple(
            f"{one.signed_by.full_name}, {one.signed_at.astimezone(LONDON):%H:%M:%S}" for one in signed
        ),
        incidents=tuple(
            f"{IncidentCategory(one.category).label}, {_clock(one.opened_at)}"
            for one in emergency.incidents.order_by("opened_at", "category")
        ),
        is_read_here=Visit.objects.filter(
            session_id=emergency.session_id, injected_at__isnull=False, ended_at__isnull=True
        ).exists(),
    )


def _seconds(since: datetime, at: datetime) -> int:
    return max(0, int((at - since).total_seconds()))


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(LONDON):%H:%M:%S}"


def _dose_before(emergency: Emergency) -> Injection | None:
    """Return the last dose of the 24 hours before it, also one that was recorded only after it had begun."""
    given = Injection.objects.filter(
        patient_id=emergency.patient_id,
        started_at__lte=emergency.began_at,
        started_at__gte=emergency.began_at - LAID_TO_A_DOSE_WITHIN,
    )
    return given.order_by("-started_at").first()


def _drawn_before(emergency: Emergency) -> Preparation | None:
    """Return a dose that was drawn up before it and has no ending yet: it may have gone in."""
    drawn = get_open_draw(patient_id=emergency.patient_id)
    return drawn if drawn is not None and drawn.prepared_at <= emergency.began_at else None


def _drawn_words(drawn: Preparation) -> str:
    clock = f"{drawn.prepared_at.astimezone(LONDON):%H:%M}"
    return f"{drawn.dose_mg} mg diamorphine drawn up at {clock} may have gone in."


def _readings(emergency: Emergency) -> list[Reading]:
    """Return the readings taken since it began, and the one that began it."""
    return list(
        Reading.objects.select_related("taken_by")
        .filter(session_id=emergency.session_id, taken_at__gte=emergency.began_at, amended_by__isnull=True)
        .order_by("taken_at")
    )


def _reading_words(reading: Reading) -> str:
    oxygen = f"oxygen {reading.oxygen} %" if reading.oxygen is not None else "oxygen not measured"
    return f"POSS {reading.sedation}, breathing {reading.breaths}, {oxygen}"


def _head_words(
    emergency: Emergency,
    readings: list[Reading],
    injection: Injection | None,
    drawn: Preparation | None,
    at: datetime,
) -> str:
    parts = []
    if readings:
        parts.append(f"{_reading_words(readings[-1])} at {_clock(readings[-1].taken_at)}")
    if drawn is not None:
        parts.append(f"{drawn.dose_mg} mg drawn up, may have gone in")
    elif injection is None:
        parts.append("no dose here in the last 24 hours")
    if injection is not None:
        minutes = _seconds(injection.ended_at, at) // 60
        when = f"{minutes} min ago" if minutes < 120 else f"{minutes // 60} h ago"
        parts.append(f"{as_it_stands(injection).given_mg} mg, {when}")
    person = emergency.patient
    if person.allergies:
        parts.append(f"allergies: {person.allergies}")
    elif person.allergies_asked == "none":
        parts.append("no allergies known")
    return " · ".join(parts)


def _tap(kind: LineKind, lines: list[EmergencyLine], naloxone: NaloxoneGiven | None) -> Tap:
    mine = [line for line in lines if line.kind == kind]
    label = kind.label
    if kind is LineKind.NALOXONE and naloxone is not None:
        label = f"{label} {naloxone.micrograms} µg"
    if not mine:
        hint = "choose dose and route" if kind is LineKind.NALOXONE and naloxone is None else kind.hint
        return Tap(kind, label, hint, False, uuid.uuid4())
    times = "" if len(mine) == 1 and kind is not LineKind.NALOXONE else f" · {len(mine)} time"
    small = f"{_clock(mine[-1].happened_at)}{times}{'s' if len(mine) > 1 else ''}"
    return Tap(kind, label, small, True, uuid.uuid4())


def _log(emergency: Emergency, lines: list[EmergencyLine], readings: list[Reading]) -> tuple[LogLine, ...]:
    found = [
        (
            line.happened_at,
            LogLine(line.id, _clock(line.happened_at), _line_words(line), _name(line.written_by)),
        )
        for line in lines
    ]
    found += [
        (one.taken_at, LogLine(None, _clock(one.taken_at), _reading_words(one), _name(one.taken_by)))
        for one in readings
    ]
    if emergency.reading_id is None:
        began = LogLine(
            None, _clock(emergency.began_at), "Emergency begun by hand", _name(emergency.begun_by)
        )
        found.append((emergency.began_at, began))
    found.sort(key=lambda one: one[0], reverse=True)
    return tuple(line for _, line in found)


def _line_words(line: EmergencyLine) -> str:
    kind = LineKind(line.kind)
    if line.micrograms is not None:
        return f"{kind.label} {NaloxoneGiven(line.micrograms, NaloxoneRoute(line.route)).words}"
    if kind is not LineKind.NOTE:
        return kind.label
    written = f"written {_clock(line.written_at)}"
    if line.corrects is None:
        return f"Note: {line.words} ({written})"
    was = f"{LineKind(line.corrects.kind).label} {_clock(line.corrects.happened_at)}"
    return f"Put right: {was} was at {_clock(line.happened_at)}. {line.words} ({written})"


def _name(user: User | None) -> str:
    return user.full_name if user is not None else NOT_NAMED


def _to_tell(
    injection: Injection | None,
    drawn: Preparation | None,
    where: Terminal | None,
    card: EmergencyCard | None,
) -> str:
    parts = []
    if card is not None:
        parts.append(card.to_tell)
    elif where is not None and where.premises is not None:
        parts.append(f"{where.premises.address.rstrip('.')}.")
    if where is not None:
        parts.append(f"{where.name}.")
    if drawn is not None:
        parts.append(_drawn_words(drawn))
    if injection is not None:
        at, stands = injection.started_at.astimezone(LONDON), as_it_stands(injection)
        parts.append(
            f"Person not well after {stands.given_mg} mg diamorphine, {Route(stands.route).label}, at {at:%H:%M}."
        )
    return " ".join(parts)


def _is_unsigned(emergency: Emergency, lines: list[EmergencyLine], signed: list[EmergencySignature]) -> bool:
    last = signed[-1].signed_at if signed else None
    unnamed = [line.written_at for line in lines if line.written_by_id is None]
    if emergency.begun_by_id is None:
        unnamed.append(emergency.began_at)
    return any(last is None or moment > last for moment in unnamed)


def list_lines_to_correct(*, emergency: Emergency) -> list[tuple[str, str]]:
    """Return the lines that a note may put right, the newest first, with their words."""
    lines = emergency.lines.exclude(kind=LineKind.NOTE).order_by("-happened_at")
    return [(str(line.id), f"{_clock(line.happened_at)} {_line_words(line)}") for line in lines]
