"""What nurses and doctors see of health around treatment: one person's page, and the clinic's list."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic
from outcomes.models import HealthLine
from outcomes.queries.health_lines import CLOSES, Line, counting, facts_of, list_lines, said_in
from outcomes.rules.health import STEPS, HealthSaid, Source, Topic, WoundKind
from outcomes.rules.health_states import COURSES, CourseState, KitState, kit_state, state_of
from outcomes.rules.support import Correction
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class HealthVersion:
    """One row in words: as first written, or a correction of it."""

    id: uuid.UUID
    words: str
    on: date
    source: str
    details: tuple[str, ...]
    recorded_by: str
    recorded_at: datetime
    why_corrected: str
    is_struck: bool


@dataclass(frozen=True, slots=True)
class HealthEntry:
    """One line: what stands now, and what was written before, newest first."""

    stands: HealthVersion
    before: tuple[HealthVersion, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """One topic that has one course: where the person stands, and the lines, newest first."""

    topic: Topic
    state: CourseState
    entries: tuple[HealthEntry, ...]


@dataclass(frozen=True, slots=True)
class ThingShown:
    """One wound or kit: its name, whether it is open, the day that matters next, and its lines, newest first."""

    id: uuid.UUID
    name: str
    is_open: bool
    is_struck: bool
    day: date | None
    is_due: bool
    entries: tuple[HealthEntry, ...]


@dataclass(frozen=True, slots=True)
class HealthPage:
    """Everything about one person's health topics."""

    person_id: uuid.UUID
    name: str
    courses: tuple[Course, ...]
    wounds: tuple[ThingShown, ...]
    kit: KitState
    is_trained: bool
    kits: tuple[ThingShown, ...]
    kit_entries: tuple[HealthEntry, ...]

    def open_things(self, topic: Topic) -> tuple[tuple[uuid.UUID, str], ...]:
        """The wounds or kits that a new line may be about."""
        return tuple((one.id, one.name) for one in self._things_of(topic) if one.is_open)

    def things_like(self, said: HealthSaid) -> tuple[tuple[uuid.UUID, str], ...]:
        """The wound or kit that a line is about, which stays when the line is corrected."""
        return tuple((one.id, one.name) for one in self._things_of(said.topic) if one.id == said.about)

    def _things_of(self, topic: Topic) -> tuple[ThingShown, ...]:
        return {Topic.WOUND: self.wounds, Topic.KIT: self.kits}.get(topic, ())


def get_health_page(*, clinic: Clinic, person_id: uuid.UUID, today: date) -> HealthPage | None:
    """Return one person's health topics, or None for somebody never accepted here."""
    treatment = Episode.objects.filter(clinic=clinic, person_id=person_id).select_related("person").first()
    if treatment is None:
        return None
    every = list_lines(clinic, [person_id])[person_id]
    counted = counting(every)
    return HealthPage(
        person_id=person_id,
        name=treatment.person.full_name,
        courses=tuple(
            Course(topic, state_of(topic, facts_of(counted, topic)), _entries(every, topic))
            for topic in COURSES
        ),
        wounds=_things(every, Topic.WOUND, today),
        kit=kit_state(held_expiries(counted), today=today),
        is_trained=is_trained(counted),
        kits=_things(every, Topic.KIT, today),
        kit_entries=tuple(
            _entry(line)
            for line in every
            if line.row.topic == Topic.KIT and line.row.step in ("trained", "declined")
        ),
    )


def get_standing_line(*, clinic: Clinic, person_id: uuid.UUID, line_id: uuid.UUID) -> HealthSaid | None:
    """Return what one line says, to be corrected, or None when it is not this person's."""
    row = HealthLine.objects.filter(clinic=clinic, patient_id=person_id, id=line_id).first()
    return said_in(row) if row else None


def open_things(lines: Iterable[Line], topic: Topic) -> list[Line]:
    """Return the lines that a wound or a kit began with and that no other line closed, of lines that count."""
    every = list(lines)
    closed = {line.row.about_id for line in every if line.row.step in CLOSES}
    return [
        line
        for line in every
        if line.row.topic == topic and said_in(line.row).begins_a_thing and line.first not in closed
    ]


def held_expiries(lines: Iterable[Line]) -> list[date]:
    """Return the dates printed on the kits that somebody holds, of lines that count."""
    return [line.row.expires_on for line in open_things(lines, Topic.KIT) if line.row.expires_on is not None]


def is_trained(lines: Iterable[Line]) -> bool:
    """Tell whether somebody was trained to use a kit, of lines that count."""
    return any(line.row.topic == Topic.KIT and line.row.step == "trained" for line in lines)


def next_look(lines: Iterable[Line], wound: Line) -> date | None:
    """Return when a wound is looked at again, as the newest of its lines says: they come newest first."""
    return next(
        (
            line.row.review_on
            for line in lines
            if line.row.review_on is not None and wound.first in (line.first, line.row.about_id)
        ),
        None,
    )


def _entries(lines: Iterable[Line], topic: Topic) -> tuple[HealthEntry, ...]:
    return tuple(_entry(line) for line in lines if line.row.topic == topic)


def _entry(line: Line) -> HealthEntry:
    return HealthEntry(_version(line.row), tuple(_version(row) for row in line.before))


def _things(every: list[Line], topic: Topic, today: date) -> tuple[ThingShown, ...]:
    """Return the wounds or kits, open ones first; those that a struck line began are kept to be read."""
    counted = counting(every)
    are_open = {line.first for line in open_things(counted, topic)}
    shown = []
    for line in every:
        if line.row.topic != topic or not said_in(line.row).begins_a_thing:
            continue
        is_open = line.first in are_open
        day = None
        if is_open:
            day = line.row.expires_on if topic is Topic.KIT else next_look(counted, line)
        shown.append(
            ThingShown(
                id=line.first,
                name=_name(line.row),
                is_open=is_open,
                is_struck=line.is_struck,
                day=day,
                is_due=day is not None and day <= today,
                entries=(*(_entry(one) for one in every if one.row.about_id == line.first), _entry(line)),
            )
        )
    return tuple(sorted(shown, key=lambda one: not one.is_open))


def _name(row: HealthLine) -> str:
    if row.topic == Topic.WOUND:
        return f"{WoundKind(row.kind).label}, {row.site}"
    return f"Kit of {row.happened_on:%-d %B %Y}"


def _version(row: HealthLine) -> HealthVersion:
    correction = Correction(row.correction) if row.correction else None
    details = (
        f"Batch {row.batch}" if row.batch else "",
        f"{WoundKind(row.kind).label}, {row.site}" if row.kind else "",
        f"Size: {row.size}" if row.size else "",
        f"Done: {row.care}" if row.care else "",
        f"Look at it again on {row.review_on:%-d %B %Y}" if row.review_on else "",
        f"Date printed on the kit: {row.expires_on:%-d %B %Y}" if row.expires_on else "",
    )
    return HealthVersion(
        id=row.id,
        words=STEPS[Topic(row.topic)][row.step],
        on=row.happened_on,
        source=Source(row.source).label,
        details=tuple(line for line in details if line),
        recorded_by=row.recorded_by.full_name,
        recorded_at=row.recorded_at,
        why_corrected=correction.label if correction else "",
        is_struck=bool(correction and correction.strikes),
    )
