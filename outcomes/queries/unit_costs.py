"""What an offence costs each body: the table in force, and every table that was loaded."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hat_clinic.accounts.models import Clinic
from outcomes.models import OffenceType, UnitCostTable
from outcomes.rules.evaluation.pages.unit_costs import unit_costs_page
from outcomes.rules.evaluation.unit_costs import UnitCostsFacts, as_unit_cost

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TableRow:
    """One table that was loaded, and who approved it if anybody did."""

    id: uuid.UUID
    from_day: date
    facts: UnitCostsFacts
    unverified: int
    loaded_by: str
    loaded_at: datetime
    approved_by: str
    approved_at: datetime | None
    is_own: bool
    is_too_late: bool

    @property
    def tables(self) -> list[Any]:
        """The table as a report prints it."""
        return [block for block in unit_costs_page(self.facts).blocks if block.kind == "table"]


@dataclass(frozen=True, slots=True)
class UnitCostsPage:
    """The table in force today, and every table that was loaded, the latest first day first."""

    in_force: TableRow | None
    rows: tuple[TableRow, ...]

    def row(self, id: uuid.UUID) -> TableRow | None:
        """Return the table with an id, or None."""
        return next((row for row in self.rows if row.id == id), None)


def list_offence_codes() -> frozenset[str]:
    """Return the codes of the offence table."""
    return frozenset(OffenceType.objects.values_list("code", flat=True))


def has_unit_costs(clinic: Clinic) -> bool:
    """Tell whether a clinic has an approved table: then another is not its first."""
    return UnitCostTable.objects.filter(clinic=clinic, approval__isnull=False).exists()


def list_unit_costs_in_force(*, clinic: Clinic, as_of: date) -> list[dict[str, Any]]:
    """Return the rows of the table of a clinic that had begun before the data cut, as they are frozen."""
    found = _in_force(clinic, as_of)
    if found is None:
        return []
    table, version = found
    labels = _labels()
    return [
        {"version": version, "label": labels.get(row["offence"], row["offence"]), **row} for row in table.rows
    ]


def get_unit_costs_page(*, clinic: Clinic, reader: uuid.UUID, today: date) -> UnitCostsPage:
    """Return the table in force today and every table that was loaded; `reader` is whoever looks."""
    is_first, labels = not has_unit_costs(clinic), _labels()
    tables = (
        UnitCostTable.objects.filter(clinic=clinic)
        .select_related("loaded_by", "approval__approved_by")
        .order_by("-from_day", "-loaded_at")
    )
    rows = tuple(_row(table, labels, reader=reader, today=today, is_first=is_first) for table in tables)
    found = _in_force(clinic, today + A_DAY)
    return UnitCostsPage(
        in_force=next((row for row in rows if found and row.id == found[0].id), None), rows=rows
    )


def _row(
    table: UnitCostTable, labels: dict[str, str], *, reader: uuid.UUID, today: date, is_first: bool
) -> TableRow:
    approval = getattr(table, "approval", None)
    facts = UnitCostsFacts(rows=tuple(map(as_unit_cost, table.rows)), labels=labels)
    return TableRow(
        id=table.id,
        from_day=table.from_day,
        facts=facts,
        unverified=sum(not row.is_verified for row in facts.rows),
        loaded_by=table.loaded_by.full_name,
        loaded_at=table.loaded_at,
        approved_by=approval.approved_by.full_name if approval else "",
        approved_at=approval.approved_at if approval else None,
        is_own=table.loaded_by_id == reader,
        is_too_late=not is_first and table.from_day <= today,
    )


def _in_force(clinic: Clinic, as_of: date) -> tuple[UnitCostTable, str] | None:
    """The approved table that began last before a day, and its version in words; of one day the last approved."""
    approved = UnitCostTable.objects.filter(clinic=clinic, approval__isnull=False)
    numbered = list(enumerate(approved.order_by("approval__approved_at", "id"), start=1))
    begun = [(table.from_day, number, table) for number, table in numbered if table.from_day < as_of]
    if not begun:
        return None
    _, number, table = max(begun, key=lambda one: one[:2])
    return table, f"Version {number}"


def _labels() -> dict[str, str]:
    return dict(OffenceType.objects.values_list("code", "label"))
