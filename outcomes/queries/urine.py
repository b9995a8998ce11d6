"""What clinicians see of urine samples: the clinic's list, one person's samples with their chains, one sample's page.

A day that has not come stands nowhere here.

Source: product W 5.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from hat_clinic.accounts.models import Clinic
from outcomes.models import UrineDraw, UrineStep, UrineTest
from outcomes.queries.urine_days import list_people_without_day
from outcomes.rules.urine import DRAWN_FOR, Assay, Found, NotTakenBecause, Sample, UrineState, VoidBecause
from patients.models import Episode, Person

DAYS_SHOWN = 28
IMPORTED_SHOWN = 60
_OPEN = (UrineState.TAKEN, UrineState.SENT)
_ASKED = (UrineState.DUE, UrineState.NOT_TAKEN)


@dataclass(frozen=True, slots=True)
class ResultShown:
    """One result as it stands, or as it stood before a correction; `caution` is what it does not say."""

    id: uuid.UUID
    assay: Assay
    found: Found
    reported_on: date
    entered: str
    why_amended: str
    is_amended: bool

    @property
    def is_positive(self) -> bool:
        """Whether it was found and is counted; of a test that says nothing here it is never told as a find."""
        return self.found is Found.POSITIVE and not self.assay.caution


@dataclass(frozen=True, slots=True)
class StepShown:
    """One signed step of a chain, in words."""

    words: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SampleShown:
    """One sample: how far it is, its label, what is to be known about how it was given, its steps and results."""

    draw_id: uuid.UUID
    person_id: uuid.UUID
    name: str
    born_on: date | None
    week_on: date
    due_on: date
    state: UrineState
    reference: str
    taken_on: date | None
    today: date
    doubts: tuple[str, ...]
    why: str
    steps: tuple[StepShown, ...]
    results: tuple[ResultShown, ...]

    @property
    def sample(self) -> Sample:
        """What the rules know of it."""
        return Sample(week_on=self.week_on, due_on=self.due_on, state=self.state, taken_on=self.taken_on)

    @property
    def stands(self) -> tuple[ResultShown, ...]:
        """The results that no other puts right."""
        return tuple(result for result in self.results if not result.is_amended)

    @property
    def may_be_taken(self) -> bool:
        """Whether it can still be written down as taken: also after it was not, later in its week."""
        is_in_its_week = self.today <= self.sample.last_day
        return self.state is UrineState.DUE or (self.state is UrineState.NOT_TAKEN and is_in_its_week)

    @property
    def is_void(self) -> bool:
        """Whether it counts for nothing, and its results with it."""
        return self.state is UrineState.VOID

    @property
    def may_be_voided(self) -> bool:
        """Whether it was taken and counts."""
        return self.state in (*_OPEN, UrineState.RESULT)

    @property
    def may_have_result(self) -> bool:
        """Whether a laboratory has it."""
        return self.state in (UrineState.SENT, UrineState.RESULT)

    @property
    def waits_for_marker(self) -> bool:
        """Whether the test that is counted has no result yet."""
        return self.may_have_result and all(result.assay is not DRAWN_FOR for result in self.results)

    @property
    def days(self) -> tuple[date, ...]:
        """The days on which it can have been taken, from the day it was due to the end of its week."""
        ahead = (self.sample.last_day - self.due_on).days
        return tuple(self.due_on + timedelta(days=day) for day in range(ahead + 1))


@dataclass(frozen=True, slots=True)
class UrineList:
    """The samples of a clinic as far as their days have come, each once; `without_day` have none drawn in their week."""

    today: date
    without_day: int
    due_today: tuple[SampleShown, ...]
    left_open: tuple[SampleShown, ...]
    to_send: tuple[SampleShown, ...]
    at_laboratory: tuple[SampleShown, ...]
    done: tuple[SampleShown, ...]

    @property
    def people(self) -> list[uuid.UUID]:
        """Everybody whom the page shows."""
        shown = (*self.due_today, *self.left_open, *self.to_send, *self.at_laboratory, *self.done)
        return sorted({one.person_id for one in shown})


def get_urine_list(*, clinic: Clinic, today: date) -> UrineList:
    """Return the samples that wait for something, whatever their age, and those of the last four weeks.

    One that was tested for something else waits on, until the test that is counted has a result or it is void.
    """
    last = UrineStep.objects.filter(draw=OuterRef("pk")).order_by("-number").values("kind")[:1]
    counted = UrineStep.objects.filter(draw=OuterRef("pk"), kind=UrineState.RESULT, assay=DRAWN_FOR)
    draws = _told(clinic, today).annotate(last=Subquery(last))
    shown = _shown(
        draws.filter(
            Q(last__isnull=True)
            | Q(last__in=_OPEN)
            | Q(Q(last=UrineState.RESULT), ~Exists(counted))
            | Q(due_on__gt=today - timedelta(days=DAYS_SHOWN))
        ).order_by("-due_on", "patient__given_names", "id"),
        today,
    )
    return UrineList(
        today=today,
        without_day=len(list_people_without_day(clinic=clinic, today=today)),
        due_today=tuple(one for one in shown if one.due_on == today and one.state in _ASKED),
        left_open=tuple(one for one in shown if one.due_on < today and one.state is UrineState.DUE),
        to_send=tuple(one for one in shown if one.state is UrineState.TAKEN),
        at_laboratory=tuple(one for one in shown if one.waits_for_marker),
        done=tuple(
            one
            for one in shown
            if not one.waits_for_marker
            and (one.may_have_result or one.state is UrineState.VOID or _was_left(one, today))
        ),
    )


def _was_left(one: SampleShown, today: date) -> bool:
    return one.state is UrineState.NOT_TAKEN and one.due_on < today


def list_samples_to_send(*, clinic: Clinic, today: date) -> list[SampleShown]:
    """Return the samples that were taken and not sent, the oldest first."""
    return sorted(get_urine_list(clinic=clinic, today=today).to_send, key=lambda one: (one.due_on, one.name))


def get_sample(*, clinic: Clinic, draw_id: uuid.UUID, today: date) -> SampleShown | None:
    """Return one sample of a clinic; None where there is none, and where its day has not come."""
    return next(iter(_shown(_told(clinic, today).filter(id=draw_id), today)), None)


def get_sample_of_result(*, clinic: Clinic, result_id: uuid.UUID, today: date) -> SampleShown | None:
    """Return the sample that a stored result is of; None where there is no such result."""
    draws = _told(clinic, today).filter(steps__id=result_id, steps__kind=UrineState.RESULT)
    return next(iter(_shown(draws, today)), None)


@dataclass(frozen=True, slots=True)
class ImportedTest:
    """One line of the history that the clinic brought in from a file."""

    due_on: date
    test: str
    found: str
    caution: str


@dataclass(frozen=True, slots=True)
class PersonsUrine:
    """One person's samples, the newest first, and what earlier records say."""

    person_id: uuid.UUID
    name: str
    samples: tuple[SampleShown, ...]
    imported: tuple[ImportedTest, ...]


