"""Bringing in the results of many urine samples out of one file: all of them, or none."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import date, datetime

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.transactions import one_act
from outcomes.actions.urine_samples import LockedSample, lock_samples
from outcomes.queries.urine_labels import samples_by_label
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.urine import Assay, Found, UrineState
from outcomes.rules.urine_file import COLUMN_OF, FILE, ResultRow, in_reading_order, read_results
from outcomes.rules.urine_results import ResultSaid, may_enter_result


class ResultsRefused(Exception):
    """Nothing was stored; `problems` holds every one, by line and column."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class ResultsImported:
    """How many results a file holds, how many of them were stored before, word for word, and which of those differ.

    A result that was put right since, or whose sample is void, differs from what stands: `differences` holds a
    sentence for each, by line.
    """

    results: int
    already_there: int
    differences: tuple[Problem, ...] = ()


def import_urine_results(*, clinic: Clinic, data: bytes, by: User, at: datetime) -> ResultsImported:
    """Store every result of a file, matched by the label of its sample, once; a file sent again stores nothing new.

    A result that differs from the one that stands is a problem and changes nothing; one that was put right since is
    told as a difference, and what stands stays. The trail keeps how many there
    were and the file's fingerprint, never what was found. Raises ResultsRefused with every problem by line and
    column; then nothing is stored. Source: product W 5.
    """
    answer = one_act(lambda: _import_once(clinic, data, by, at))
    if isinstance(answer, tuple):
        raise ResultsRefused(answer)
    return answer


def _import_once(
    clinic: Clinic, data: bytes, by: User, at: datetime
) -> ResultsImported | tuple[Problem, ...]:
    today = london_date(at)
    rows, unreadable = read_results(data, today=today)
    problems = list(unreadable)
    samples = _lock_by_reference(clinic, rows, today)
    there = 0
    differences: list[Problem] = []
    new: list[tuple[LockedSample, ResultRow]] = []
    for row in rows:
        one = samples.get(row.label)
        if one is None:
            message = (
                "this is the label of no sample that was taken in this clinic; compare it with the bottle."
            )
            problems.append(Problem(FILE, row.line, "reference", message))
        elif row.said in _said_of(one):
            there += 1
            differences += _difference(one, row)
        else:
            decision = may_enter_result(one.sample, row.said, known=one.known, today=today)
            problems += (
                Problem(FILE, row.line, COLUMN_OF.get(finding.code, "reference"), finding.message)
                for finding in decision.refusals
            )
            new.append((one, row))
    sha256 = hashlib.sha256(data).hexdigest()
    if problems:
        record(
            "outcomes.urine_results_imported",
            by=by,
            at=at,
            clinic=clinic.id,
            refused=True,
            sha256=sha256,
            problems=len(problems),
        )
        return in_reading_order(problems)
    for one, row in new:
        _store(one, row.said, by, at)
    record(
        "outcomes.urine_results_imported",
        by=by,
        at=at,
        clinic=clinic.id,
        sha256=sha256,
        results=len(rows),
        already_there=there,
        differences=len(differences),
    )
    return ResultsImported(len(rows), there, tuple(differences))


def _lock_by_reference(clinic: Clinic, rows: tuple[ResultRow, ...], today: date) -> dict[str, LockedSample]:
    draw_of = samples_by_label(clinic=clinic, labels={row.label for row in rows})
    locked = {one.draw.id: one for one in lock_samples(clinic=clinic, draw_ids=draw_of.values(), today=today)}
    return {reference: locked[draw_id] for reference, draw_id in draw_of.items()}


def _said_of(one: LockedSample) -> list[ResultSaid]:
    """Return every result of a sample that was ever stored: one that was put right since is not stored again."""
    return [
        ResultSaid(assay=Assay(step.assay), found=Found(step.found), reported_on=step.reported_on)
        for step in one.steps
        if step.kind == UrineState.RESULT and step.reported_on is not None
    ]


def _difference(one: LockedSample, row: ResultRow) -> list[Problem]:
    """Return the sentence for a result that the file tells again and that does not stand, or nothing."""
    amended = {step.amends_id for step in one.steps}
    stands = next(step for step in one.steps if step.assay == row.assay and step.id not in amended)
    reported = f"the file says “{row.said.found.label}” again for “{row.said.assay.label}”"
    if one.sample.state is UrineState.VOID:
        return [Problem(FILE, row.line, "result", f"{reported}; the sample is void since, and stays so.")]
    if (stands.found, stands.reported_on) == (row.result, row.reported_on):
        return []
    message = (
        f"{reported}; it was put right since, and “{Found(stands.found).label}” stands, reported "
        f"{stands.reported_on:%-d %B %Y}. Nothing was changed: ask the laboratory which of the two it means."
    )
    return [Problem(FILE, row.line, "result", message)]


def _store(one: LockedSample, said: ResultSaid, by: User, at: datetime) -> None:
    step = one.write(
        uuid.uuid5(one.draw.id, said.assay),
        by=by,
        at=at,
        said={
            "kind": UrineState.RESULT.value,
            "assay": said.assay.value,
            "found": said.found.value,
            "reported_on": said.reported_on,
        },
    )
    record(
        "outcomes.urine_result_entered",
        by=by,
        at=at,
        clinic=one.draw.clinic_id,
        person=one.draw.patient_id,
        thing=step,
    )
