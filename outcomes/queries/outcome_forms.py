"""The outcome forms of one person: which rows count, each with its corrections, and the newest beside earlier ones."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from hat_clinic.accounts.models import Clinic
from outcomes.models import OutcomeForm
from outcomes.queries.askings import PersonAsked, get_person_asked
from outcomes.rules.askings import FormStage
from outcomes.rules.outcome_form import (
    ITEMS,
    PARTS,
    OutcomeSaid,
    answer_in_words,
    more_in_words,
    questions,
)
from outcomes.rules.support import STRIKING, Correction

# Forms beside the newest: the one before it, and the first.
NEWEST_AND_BEFORE = 2


@dataclass(frozen=True, slots=True)
class FormLine:
    """One question of a form with its answer, and what stands behind it."""

    about: str
    answer: str
    more: str


@dataclass(frozen=True, slots=True)
class FormVersion:
    """One row: as first written, or a correction of it."""

    id: uuid.UUID
    on: date
    stage: str
    lines: tuple[FormLine, ...]
    recorded_by: str
    recorded_at: datetime | None
    why_corrected: str
    is_struck: bool


@dataclass(frozen=True, slots=True)
class FormEntry:
    """One form: what stands now, and what was written before, newest first."""

    stands: FormVersion
    before: tuple[FormVersion, ...]


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The newest form that counts beside the one before it and the first. `heads` are the columns, newest first."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class FormsPage:
    """Every outcome form of one person, newest day first."""

    person: PersonAsked
    entries: tuple[FormEntry, ...]
    beside: SideBySide | None


def standing_outcome_forms(clinic: Clinic) -> QuerySet[OutcomeForm]:
    """Return the forms of a clinic that count: amended by nothing and not struck out."""
    return OutcomeForm.objects.filter(clinic=clinic, amended_by__isnull=True).exclude(
        correction__in=[str(reason) for reason in STRIKING]
    )


def form_said(row: OutcomeForm) -> OutcomeSaid:
    """Return what a row says."""
    return OutcomeSaid(
        on=row.completed_on,
        stage=row.stage,
        items={item: getattr(row, item) for item in ITEMS},
        weeks=None if row.weeks is None else {item: tuple(boxes) for item, boxes in row.weeks.items()},
        parts={}
        if row.weeks is None
        else {part: getattr(row, part) for parts in PARTS.values() for part in parts},
        alcohol_units=row.alcohol_units,
        cannabis_spliffs=row.cannabis_spliffs,
        other_drug=row.other_drug,
    )


def get_forms_page(*, clinic: Clinic, person_id: uuid.UUID) -> FormsPage | None:
    """Return one person's forms, or None for somebody never accepted here."""
    person = get_person_asked(clinic=clinic, person_id=person_id)
    if person is None:
        return None
    rows = list(
        OutcomeForm.objects.filter(clinic=clinic, patient_id=person_id)
        .select_related("recorded_by")
        .order_by("-completed_on", "-recorded_at", "id")
    )
    by_id = {row.id: row for row in rows}
    amended = {row.amends_id for row in rows}
    heads = [row for row in rows if row.id not in amended]
    return FormsPage(
        person,
        tuple(_entry(row, by_id) for row in heads),
        _beside([form_said(row) for row in heads if row.correction not in STRIKING]),
    )


def get_form_said(*, clinic: Clinic, person_id: uuid.UUID, form_id: uuid.UUID) -> OutcomeSaid | None:
    """Return what one form says, to be corrected, or None when it is not this person's."""
    row = OutcomeForm.objects.filter(clinic=clinic, patient_id=person_id, id=form_id).first()
    return form_said(row) if row else None


def _beside(said: list[OutcomeSaid]) -> SideBySide | None:
    if len(said) < NEWEST_AND_BEFORE:
        return None
    chosen = said[:NEWEST_AND_BEFORE] + (said[-1:] if len(said) > NEWEST_AND_BEFORE else [])
    heads = tuple(f"{FormStage(one.stage).label}, {one.on:%-d %B %Y}" for one in chosen)
    # By the answers that every form holds, so that forms of earlier records stand beside ours.
    asked = [question for section in questions(in_parts=False) for question in section.questions]
    return SideBySide(
        heads,
        tuple(
            (
                question.about,
                tuple(zip(heads, (answer_in_words(one, question.item) for one in chosen), strict=True)),
            )
            for question in asked
        ),
    )


def _entry(head: OutcomeForm, by_id: dict[uuid.UUID, OutcomeForm]) -> FormEntry:
    before, row = [], head
    while row.amends_id is not None:
        row = by_id[row.amends_id]
        before.append(_version(row))
    return FormEntry(stands=_version(head), before=tuple(before))


def _version(row: OutcomeForm) -> FormVersion:
    correction, said = Correction(row.correction) if row.correction else None, form_said(row)
    return FormVersion(
        id=row.id,
        on=row.completed_on,
        stage=FormStage(row.stage).label,
        lines=tuple(
            FormLine(question.about, answer_in_words(said, question.item), more_in_words(said, question.item))
            for section in questions(in_parts=said.weeks is not None)
            for question in section.questions
        ),
        recorded_by=row.recorded_by.full_name if row.recorded_by else "",
        recorded_at=row.recorded_at,
        why_corrected=correction.label if correction else "",
        is_struck=bool(correction and correction.strikes),
    )
