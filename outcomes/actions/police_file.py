"""Bringing in a police force's file of offences: all that can be matched, or nothing."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import PoliceAgreement, PoliceFile, PoliceOffence
from outcomes.queries.police import A_DAY, Weighed, agreements_of_force, references_of, weigh_police_file
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.police import Basis
from patients.queries.people import lock_person


class PoliceFileRefused(Refused):
    """Nothing was stored; `decision` holds every reason."""


class PoliceFileUnreadable(Exception):
    """Nothing was stored; `problems` holds every one, by line and column."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


def import_police_file(
    *,
    clinic: Clinic,
    agreement: uuid.UUID,
    period: tuple[date, date],
    replaces: uuid.UUID | None,
    data: bytes,
    by: User,
    at: datetime,
) -> PoliceFile:
    """Store every offence of a file whose reference is known and whose person may be told of; a file sent again once.

    A row that matches nobody, or somebody whose consent does not stand, is counted and not stored. A consent that is
    taken back waits for the person's row, as this does: whichever comes first is what the other sees. A file that
    replaces another takes that one out of every count; both stay. The trail keeps numbers and the fingerprint, never
    an offence. Raises PoliceFileRefused and PoliceFileUnreadable; then nothing is stored.
    """

    def work() -> PoliceFile | Weighed:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        under = PoliceAgreement.objects.select_related("end").get(id=agreement, clinic=clinic)
        if replaces is not None:
            PoliceFile.objects.get(id=replaces, agreement__in=agreements_of_force(under))
        if under.basis == Basis.CONSENT:
            for person in sorted(set(references_of(under).values())):
                lock_person(person_id=person)
        weighed = weigh_police_file(
            agreement=under,
            period=period,
            replaces=replaces,
            data=data,
            roles=frozenset(role.value for role in roles_of(user=by, clinic=clinic, at=at)),
            today=london_date(at),
            at=max(at, now()),
        )
        if weighed.before is not None:
            return weighed.before
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "sha256": weighed.sha256}
        if not weighed.decision.is_allowed or weighed.problems:
            record(
                "outcomes.police_file_imported",
                refused=True,
                codes=weighed.decision.refusal_codes,
                problems=len(weighed.problems),
                **trail,
            )
            return weighed
        return _store(under, period, replaces, weighed, by, at, trail)

    answer = one_act(work)
    if isinstance(answer, Weighed):
        if not answer.decision.is_allowed:
            raise PoliceFileRefused(answer.decision)
        raise PoliceFileUnreadable(answer.problems)
    return answer


def _store(
    under: PoliceAgreement,
    period: tuple[date, date],
    replaces: uuid.UUID | None,
    weighed: Weighed,
    by: User,
    at: datetime,
    trail: dict[str, Any],
) -> PoliceFile:
    first, last = period
    found = weighed.sorted
    file = PoliceFile.objects.create(
        agreement=under,
        during=DateRange(first, last + A_DAY),
        sha256=weighed.sha256,
        offences=len(found.stored),
        not_stored=found.not_stored,
        replaces_id=replaces,
        imported_by=by,
        imported_at=at,
    )
    people = references_of(under)
    # By the application's own login, which may add and not read: so that offences and trail are one transaction.
    PoliceOffence.objects.using("default").bulk_create(
        PoliceOffence(
            file_id=file.id,
            clinic_id=under.clinic_id,
            person_id=people[row.reference],
            line=row.line,
            occurred_on=row.occurred_on,
            kind=row.offence,
        )
        for row in found.stored
    )
    record(
        "outcomes.police_file_imported",
        thing=file,
        offences=len(found.stored),
        not_stored=found.not_stored,
        replaces=str(replaces) if replaces else "",
        **trail,
    )
    return file
