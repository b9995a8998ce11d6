"""The lines of health topics: which stand, which were written before them, and which wounds and kits there are."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from hat_clinic.accounts.models import Clinic
from outcomes.models import HealthLine
from outcomes.rules.health import Fact, HealthSaid, Thing, Topic
from outcomes.rules.support import STRIKING

# What a wound or a kit ends with.
CLOSES = frozenset({"healed", "replaced", "used", "lost"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the row that stands, the rows that it corrected, newest first, and the row it began with."""

    row: HealthLine
    before: tuple[HealthLine, ...]

    @property
    def first(self) -> uuid.UUID:
        """The row that was written first: it is what later lines name."""
        return self.before[-1].id if self.before else self.row.id

    @property
    def is_struck(self) -> bool:
        """Whether the line counts for nothing."""
        return self.row.correction in STRIKING


def list_lines(
    clinic: Clinic, people: Iterable[uuid.UUID], topic: Topic | None = None
) -> dict[uuid.UUID, list[Line]]:
    """Return every line of some people, by person, the newest day first: one query, however many people."""
    rows = HealthLine.objects.filter(clinic=clinic, patient_id__in=list(people))
    if topic is not None:
        rows = rows.filter(topic=topic.value)
    every = list(rows.select_related("recorded_by").order_by("-happened_on", "-recorded_at", "id"))
    by_id = {row.id: row for row in every}
    amended = {row.amends_id for row in every}
    lines: dict[uuid.UUID, list[Line]] = defaultdict(list)
    for head in every:
        if head.id in amended:
            continue
        before, row = [], head
        while row.amends_id is not None:
            row = by_id[row.amends_id]
            before.append(row)
        lines[head.patient_id].append(Line(head, tuple(before)))
    return lines


def counting(lines: Iterable[Line]) -> list[Line]:
    """Return the lines that count: not struck out, nor about a wound or a kit that was."""
    every = list(lines)
    struck = {line.first for line in every if line.is_struck}
    return [line for line in every if not line.is_struck and line.row.about_id not in struck]


def standing_lines(clinic: Clinic, person: uuid.UUID, topic: Topic) -> list[Line]:
    """Return the lines of one person and topic that count."""
    return counting(list_lines(clinic, [person], topic)[person])


def facts_of(lines: Iterable[Line], topic: Topic) -> list[Fact]:
    """Return the steps of one topic, of lines that count."""
    return [Fact(line.row.step, line.row.happened_on) for line in lines if line.row.topic == topic]


def thing_of(lines: Iterable[Line], about: uuid.UUID | None) -> Thing | None:
    """Return the wound or kit that a line is about, of lines that count, or None."""
    every = list(lines)
    begun = next((line for line in every if line.first == about and said_in(line.row).begins_a_thing), None)
    if begun is None:
        return None
    return Thing(
        began_on=begun.row.happened_on,
        is_closed=any(line.row.about_id == about and line.row.step in CLOSES for line in every),
    )


def said_in(row: HealthLine) -> HealthSaid:
    """Return what a row says."""
    return HealthSaid(
        topic=Topic(row.topic),
        step=row.step,
        on=row.happened_on,
        source=row.source,
        batch=row.batch,
        kind=row.kind,
        site=row.site,
        size=row.size,
        care=row.care,
        review_on=row.review_on,
        expires_on=row.expires_on,
        about=row.about_id,
    )
