"""What is old enough to be removed, and what stands against it. Nothing is removed from here."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Max

from dosing.models import RegisterLine
from dosing.queries.register import name_line
from dosing.queries.retention import (
    LegalHoldRow,
    last_entry_on,
    ledgers_about,
    ledgers_in_use,
    list_legal_holds,
    standing_holds,
)
from dosing.rules.retention import KeptThing, RetentionClass, kept_until, may_remove
from hat_clinic.accounts.models import Clinic
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision
from hat_clinic.pages.queries.trail import initials
from patients.models import Episode, Person


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One legal hold with what it stands on, in words that name nobody."""

    hold: LegalHoldRow
    on: str


@dataclass(frozen=True, slots=True)
class LegalHoldsPage:
    """The legal holds of a clinic, and how long each class is kept; `people` are those it tells of."""

    rows: tuple[HeldRow, ...]
    classes: tuple[RetentionClass, ...]
    people: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class OldThing:
    """One thing that is kept as a whole, named by its id, and whether it might be removed today."""

    kind: str
    id: uuid.UUID
    clinic_code: str
    words: str
    kept_as: RetentionClass
    last_on: date | None
    until: date | None
    decision: Decision


def get_legal_holds_page(*, clinic: Clinic) -> LegalHoldsPage:
    """Return the legal holds of a clinic in words; a person by initials and year of birth."""
    rows = list_legal_holds(clinic=clinic)
    people = Person.objects.in_bulk([row.person_id for row in rows if row.person_id])
    return LegalHoldsPage(
        rows=tuple(HeldRow(row, _on(row, people)) for row in rows),
        classes=tuple(RetentionClass),
        people=tuple(people),
    )


def _on(row: LegalHoldRow, people: dict[uuid.UUID, Person]) -> str:
    if row.person_id is not None:
        return initials(people[row.person_id])
    return row.line or "Everything of this clinic"


def list_old_things(*, clinic_code: str = "", at: datetime) -> tuple[OldThing, ...]:
    """Return every ledger and every person's record with its last entry and what stands against removing it.

    A person's record counts from the last day that any of their episodes ended, or that anything was written about
    them since, and is in use while one runs or none has begun. A ledger is in use while it has ampoules or a case that
    is open. A hold on a clinic stands on every ledger and person of it; one on a person on every ledger that names
    them too. Source: clinical rules 50 and 52.
    """
    holds = list(standing_holds().values_list("clinic_id", "person_id", "line_id"))
    held_clinics = {clinic for clinic, person, line in holds if person is None and line is None}
    held = {key for _, *both in holds for key in both if key is not None}
    held |= ledgers_about({person for _, person, _ in holds if person is not None})
    in_use = ledgers_in_use()
    today = london_date(at)
    lines = RegisterLine.objects.select_related("premises__clinic")
    if clinic_code:
        lines = lines.filter(premises__clinic__code=clinic_code)
    found = [
        _thing(
            "ledger",
            line.id,
            line.premises.clinic.code,
            name_line(line).title,
            RetentionClass.REGISTER,
            None if line.id in in_use else last_entry_on(line.id),
            today,
            is_on_hold=line.id in held or line.premises.clinic_id in held_clinics,
        )
        for line in lines.order_by("premises__clinic__code", "premises__name", "product", "strength_mg")
    ]
    return (*found, *_people(clinic_code, held, held_clinics, today))


def _people(
    clinic_code: str, held: set[uuid.UUID], held_clinics: set[uuid.UUID], today: date
) -> list[OldThing]:
    episodes: dict[uuid.UUID, list[Episode]] = {}
    for episode in Episode.objects.select_related("clinic").order_by("person_id", "id"):
        episodes.setdefault(episode.person_id, []).append(episode)
    acts = AuditEvent.objects.filter(person__in=episodes, is_look=False)
    written = dict(acts.order_by().values_list("person").annotate(Max("at")))
    found = []
    for person_id, theirs in episodes.items():
        codes = sorted({episode.clinic.code for episode in theirs})
        if clinic_code and clinic_code not in codes:
            continue
        ends = [episode.exited_on for episode in theirs]
        since = [london_date(written[person_id])] if person_id in written else []
        last_on = None if None in ends else max([*(end for end in ends if end is not None), *since])
        found.append(
            _thing(
                "person",
                person_id,
                ", ".join(codes),
                "one person’s record",
                RetentionClass.CLINICAL,
                last_on,
                today,
                is_on_hold=person_id in held or any(one.clinic_id in held_clinics for one in theirs),
            )
        )
    return found


def _thing(
    kind: str,
    key: uuid.UUID,
    code: str,
    words: str,
    kept_as: RetentionClass,
    last_on: date | None,
    today: date,
    *,
    is_on_hold: bool,
) -> OldThing:
    return OldThing(
        kind=kind,
        id=key,
        clinic_code=code,
        words=words,
        kept_as=kept_as,
        last_on=last_on,
        until=kept_until(kept_as, last_on) if last_on else None,
        decision=may_remove(KeptThing(kept_as, last_on, is_on_hold), today),
    )
