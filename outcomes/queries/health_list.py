"""Everybody in treatment by health topic: the clinic's list for nurses, and the list for case workers.

The list for case workers carries due, offered or done and whether somebody has a kit; a result stands nowhere in it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery

from dosing.models import Release
from dosing.rules.observation import NaloxoneHeld
from hat_clinic.accounts.models import Clinic
from outcomes.queries.health import held_expiries, is_trained, next_look, open_things
from outcomes.queries.health_lines import Line, counting, facts_of, list_lines
from outcomes.rules.health import Topic
from outcomes.rules.health_states import COURSES, CourseState, KitState, Told, kit_state, state_of
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class HealthRow:
    """One person in treatment: each topic, the kit, and the wound that is looked at next."""

    person_id: uuid.UUID
    name: str
    states: tuple[CourseState, ...]
    kit: KitState
    kit_until: date | None
    is_trained: bool
    said_at_release: str
    look_on: date | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many are vaccinated against hepatitis B, of those who are not immune already."""

    complete: int
    eligible: int


@dataclass(frozen=True, slots=True)
class HealthList:
    """The clinic's list: wounds to look at, kits that are missing or end soon, and everybody."""

    today: date
    rows: tuple[HealthRow, ...]
    coverage: Coverage

    @property
    def wounds(self) -> tuple[HealthRow, ...]:
        """Whose wound is looked at today or should have been."""
        return tuple(row for row in self.rows if row.look_on is not None and row.look_on <= self.today)

    @property
    def kits(self) -> tuple[HealthRow, ...]:
        """Who has no kit, or one whose date is over or near: those without one first."""
        order = list(KitState)
        uncovered = [row for row in self.rows if row.kit is not KitState.HELD]
        return tuple(sorted(uncovered, key=lambda row: (order.index(row.kit), row.kit_until or self.today)))

    @property
    def people(self) -> list[uuid.UUID]:
        """Everybody whom the page shows."""
        return sorted(row.person_id for row in self.rows)


def get_health_list(*, clinic: Clinic, today: date) -> HealthList:
    """Return everybody in treatment, in a fixed number of queries."""
    said = Release.objects.filter(session__patient=OuterRef("person"), session__clinic=clinic)
    treated = list(
        _in_treatment(clinic).annotate(
            said=Subquery(said.exclude(naloxone="").order_by("-released_at").values("naloxone")[:1])
        )
    )
    lines = list_lines(clinic, [one.person_id for one in treated])
    rows = tuple(_row(one, counting(lines[one.person_id]), today) for one in treated)
    hbv = [state for row in rows for state in row.states if state.topic is Topic.HBV]
    return HealthList(
        today=today,
        rows=rows,
        coverage=Coverage(
            complete=sum(state.step == "complete" for state in hbv),
            eligible=sum(state.step != "immune" for state in hbv),
        ),
    )


def _in_treatment(clinic: Clinic) -> QuerySet[Episode]:
    return (
        Episode.objects.filter(clinic=clinic, exited_on__isnull=True)
        .select_related("person")
        .order_by("person__given_names", "person__family_name", "id")
    )


def _row(treatment: Episode, lines: list[Line], today: date) -> HealthRow:
    expiries = held_expiries(lines)
    said = getattr(treatment, "said", "")
    looks = [next_look(lines, wound) for wound in open_things(lines, Topic.WOUND)]
    return HealthRow(
        person_id=treatment.person_id,
        name=treatment.person.full_name,
        states=tuple(state_of(topic, facts_of(lines, topic)) for topic in COURSES),
        kit=kit_state(expiries, today=today),
        kit_until=max(expiries, default=None),
        is_trained=is_trained(lines),
        said_at_release=NaloxoneHeld(said).label if said else "",
        look_on=min((look for look in looks if look is not None), default=None),
    )


@dataclass(frozen=True, slots=True)
class ToldCell:
    """What a case worker is told of one topic of one person."""

    topic: Topic
    told: Told


@dataclass(frozen=True, slots=True)
class ToldRow:
    """What a case worker is told of one person: due, offered or done for each topic, and the kit."""

    person_id: uuid.UUID
    name: str
    cells: tuple[ToldCell, ...]
    kit: KitState


@dataclass(frozen=True, slots=True)
class HealthDue:
    """Everybody in treatment, as a case worker is told of them."""

    topics: tuple[Topic, ...]
    rows: tuple[ToldRow, ...]

    @property
    def people(self) -> list[uuid.UUID]:
        """Everybody whom the page shows."""
        return sorted(row.person_id for row in self.rows)


def get_health_due(*, clinic: Clinic, today: date) -> HealthDue:
    """Return what case workers are told: the words are made here, and nothing else leaves."""
    treated = list(_in_treatment(clinic))
    lines = list_lines(clinic, [one.person_id for one in treated])
    rows = []
    for one in treated:
        counted = counting(lines[one.person_id])
        rows.append(
            ToldRow(
                person_id=one.person_id,
                name=one.person.full_name,
                cells=tuple(
                    ToldCell(topic, state_of(topic, facts_of(counted, topic)).told) for topic in COURSES
                ),
                kit=kit_state(held_expiries(counted), today=today),
            )
        )
    return HealthDue(COURSES, tuple(rows))
