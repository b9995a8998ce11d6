"""Where things are in one checkout. All state is in `.hat/`, readable by its owner only."""

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launcher.locks import LockFile
from launcher.problems import Problem

# A Unix socket's whole path has to fit into about 100 characters; PostgreSQL adds "/.s.PGSQL.5432".
LONGEST_SOCKET_FOLDER = 85


@dataclass(frozen=True)
class Checkout:
    """One copy of the project on this machine."""

    root: Path

    @property
    def state(self) -> Path:
        return self.root / ".hat"

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def runs(self) -> Path:
        return self.state / "run"

    @property
    def running_file(self) -> Path:
        return self.state / "running.json"

    @property
    def servers_lock(self) -> LockFile:
        """Held by whoever runs the demo's PostgreSQL and Valkey: `demo`, or a `manage` without one."""
        return LockFile(self.state / "servers.lock")

    @property
    def install_lock(self) -> LockFile:
        return LockFile(self.state / "install.lock")

    @property
    def called_from(self) -> Path:
        """The folder the caller typed the command in, so that relative paths mean what they say."""
        return Path(os.environ.get("HAT_CALLED_FROM", str(Path.cwd())))

    def prepare(self) -> None:
        """Make the state folders, or say why they cannot be made."""
        try:
            for folder in (self.state, self.logs, self.runs, self.state / "static"):
                folder.mkdir(mode=0o700, exist_ok=True)
            if self.state.stat().st_uid != os.geteuid():
                raise Problem(
                    f"{self.state} belongs to another user of this machine: run ./hat as that user, "
                    "or make a checkout of your own."
                )
            self.state.chmod(0o700)
            probe = self.state / ".writable"
            probe.touch()
            probe.unlink()
        except (PermissionError, FileExistsError, NotADirectoryError) as error:
            raise Problem(
                f"{self.root} cannot be written to ({error.strerror}): copy the project to a folder "
                "of your own and run ./hat there."
            ) from error

    def begin_servers(self) -> None:
        """What the new holder of the servers' lock does first: a killed one's words, or a reset, came before."""
        self.prepare()
        self.running_file.unlink(missing_ok=True)

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def private_folder(self) -> Path:
        """This checkout's own folder under the temp directory, for what may not or cannot live in `.hat/`."""
        name = hashlib.sha256(str(self.root).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"hat-{os.geteuid()}-{name}"

    def read_running(self) -> dict[str, Any] | None:
        """What the running demo wrote about itself (address, sign-ins, servers), or None if none runs."""
        if not self.servers_lock.is_taken():
            return None
        try:
            return dict(json.loads(self.running_file.read_text()))
        except (OSError, ValueError):
            return {}

    def write_running(self, **facts: Any) -> None:
        write_private(self.running_file, json.dumps(facts, indent=1))

    def has_command(self, name: str) -> bool:
        """Whether the project has a management command of that name."""
        return any(self.root.glob(f"*/management/commands/{name}.py")) or any(
            self.root.glob(f"hat_clinic/*/management/commands/{name}.py")
        )


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step; only its owner can read it, at every moment."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(temporary).replace(path)


def own_folder(path: Path, mode: int = 0o700) -> Path:
    """Make a folder in a place others may write to, refusing one that somebody else put there first."""
    path.mkdir(mode=mode, exist_ok=True)
    found = path.lstat()
    if path.is_symlink() or found.st_uid != os.geteuid():
        raise Problem(f"{path} was made by somebody else: remove it, or set TMPDIR to a folder of your own.")
    path.chmod(mode)
    return path
