"""Started programs: none is left behind, and no stranger is ever killed."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from launcher.processes import Record, Run, clean_up, identity, living_runs, read_records

from .conftest import ROOT, Pretend, wait_until

PARENT = (
    "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
)
SLEEP = "import time; time.sleep(60)"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


@pytest.fixture
def stranger():
    process = subprocess.Popen([sys.executable, "-c", SLEEP])
    yield process
    process.kill()
    process.wait()


class TestRecord:
    def test_stops_the_process_it_describes(self, run: Run) -> None:
        child = run.start("sleeper", [sys.executable, "-c", SLEEP], environment={})

        run.stop(child)

        assert child.process.returncode == -signal.SIGTERM

    def test_leaves_a_stranger_alone_that_has_the_same_pid_now(self, stranger) -> None:
        record = Record("web", stranger.pid, "an earlier process", 0, ((signal.SIGTERM, 1.0),))

        record.stop()

        assert stranger.poll() is None

    def test_ends_with_sigkill_where_nothing_else_helps(self, run: Run) -> None:
        child = run.start(
            "deaf", [sys.executable, "-c", DEAF], environment={}, signals=((signal.SIGTERM, 0.2),)
        )
        wait_until(lambda: "deaf" in child.log_tail())

        run.stop(child)

        assert child.process.returncode == -signal.SIGKILL

    def test_tells_the_living_from_the_dead(self, stranger) -> None:
        living = Record("one", stranger.pid, identity(stranger.pid) or "", 0, ())

        stranger.kill()
        stranger.wait()

        assert not living.is_alive()
        assert not replace(living, identity="").is_alive()


class TestRun:
    def test_kills_what_a_program_started_and_left(self, pretend: Pretend, run: Run) -> None:
        child = run.start("parent", [sys.executable, "-c", PARENT + "time.sleep(60)"], environment={})
        wait_until(lambda: len(pretend.processes()) >= 3)

        run.stop(child)

        # Only the warden, which names the folder of the run, is left.
        wait_until(lambda: len(pretend.processes()) == 1)

    def test_writes_no_secret_of_the_environment_to_disk(self, run: Run) -> None:
        run.start("secretive", [sys.executable, "-c", SLEEP], environment={"SECRET_KEY": "hidden"})

        written = "".join(path.read_text() for path in run.folder.iterdir())

        assert "hidden" not in written

    def test_returns_the_exit_code_and_what_was_printed(self, run: Run) -> None:
        code, printed = run.call("said", [sys.executable, "-c", "print('ready'); exit(3)"], environment={})

        assert (code, printed) == (3, "ready\n")


class TestDeadRun:
    def test_is_cleared_away_and_its_programs_stopped(self, pretend: Pretend, stranger) -> None:
        folder = pretend.checkout.runs / "1-dead"
        folder.mkdir()
        owner = {"pid": stranger.pid, "identity": "gone", "token": "t" * 16, "folders": [], "verb": "demo"}
        (folder / "owner.json").write_text(json.dumps(owner))
        left = subprocess.Popen([sys.executable, "-c", SLEEP], env={"HAT_RUN": "t" * 16})

        living = living_runs(pretend.checkout)

        assert living == []
        assert left.wait(timeout=5) == -signal.SIGKILL
        assert stranger.poll() is None
        assert not folder.exists()

    def test_is_cleared_away_even_with_half_written_records(self, pretend: Pretend) -> None:
        folder = pretend.checkout.runs / "1-broken"
        folder.mkdir()
        (folder / "owner.json").write_text("{")
        (folder / "web.process").write_text('{"pid": 1')

        records = read_records(folder)
        clean_up(folder)

        assert records == []
        assert not folder.exists()

    def test_never_deletes_a_folder_it_did_not_make(self, pretend: Pretend, tmp_path: Path) -> None:
        precious = tmp_path / "precious"
        precious.mkdir()
        folder = pretend.checkout.runs / "1-odd"
        folder.mkdir()
        (folder / "owner.json").write_text(json.dumps({"pid": 1, "folders": [str(precious)]}))

        clean_up(folder)

        assert precious.exists()


class TestWarden:
    def test_stops_everything_when_the_launcher_is_killed(self, pretend: Pretend) -> None:
        program = (
            "import os, sys; from launcher.checkout import Checkout; from pathlib import Path\n"
            "from launcher.interrupts import Interrupts; from launcher.processes import Run\n"
            f"with Run(Checkout(Path({str(pretend.root)!r})), Interrupts(), verb='demo') as run:\n"
            f"    child = run.start('sleeper', [sys.executable, '-c', {SLEEP!r}], environment={{}})\n"
            "    print(child.record.pid, flush=True)\n"
            "    os.kill(os.getpid(), 9)\n"
        )

        killed = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
        )

        assert killed.returncode == -signal.SIGKILL, killed.stderr
        wait_until(lambda: identity(int(killed.stdout)) is None, seconds=10)
        wait_until(
            lambda: not [path for path in pretend.checkout.runs.iterdir() if path.is_dir()], seconds=10
        )


class TestIdentity:
    def test_differs_between_two_processes(self, stranger) -> None:
        time.sleep(0.02)

        assert identity(stranger.pid) not in (None, identity(os.getpid()))

    def test_is_none_for_a_pid_nobody_has(self) -> None:
        assert identity(2**22 + 1) is None
