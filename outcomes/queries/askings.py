"""When one person of a clinic can be asked, and in which treatment an answer of a day belongs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from hat_clinic.accounts.models import Clinic
from outcomes.rules.askings import DAYS_BEFORE_ACCEPTANCE, Asking, FormStage
from patients.models import Episode


class NeverAskedHere(Exception):
    """The person was never accepted in this clinic: nothing was stored."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One stretch of treatment: accepted, started (None: no dose yet), left (None: goes on)."""

    accepted_on: date
    started_on: date | None
    left_on: date | None


@dataclass(frozen=True, slots=True)
class PersonAsked:
    """Whom the form is for."""

    person_id: uuid.UUID
    name: str
    has_left: bool


def get_person_asked(*, clinic: Clinic, person_id: uuid.UUID) -> PersonAsked | None:
    """Return whom the form is for, or None for somebody never accepted here."""
    rows = list(_episodes(clinic, person_id).select_related("person"))
    if not rows:
        return None
    return PersonAsked(person_id, rows[0].person.full_name, has_left=rows[-1].exited_on is not None)


def lock_stays(*, clinic: Clinic, person_id: uuid.UUID) -> list[Stay]:
    """Lock the person's treatments here, so that two presses follow each other; return them, the first one first.

    Raises NeverAskedHere for somebody who was never accepted here.
    """
    stays = _stays(_episodes(clinic, person_id).select_for_update(no_key=True))
    if not stays:
        raise NeverAskedHere("This person was not accepted in this clinic.")
    return stays


def list_stays(*, clinic: Clinic, person_id: uuid.UUID) -> list[Stay]:
    """Return the person's treatments here, the first one first, without a lock: to tell beforehand, never to store."""
    return _stays(_episodes(clinic, person_id))


def _stays(rows: QuerySet[Episode]) -> list[Stay]:
    return [Stay(row.accepted_on, row.started_on, row.exited_on) for row in rows]


def asking_of(
    stays: Sequence[Stay], *, on: date, stage: str, today: date, is_empty: bool, day_is_taken: bool
) -> Asking:
    """Return what the rule is told about answers of one day."""
    stay = stay_of(stays, on, stage)
    return Asking(
        on=on,
        stage=stage,
        today=today,
        treated_since=stay.accepted_on,
        left_on=stay.left_on,
        is_empty=is_empty,
        day_is_taken=day_is_taken,
    )


def stay_of(stays: Sequence[Stay], on: date, stage: str) -> Stay:
    """Return the treatment that an answer of a day belongs to; `stays` go from the first to the last.

    It is the one that holds the day. Of a day between two treatments, the start belongs to the one that it may have
    been asked before, everything else to the one that was over.
    """
    holding = [
        stay for stay in stays if stay.accepted_on <= on and (stay.left_on is None or on <= stay.left_on)
    ]
    if holding:
        # Left and accepted again on one day: leaving is that of the first.
        return holding[0] if stage == FormStage.EXIT else holding[-1]
    over = [stay for stay in stays if stay.accepted_on <= on]
    ahead = [
        stay
        for stay in stays
        if timedelta() < stay.accepted_on - on <= timedelta(days=DAYS_BEFORE_ACCEPTANCE)
    ]
    if ahead and (stage == FormStage.START or not over):
        return ahead[0]
    return over[-1] if over else stays[0]


def has_died(*, clinic: Clinic, person_id: uuid.UUID) -> bool:
    """Tell whether a treatment of the person here ended because they died."""
    return _episodes(clinic, person_id).filter(exit_reason=Episode.ExitReason.DIED).exists()


def _episodes(clinic: Clinic, person_id: uuid.UUID) -> QuerySet[Episode]:
    return Episode.objects.filter(clinic=clinic, person_id=person_id).order_by("accepted_on", "id")
