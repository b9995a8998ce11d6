"""All files of a folder as far as they could be read: what the checks across rows work on.

Source: cohort files (evaluation).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from outcomes.rules.cohort.columns import FORMAT_OF, with_offence_codes
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.cohort.reading import R, Table, read_table
from outcomes.rules.cohort.rows import (
    AreaRow,
    AttendanceRow,
    Cohort,
    CostRow,
    CustodyRow,
    DisruptionRow,
    EventRow,
    HousingRow,
    NeedRow,
    OffenceRow,
    OwnRow,
    PatientRow,
    PersonRow,
    PhaseRow,
    ProgrammeRow,
    ServiceUseRow,
    SupportRow,
    TopRow,
    UrineRow,
)


@dataclass(frozen=True, slots=True)
class Tables:
    """One table per file; a file that is absent is an empty table."""

    programme: Table[ProgrammeRow]
    patients: Table[PatientRow]
    attendance: Table[AttendanceRow]
    top: Table[TopRow]
    urine: Table[UrineRow]
    offences: Table[OffenceRow]
    custody: Table[CustodyRow]
    service_use: Table[ServiceUseRow]
    housing: Table[HousingRow]
    support: Table[SupportRow]
    events: Table[EventRow]
    costs: Table[CostRow]
    phases: Table[PhaseRow]
    disruptions: Table[DisruptionRow]
    area: Table[AreaRow]
    need: Table[NeedRow]
    own: Table[OwnRow]

    def about_people(self) -> Mapping[str, Sequence[PersonRow]]:
        """File name to rows, for every file whose rows name a person of patients.csv."""
        return {
            "attendance.csv": self.attendance.rows,
            "top.csv": self.top.rows,
            "urine.csv": self.urine.rows,
            "offences.csv": self.offences.rows,
            "custody.csv": self.custody.rows,
            "service_use.csv": self.service_use.rows,
            "housing.csv": self.housing.rows,
            "support.csv": self.support.rows,
            "events.csv": self.events.rows,
            "own.csv": self.own.rows,
        }

    def cohort(self) -> Cohort:
        """The cohort, once no problem was found."""
        return Cohort(
            programme=self.programme.rows[0],
            patients=self.patients.rows,
            attendance=self.attendance.rows,
            top=self.top.rows,
            urine=self.urine.rows,
            offences=self.offences.rows,
            custody=self.custody.rows,
            service_use=self.service_use.rows,
            housing=self.housing.rows,
            support=self.support.rows,
            events=self.events.rows,
            costs=self.costs.rows,
            phases=self.phases.rows,
            disruptions=self.disruptions.rows,
            area=self.area.rows,
            need=self.need.rows,
            own=self.own.rows,
        )


def read_tables(
    files: Mapping[str, bytes], *, today: date, offence_codes: frozenset[str], refused: frozenset[str]
) -> tuple[Tables, list[Problem]]:
    """Every file read, and the problems of their cells. `refused` names files that are there but were not
    handed over: nothing is concluded from their being empty."""
    problems: list[Problem] = []

    def read(name: str, make: Callable[..., R]) -> Table[R]:
        if name not in files:
            required = FORMAT_OF[name].required
            return Table(readable=name not in refused and not required)
        file_format = with_offence_codes(FORMAT_OF[name], offence_codes)
        table, found = read_table(files[name], file_format=file_format, make=make, today=today)
        problems.extend(found)
        return table

    tables = Tables(
        programme=read("programme.csv", ProgrammeRow),
        patients=read("patients.csv", PatientRow),
        attendance=read("attendance.csv", AttendanceRow),
        top=read("top.csv", TopRow),
        urine=read("urine.csv", UrineRow),
        offences=read("offences.csv", OffenceRow),
        custody=read("custody.csv", CustodyRow),
        service_use=read("service_use.csv", ServiceUseRow),
        housing=read("housing.csv", HousingRow),
        support=read("support.csv", SupportRow),
        events=read("events.csv", EventRow),
        costs=read("costs.csv", CostRow),
        phases=read("phases.csv", PhaseRow),
        disruptions=read("disruptions.csv", DisruptionRow),
        area=read("area.csv", AreaRow),
        need=read("need.csv", NeedRow),
        own=read("own.csv", OwnRow),
    )
    return tables, problems
