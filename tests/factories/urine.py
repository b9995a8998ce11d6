"""Days drawn for urine samples, and the steps of a sample: as rows, and by the real actions."""

from __future__ import annotations

import itertools
import uuid
from datetime import date, timedelta
from typing import Any

from django.db.models import Min
from factory import LazyAttribute, LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date, now
from outcomes.models import UrineDraw, UrineStep
from outcomes.rules.urine import week_of
from patients.models import Episode, Person
from tests.factories.accounts import ClinicFactory, UserFactory
from tests.factories.moments import NINE, TODAY
from tests.factories.patients import EpisodeFactory, PersonFactory

_labels = itertools.count(1)
A_MONDAY = date(2024, 1, 1)


def _week_of(draw: Any) -> date:
    """Return the week of the person's treatment; where they were never treated here, of one that is over again."""
    treated = Episode.objects.filter(person=draw.patient, clinic=draw.clinic)
    started_on = treated.aggregate(first=Min("started_on"))["first"]
    if started_on is None:
        started_on = week_of(draw.due_on, started_on=A_MONDAY) - timedelta(days=364)
        EpisodeFactory(
            person=draw.patient,
            clinic=draw.clinic,
            accepted_on=started_on,
            exited_on=draw.due_on + timedelta(days=365),
            exit_reason="other",
        )
    return week_of(draw.due_on, started_on=started_on)


class UrineDrawFactory(DjangoModelFactory[UrineDraw]):
    """A day that was drawn for somebody in treatment, in the week of it that the day lies in."""

    class Meta:
        model = UrineDraw

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    due_on = TODAY
    week_on = LazyAttribute(_week_of)
    drawn_by = SubFactory(UserFactory)
    drawn_at = NINE


class UrineStepFactory(DjangoModelFactory[UrineStep]):
    """The first step of a sample: it was taken, seen and sealed."""

    class Meta:
        model = UrineStep

    draw = SubFactory(UrineDrawFactory)
    clinic = LazyAttribute(lambda step: step.draw.clinic)
    number = 1
    before = "due"
    kind = "taken"
    taken_on = LazyAttribute(lambda step: step.draw.due_on if step.kind == "taken" else None)
    was_seen = LazyAttribute(lambda step: True if step.kind == "taken" else None)
    is_sealed = LazyAttribute(lambda step: True if step.kind == "taken" else None)
    reference = Sequence(lambda n: f"L{n}")
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


def steps_of(draw: UrineDraw, *kinds: str, found: str = "negative", assay: str = "") -> list[UrineStep]:
    """Write the steps of a sample as rows, one after the other; the result is of the test it was drawn for."""
    made: list[UrineStep] = []
    for number, kind in enumerate(kinds, start=1):
        what: dict[str, object] = {"reference": f"S{next(_labels)}" if kind == "taken" else ""}
        if kind == "result":
            what |= {"assay": assay or draw.assay, "found": found, "reported_on": draw.due_on}
        if kind in ("not_taken", "void"):
            what |= {"because": "declined" if kind == "not_taken" else "lost", "words": "As it was told."}
        before = made[-1].kind if made else "due"
        made.append(UrineStepFactory(draw=draw, number=number, before=before, kind=kind, **what))
    return made


def a_urine_day(clinic: Clinic, patient: Person, on: date) -> UrineDraw:
    """Draw a certain day for somebody: what the lot would be, were it known."""
    return UrineDrawFactory(clinic=clinic, patient=patient, due_on=on)


def in_treatment_for(days: int, patient: Person) -> Person:
    """Let a person have been in treatment since some days ago."""
    since = london_date(now()) - timedelta(days=days)
    Episode.objects.filter(person=patient).update(accepted_on=since, started_on=since)
    return patient
