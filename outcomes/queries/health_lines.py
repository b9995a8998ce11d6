"""The lines of health topics: which stand, which were written before them, and which wounds and kits there are."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable

from hat_clinic.accounts.models import Clinic
from outcomes.models import HealthLine
from outcomes.queries.lines import Line, counting, lines_of
from outcomes.rules.health import Fact, HealthSaid, Thing, Topic

HealthStep = Line[HealthLine]
# What a wound or a kit ends with.
CLOSES = frozenset({"healed", "replaced", "used", "lost"})


def list_lines(
    clinic: Clinic, people: Iterable[uuid.UUID], topic: Topic | None = None
) -> dict[uuid.UUID, list[HealthStep]]:
    """Return every line of some people, by person, the newest day first: one query, however many people."""
    rows = HealthLine.objects.filter(clinic=clinic, patient_id__in=list(people))
    if topic is not None:
        rows = rows.filter(topic=topic.value)
    every = rows.select_related("recorded_by").order_by("-happened_on", "-recorded_at", "id")
    lines: dict[uuid.UUID, list[HealthStep]] = defaultdict(list)
    for line in lines_of(every):
        lines[line.row.patient_id].append(line)
    return lines


def standing_lines(clinic: Clinic, person: uuid.UUID, topic: Topic) -> list[HealthStep]:
    """Return the lines of one person and topic that count."""
    return counting(list_lines(clinic, [person], topic)[person])


def facts_of(lines: Iterable[HealthStep], topic: Topic) -> list[Fact]:
    """Return the steps of one topic, of lines that count."""
    return [Fact(line.row.step, line.row.happened_on) for line in lines if line.row.topic == topic]


def thing_of(lines: Iterable[HealthStep], about: uuid.UUID | None) -> Thing | None:
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