def get_persons_urine(*, clinic: Clinic, person_id: uuid.UUID, today: date) -> PersonsUrine | None:
    """Return the samples of somebody who is or was in treatment here; None for everybody else."""
    person = Person.objects.filter(
        Exists(Episode.objects.filter(person=OuterRef("pk"), clinic=clinic)), id=person_id
    ).first()
    if person is None:
        return None
    draws = _told(clinic, today).filter(patient=person).order_by("-due_on", "id")
    tests = UrineTest.objects.filter(clinic=clinic, patient=person).order_by("-due_on", "assay", "id")
    return PersonsUrine(
        person_id=person.id,
        name=person.full_name,
        samples=tuple(_shown(draws, today)),
        imported=tuple(
            ImportedTest(
                test.due_on,
                Assay(test.assay).label,
                UrineTest.Result(test.result).label,
                Assay(test.assay).caution,
            )
            for test in tests[:IMPORTED_SHOWN]
        ),
    )


def _told(clinic: Clinic, today: date) -> QuerySet[UrineDraw]:
    """Return the days that have come: of those without a step only while the person was in treatment."""
    treated = Episode.objects.filter(
        Q(exited_on__isnull=True) | Q(exited_on__gt=OuterRef("due_on")),
        person=OuterRef("patient"),
        clinic=clinic,
        started_on__lte=OuterRef("due_on"),
    )
    stepped = UrineStep.objects.filter(draw=OuterRef("pk"))
    return UrineDraw.objects.filter(Exists(treated) | Exists(stepped), clinic=clinic, due_on__lte=today)


