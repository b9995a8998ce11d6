"""The promise that a report is built whole and once, whatever becomes of its worker; tried with kills.

Real workers over the real broker, in scratch databases, with the program's own jobs, one invented clinic and its clock.
"""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.db.models import QuerySet

from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import now
from hat_clinic.scenarios.proofs.exactly_once import in_figures
from hat_clinic.scenarios.proofs.measures import Figure
from hat_clinic.scenarios.proofs.workers import Broker, Worker, a_broker, a_worker
from hat_clinic.scenarios.scratch import Clock, as_owner, own_copy
from outcomes.actions.cohort import import_cohort
from outcomes.actions.evaluation.build import build_report
from outcomes.actions.reports import request_report
from outcomes.models import ReportFile, ReportRequest, ReportRun
from outcomes.queries.evaluation.runs import print_run
from outcomes.queries.reports import RequestRow, get_reports_page
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.evaluation.indicators import next_month
from outcomes.rules.evaluation.schedule import ABANDONED_AFTER, Stage
from outcomes.rules.releases import Audience
from outcomes.tasks import build_requested_reports

TITLE = "Killed while building a report: what was measured"
REMARKS = (
    "Every kill is of the worker and its children together, as when the power fails. The ten minutes after which an "
    "asking whose\nworker is gone begins again, and the hour after which the broker gives its jobs to another one, are "
    "made to be over by hand:\nthe first on the scratch database's clock, the second in the broker. The control takes "
    "away that all files are stored at once."
)
COHORT = Path("hat_clinic/demo/cohorts/middlesbrough-year-one")
CODE = "MBRO"
INSIDE = Audience(is_inside=True, editions=frozenset())
WHOLE = len(ReportFile.Kind)
# Databases of the broker; the demo and the tests of one process use others.
BROKER = 15
# Asked for in turn: one with charts, and one of plain pages.
EDITIONS = (Edition.RESTRICTED, Edition.JUSTICE)
# One report in so many tries is finished before its kill; more mean that the moments are drawn wrongly.
MOST_LATE = 5


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many workers are killed, and how many processes of the control."""

    kills: int
    controls: int


FULL, FEW = Sizes(kills=40, controls=8), Sizes(kills=2, controls=2)


def prove(*, template: str, sizes: Sizes, seed: int) -> Iterator[Figure]:
    """Yield the figures of the kills, and of their control."""
    yield from _killed(template, sizes, seed)
    yield _killed_between_files(template, sizes)


@dataclass(slots=True)
class _House:
    """The clinic whose reports are asked for, month by month, and the scratch database's clock."""

    clinic: Clinic
    by: User
    clock: Clock
    at: datetime
    month: date
    asked: int = 0

    def later(self, by: timedelta) -> None:
        """Let some time go by on the database's clock."""
        self.at += by
        self.clock.put(self.at)

    def ask(self) -> ReportRequest:
        """Ask for the next report that nobody asked for: one edition of a month after the other."""
        edition, month = EDITIONS[self.asked % len(EDITIONS)], self.month
        self.asked += 1
        if edition is EDITIONS[-1]:
            self.month = next_month(month)
        return request_report(clinic=self.clinic, month=month, edition=edition, by=self.by, at=self.at)

    def on_the_page(self) -> RequestRow | None:
        """Return what the page of the reports says of the asking that is open, if one is."""
        page = get_reports_page(clinic=self.clinic, at=self.at, audience=INSIDE)
        return page.waiting[0] if page.waiting else None


@contextmanager
def _a_house(template: str) -> Iterator[_House]:
    with own_copy(template) as clock:
        at = now()
        by = get_program(name="proof", at=at)
        import_cohort(folder=settings.BASE_DIR / COHORT, is_invented=True, by=by, at=at)
        clinic = Clinic.objects.get(code=CODE)
        house = _House(clinic, by, clock, at, next_month(clinic.opened_on.replace(day=1)))
        clock.put(at)
        yield house


