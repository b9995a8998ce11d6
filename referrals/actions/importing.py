"""Taking in many referrals of one agency out of one file: all of them, or none."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from referrals.actions.asking import PersonReferred, TriedBefore, store_referral
from referrals.models import Referral
from referrals.rules.asking import Answer
from referrals.rules.importing import Problem, ReadRow, read_file

# Which column a finding of the rule is about; the others are about the row.
COLUMN_OF = {
    "birth_in_future": "born_on",
    "birth_too_long_ago": "born_on",
    "under_age": "born_on",
    "release_over": "release_on",
    "release_too_late": "release_on",
}


class ImportRefused(Exception):
    """Nothing was stored; `problems` holds every one, by line and column."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Imported:
    """How many referrals a file brought, and how many of them had come before, word for word."""

    referrals: int
    already_there: int


@transaction.atomic(durable=True)
def import_referrals(
    *, clinic: Clinic, agency_id: uuid.UUID, data: bytes, by: User, at: datetime
) -> Imported:
    """Store every referral of a file, once: a row that the agency sent before, word for word, adds none.

    Raises ImportRefused with every problem by line and column; then nothing is stored. Source: product R 5.
    """
    rows, problems = read_file(data)
    people = [(row, _person(row)) for row in rows]
    today = london_date(at)
    for row, person in people:
        for finding in person.decide(today).refusals:
            problems += (Problem(row.line, COLUMN_OF.get(finding.code, ""), finding.message),)
    if problems:
        raise ImportRefused(problems)
    clinic = Clinic.objects.select_for_update(no_key=True).get(id=clinic.pk)
    digest = hashlib.sha256(data).hexdigest()
    keys = {
        row.line: uuid.uuid5(agency_id, person.sha256(clinic=clinic, agency_id=agency_id, by=None))
        for row, person in people
    }
    there = set(Referral.objects.filter(key__in=keys.values()).values_list("key", flat=True))
    for row, person in people:
        if keys[row.line] not in there:
            store_referral(
                clinic=clinic, agency_id=agency_id, person=person, key=keys[row.line], by=by, at=at
            )
    record(
        "referrals.file_imported",
        by=by,
        at=at,
        clinic=clinic.pk,
        agency=str(agency_id),
        sha256=digest,
        referrals=len(people) - len(there),
    )
    return Imported(len(people), len(there))


def _person(row: ReadRow) -> PersonReferred:
    return PersonReferred(
        given_names=row.given_names,
        family_name=row.family_name,
        born_on=row.born_on,
        sex=row.sex,
        nhs_number=row.nhs_number,
        has_home=Answer.YES if row.address else Answer.UNKNOWN,
        address=row.address,
        reach=row.reach,
        area=row.area,
        concern=row.concern,
        flags=row.flags,
        treatments={
            treatment: TriedBefore(
                tried.answer,
                ended=tried.ended,
                ending=tried.ending,
                started=tried.started,
                highest_dose_mg=tried.highest_dose_mg,
                supervised=tried.supervised,
            )
            for treatment, tried in row.treatments.items()
        },
        has_agreed=True,
        contact=row.contact,
        release_on=row.release_on,
    )
