"""Whose outcome form is due: by the treatments, the forms that count, and the clinic's numbers."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from hat_clinic.accounts.models import Clinic
from outcomes.queries.askings import Stay, stay_of
from outcomes.queries.form_schedules import get_schedules
from outcomes.queries.outcome_forms import standing_outcome_forms
from outcomes.rules.askings import STAGE_IN_ADDRESS
from outcomes.rules.due_forms import TO_ASK, DueForm, DueState, Schedules, due_forms
from patients.models import Episode

ADDRESS_OF = {stage: word for word, stage in STAGE_IN_ADDRESS.items()}


@dataclass(frozen=True, slots=True)
class FormToAsk:
    """One form to be asked of one person. `address` is the word of its point in an address."""

    person_id: uuid.UUID
    name: str
    point: str
    address: str
    due_on: date
    closes_on: date
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class DuePage:
    """Every form that is to be asked, the longest due first, and how many were asked in time so far."""

    overdue: tuple[FormToAsk, ...]
    due: tuple[FormToAsk, ...]
    in_time: int
    closed: int
    words: str

    @property
    def told_of(self) -> list[uuid.UUID]:
        """Everybody that the page names, once."""
        return list(dict.fromkeys(form.person_id for form in (*self.overdue, *self.due)))


def get_due_page(*, clinic: Clinic, today: date) -> DuePage:
    """Return what is to be asked in a clinic, also of people who left not long ago.

    `closed` are the forms whose window has passed, `in_time` those of them that were given within it.
    """
    schedules = get_schedules(clinic)
    found = _due_of(clinic, None, today, schedules)
    asked = _to_ask(found)
    closed = [due for _, points in found for due in points if due.closes_on < today]
    return DuePage(
        overdue=tuple(form for form in asked if form.is_overdue),
        due=tuple(form for form in asked if not form.is_overdue),
        in_time=sum(due.state == DueState.IN_TIME for due in closed),
        closed=len(closed),
        words=schedules.on(today).words,
    )


def list_forms_to_ask(*, clinic: Clinic, people: Collection[uuid.UUID], today: date) -> tuple[FormToAsk, ...]:
    """Return what is to be asked of some people, the longest due first, in three queries."""
    return tuple(_to_ask(_due_of(clinic, people, today, get_schedules(clinic))))


def _to_ask(found: list[tuple[Episode, tuple[DueForm, ...]]]) -> list[FormToAsk]:
    asked = [
        FormToAsk(
            person_id=treatment.person_id,
            name=treatment.person.full_name,
            point=due.stage.label,
            address=ADDRESS_OF[due.stage],
            due_on=due.due_on,
            closes_on=due.closes_on,
            is_overdue=due.state == DueState.OVERDUE,
        )
        for treatment, points in found
        for due in points
        if due.state in TO_ASK
    ]
    return sorted(asked, key=lambda form: (form.due_on, form.name, str(form.person_id)))


def _due_of(
    clinic: Clinic, people: Collection[uuid.UUID] | None, today: date, schedules: Schedules
) -> list[tuple[Episode, tuple[DueForm, ...]]]:
    """Return every treatment with what it asks for; `people` None is everybody, those who left not long ago too."""
    treatments = Episode.objects.filter(clinic=clinic).select_related("person").order_by("accepted_on", "id")
    if people is not None:
        treatments = treatments.filter(person_id__in=people)
    stays: dict[uuid.UUID, list[tuple[Episode, Stay]]] = defaultdict(list)
    for row in treatments:
        stays[row.person_id].append((row, Stay(row.accepted_on, row.started_on, row.exited_on)))
    died = Episode.ExitReason.DIED
    dead = {row.person_id for row in treatments if row.exit_reason == died}
    given: dict[tuple[uuid.UUID, Stay], list[tuple[str, date]]] = defaultdict(list)
    forms = standing_outcome_forms(clinic).filter(patient_id__in=stays)
    for person, stage, on in forms.values_list("patient_id", "stage", "completed_on"):
        stay = stay_of([stay for _, stay in stays[person]], on, stage)
        given[person, stay].append((stage, on))
    return [
        (
            row,
            due_forms(
                started_on=stay.started_on,
                left_on=stay.left_on,
                given=given[person, stay],
                today=today,
                schedules=schedules,
                ended_by_death=row.exit_reason == died,
                has_died=person in dead,
            ),
        )
        for person, rows in stays.items()
        for row, stay in rows
    ]
