"""What a report costs: its data, its PDF, ten years of sixty people, and one month more. Run by `./hat bench`.

HAT_BENCH_REPORTS sets how often each is built (5). The charts, which the PDF and the page share, and each file are
timed apart too: by the clock, and by what the process itself used, which other work on the machine changes less.
The import freezes what it takes in, so that a first report reads no past month again; what that costs is timed as well.
The month that is asked about is marked as one that was written day by day.
Memory is the most that a program of its own held.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from django.db import connection, transaction

from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.models import Clinic
from outcomes.actions.cohort import import_cohort
from outcomes.actions.evaluation import extract
from outcomes.actions.evaluation.build import build_report
from outcomes.models import ReportRun
from outcomes.queries.evaluation import runs
from outcomes.queries.evaluation.figures import get_figures_once
from outcomes.queries.evaluation.runs import print_run
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.indicators import next_month
from tests.benchmarks.harness import machine
from tests.statements import statements

N = int(os.environ.get("HAT_BENCH_REPORTS", "5"))
ROOT = Path(__file__).resolve().parents[2]
COHORT = ROOT / "hat_clinic" / "demo" / "cohorts" / "middlesbrough-year-one"
AT = datetime(2026, 1, 15, 9, tzinfo=UTC)
PEOPLE = 60
OPENED = date(2015, 10, 1)
YEARS = 10

pytestmark = pytest.mark.timeout(3600)


def ten_years(folder: Path) -> Path:
    """An invented clinic of sixty people who came twice a day for ten years, with all else at its usual pace."""
    folder.mkdir()
    days = [OPENED + timedelta(number) for number in range(365 * YEARS + 3)]
    weeks, quarters = days[::7], days[::91]
    refs = [f"P{number:02}" for number in range(PEOPLE)]

    def write(name: str, header: str, rows: list[str]) -> None:
        (folder / name).write_text("\n".join([header, *rows, ""]))

    write(
        "programme.csv",
        "clinic_code,clinic_name,opened_on,places,sessions_per_day",
        [f"LONG,Invented,{OPENED},60,2"],
    )
    write(
        "patients.csv",
        "patient_ref,referred_on,referral_source,assessed_on,eligible,started_on",
        [f"{ref},{OPENED},police,{OPENED},yes,{OPENED}" for ref in refs],
    )
    write(
        "attendance.csv",
        "patient_ref,date,session,outcome,dose_mg,reason",
        [
            f"{ref},{day},{slot},"
            + ("missed,,unknown" if day != OPENED and (index + turn) % 20 == 0 else "given,200,")
            for index, day in enumerate(days)
            for turn, ref in enumerate(refs)
            for slot in ("am", "pm")
        ],
    )
    write(
        "urine.csv",
        "patient_ref,due_on,taken_on,assay,result",
        [
            f"{ref},{day},{day},street_heroin_marker,{'positive' if turn % 5 == 0 else 'negative'}"
            for day in weeks
            for turn, ref in enumerate(refs)
        ],
    )
    write(
        "support.csv",
        "patient_ref,date,domain,attended,minutes,agency",
        [f"{ref},{day},housing,yes,30,Invented agency" for day in weeks for ref in refs],
    )
    write(
        "top.csv",
        "patient_ref,date,stage,opiates_days,psychological,quality_of_life",
        [f"{ref},{day},{'start' if day == OPENED else 'review'},4,9,10" for day in quarters for ref in refs],
    )
    write(
        "offences.csv",
        "patient_ref,occurred_on,offence,source",
        [f"{ref},{day - timedelta(400)},shoplifting,police_recorded" for day in quarters for ref in refs],
    )
    write(
        "costs.csv",
        "month,payer,category,amount_gbp",
        [f"{day:%Y-%m},Invented fund,drug,12000" for day in days if day.day == 1],
    )
    return folder


def taken_in(folder: Path) -> Clinic:
    import_cohort(folder=folder, is_invented=True, by=get_program(name="bench", at=AT), at=AT)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    code = (folder / "programme.csv").read_text().splitlines()[1].partition(",")[0]
    return Clinic.objects.get(code=code)


# What the triggers leave in a month that goes by: a mark for each session that is planned and for each that ends, and
# for each line of the other tables.
MARKS = """
INSERT INTO outcomes_changedmonth (clinic_id, table_name, month)
SELECT clinic_id, frozen_as, %(month)s
FROM (
    SELECT clinic_id, 'attendance', service_date FROM dosing_plannedsession
    UNION ALL SELECT clinic_id, 'attendance', service_date FROM dosing_plannedsession
    UNION ALL SELECT clinic_id, 'urine', due_on FROM outcomes_urinetest
    UNION ALL SELECT clinic_id, 'support', booked_on FROM outcomes_supportsession
    UNION ALL SELECT clinic_id, 'top', completed_on FROM outcomes_outcomeform) AS written(clinic_id, frozen_as, day)
