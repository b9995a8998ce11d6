"""Emergencies: what rules ask of one, what its page shows, and which stand or wait for a name."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from dosing.models import Emergency, EmergencyCard, EmergencyLine, EmergencySignature, Reading, Visit
from dosing.rules.emergencies import (
    ENDS,
    TAPS,
    EmergencyFacts,
    LineKind,
    NaloxoneGiven,
    NaloxoneRoute,
    WrittenLine,
    may_recover,
)
from dosing.rules.orders import Route
from hat_clinic.accounts.models import Clinic, Terminal, User
from hat_clinic.core.clock import LONDON
from hat_clinic.core.decisions import Decision
from patients.models import Person
from patients.queries.photos import photo_url

NOT_NAMED = "not signed yet"


def get_standing_emergency(*, patient_id: uuid.UUID) -> Emergency | None:
    """Return the emergency of one person that has not ended, or None."""
    ended = EmergencyLine.objects.filter(emergency=OuterRef("pk"), kind__in=ENDS)
    return Emergency.objects.filter(~Exists(ended), patient_id=patient_id).order_by("-began_at").first()


def get_emergency(*, clinic: Clinic, emergency_id: uuid.UUID) -> Emergency | None:
    """Return an emergency of this clinic, or None."""
    found = Emergency.objects.select_related(
        "patient", "clinic", "injection", "begun_by", "terminal__premises"
    )
    return found.filter(id=emergency_id, clinic=clinic).first()


def facts_of(emergency: Emergency) -> EmergencyFacts:
    """Return an emergency as rules read it."""
    lines = emergency.lines.select_related("corrects").order_by("written_at")
    return EmergencyFacts(
        began_at=emergency.began_at,
        lines=tuple(
            WrittenLine(
                kind=LineKind(line.kind),
                happened_at=line.happened_at,
                corrects=LineKind(line.corrects.kind) if line.corrects else None,
            )
            for line in lines
        ),
    )


def get_naloxone_at(
    *, session_id: uuid.UUID | None = None, patient_id: uuid.UUID | None = None
) -> datetime | None:
    """Return when naloxone was last given in the emergencies of a session, or of a person; None for never.

    Of a time that was put right the later one counts, as in the rule.
    """
    whose = (
        Q(emergency__session_id=session_id) if session_id is not None else Q(emergency__patient_id=patient_id)
    )
    given = EmergencyLine.objects.filter(
        whose, Q(kind=LineKind.NALOXONE) | Q(corrects__kind=LineKind.NALOXONE)
    )
    return given.order_by("-happened_at").values_list("happened_at", flat=True).first()


def get_card(*, clinic_id: uuid.UUID) -> EmergencyCard | None:
    """Return the clinic's emergency card that counts, or None while none is approved."""
    return EmergencyCard.objects.filter(clinic_id=clinic_id).order_by("-number").first()


def naloxone_of(card: EmergencyCard | None) -> NaloxoneGiven | None:
    """Return the dose and route of a card."""
    return NaloxoneGiven(card.micrograms, NaloxoneRoute(card.route)) if card is not None else None


# --- on every screen -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Alert:
    """One emergency that stands, or that nobody has put their name to. `initials` are for locked screens."""

    emergency_id: uuid.UUID
    name: str
    initials: str
    began_at: datetime
    is_over: bool
    is_unsigned: bool


def to_tell_of() -> QuerySet[Emergency]:
    """Return the emergencies that stand or wait for a name, in whatever clinic."""
    signed_since = EmergencySignature.objects.filter(emergency=OuterRef("emergency"))
    unsigned_line = EmergencyLine.objects.filter(emergency=OuterRef("pk"), written_by__isnull=True).exclude(
        Exists(signed_since.filter(signed_at__gte=OuterRef("written_at")))
    )
    return Emergency.objects.annotate(
        is_over=Exists(EmergencyLine.objects.filter(emergency=OuterRef("pk"), kind__in=ENDS)),
        is_begun_unsigned=Exists(
            Emergency.objects.filter(pk=OuterRef("pk"), begun_by__isnull=True, signatures__isnull=True)
        ),
        has_unsigned_line=Exists(unsigned_line),
    ).filter(Q(is_over=False) | Q(is_begun_unsigned=True) | Q(has_unsigned_line=True))


