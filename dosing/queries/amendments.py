"""The page of one line of the register that is to be corrected."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Prefetch

from dosing.models import Amendment, RegisterEntry
from dosing.queries.days import is_balance_hidden
from dosing.queries.register import PrintedLine, print_line
from dosing.queries.stock import title_of
from hat_clinic.accounts.models import Clinic
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.clock import london_date


@dataclass(frozen=True, slots=True)
class AmendedPage:
    """One line as it stands, with what stands beside it, and who may approve an adjustment of it.

    `leads` and `seconds` leave out who wrote the line. While the register is counted `is_hidden` is true for whoever
    may count, and the page shows nothing of the line.
    """

    line: PrintedLine
    ledger_id: uuid.UUID
    ledger: str
    recorded_on: date
    people: tuple[uuid.UUID, ...]
    leads: tuple[tuple[str, str], ...]
    seconds: tuple[tuple[str, str], ...]
    is_hidden: bool


def get_amended_page(
    *, clinic: Clinic, entry_key: uuid.UUID, may_count: bool, at: datetime
) -> AmendedPage | None:
    """Return the page of one line of a clinic, or None for a line of another and for none.

    Source: clinical rules 40 and 47.
    """
    beside = Amendment.objects.select_related("written_by", "entry").order_by("entry_id")
    entry = (
        RegisterEntry.objects.select_related(
            "line__premises", "entered_by", "witness", "prescriber", "movement__batch"
        )
        .prefetch_related(Prefetch("amendments", queryset=beside))
        .filter(key=entry_key, line__premises__clinic=clinic)
        .first()
    )
    if entry is None:
        return None

    def others(permission: Permission) -> tuple[tuple[str, str], ...]:
        people = list_people_who_may(permission, clinic=clinic, at=at)
        return tuple(
            (str(person.id), person.full_name) for person in people if person.id != entry.entered_by_id
        )

    leads, seconds = others(Permission.APPROVE_ADJUSTMENT), others(Permission.COUNT_STOCK)
    if len(leads) == 1:
        seconds = tuple(choice for choice in seconds if choice not in leads)
    is_hidden = may_count and is_balance_hidden(line_id=entry.line_id, at=at)
    return AmendedPage(
        line=print_line(entry),
        ledger_id=entry.line_id,
        ledger=title_of(entry.line),
        recorded_on=london_date(entry.recorded_at),
        people=(entry.patient_id,) if entry.patient_id and not is_hidden else (),
        leads=leads,
        seconds=seconds,
        is_hidden=is_hidden,
    )