WHERE clinic_id = %(clinic)s AND day >= %(month)s AND day < %(next)s
"""


def lived_through(clinic: Clinic, month: date) -> None:
    """Mark a month as one that was written day by day and read by no report, which an import has read already."""
    with connection.cursor() as cursor:
        cursor.execute(MARKS, {"clinic": clinic.id, "month": month, "next": next_month(month)})


def built(clinic: Clinic, month: date) -> ReportRun:
    get_figures_once.cache_clear()
    return build_report(
        clinic=clinic.id, month=month, edition=Edition.RESTRICTED, by=get_program(name="bench", at=AT), at=AT
    )


@contextmanager
def undone() -> Iterator[None]:
    """Undo at its end what was built, which the database would let nobody remove."""
    outer = transaction.atomic()
    outer._from_testcase = True  # what Django's own test cases do, so that durable acts run inside
    with outer:
        yield
        transaction.set_rollback(True)


def timed(work: Callable[..., object], *given: object) -> tuple[float, int]:
    begun = time.perf_counter()
    with statements() as found:
        work(*given)
    return time.perf_counter() - begun, len(found)


# The steps of print_run that are timed apart, as they are called there.
STEPS = {
    "printable_pages": "charts",
    "render_pdf": "PDF alone",
    "render_html": "HTML alone",
    "figures_ods": "workbook",
}


@contextmanager
def steps_timed(took: dict[str, list[tuple[float, float]]]) -> Iterator[None]:
    """Add to `took` what each step of a printing meanwhile costs: seconds by the clock, and of the processor."""

    def watched(step: str) -> Callable[..., object]:
        work = getattr(runs, step)

        def run(*given: object, **named: object) -> object:
            clock, processor = time.perf_counter(), time.process_time()
            found = work(*given, **named)
            spent = time.perf_counter() - clock, time.process_time() - processor
            took.setdefault(STEPS[step], []).append(spent)
            return found

        return run

    with ExitStack() as stack:
        for step in STEPS:
            stack.enter_context(patch.object(runs, step, watched(step)))
        yield


# Its own account of the most it held: the one of its parent begins with what that held itself.
PROGRAM = """
import sys, django
django.setup()
from django.core.management import call_command
call_command("evaluation_report", *sys.argv[1:], stdout=open("/dev/null", "w"))
(most,) = (line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
print(most.split()[1])
"""


def held_by_a_program(clinic: Clinic, month: date, output: Path) -> float:
    """The most memory, in MB, that a program of its own holds which builds and prints one report."""
    address = f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}"
    words = ["--clinic", clinic.code, "--month", f"{month:%Y-%m}", "--format", "pdf", "--output", str(output)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address, "HAT_STATEMENT_TIMEOUT": "60s"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return int(done.stdout.splitlines()[-1]) / 1024


def line(name: str, took: list[float], asked: int, target: str) -> str:
    return (
        f"{name:<44} {len(took):>3} {statistics.median(took):>8.2f} {max(took):>8.2f} {asked:>10}  {target}"
    )


def measured(
    clinic: Clinic, month: date, name: str, targets: tuple[str, str, str], folder: Path
) -> Iterator[str]:
    """The lines of one clinic: a first report, its files, and the month after one that is there."""
    data, anew, files, asked, printed_by = [], [], [], 0, 0
    steps: dict[str, list[tuple[float, float]]] = {}
    for _ in range(N):
        with undone():
            lived_through(clinic, month)
            took, asked = timed(built, clinic, month)
            data.append(took)
            run = ReportRun.objects.get(clinic=clinic, month=month)
            with steps_timed(steps):
                took, printed_by = timed(print_run, run.id)
            files.append(took)
        with undone(), patch.object(extract, "FORM", "another statement"):
            took, _ = timed(built, clinic, month)
            anew.append(took)
    yield line(f"{name}: data", data, asked, targets[0])
    yield line(f"{name}: data, every month read anew", anew, 0, "")
    for step, spent in steps.items():
        target = targets[1] if step == STEPS["render_pdf"] else ""
        yield line(f"{name}: {step}", [clock for clock, _ in spent], 0, target)
        yield line(f"{name}: {step}, processor", [processor for _, processor in spent], 0, "")
    yield line(f"{name}: all files", files, printed_by, targets[2])
    yield a_month_later(clinic, month, name)
    most = held_by_a_program(clinic, month, folder / f"{clinic.code}-{month}.pdf")
    yield f"{name}: a program of its own that builds and prints it holds {most:.0f} MB at the most; target 300 MB"


def a_month_later(clinic: Clinic, month: date, name: str) -> str:
    """The line of the data of a month whose last one has been built."""
    again, asked = [], 0
    for _ in range(N):
        with undone():
            built(clinic, (month - timedelta(1)).replace(day=1))
            lived_through(clinic, month)
            took, asked = timed(built, clinic, month)
            again.append(took)
    return line(f"{name}: the next month", again, asked, "")


class TestTheReport:
    def test_is_measured(self, own_database: str, tmp_path: Path, capsys) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '60s'")  # as the worker has it
        lines = [f"{'What':<44} {'N':>3} {'median s':>8} {'max s':>8} {'statements':>10}  target"]
        lines += measured(
            taken_in(COHORT), date(2020, 10, 1), "October 2020", ("0.5 s", "3 s", "5 s"), tmp_path
        )
        long = taken_in(ten_years(tmp_path / "ten"))
        lines += measured(
            long, date(2025, 9, 1), "60 people, 10 years", ("", "", "5 s with the data"), tmp_path
        )
        for years in (2, 4, 6, 8):
            lines.append(a_month_later(long, date(2015 + years, 9, 1), f"60 people, {years} years"))
        lines += measured(long, date(2016, 9, 1), "60 people, 1 year", ("", "", ""), tmp_path)
        with capsys.disabled():
            print("\n\n" + "\n".join(lines) + f"\nNothing is random: no seed.\n{machine()}")
