"""Whose outcome form, or whose own four questions, are due: by treatments, what counts, and the clinic's numbers."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from hat_clinic.accounts.models import Clinic
from outcomes.queries.askings import Stay, stay_of
from outcomes.queries.form_schedules import get_schedules
from outcomes.queries.outcome_forms import standing_outcome_forms
from outcomes.queries.own_answers import standing_own_answers
from outcomes.rules.askings import STAGE_IN_ADDRESS
from outcomes.rules.due_forms import TO_ASK, DueForm, DueState, Schedules, due_forms
from patients.models import Episode

ADDRESS_OF = {stage: word for word, stage in STAGE_IN_ADDRESS.items()}


class Asked(StrEnum):
    """What is asked at every point of a treatment."""

    OUTCOME_FORM = "outcome_form"
    OWN = "own"

    @property
    def label(self) -> str:
        """The word for it on a list."""
        return _LABELS[self]


_LABELS: Final = {Asked.OUTCOME_FORM: "outcome form", Asked.OWN: "four questions"}


@dataclass(frozen=True, slots=True)
class FormToAsk:
    """One form, or the four questions, to be asked of one person. `address` is the word of the point in an address."""

    asks: Asked
    person_id: uuid.UUID
    name: str
    point: str
    address: str
    due_on: date
    closes_on: date
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class InTime:
    """How many were given within their window, of those whose window has passed."""

    asks: Asked
    in_time: int
    closed: int


@dataclass(frozen=True, slots=True)
class DuePage:
    """Everything that is to be asked, the longest due first, and how much was asked in time so far."""

    overdue: tuple[FormToAsk, ...]
    due: tuple[FormToAsk, ...]
    so_far: tuple[InTime, ...]
    words: str

    @property
    def told_of(self) -> list[uuid.UUID]:
        """Everybody that the page names, once."""
        return list(dict.fromkeys(form.person_id for form in (*self.overdue, *self.due)))


def get_due_page(*, clinic: Clinic, today: date) -> DuePage:
    """Return what is to be asked in a clinic, also of people who left not long ago."""
    schedules = get_schedules(clinic)
    found = _due_of(clinic, None, today, schedules)
    asked = _to_ask(found)
    closed = [(due.asks, point) for due in found for point in due.points if point.closes_on < today]
    return DuePage(
        overdue=tuple(form for form in asked if form.is_overdue),
        due=tuple(form for form in asked if not form.is_overdue),
        so_far=tuple(
            InTime(
                asks,
                in_time=sum(asked == asks and point.state == DueState.IN_TIME for asked, point in closed),
                closed=sum(asked == asks for asked, _ in closed),
            )
            for asks in Asked
        ),
        words=schedules.on(today).words,
    )


def list_forms_to_ask(*, clinic: Clinic, people: Collection[uuid.UUID], today: date) -> tuple[FormToAsk, ...]:
    """Return what is to be asked of some people, the longest due first, in four queries."""
    return tuple(_to_ask(_due_of(clinic, people, today, get_schedules(clinic))))


@dataclass(frozen=True, slots=True)
class _Due:
    """What one treatment asks for, of one kind."""

    asks: Asked
    treatment: Episode
    points: tuple[DueForm, ...]


def _to_ask(found: list[_Due]) -> list[FormToAsk]:
    asked = [
        FormToAsk(
            asks=due.asks,
            person_id=due.treatment.person_id,
            name=due.treatment.person.full_name,
            point=point.stage.label,
            address=ADDRESS_OF[point.stage],
            due_on=point.due_on,
            closes_on=point.closes_on,
            is_overdue=point.state == DueState.OVERDUE,
        )
        for due in found
        for point in due.points
        if point.state in TO_ASK
    ]
    return sorted(asked, key=lambda form: (form.due_on, form.name, str(form.person_id), form.asks))


def _due_of(
    clinic: Clinic, people: Collection[uuid.UUID] | None, today: date, schedules: Schedules
) -> list[_Due]:
    """Return every treatment with what it asks for; `people` None is everybody, those who left not long ago too."""
    treatments = Episode.objects.filter(clinic=clinic).select_related("person").order_by("accepted_on", "id")
    if people is not None:
        treatments = treatments.filter(person_id__in=people)
    stays: dict[uuid.UUID, list[tuple[Episode, Stay]]] = defaultdict(list)
    for row in treatments:
        stays[row.person_id].append((row, Stay(row.accepted_on, row.started_on, row.exited_on)))
    died = Episode.ExitReason.DIED
    dead = {row.person_id for row in treatments if row.exit_reason == died}
    given: dict[tuple[Asked, uuid.UUID, Stay], list[tuple[str, date]]] = defaultdict(list)
    for asks, person, stage, on in _answered(clinic, stays):
        stay = stay_of([stay for _, stay in stays[person]], on, stage)
        given[asks, person, stay].append((stage, on))
    return [
        _Due(
            asks,
            row,
            due_forms(
                started_on=stay.started_on,
                left_on=stay.left_on,
                given=given[asks, person, stay],
                today=today,
                schedules=schedules,
                ended_by_death=row.exit_reason == died,
                has_died=person in dead,
            ),
        )
        for person, rows in stays.items()
        for row, stay in rows
        for asks in Asked
    ]


def _answered(clinic: Clinic, people: Collection[uuid.UUID]) -> Iterator[tuple[Asked, uuid.UUID, str, date]]:
    """Return what counts of some people, of both kinds: whose it is, at which point and on which day."""
    forms = standing_outcome_forms(clinic).filter(patient_id__in=people)
    for person, stage, on in forms.values_list("patient_id", "stage", "completed_on"):
        yield Asked.OUTCOME_FORM, person, stage, on
    own = standing_own_answers(clinic).filter(patient_id__in=people)
    for person, stage, on in own.values_list("patient_id", "stage", "answered_on"):
        yield Asked.OWN, person, stage, on
