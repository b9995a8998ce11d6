"""What a file of the programme is held against, and the files that were brought in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hat_clinic.accounts.models import Clinic
from outcomes.models import ProgrammeFile
from outcomes.queries.area import area_said, need_said, standing_estimates, standing_figures
from outcomes.queries.disruptions import said_of as disruption_said
from outcomes.queries.disruptions import standing_disruptions
from outcomes.queries.phases import said_of as phase_said
from outcomes.queries.phases import standing_phases
from outcomes.rules.programme_files import Standing


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file that was brought in."""

    name: str
    lines: int
    imported_by: str
    imported_at: datetime


def get_standing(clinic: Clinic) -> Standing:
    """Return what counts of a clinic, in five queries."""
    return Standing(
        phases=tuple(map(phase_said, standing_phases(clinic))),
        disruptions=tuple(map(disruption_said, standing_disruptions(clinic))),
        area=tuple(map(area_said, standing_figures(clinic))),
        need=tuple(map(need_said, standing_estimates(clinic))),
        sent=frozenset(ProgrammeFile.objects.filter(clinic=clinic).values_list("name", "sha256")),
    )


def list_programme_files(*, clinic: Clinic) -> tuple[FileRow, ...]:
    """Return the files that were brought in, the newest first."""
    rows = ProgrammeFile.objects.filter(clinic=clinic).select_related("imported_by")
    return tuple(
        FileRow(row.name, row.lines, row.imported_by.full_name, row.imported_at)
        for row in rows.order_by("-imported_at", "name")
    )