# --- workers that are killed -------------------------------------------------------------------------------


@dataclass(slots=True)
class _Counts:
    counting: int = 0
    printing: int = 0
    late: int = 0
    half: int = 0
    untrue: int = 0
    wrong: int = 0
    given_back: int = 0

    @property
    def kills(self) -> int:
        return self.counting + self.printing


def _killed(template: str, sizes: Sizes, seed: int) -> Iterator[Figure]:
    chance, counts = random.Random(seed), _Counts()  # noqa: S311 - the moment of a kill, no secret
    with _a_house(template) as house, a_broker(BROKER) as broker, tempfile.TemporaryDirectory() as folder:
        log, database = Path(folder) / "worker.log", connections["default"].settings_dict["NAME"]
        asked: ReportRequest | None = None
        whole_s: dict[str, float] = {}
        while counts.kills < sizes.kills or asked is not None:
            counts.given_back += broker.give_back_unanswered()
            with a_worker(database=database, broker=broker, log=log) as worker:
                left = [asked] if asked else [] if whole_s else [house.ask() for _ in EDITIONS]
                for one in left:
                    whole_s[one.edition] = _finish(house, worker, broker, one)
                    counts.wrong += not _is_whole(one)
                asked = None
                if counts.kills < sizes.kills:
                    asked = _kill(house, worker, broker, counts, chance, whole_s)
    longest = " and ".join(f"{whole_s[edition]:.0f} s" for edition in EDITIONS)
    yield Figure(
        "Kills of a worker that builds a report",
        "a worker of two processes gets three or more jobs at once, builds the restricted or, in turn, the justice "
        "report of an invented clinic of a year, and is killed with signal 9 at a random moment of the time that the "
        f"last whole one took (at the end {longest}); the next worker gets two jobs of beat and those "
        f"that the broker gives back, {counts.given_back} in all",
        f"{counts.kills} kills: {counts.counting} while counting, {counts.printing} while printing",
        f"{counts.kills - counts.wrong} ended as exactly one issue with its {WHOLE} files, each as its hash says, "
        f"{counts.wrong} otherwise; {counts.half} with some of the files at the kill; "
        f"{in_figures(counts.wrong + counts.half, counts.kills)}; {counts.late} more were whole before their kill",
        counts.kills == sizes.kills and not counts.wrong and not counts.half,
    )
    yield Figure(
        "What the page says after each of those kills",
        f"what it prints, read at once and {ABANDONED_AFTER.seconds // 60} minutes later: being built; then stopped, "
        "with tries left",
        f"{counts.kills} kills",
        f"{counts.kills - counts.untrue} true each time, {counts.untrue} otherwise; "
        f"{in_figures(counts.untrue, counts.kills)}",
        not counts.untrue,
    )


def _finish(house: _House, worker: Worker, broker: Broker, asked: ReportRequest) -> float:
    """Let a new worker build what is asked for, whatever else it gets, and return how long that took, in seconds."""
    for _ in range(2):
        broker.publish(build_requested_reports)
    worker.wait_until(lambda: _now(asked).started_at == house.at, "the report is begun")
    begun = time.monotonic()
    worker.wait_until(lambda: _now(asked).finished_at is not None, "the report is built")
    took = time.monotonic() - begun
    worker.wait_until(broker.is_idle, "no job is left")
    return took


