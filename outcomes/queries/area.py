"""What is known of the area: which lines count, and what was written before them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.db.models import QuerySet

from hat_clinic.accounts.models import Clinic
from outcomes.models import AreaFigure, NeedEstimate
from outcomes.rules.area import MEASURE_WORDS, AreaSaid, NeedSaid
from outcomes.rules.costs import STRUCK
from outcomes.rules.support import Correction

A_DAY = timedelta(days=1)
Said = TypeVar("Said", AreaSaid, NeedSaid)


@dataclass(frozen=True, slots=True)
class Version(Generic[Said]):
    """One line: as first entered, or a correction of it."""

    id: uuid.UUID
    said: Said
    what: str
    recorded_by: str
    recorded_at: datetime | None
    why_corrected: str
    is_struck: bool


@dataclass(frozen=True, slots=True)
class Entry(Generic[Said]):
    """One thing that is known: what stands now, and what was written before, newest first."""

    stands: Version[Said]
    before: tuple[Version[Said], ...]


@dataclass(frozen=True, slots=True)
class AreaPage:
    """Everything that was entered of the area, the latest first."""

    figures: tuple[Entry[AreaSaid], ...]
    estimates: tuple[Entry[NeedSaid], ...]


def standing_figures(clinic: Clinic) -> QuerySet[AreaFigure]:
    """Return the counts that stand: amended by nothing and not struck out."""
    return AreaFigure.objects.filter(clinic=clinic, amended_by__isnull=True).exclude(correction__in=STRUCK)


def standing_estimates(clinic: Clinic) -> QuerySet[NeedEstimate]:
    """Return the estimates that stand: amended by nothing and not struck out."""
    return NeedEstimate.objects.filter(clinic=clinic, amended_by__isnull=True).exclude(correction__in=STRUCK)


def shares_a_day(*, clinic: Clinic, said: AreaSaid, but: uuid.UUID | None = None) -> bool:
    """Tell whether a count of the same area and measure that stands, but one, is of some of the same days."""
    others = standing_figures(clinic).filter(
        area=said.area, measure=said.measure, from_on__lt=said.to_on, to_on__gt=said.first_on
    )
    return others.exclude(id=but).exists() if but else others.exists()


def get_area_page(*, clinic: Clinic) -> AreaPage:
    """Return everything that was entered of the area, in two queries."""
    figures = {row.id: row for row in AreaFigure.objects.filter(clinic=clinic).select_related("recorded_by")}
    estimates = {
        row.id: row for row in NeedEstimate.objects.filter(clinic=clinic).select_related("recorded_by")
    }
    return AreaPage(
        figures=tuple(
            Entry(_area(chain[0]), tuple(_area(row) for row in chain[1:]))
            for chain in sorted(
                _chains(figures), key=lambda chain: (chain[0].to_on, str(chain[0].id)), reverse=True
            )
        ),
        estimates=tuple(
            Entry(_need(chain[0]), tuple(_need(row) for row in chain[1:]))
            for chain in sorted(
                _chains(estimates), key=lambda chain: (chain[0].as_of, str(chain[0].id)), reverse=True
            )
        ),
    )


def find_area_figure(*, clinic: Clinic, figure_id: uuid.UUID) -> AreaSaid | None:
    """Return what one count says, to be corrected, or None when it is not this clinic's."""
    row = AreaFigure.objects.filter(clinic=clinic, id=figure_id).first()
    return area_said(row) if row else None


def find_need_estimate(*, clinic: Clinic, estimate_id: uuid.UUID) -> NeedSaid | None:
    """Return what one estimate says, to be corrected, or None when it is not this clinic's."""
    row = NeedEstimate.objects.filter(clinic=clinic, id=estimate_id).first()
    return need_said(row) if row else None


def area_said(row: AreaFigure) -> AreaSaid:
    """Return what a row says."""
    return AreaSaid(
        area=row.area,
        first_on=row.from_on,
        last_on=row.to_on - A_DAY,
        measure=row.measure,
        count=row.count,
        source=row.source,
    )


def need_said(row: NeedEstimate) -> NeedSaid:
    """Return what a row says."""
    return NeedSaid(as_of=row.as_of, area=row.area, people=row.people, method=row.method, source=row.source)


Row = TypeVar("Row", AreaFigure, NeedEstimate)


def _chains(rows: dict[uuid.UUID, Row]) -> list[list[Row]]:
    """Return each line that stands with those it amends, the newest first."""
    amended = {row.amends_id for row in rows.values()}
    chains = []
    for head in rows.values():
        if head.id in amended:
            continue
        chain = [head]
        while (before := chain[-1].amends_id) is not None:
            chain.append(rows[before])
        chains.append(chain)
    return chains


def _area(row: AreaFigure) -> Version[AreaSaid]:
    return Version(row.id, area_said(row), MEASURE_WORDS[row.measure], *_who(row))


def _need(row: NeedEstimate) -> Version[NeedSaid]:
    return Version(row.id, need_said(row), "People who need this treatment", *_who(row))


def _who(row: AreaFigure | NeedEstimate) -> tuple[str, datetime | None, str, bool]:
    return (
        row.recorded_by.full_name if row.recorded_by else "",
        row.recorded_at,
        Correction(row.correction).label if row.correction else "",
        row.correction in STRUCK,
    )
