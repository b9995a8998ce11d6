"""Calls to `manage.py` that several verbs share."""

import hashlib
import os
from pathlib import Path

from launcher.checkout import Checkout
from launcher.install import fingerprint
from launcher.problems import Problem, say
from launcher.processes import Run
from launcher.servers import Servers


def manage(checkout: Checkout, *words: str) -> list[str]:
    """The command line of one management command."""
    return [str(checkout.python), str(checkout.root / "manage.py"), *words]


def call_manage(run: Run, environment: dict[str, str], *words: str) -> str:
    """Run a management command to its end and return what it printed; one that fails stops the launcher."""
    name = words[0]
    code, printed = run.call(name, manage(run.checkout, *words), environment=environment)
    if code:
        log = run.checkout.log(name)
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-6:])
        raise Problem(f"manage.py {' '.join(words)} failed; {log} has all of it, and it ends:\n{tail}")
    return printed


def ensure_migrated(run: Run, environment: dict[str, str], servers: Servers) -> None:
    """Bring the tables up to date, at once if our own data folder already saw these very migrations."""
    data = servers.data_folder
    stamp = data.with_name(f"{data.name}.migrated") if data else None
    wanted = f"{_migrations_hash(run.checkout)} {_made_at(data)}" if data else ""
    if stamp and stamp.exists() and stamp.read_text() == wanted:
        return
    say("Bringing the database's tables up to date ...")
    call_manage(run, environment, "migrate", "--noinput")
    if stamp:
        stamp.write_text(wanted)


def _migrations_hash(checkout: Checkout) -> str:
    digest = hashlib.sha256(fingerprint(checkout, "demo").encode())
    for path in sorted(checkout.root.glob("**/migrations/**/*")):
        relative = path.relative_to(checkout.root)
        if path.is_file() and path.suffix in (".py", ".sql") and not str(relative).startswith("."):
            digest.update(os.fsencode(relative) + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _made_at(data: Path) -> str:
    """A text that differs between two data folders that ever stood at the same place."""
    made = (data / "PG_VERSION").stat()
    return f"{made.st_ino}-{made.st_mtime_ns}"
