"""What the programme cost by month, and which lines count."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, QuerySet

from hat_clinic.accounts.models import Clinic
from outcomes.models import ProgrammeCost
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.costs import STRUCK, CostCategory, CostSaid, in_pounds
from outcomes.rules.costs_file import Compared, CostLine, Place, compare, read_costs
from outcomes.rules.support import Correction


@dataclass(frozen=True, slots=True)
class CostVersion:
    """One row: as first entered, or a correction of it."""

    id: uuid.UUID
    said: CostSaid
    category: str
    recorded_by: str
    recorded_at: datetime | None
    why_corrected: str
    is_struck: bool


@dataclass(frozen=True, slots=True)
class CostEntry:
    """One line: what stands now, and what was written before, newest first."""

    stands: CostVersion
    before: tuple[CostVersion, ...]


@dataclass(frozen=True, slots=True)
class MonthOfCosts:
    """One month; no lines means that nobody entered it, which is not zero."""

    month: date
    lines: int
    total: str

    @property
    def code(self) -> str:
        """The month as it stands in an address."""
        return f"{self.month:%Y-%m}"


@dataclass(frozen=True, slots=True)
class CostsPage:
    """The lines of one month, and the payers of every month, to choose from."""

    month: MonthOfCosts
    entries: tuple[CostEntry, ...]
    payers: tuple[str, ...]


def standing_costs(clinic: Clinic) -> QuerySet[ProgrammeCost]:
    """Return the rows that count: amended by nothing and not struck out."""
    return ProgrammeCost.objects.filter(clinic=clinic, amended_by__isnull=True).exclude(correction__in=STRUCK)


def list_months_of_costs(*, clinic: Clinic, today: date) -> tuple[MonthOfCosts, ...]:
    """Return every month from a year before the opening to this one, the latest first, with what it cost.

    A month further back is listed when it has a line.
    """
    sums: dict[date, list[int]] = {}
    for month, pence in standing_costs(clinic).values_list("month", "amount_pence"):
        sums.setdefault(month, []).append(pence)
    first = (clinic.opened_on - timedelta(days=365)).replace(day=1)
    months = {*sums}
    month = today.replace(day=1)
    while month >= first:
        months.add(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return tuple(_month(month, sums.get(month, ())) for month in sorted(months, reverse=True))


def get_costs_page(*, clinic: Clinic, month: date) -> CostsPage:
    """Return the lines of one month of a clinic, by payer and in the order of the categories."""
    rows = list(ProgrammeCost.objects.filter(clinic=clinic, month=month).select_related("recorded_by"))
    by_id = {row.id: row for row in rows}
    amended = {row.amends_id for row in rows}
    order = list(CostCategory)
    heads = sorted(
        (row for row in rows if row.id not in amended),
        key=lambda row: (row.payer.lower(), order.index(CostCategory(row.category)), str(row.id)),
    )
    entries = tuple(_entry(row, by_id) for row in heads)
    standing = [entry.stands.said.pence for entry in entries if not entry.stands.is_struck]
    payers = standing_costs(clinic).values_list("payer", flat=True)
    return CostsPage(
        month=_month(month, standing), entries=entries, payers=tuple(sorted(set(payers), key=str.lower))
    )


def get_cost(*, clinic: Clinic, cost_id: uuid.UUID) -> CostSaid | None:
    """Return what one row says, to be corrected, or None when it is not this clinic's."""
    row = ProgrammeCost.objects.filter(clinic=clinic, id=cost_id).first()
    return said_of(row) if row else None


def list_heads(clinic: Clinic) -> dict[Place, list[ProgrammeCost]]:
    """Return the rows that no other amends, by month, payer and category: those struck out too, the newest last."""
    heads: dict[Place, list[ProgrammeCost]] = {}
    rows = ProgrammeCost.objects.filter(clinic=clinic, amended_by__isnull=True)
    for row in rows.order_by(F("recorded_at").asc(nulls_first=True), "id"):
        heads.setdefault(said_of(row).place, []).append(row)
    return heads


def compare_with_standing(
    lines: Sequence[CostLine], heads: Mapping[Place, Sequence[ProgrammeCost]]
) -> tuple[Compared, tuple[Problem, ...]]:
    """Put the rows of a file beside what stands."""
    return compare(
        lines,
        standing={
            place: [said_of(row) for row in rows if row.correction not in STRUCK]
            for place, rows in heads.items()
        },
        struck={place for place, rows in heads.items() if any(row.correction in STRUCK for row in rows)},
    )


def compare_file(*, clinic: Clinic, data: bytes, today: date) -> Compared:
    """Return a file beside what stands, to be shown; nothing is stored."""
    lines, _ = read_costs(data, today=today)
    compared, _ = compare_with_standing(lines, list_heads(clinic))
    return compared


def said_of(row: ProgrammeCost) -> CostSaid:
    """Return what a row says."""
    return CostSaid(month=row.month, payer=row.payer, category=row.category, pence=row.amount_pence)


def _month(month: date, pence: Iterable[int]) -> MonthOfCosts:
    amounts = list(pence)
    return MonthOfCosts(month, len(amounts), in_pounds(sum(amounts)))


def _entry(head: ProgrammeCost, by_id: dict[uuid.UUID, ProgrammeCost]) -> CostEntry:
    before, row = [], head
    while row.amends_id is not None:
        row = by_id[row.amends_id]
        before.append(_version(row))
    return CostEntry(stands=_version(head), before=tuple(before))


def _version(row: ProgrammeCost) -> CostVersion:
    return CostVersion(
        id=row.id,
        said=said_of(row),
        category=CostCategory(row.category).label,
        recorded_by=row.recorded_by.full_name if row.recorded_by else "",
        recorded_at=row.recorded_at,
        why_corrected=Correction(row.correction).label if row.correction else "",
        is_struck=row.correction in STRUCK,
    )
