"""Starting programs so that none is ever left behind.

Every child gets a session of its own, a record on disk (pid with its start time, so that a recycled pid is
never mistaken for ours) and a token in its environment that its own children inherit. A clean stop works
through the records; after a `kill -9` of the launcher the warden does, and failing that the next start.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from launcher.checkout import Checkout, write_private
from launcher.interrupts import Interrupts
from launcher.locks import LockFile

TOKEN = "HAT_RUN"  # noqa: S105 - the name of an environment variable, not a password
LONGEST_LOG = 5_000_000

# What to send, and how many seconds to wait for the process to be gone before the next. SIGKILL comes last.
Signals = Sequence[tuple[int, float]]
POLITELY: Signals = ((signal.SIGTERM, 10.0),)


def identity(pid: int) -> str | None:
    """A text that differs between two processes that ever had this pid; None if none is alive now."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        if Path("/proc/self/stat").exists():
            return None
        return _identity_from_ps(pid)
    if fields[0] in "ZX":
        return None
    boot = Path("/proc/sys/kernel/random/boot_id")
    return f"{boot.read_text().strip() if boot.exists() else ''}:{fields[19]}"


def _identity_from_ps(pid: int) -> str | None:
    found = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    words = found.stdout.split()
    return None if not words or words[0].startswith("Z") else " ".join(words[1:])


@dataclass(frozen=True)
class Record:
    """One started process, as the disk remembers it."""

    name: str
    pid: int
    identity: str
    order: int
    signals: Signals

    def is_alive(self) -> bool:
        return identity(self.pid) == self.identity

    def stop(self) -> None:
        """Stop this very process, first as it likes it, in the end with SIGKILL; a stranger is left alone."""
        for signum, seconds in (*self.signals, (signal.SIGKILL, 10.0)):
            if not self.is_alive():
                return
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, signum)
            end = time.monotonic() + seconds
            while self.is_alive() and time.monotonic() < end:
                time.sleep(0.03)


