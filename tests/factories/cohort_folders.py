"""Small cohort folders for tests, all invented: one in which everything is right, and ways to spoil it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date

from outcomes.rules.cohort.checks.clinic import ClinicFacts
from outcomes.rules.cohort.folder import CheckedCohort, check_cohort
from outcomes.rules.cohort.problems import Problem

TODAY = date(2021, 6, 15)
OFFENCE_CODES = frozenset({"shoplifting", "burglary_other", "public_order"})

Files = dict[str, bytes]

_GOOD = {
    "programme.csv": """\
clinic_code,clinic_name,opened_on,places,sessions_per_day
TEST1,Invented clinic,2020-01-01,10,2
""",
    # A1 is in treatment, A2 died, A3 was not eligible, A4 left on the day of the start, A5 never started
    "patients.csv": """\
patient_ref,sex,birth_year,referred_on,referral_source,assessed_on,eligible,started_on,exited_on,exit_reason,area
A1,F,1980,2019-11-01,police,2019-12-01,yes,2020-01-06,,,North
A2,M,,2019-11-02,probation,,yes,2020-01-06,2020-01-09,died,
A3,X,1990,2019-12-03,self,2019-12-20,no,,,,
A4,,1975,2020-01-02,health,2020-01-02,yes,2020-02-03,2020-02-03,declined,
A5,,,2020-01-05,other,,,,2020-01-20,dropped_out,
""",
    "attendance.csv": """\
patient_ref,date,session,outcome,dose_mg,reason
A1,2020-01-06,am,given_reduced,50,
A1,2020-01-06,pm,given,100,
A1,2020-01-07,am,missed,,ill
A2,2020-01-06,am,given,450,
A2,2020-01-06,pm,given,450,
A2,2020-01-07,am,withheld,,intoxicated
A2,2020-01-08,am,excused,,clinic_closed
A1,2020-07-01,eve,given,200,
""",
    "top.csv": """\
patient_ref,date,stage,alcohol_days,opiates_days,crack_days,cocaine_days,amphetamines_days,cannabis_days,\
tobacco_days,other_days,injecting_days,shoplifting_days,drug_selling_days,paid_work_days,education_days,sharing,\
other_theft,assault,housing_acute,eviction_risk,psychological,physical,quality_of_life
A1,2020-01-05,start,0,28,1,2,3,4,5,,6,7,8,9,10,yes,no,,no,yes,0,20,10
A1,2020-02-05,review,,,,,,,,,,,,,,,,,,,,,
""",
    "urine.csv": """\
patient_ref,due_on,taken_on,assay,result
A1,2020-01-13,2020-01-13,street_heroin_marker,negative
A1,2020-01-20,,street_heroin_marker,not_taken
""",
    "offences.csv": """\
patient_ref,occurred_on,offence,source
A1,2010-05-05,shoplifting,police_recorded
A3,2019-05-05,public_order,self_reported
""",
    "custody.csv": """\
patient_ref,from,to
A1,2018-01-01,2018-02-01
A1,2018-02-01,2018-03-01
A3,2021-01-01,
""",
    "service_use.csv": """\
patient_ref,from,to,source,ambulance,ae,inpatient
A1,2019-12-01,2020-01-01,self_reported,1,,0
""",
    "housing.csv": """\
patient_ref,date,state
A1,2020-01-06,rough
A1,2020-02-06,supported
""",
    "support.csv": """\
patient_ref,date,domain,attended,minutes,agency
A1,2020-01-10,housing,yes,30,Council
A1,2020-01-17,mental_health,no,,
""",
    "events.csv": """\
patient_ref,date,category,on_site,naloxone,place,drug_related
A2,2020-01-08,death,no,,home,
A1,2020-01-06,over_sedation,yes,no,clinic,
""",
    "costs.csv": """\
month,payer,category,amount_gbp
2020-01,public health,drug,1000.50
2020-02,police,staff,0
""",
    "phases.csv": """\
