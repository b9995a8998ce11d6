"""Asking for the records of an independent evaluator, approving what another asked for, and writing the folder."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.evaluation.extract import freeze_extract
from outcomes.models import CohortExport, CohortExportApproval, CohortExportMade
from outcomes.queries.exports import get_tables, hold_people_who_agreed, list_offence_codes
from outcomes.rules.cohort.folder import CheckedCohort, check_cohort
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.cohort.writing import Folder, write_folder
from outcomes.rules.exports import (
    FEWEST_KEY_BYTES,
    ExportSaid,
    MakingFacts,
    may_approve_export,
    may_ask_for_export,
    may_make_export,
    pseudonym,
)


class ExportRefused(Refused):
    """Nothing was stored and nothing written; `decision` holds every reason."""


class ExportKeyReused(Exception):
    """The same key came with other answers: nothing was stored."""


class ExportDoesNotFit(Exception):
    """The records break a check of the import, so no folder was written; `problems` holds every one."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeExport:
    """What was written: rows per file, rows that the files have no words for, people in it and left out."""

    counts: Mapping[str, int]
    untold: Mapping[str, int]
    people: int
    left_out: int


def ask_for_export(
    *, clinic: Clinic, said: ExportSaid, key: uuid.UUID, by: User, at: datetime
) -> CohortExport:
    """Ask for the clinic's records for one recipient, once; nothing leaves until somebody else approves it.

    Raises ExportRefused with every reason (the refusal is in the trail), and ExportKeyReused.
    """

    def work() -> CohortExport | Decision:
        house = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        fields = {
            "clinic_id": house.pk,
            "recipient": " ".join(said.recipient.split()),
            "purpose": said.purpose.strip(),
            "agreement": said.agreement.strip(),
            "as_of": said.as_of,
            "asked_by_id": by.pk,
        }
        if stored := CohortExport.objects.filter(key=key).first():
            if any(getattr(stored, name) != value for name, value in fields.items()):
                raise ExportKeyReused(
                    "This form was sent before with other answers. Open a new one and write it there."
                )
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": house.id}
        decision = may_ask_for_export(said, opened_on=house.opened_on, today=london_date(at))
        if not decision.is_allowed:
            record("outcomes.export_asked", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        export = CohortExport.objects.create(key=key, asked_at=at, **fields)
        record("outcomes.export_asked", thing=export, **trail)
        return export

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise ExportRefused(answer)
    return answer


def approve_export(
    *, clinic: Clinic, export: uuid.UUID, is_confirmed: bool, by: User, at: datetime
) -> CohortExportApproval:
    """Approve an export that somebody else asked for; sent again by the same, it changes nothing.

    Raises ExportRefused (in the trail), and CohortExport.DoesNotExist for one of another clinic.
    """

    def work() -> CohortExportApproval | Decision:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        asked = CohortExport.objects.get(pk=export, clinic=clinic)
        stored = CohortExportApproval.objects.filter(export=asked).first()
        if stored is not None and stored.approved_by_id == by.pk:
            return stored
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id}
        decision = may_approve_export(
            is_own=asked.asked_by_id == by.pk, is_approved=stored is not None, is_confirmed=is_confirmed
        )
        if not decision.is_allowed:
            record("outcomes.export_approved", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        approval = CohortExportApproval.objects.create(export=asked, approved_at=at, approved_by=by)
        record("outcomes.export_approved", thing=asked, **trail)
        return approval

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise ExportRefused(answer)
    return answer


def make_export(
    *,
    clinic: Clinic,
    export: uuid.UUID,
    key: bytes,
    write: Callable[[Mapping[str, bytes]], None],
    by: User,
    at: datetime,
) -> MadeExport:
    """Write the records of everybody whose consent to the evaluation stands, once, and note it in the trail.

    The folder is what a report up to the export's day rests on, under pseudonyms made with `key` for its recipient;
    it is held against every check of the import before `write` gets the files, the last thing before the commit.
    Raises ExportRefused (in the trail), ExportDoesNotFit, whatever `write` raises, and CohortExport.DoesNotExist.
    """

    def work() -> MadeExport | Decision | tuple[Problem, ...]:
        house = Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        asked = CohortExport.objects.select_related("approval").get(pk=export, clinic=house)
        approval = getattr(asked, "approval", None)
        extract = freeze_extract(clinic=house.pk, as_of=asked.as_of, by=by, at=at)
        tables = get_tables(extract.segment_ids)
        agreed = hold_people_who_agreed(tables["people"])
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": house.id}
        decision = may_make_export(
            MakingFacts(
                approved_on=london_date(approval.approved_at) if approval else None,
                is_made=CohortExportMade.objects.filter(export=asked).exists(),
                has_key=len(key) >= FEWEST_KEY_BYTES,
                people=len(agreed),
            ),
            today=london_date(at),
        )
        if not decision.is_allowed:
            record("outcomes.export_made", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        names = {
            person: pseudonym(key=key, recipient=asked.recipient, person=uuid.UUID(person))
            for person in agreed
        }
        folder = write_folder(tables, clinic=_programme(house), names=names, births=agreed, as_of=asked.as_of)
        checked = _check(folder, at=at)
        if checked.problems:
            record("outcomes.export_made", refused=True, codes=["export_does_not_fit"], **trail)
            return checked.problems
        left_out = len(tables["people"]) - len(agreed)
        CohortExportMade.objects.create(
            export=asked,
            made_at=at,
            made_by=by,
            people=len(agreed),
            left_out=left_out,
            counts=dict(checked.counts),
            folder_sha256=checked.sha256,
            extract_sha256=extract.sha256,
        )
        for person in agreed:
            record("outcomes.export_told_of", person=uuid.UUID(person), thing=asked, **trail)
        record("outcomes.export_made", thing=asked, sha256=checked.sha256, people=len(agreed), **trail)
        write(folder.files)
        return MadeExport(
            counts=checked.counts, untold=folder.left_out, people=len(agreed), left_out=left_out
        )

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise ExportRefused(answer)
    if isinstance(answer, tuple):
        raise ExportDoesNotFit(answer)
    return answer


def _programme(clinic: Clinic) -> dict[str, Any]:
    return {
        "clinic_code": clinic.code,
        "clinic_name": clinic.name,
        "opened_on": clinic.opened_on.isoformat(),
        "places": clinic.places,
        "sessions_per_day": clinic.sessions_per_day,
    }


def _check(folder: Folder, *, at: datetime) -> CheckedCohort:
    """The whole of what the import asks, so that nobody receives a folder that cannot be taken in."""
    return check_cohort(
        folder.files, today=london_date(at), offence_codes=list_offence_codes(), clinic_state=None
    )