def _kill(
    house: _House,
    worker: Worker,
    broker: Broker,
    counts: _Counts,
    chance: random.Random,
    whole_s: dict[str, float],
) -> ReportRequest | None:
    """Kill the worker while it builds a report; return the asking, or None when that was whole by then."""
    house.later(timedelta(minutes=1))
    asked = house.ask()
    for _ in range(3):
        broker.publish(build_requested_reports)
    worker.wait_until(lambda: _now(asked).started_at is not None, "the report is begun")
    time.sleep(chance.uniform(0, whole_s[asked.edition]))
    worker.kill()
    _wait_for_the_database()
    left = _now(asked)
    if left.finished_at is not None:
        counts.late += 1
        counts.wrong += not _is_whole(asked)
        if counts.late > MOST_LATE * (counts.kills + 1):
            raise AssertionError("nearly every report is whole before its worker is killed")
        return None
    counts.counting += left.stage == Stage.COUNTING
    counts.printing += left.stage == Stage.PRINTING
    counts.half += ReportFile.objects.filter(run__in=_issues(asked)).count() not in (0, WHOLE)
    at_once = house.on_the_page()
    house.later(ABANDONED_AFTER + timedelta(seconds=1))
    ten_minutes_later = house.on_the_page()
    counts.untrue += not (
        at_once is not None
        and not at_once.is_stopped
        and ten_minutes_later is not None
        and ten_minutes_later.is_stopped
        and ten_minutes_later.tries_left > 0
    )
    return asked


def _now(asked: ReportRequest) -> ReportRequest:
    return ReportRequest.objects.get(pk=asked.pk)


def _issues(asked: ReportRequest) -> QuerySet[ReportRun]:
    return ReportRun.objects.filter(month=asked.month, edition=asked.edition)


def _is_whole(asked: ReportRequest) -> bool:
    """Tell whether an asking has ended as the only issue of its month, with every file as its hash says."""
    ended, runs = _now(asked), list(_issues(asked))
    files = list(ReportFile.objects.filter(run__in=runs))
    return (
        [run.pk for run in runs] == [ended.run_id]
        and (ended.stage, ended.failure) == (Stage.DONE, "")
        and sorted(file.kind for file in files) == sorted(ReportFile.Kind.values)
        and all(sha256(bytes(file.content)).hexdigest() == file.sha256 for file in files)
    )


def _wait_for_the_database() -> None:
    """Wait until the database has noticed that the killed are gone: a commit that was on its way is stored or not."""
    end = time.monotonic() + 60
    with as_owner() as owner:
        while time.monotonic() < end:
            owner.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND usename = %s",
                [settings.DATABASE_APP_ROLE],
            )
            if owner.fetchone()[0] <= 1:  # our own connection as the application
                return
            time.sleep(0.05)
    raise AssertionError("the killed worker's connections are still there")


# --- the control: files stored one by one ------------------------------------------------------------------


def _killed_between_files(template: str, sizes: Sizes) -> Figure:
    half = 0
    with _a_house(template) as house:
        run = build_report(
            clinic=house.clinic.pk, month=house.month, edition=Edition.RESTRICTED, by=house.by, at=house.at
        )
        contents = print_run(run.pk)
        for number in range(sizes.controls):
            stored = 1 + number % (WHOLE - 1)
            house.month = next_month(house.month)
            own = build_report(
                clinic=house.clinic.pk,
                month=house.month,
                edition=Edition.RESTRICTED,
                by=house.by,
                at=house.at,
            )
            _store_one_by_one_and_die(own.pk, contents, stored, at=house.at)
            half += ReportFile.objects.filter(run=own).count() not in (0, WHOLE)
    return Figure(
        "Positive control of those",
        "a process that stores each file by itself, killed after one to four of them",
        f"{sizes.controls} kills",
        f"{half} half sets of files seen",
        half == sizes.controls,
    )


def _store_one_by_one_and_die(run: UUID, contents: dict[str, bytes], stored: int, *, at: datetime) -> None:
    """Store so many files in a process of its own, each in a transaction of its own, and kill that process."""
    connections["default"].close()  # a connection must not be shared by two processes
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        try:
            for kind, content in list(contents.items())[:stored]:
                ReportFile.objects.create(
                    run_id=run, kind=kind, content=content, sha256=sha256(content).hexdigest(), made_at=at
                )
            os.write(theirs, b"r")
            while True:
                signal.pause()
        finally:
            os._exit(1)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.read(1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if said != b"r":
        raise AssertionError("the process of the control ended by itself")