def list_alerts(*, clinic: Clinic) -> list[Alert]:
    """Return the emergencies of a clinic that stand or wait for a name, in one statement."""
    found: Any = to_tell_of().select_related("patient").filter(clinic=clinic).order_by("began_at")
    return [
        Alert(
            emergency_id=one.id,
            name=one.patient.full_name,
            initials=_initials(one.patient),
            began_at=one.began_at,
            is_over=one.is_over,
            is_unsigned=one.is_begun_unsigned or one.has_unsigned_line,
        )
        for one in found
    ]


def _initials(person: Person) -> str:
    return "".join(name[:1] for name in (person.given_names, person.family_name)).upper()


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
    """Whom the red button may be about: those in the room first; the rest only to somebody who is signed in."""

    here: tuple[Somebody, ...]
    others: tuple[Somebody, ...]


def get_start_page(*, clinic: Clinic, by: User | None, at: datetime) -> StartPage:
    """Return who may be chosen. A locked screen names those who are here, and nobody else."""
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
    rest: list[Somebody] = []
    if by is not None:
        people = Person.objects.filter(
            episodes__clinic=clinic, episodes__exited_on__isnull=True, import_run__isnull=True
        ).exclude(id__in=[*here, *left])
        rest = [
            Somebody(person.id, person.full_name, _initials(person), "", "")
            for person in people.distinct().order_by("family_name", "given_names")
        ]
    return StartPage(here=tuple(first), others=tuple(rest))


def _somebody(clinic: Clinic, visit: Visit, by: User | None, at: datetime) -> Somebody:
    person = visit.patient
    if visit.ended_at is not None:
        words = f"left {visit.ended_at.astimezone(LONDON):%H:%M}"
    elif visit.injected_at is not None:
        words = f"injected {visit.injected_at.astimezone(LONDON):%H:%M}"
    else:
        words = f"here since {visit.arrived_at.astimezone(LONDON):%H:%M}"
    return Somebody(person.id, person.full_name, _initials(person), _photo(clinic, person, by, at), words)


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
    to_tell: str
    ending: Decision
    is_over: bool
    is_unsigned: bool
    signed_by: tuple[str, ...]
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
    return EmergencyPage(
        emergency_id=emergency.id,
        patient_id=person.id,
        session_id=emergency.session_id,
        name=person.full_name,
        initials=_initials(person),
        photo=_photo(emergency.clinic, person, by, at),
        head_words=_head_words(emergency, readings, at),
        elapsed_s=_seconds(emergency.began_at, at),
        taps=tuple(_tap(kind, lines, naloxone) for kind in TAPS),
        has_card=card is not None,
        naloxone_words=naloxone.words if naloxone else "",
        since_naloxone_s=_seconds(last_naloxone, at) if last_naloxone is not None else None,
        look_again=card.look_again if card is not None else "",
        log=_log(emergency, lines, readings),
        to_tell=_to_tell(emergency, terminal, card),
        ending=may_recover(facts, at=at),
        is_over=facts.is_over,
        is_unsigned=_is_unsigned(emergency, lines, signed),
        signed_by=tuple(
            f"{one.signed_by.full_name}, {one.signed_at.astimezone(LONDON):%H:%M:%S}" for one in signed
        ),
        is_read_here=Visit.objects.filter(
            session_id=emergency.session_id, injected_at__isnull=False, ended_at__isnull=True
        ).exists(),
    )


def _seconds(since: datetime, at: datetime) -> int:
    return max(0, int((at - since).total_seconds()))


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(LONDON):%H:%M:%S}"


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


def _head_words(emergency: Emergency, readings: list[Reading], at: datetime) -> str:
    parts = []
    if readings:
        parts.append(f"{_reading_words(readings[-1])} at {_clock(readings[-1].taken_at)}")
    injection = emergency.injection
    if injection is None:
        parts.append("no dose here in the last 24 hours")
    else:
        minutes = _seconds(injection.ended_at, at) // 60
        when = f"{minutes} min ago" if minutes < 120 else f"{minutes // 60} h ago"
        parts.append(f"{injection.given_mg} mg, {when}")
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


def _to_tell(emergency: Emergency, where: Terminal | None, card: EmergencyCard | None) -> str:
    parts = []
    if card is not None:
        parts.append(card.to_tell)
    elif where is not None and where.premises is not None:
        parts.append(f"{where.premises.address.rstrip('.')}.")
    if where is not None:
        parts.append(f"{where.name}.")
    injection = emergency.injection
    if injection is not None:
        at = injection.started_at.astimezone(LONDON)
        parts.append(
            f"Person not well after {injection.given_mg} mg diamorphine, {Route(injection.route).label}, at {at:%H:%M}."
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