def read_records(folder: Path) -> list[Record]:
    """The records of one run, in the order in which to stop them. A half-written record is skipped."""
    records = []
    for path in folder.glob("*.process"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            fields = json.loads(path.read_text())
            fields["signals"] = tuple((int(signum), float(wait)) for signum, wait in fields["signals"])
            records.append(Record(**fields))
    return sorted(records, key=lambda record: record.order)


def sweep(token: str, *, session: int | None = None) -> None:
    """Kill what a run's programs started themselves and left: processes that carry the run's token."""
    mark = f"{TOKEN}={token}".encode()
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            if session is not None and os.getsid(int(path.name)) != session:
                continue
            if mark in (path / "environ").read_bytes().split(b"\0"):
                os.kill(int(path.name), signal.SIGKILL)


def clean_up(folder: Path) -> None:
    """Stop what is left of a run whose launcher is dead, and forget the run."""
    with LockFile(folder.parent / "clean.lock").waited_for("Waiting for the last run to be cleared away."):
        for record in read_records(folder):
            record.stop()
        try:
            owner = json.loads((folder / "owner.json").read_text())
        except (OSError, ValueError):
            owner = {}
        if owner.get("token"):
            sweep(owner["token"])
        for leftover in owner.get("folders", ()):
            if Path(leftover).name.startswith("hat-"):
                shutil.rmtree(leftover, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def living_runs(checkout: Checkout) -> list[dict[str, Any]]:
    """The runs of this checkout whose launcher is alive: verb and pid of each. Dead ones are cleared away."""
    alive = []
    for folder in sorted(path for path in checkout.runs.iterdir() if path.is_dir()):
        try:
            owner = json.loads((folder / "owner.json").read_text())
            if identity(owner["pid"]) == owner["identity"]:
                alive.append(owner)
                continue
        except FileNotFoundError:
            if time.time() - folder.stat().st_mtime < 5:
                continue  # another launcher made it this very moment
        except (OSError, ValueError, KeyError):
            pass
        clean_up(folder)
    return alive


class Child:
    """A program that this launcher started."""

    def __init__(self, process: subprocess.Popen[bytes], record: Record, log: Path) -> None:
        self.process = process
        self.record = record
        self.log = log

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def log_tail(self, lines: int = 6) -> str:
        """The last lines the program wrote, for the sentence that says it failed."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


class Run:
    """One use of the launcher: what it started, the folders it made. Leaving the block stops everything."""

    def __init__(self, checkout: Checkout, interrupts: Interrupts, *, verb: str) -> None:
        self.checkout = checkout
        self.interrupts = interrupts
        self.verb = verb
        self.token = secrets.token_hex(8)
        self.folder = checkout.runs / f"{os.getpid()}-{self.token}"
        self.children: list[Child] = []
        self._folders: list[str] = []
        self._warden: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        living_runs(self.checkout)
        self.folder.mkdir(mode=0o700)
        self._write_owner()
        environment = {key: value for key, value in os.environ.items() if key != TOKEN}
        self._warden = subprocess.Popen(
            [sys.executable, "-m", "launcher.warden", str(self.folder)],
            cwd=Path(__file__).parent.parent,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.interrupts.ignore()
        self.stop_all()
        clean_up(self.folder)
        if self._warden is not None and self._warden.stdin is not None:
            self._warden.stdin.close()
            self._warden.wait()

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        order: int = 0,
        signals: Signals = POLITELY,
        stdin: bytes | None = None,
        keep_open: Iterable[int] = (),
        cwd: Path | None = None,
        user: int | None = None,
        stdout: int | None = None,
    ) -> Child:
        """Start a program in a session of its own, its output going to `.hat/logs/NAME.log`."""
        log = self.checkout.log(name)
        if log.exists() and log.stat().st_size > LONGEST_LOG:
            log.replace(log.with_suffix(".old.log"))
        identities: dict[str, Any] = {} if user is None else {"user": user, "group": user, "extra_groups": ()}
        with self.interrupts.held(), log.open("ab") as output:
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=cwd or self.checkout.root,
                env={**environment, TOKEN: self.token},
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=output if stdout is None else stdout,
                stderr=output,
                start_new_session=True,
                pass_fds=tuple(keep_open),
                **identities,
            )
            record = Record(name, process.pid, identity(process.pid) or "", order, tuple(signals))
            write_private(self.folder / f"{name}.process", json.dumps(record.__dict__))
            child = Child(process, record, log)
            self.children.append(child)
        if stdin is not None and process.stdin is not None:
            with contextlib.suppress(BrokenPipeError), process.stdin:
                process.stdin.write(stdin)
            process.stdin = None
        return child

    def call(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        stdin: bytes | None = None,
        user: int | None = None,
        cwd: Path | None = None,
    ) -> tuple[int, str]:
        """Run a program to its end; its exit code and what it printed. Standard error goes to the log."""
        child = self.start(
            name, command, environment=environment, stdin=stdin, user=user, cwd=cwd, stdout=subprocess.PIPE
        )
        printed, _ = child.process.communicate()
        code = child.process.returncode
        self.forget(child)
        return code, printed.decode(errors="replace")

    def attach(
        self, command: Sequence[str | Path], *, environment: Mapping[str, str], cwd: Path | None = None
    ) -> int:
        """Run a program on the caller's terminal to its end; Ctrl-C is for it, its exit code is returned."""
        with self.interrupts.held():
            process = subprocess.Popen(
                [str(word) for word in command],
                cwd=cwd or self.checkout.root,
                env={**environment, TOKEN: self.token},
            )
            handlers = {
                signal.SIGINT: signal.signal(signal.SIGINT, lambda signum, frame: None),
                signal.SIGTERM: signal.signal(signal.SIGTERM, lambda signum, frame: process.terminate()),
                signal.SIGHUP: signal.signal(signal.SIGHUP, lambda signum, frame: process.terminate()),
            }
        try:
            return process.wait()
        finally:
            for signum, handler in handlers.items():
                signal.signal(signum, handler)

    def stop_all(self) -> None:
        """Stop every child, each after those that use it."""
        for child in sorted(self.children, key=lambda child: child.record.order):
            self.stop(child)

    def stop(self, child: Child) -> None:
        """Stop one child and what it left in its session."""
        child.record.stop()
        child.process.wait()
        self.forget(child)

    def forget(self, child: Child) -> None:
        """Clear up behind a child that has ended."""
        sweep(self.token, session=child.record.pid)
        with contextlib.suppress(FileNotFoundError):
            (self.folder / f"{child.record.name}.process").unlink()
        if child in self.children:
            self.children.remove(child)

    def temporary_folder(self) -> Path:
        """A private folder under the temp directory that goes with the run, whichever way the run ends."""
        with self.interrupts.held():
            path = Path(tempfile.mkdtemp(prefix="hat-"))
            self._folders.append(str(path))
            self._write_owner()
        return path

    def _write_owner(self) -> None:
        facts = {
            "verb": self.verb,
            "pid": os.getpid(),
            "identity": identity(os.getpid()),
            "token": self.token,
            "folders": self._folders,
        }
        write_private(self.folder / "owner.json", json.dumps(facts))