def _shown(draws: QuerySet[UrineDraw], today: date) -> list[SampleShown]:
    steps = UrineStep.objects.select_related("recorded_by", "amended_by").order_by("number")
    rows: Iterable[UrineDraw] = draws.select_related("patient").prefetch_related(Prefetch("steps", steps))
    return [_sample(draw, list(draw.steps.all()), today) for draw in rows]


def _sample(draw: UrineDraw, steps: list[UrineStep], today: date) -> SampleShown:
    giving = next((step for step in reversed(steps) if step.kind == UrineState.TAKEN), None)
    return SampleShown(
        draw_id=draw.id,
        person_id=draw.patient_id,
        name=draw.patient.full_name,
        born_on=draw.patient.born_on,
        week_on=draw.week_on,
        due_on=draw.due_on,
        state=UrineState(steps[-1].kind) if steps else UrineState.DUE,
        reference=giving.reference if giving else "",
        taken_on=giving.taken_on if giving else None,
        today=today,
        doubts=_doubts(giving, draw),
        why=_why(steps[-1]) if steps else "",
        steps=tuple(StepShown(_words(step), step.recorded_by.full_name, step.recorded_at) for step in steps),
        results=tuple(_result(step) for step in steps if step.kind == UrineState.RESULT),
    )


def _doubts(giving: UrineStep | None, draw: UrineDraw) -> tuple[str, ...]:
    """Return what a result of this sample has to be read with."""
    if giving is None:
        return ()
    said = []
    if not giving.was_seen:
        said.append("Nobody saw it given")
    if not giving.is_sealed:
        said.append("Not sealed")
    if giving.taken_on != draw.due_on:
        said.append("Taken after its day")
    return tuple(said)


def _why(step: UrineStep) -> str:
    if step.kind == UrineState.NOT_TAKEN:
        reason = NotTakenBecause(step.because).label
    elif step.kind == UrineState.VOID:
        reason = VoidBecause(step.because).label
    else:
        return ""
    return f"{reason}: {step.words}" if step.words else reason


def _words(step: UrineStep) -> str:
    if step.kind == UrineState.TAKEN:
        seen = "seen" if step.was_seen else "nobody saw it given"
        sealed = "sealed" if step.is_sealed else "not sealed"
        return f"Taken on {step.taken_on:%-d %B}, label {step.reference}, {seen}, {sealed}"
    if step.kind == UrineState.RESULT:
        test = Assay(step.assay).label
        return f"Result written again: {test}" if step.amends_id else f"Result entered: {test}"
    why = _why(step)
    label = UrineState(step.kind).label.capitalize()
    return f"{label}: {why[0].lower()}{why[1:]}" if why else f"{label} to the laboratory"


def _result(step: UrineStep) -> ResultShown:
    assert step.reported_on is not None  # noqa: S101 - a constraint of the table
    return ResultShown(
        id=step.id,
        assay=Assay(step.assay),
        found=Found(step.found),
        reported_on=step.reported_on,
        entered=step.recorded_by.full_name,
        why_amended=step.words if step.amends_id else "",
        is_amended=hasattr(step, "amended_by"),
    )
