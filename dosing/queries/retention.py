"""Legal holds, and which ledgers they stand on."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from dosing.models import Discrepancy, LegalHold, RegisterEntry, RegisterHead, RegisterLine
from dosing.queries.register import NamedLine, name_line
from dosing.rules.cases import CaseEventKind
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date


@dataclass(frozen=True, slots=True)
class LegalHoldRow:
    """One legal hold; `line` is its ledger in words, `person_id` whose records, both None for the whole clinic."""

    id: uuid.UUID
    person_id: uuid.UUID | None
    line: str
    reason: str
    set_at: datetime
    set_by: str
    lifted_at: datetime | None
    lifted_by: str
    lift_reason: str


def list_legal_holds(*, clinic: Clinic) -> tuple[LegalHoldRow, ...]:
    """Return the legal holds of a clinic, those that stand first, then by when they were set."""
    holds = LegalHold.objects.select_related("set_by", "line__premises__clinic", "lift__lifted_by").filter(
        clinic=clinic
    )
    rows = [_row(hold) for hold in holds.order_by("-set_at", "id")]
    return tuple(sorted(rows, key=lambda row: row.lifted_at is not None))


def _row(hold: LegalHold) -> LegalHoldRow:
    lift = getattr(hold, "lift", None)
    return LegalHoldRow(
        id=hold.id,
        person_id=hold.person_id,
        line=name_line(hold.line).title if hold.line else "",
        reason=hold.reason,
        set_at=hold.set_at,
        set_by=hold.set_by.full_name,
        lifted_at=lift.lifted_at if lift else None,
        lifted_by=lift.lifted_by.full_name if lift else "",
        lift_reason=lift.reason if lift else "",
    )


def get_legal_hold(*, clinic: Clinic, hold_id: uuid.UUID) -> LegalHoldRow | None:
    """Return one legal hold of a clinic, or None."""
    return next((row for row in list_legal_holds(clinic=clinic) if row.id == hold_id), None)


def standing_holds() -> QuerySet[LegalHold]:
    """Return the legal holds that nobody has lifted."""
    return LegalHold.objects.filter(lift__isnull=True)


def find_standing_hold(
    *, clinic: Clinic, person_id: uuid.UUID | None, line_id: uuid.UUID | None
) -> LegalHold | None:
    """Return the hold that stands on just this thing, or None."""
    holds = standing_holds().filter(clinic=clinic)
    holds = holds.filter(person__isnull=True) if person_id is None else holds.filter(person_id=person_id)
    holds = holds.filter(line__isnull=True) if line_id is None else holds.filter(line_id=line_id)
    return holds.first()


def list_ledgers(*, clinic: Clinic) -> tuple[NamedLine, ...]:
    """Return the ledgers of a clinic, in the order of their premises."""
    lines = RegisterLine.objects.filter(premises__clinic=clinic).select_related("premises__clinic")
    return tuple(
        name_line(line) for line in lines.order_by("premises__name", "product", "strength_mg", "form")
    )


def ledgers_in_use() -> set[uuid.UUID]:
    """Return the ledgers that still have ampoules, or a case that nobody has closed."""
    holding = RegisterHead.objects.exclude(balance=0).values_list("line_id", flat=True)
    open_cases = Discrepancy.objects.exclude(events__kind=CaseEventKind.CLOSED)
    return {*holding, *open_cases.values_list("balance_result__balance_check__line_id", flat=True)}


def ledgers_about(people: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return the ledgers that have a line about one of these people."""
    entries = RegisterEntry.objects.filter(patient_id__in=people)
    return set(entries.values_list("line_id", flat=True).distinct())


def last_entry_on(line_id: uuid.UUID) -> date | None:
    """Return the Europe/London day of a ledger's last entry, None while it has none."""
    at = (
        RegisterEntry.objects.filter(line_id=line_id)
        .order_by("-seq")
        .values_list("recorded_at", flat=True)
        .first()
    )
    return london_date(at) if at else None
