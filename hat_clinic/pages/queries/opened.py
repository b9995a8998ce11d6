"""What somebody reads of a person they named a reason for, or are named for after the treatment ended."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dosing.models import Hold
from dosing.queries.orders import get_episode_here
from dosing.queries.statements import what_is_said
from dosing.queries.visits import HOLD_WORDS
from hat_clinic.accounts.models import Clinic, User
from patients.models import Episode, Person
from patients.queries.around import (
    AlertLine,
    ContactLine,
    is_named,
    list_alerts,
    list_contact_details,
    named_by_another,
)
from patients.queries.leaving import PlanLine, get_plan
from patients.queries.people import find_open_episode
from patients.rules.people import Allergies


@dataclass(frozen=True, slots=True)
class RecordRead:
    """A record to read: who it is, where they are or were treated, and what whoever meets them must know."""

    person: Person
    treated: str
    allergies: str
    alerts: tuple[AlertLine, ...]
    holds: tuple[str, ...]
    said: dict[str, Any]
    contacts: tuple[ContactLine, ...]
    plan: PlanLine | None


@dataclass(frozen=True, slots=True)
class LeftRow:
    """Somebody who left, whom a colleague is still named for."""

    patient_id: uuid.UUID
    name: str


def get_record_read(*, person: Person, clinic: Clinic, at: datetime) -> RecordRead:
    """Return the record of a person, wherever they are treated, to whoever may read it."""
    episode = (
        Episode.objects.select_related("clinic")
        .filter(person=person)
        .order_by("exited_on", "accepted_on")
        .last()
    )
    where = episode.clinic if episode is not None else clinic
    holds = Hold.objects.filter(patient=person, lifted_at__isnull=True).order_by("opened_at")
    known = person.allergies_asked == Allergies.KNOWN
    return RecordRead(
        person=person,
        treated=_treated(episode),
        allergies=person.allergies if known else Allergies(person.allergies_asked).label,
        alerts=list_alerts(person_id=person.id, at=at),
        holds=tuple(
            ", ".join(
                [
                    *(HOLD_WORDS.get(code, code) for code in hold.codes),
                    *([hold.reason] if hold.reason else []),
                ]
            )
            for hold in holds
        ),
        said=what_is_said(person=person, clinic=where, at=at),
        contacts=list_contact_details(person_id=person.id),
        plan=get_plan(episode_id=episode.id) if episode is not None else None,
    )


def get_left_person(*, patient_id: uuid.UUID, colleague: User, clinic: Clinic) -> Person | None:
    """Return somebody whose treatment here ended and whom a colleague is named for; None for everybody else."""
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=False)
    if episode is None or find_open_episode(person_id=patient_id, clinic=clinic) is not None:
        return None
    return episode.person if is_named(person_id=patient_id, colleague=colleague, clinic=clinic) else None


def list_left(*, colleague: User, clinic: Clinic) -> tuple[LeftRow, ...]:
    """Return who left and whom a colleague is still named for, by name."""
    named = (
        named_by_another(colleague=colleague, clinic=clinic)
        .select_related("person")
        .exclude(person__episodes__in=Episode.objects.filter(clinic=clinic, exited_on__isnull=True))
        .order_by("person__family_name", "person__given_names", "person_id")
    )
    return tuple(dict.fromkeys(LeftRow(row.person_id, row.person.full_name) for row in named))


def _treated(episode: Episode | None) -> str:
    if episode is None:
        return "Never in treatment in this network."
    if episode.exited_on is None:
        return f"In treatment in {episode.clinic.name} since {episode.accepted_on:%-d %B %Y}."
    return (
        f"Left {episode.clinic.name} on {episode.exited_on:%-d %B %Y}: {episode.get_exit_reason_display()}."
    )
