"""A pretend checkout: the real launcher in an empty folder, with stand-ins for Django and its servers."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from launcher.checkout import Checkout
from launcher.install import CONTAINS, fingerprint
from launcher.interrupts import Interrupts
from launcher.processes import Run

ROOT = Path(__file__).resolve().parents[3]
SERVERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


class Pretend:
    """A checkout of its own, and `./hat` in it as a newcomer would type it."""

    def __init__(self, root: Path) -> None:
        self.checkout = Checkout(root)
        self.root = root
        self.environment = {key: value for key, value in os.environ.items() if key not in SERVERS}
        self._demos: list[subprocess.Popen[bytes]] = []
        self.environment |= {"HAT_PORT": "18000", "HAT_PYTHON": sys.executable}

    def hat(self, *words: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.root / "hat"), *words],
            cwd=cwd or self.root,
            env={**self.environment, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def begin_demo(self) -> subprocess.Popen[bytes]:
        """Start the demo, and do not wait for it."""
        with (self.root / "said.txt").open("wb") as said:
            demo = subprocess.Popen(
                [str(self.root / "hat"), "demo"],
                cwd=self.root,
                env=self.environment,
                stdout=said,
                stderr=said,
                start_new_session=True,
                # A suite that was started under nohup would hand its deafness on, and the demo keep it on purpose.
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),
            )
        self._demos.append(demo)
        return demo

    def start_demo(self) -> subprocess.Popen[bytes]:
        """Start the demo and wait until it has said its address."""
        demo = self.begin_demo()
        wait_until(lambda: "Ready after" in self.said() or demo.poll() is not None)
        assert demo.poll() is None, self.said()
        return demo

    def said(self) -> str:
        return (self.root / "said.txt").read_text()

    def calls(self) -> list[dict[str, Any]]:
        """What the stand-in for manage.py was called with."""
        path = self.root / "calls.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def close(self) -> None:
        """Stop what a test left running, and fail if the launcher does not."""
        self.hat("reset", "--yes")
        for demo in self._demos:
            demo.wait(timeout=30)
        left = self.processes()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        assert not left, "processes were left running"

    def processes(self) -> list[int]:
        """Every living process that runs in this folder, or whose command line names it."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                state = (path / "stat").read_text().rpartition(")")[2].split()[0]
                place = str((path / "cwd").readlink())
                command = (path / "cmdline").read_bytes().decode(errors="replace")
                if state != "Z" and (place.startswith(str(self.root)) or str(self.root) in command):
                    found.append(int(path.name))
        return found


def wait_until(happened: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def lay_out(root: Path) -> Pretend:
    root.mkdir()
    for name in ("hat", "launcher", "requirements"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
    for path in (Path(__file__).parent / "pretend").glob("*.py"):
        shutil.copy(path, root / path.name)
    pretend = Pretend(root)
    venv = pretend.checkout.venv
    venv.mkdir()
    (venv / "pyvenv.cfg").write_text(
        f"home = {Path(sys.base_prefix) / 'bin'}\ninclude-system-site-packages = false\n"
    )
    for name in ("bin", "lib"):
        (venv / name).symlink_to(Path(sys.prefix) / name)
    locks = {name: fingerprint(pretend.checkout, name) for name in CONTAINS["test"]}
    (venv / "hat.json").write_text(json.dumps({"venv": str(venv), "locks": locks}))
    pretend.checkout.prepare()
    return pretend


@pytest.fixture
def pretend(tmp_path: Path) -> Iterator[Pretend]:
    made = lay_out(tmp_path / "checkout")
    yield made
    made.close()


@pytest.fixture
def second_pretend(tmp_path: Path) -> Iterator[Pretend]:
    made = lay_out(tmp_path / "second")
    yield made
    made.close()


@pytest.fixture
def run(pretend: Pretend, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """One run of the launcher; what a test sets itself is undone together with what is taken away here."""
    for name in SERVERS:
        monkeypatch.delenv(name, raising=False)
    with Run(pretend.checkout, Interrupts(), verb="try") as made:
        yield made