name,from,to,places,sessions_per_day,funded_by,funded_until
First,2020-01-01,2020-07-01,10,2,police,2020-07-01
Second,2020-07-01,,12,3,,
""",
    "disruptions.csv": """\
from,to,kind,label
2020-03-23,2020-06-01,area_wide,Lockdown
2021-06-01,,reduced,Fewer nurses
""",
    "area.csv": """\
area,from,to,measure,count,source
Northtown,2019-01-01,2020-01-01,recorded_theft,5000,Police statistics
""",
    "need.csv": """\
as_of,area,people,method,source
2019-06-30,Northtown,120,Capture and recapture,"A study, second edition"
""",
    "own.csv": """\
patient_ref,date,stage,spend_week_gbp,public_injecting,unsafe_disposal,family_contact
A1,2020-01-06,start,350.00,yes,no,wanted_not
""",
}


def a_good_folder() -> Files:
    """Every file that a folder may have, and nothing wrong with it."""
    return {name: text.encode() for name, text in _GOOD.items()}


def lines_of(files: Mapping[str, bytes], file: str) -> list[str]:
    return files[file].decode().splitlines()


def line_with(files: Mapping[str, bytes], file: str, start: str) -> int:
    """The line number of the first line that begins like this."""
    return next(
        number for number, line in enumerate(lines_of(files, file), start=1) if line.startswith(start)
    )


def with_row(files: Mapping[str, bytes], file: str, row: str) -> tuple[Files, int]:
    """The folder with one more line at the end of a file, and the number of that line."""
    lines = [*lines_of(files, file), row]
    return {**files, file: ("\n".join(lines) + "\n").encode()}, len(lines)


def with_cell(files: Mapping[str, bytes], file: str, line: int, column: str, text: str) -> Files:
    """The folder with one cell replaced, quoted where it needs to be."""
    rows = list(csv.reader(io.StringIO(files[file].decode(), newline="")))
    rows[line - 1][rows[0].index(column)] = text
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(rows)
    return {**files, file: out.getvalue().encode()}


def without_column(files: Mapping[str, bytes], file: str, column: str) -> Files:
    """The folder with one column left out of a file."""
    rows = list(csv.reader(io.StringIO(files[file].decode(), newline="")))
    place = rows[0].index(column)
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(row[:place] + row[place + 1 :] for row in rows)
    return {**files, file: out.getvalue().encode()}


def check(files: Mapping[str, bytes], clinic_state: ClinicFacts | None = None) -> CheckedCohort:
    return check_cohort(files, today=TODAY, offence_codes=OFFENCE_CODES, clinic_state=clinic_state)


def problems_of(files: Mapping[str, bytes]) -> list[Problem]:
    return list(check(files).problems)


def spoiled(file: str, start: str, **cells: str) -> tuple[Files, int]:
    """The good folder with cells of one row replaced, and the number of that row's line."""
    files = a_good_folder()
    line = line_with(files, file, start)
    for column, text in cells.items():
        files = with_cell(files, file, line, column, text)
    return files, line


def places(files: Mapping[str, bytes]) -> list[tuple[str, int, str]]:
    """File, line and column of every problem."""
    return [(problem.file, problem.line, problem.column) for problem in problems_of(files)]


def assert_nothing_wrong(files: Mapping[str, bytes]) -> None:
    checked = check(files)
    assert [str(problem) for problem in checked.problems] == []
    assert checked.cohort is not None


def assert_only_problem(files: Mapping[str, bytes], file: str, line: int, column: str, fragment: str) -> None:
    """Exactly one problem, at this place, whose sentence holds the fragment; and no cohort."""
    checked = check(files)
    places = [(problem.file, problem.line, problem.column) for problem in checked.problems]
    assert places == [(file, line, column)], [str(problem) for problem in checked.problems]
    assert fragment in checked.problems[0].message
    assert checked.cohort is None
