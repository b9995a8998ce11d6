"""`./hat demo` and its neighbours, with real processes and stand-ins for Django and its servers."""

import http.client
import json
import os
import re
import signal
import socket
from pathlib import Path

import pytest

from launcher.demo import Service, look_after, open_listener
from launcher.interrupts import Interrupts
from launcher.problems import Problem
from launcher.processes import Run

from .conftest import Pretend, wait_until


def get(address: str) -> int:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=5)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status
    finally:
        connection.close()


def address_of(pretend: Pretend) -> str:
    return (pretend.checkout.state / "address").read_text().strip()


def pid_of(pretend: Pretend, name: str) -> int:
    (path,) = pretend.checkout.runs.glob(f"*/{name}.process")
    return int(json.loads(path.read_text())["pid"])


class TestDemo:
    def test_starts_answers_and_leaves_nothing_behind(self, pretend: Pretend) -> None:
        demo = pretend.start_demo()
        status = get(address_of(pretend))

        demo.send_signal(signal.SIGINT)
        code = demo.wait(timeout=30)

        said = pretend.said()
        assert status == 200
        assert code == 0
        assert re.search(r"nurse +Nina Nurse \(invented\) +nurse@demo.example +an invented password", said)
        assert "./hat code nurse" in said
        assert "nothing is left running" in said
        assert pretend.processes() == []
        assert not (pretend.checkout.state / "address").exists()

    def test_takes_the_temporary_files_of_its_programs_with_it(self, pretend: Pretend) -> None:
        demo = pretend.start_demo()
        (owner,) = pretend.checkout.runs.glob("*/owner.json")
        folders = [Path(folder) for folder in json.loads(owner.read_text())["folders"]]
        wait_until(lambda: sum(len(list(folder.glob("left-by-celery-*"))) for folder in folders) == 2)

        demo.send_signal(signal.SIGINT)
        demo.wait(timeout=30)

        assert not any(folder.exists() for folder in folders)

    def test_is_safe_to_start_twice(self, pretend: Pretend) -> None:
        demo = pretend.start_demo()

        again = pretend.hat("demo")

        assert again.returncode == 0
        assert f"already running (process {demo.pid})" in again.stdout
        assert address_of(pretend) in again.stdout
        assert "an invented password" in again.stdout
        assert f"{address_of(pretend)}/terminal/enrol/an-invented-token/" in again.stdout

    def test_hands_its_servers_to_code_and_manage_and_stops_from_another_window(
        self, pretend: Pretend, tmp_path: Path
    ) -> None:
        demo = pretend.start_demo()

        code = pretend.hat("code", "nurse")
        failed = pretend.hat("manage", "fail", "relative/path", cwd=tmp_path)
        stopped = pretend.hat("stop")

        history, last_but_one, last = pretend.calls()[-3:]
        assert code.stdout == "123456\n"
        assert failed.returncode == 7
        assert last["words"] == ["fail", "relative/path"]
        assert last["cwd"] == str(tmp_path)
        assert history["words"] == ["make_demo", "--history"]
        for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "FIELD_KEY"):
            assert (
                last["environment"][name] == last_but_one["environment"][name] == history["environment"][name]
            )
        assert stopped.returncode == 0
        assert demo.wait(timeout=30) == 0
        assert pretend.processes() == []

    def test_starts_again_what_died_and_stops_when_postgresql_did(self, pretend: Pretend) -> None:
        demo = pretend.start_demo()
        web, worker = pid_of(pretend, "web"), pid_of(pretend, "worker")

        os.kill(web, signal.SIGKILL)
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: pretend.said().count("is started again in 1 s") == 2)
        wait_until(lambda: pid_of(pretend, "web") != web and pid_of(pretend, "worker") != worker)
        status = get(address_of(pretend))
        os.kill(pid_of(pretend, "postgres"), signal.SIGKILL)

        assert status == 200
        assert demo.wait(timeout=30) == 1
        assert "PostgreSQL has stopped, so the demo stops too" in pretend.said()
        assert pretend.processes() == []

    def test_is_cleared_away_and_starts_again_after_a_kill(self, pretend: Pretend) -> None:
        killed = pretend.start_demo()
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()

        again = pretend.start_demo()

        assert get(address_of(pretend)) == 200
        assert "Making a PostgreSQL" not in pretend.said()
        assert [call["words"][0] for call in pretend.calls()].count("migrate") == 1
        again.send_signal(signal.SIGTERM)
        assert again.wait(timeout=30) == 0

    def test_runs_beside_that_of_another_checkout(self, pretend: Pretend, second_pretend: Pretend) -> None:
        first = pretend.start_demo()
        taken = address_of(pretend).rpartition(":")[2]
        second_pretend.environment["HAT_PORT"] = taken
        second = second_pretend.start_demo()

        answers = {address_of(one): get(address_of(one)) for one in (pretend, second_pretend)}
        stopped = pretend.hat("stop")

        assert set(answers.values()) == {200}
        assert len(answers) == 2
        assert f"Port {taken} is taken; using " in second_pretend.said()
        assert stopped.returncode == 0
        assert first.wait(timeout=30) == 0
        assert second.poll() is None
        assert get(address_of(second_pretend)) == 200

    def test_stops_cleanly_while_it_is_still_starting(self, pretend: Pretend) -> None:
        slow = (
            (pretend.root / "manage.py")
            .read_text()
            .replace('if words == ["make_demo"]', "time.sleep(60)\n    if 1")
        )
        (pretend.root / "manage.py").write_text(slow)
        demo = pretend.begin_demo()
        wait_until(pretend.calls)

        demo.send_signal(signal.SIGHUP)

        assert demo.wait(timeout=30) == 0
        assert pretend.processes() == []

    def test_refuses_a_port_that_is_none(self, pretend: Pretend) -> None:
        said = pretend.hat("demo", HAT_PORT="eighty")

        assert said.returncode == 1
        assert "give it a number from 1 to 65535" in said.stderr


class TestManage:
    def test_starts_the_servers_for_the_while_and_makes_the_tables_once(self, pretend: Pretend) -> None:
        first = pretend.hat("manage", "import_cohort", "folder")
        second = pretend.hat("manage", "fail")

        assert (first.returncode, second.returncode) == (0, 7)
        assert [call["words"][0] for call in pretend.calls()] == ["migrate", "import_cohort", "fail"]
        assert first.stdout == ""
        assert pretend.processes() == []

    def test_makes_the_tables_again_when_a_migration_is_added(self, pretend: Pretend) -> None:
        pretend.hat("manage", "first")
        folder = pretend.root / "patients" / "migrations"
        folder.mkdir(parents=True)
        (folder / "0002_more.py").write_text("# more tables\n")

        pretend.hat("manage", "second")

        assert [call["words"][0] for call in pretend.calls()] == ["migrate", "first", "migrate", "second"]

    def test_leaves_the_tables_alone_for_a_command_about_them(self, pretend: Pretend) -> None:
        pretend.hat("manage", "showmigrations")

        assert [call["words"][0] for call in pretend.calls()] == ["showmigrations"]


class TestCode:
    def test_says_that_no_demo_runs(self, pretend: Pretend) -> None:
        said = pretend.hat("code", "nurse")

        assert said.returncode == 1
        assert "No demo is running in this folder: start it with ./hat demo" in said.stderr

    def test_asks_for_one_role(self, pretend: Pretend) -> None:
        said = pretend.hat("code")

        assert said.returncode == 1
        assert "Name one role" in said.stderr


class TestReset:
    def test_deletes_the_data_of_a_running_demo_only_when_told_so(self, pretend: Pretend) -> None:
        demo = pretend.start_demo()

        unsure = pretend.hat("reset")
        kept = (pretend.checkout.state / "secrets.json").exists()
        sure = pretend.hat("reset", "--yes")

        assert unsure.returncode == 1
        assert kept
        assert sure.returncode == 0
        assert demo.wait(timeout=30) == 0
        assert [path.name for path in pretend.checkout.state.iterdir()] == ["servers.lock"]

    def test_needs_no_demo(self, pretend: Pretend) -> None:
        assert pretend.hat("stop").returncode == 0
        assert pretend.hat("reset", "--yes").returncode == 0

    def test_refuses_while_another_command_runs(self, pretend: Pretend) -> None:
        with Run(pretend.checkout, Interrupts(), verb="test"):
            said = pretend.hat("reset", "--yes")

        assert said.returncode == 1
        assert f"./hat test (process {os.getpid()}) is using this folder: wait for it" in said.stderr


class TestListener:
    def test_takes_the_next_port_when_one_is_taken(self, capsys: pytest.CaptureFixture[str]) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            taken = other.getsockname()[1]

            with open_listener(taken) as listener:
                port = listener.getsockname()[1]

        assert port > taken
        assert f"Port {taken} is taken; using {port}." in capsys.readouterr().err

    def test_says_that_all_are_taken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("launcher.demo.PORTS_TO_TRY", 1)
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()

            with pytest.raises(Problem, match="name a free one, as in HAT_PORT=9000"):
                open_listener(other.getsockname()[1])


class TestService:
    def test_waits_longer_before_each_restart_and_less_after_a_steady_while(self, run: Run) -> None:
        def start():
            child = run.start("short", ["true"], environment={"PATH": os.environ["PATH"]})
            child.process.wait()
            return child

        service = Service("short", start(), start, started_at=0.0)
        delays = []

        for now in (0.0, 10.0, 20.0, 200.0):
            look_after(service, now)
            delays.append((service.restart_at or 0.0) - now)
            look_after(service, now + delays[-1])

        assert delays == [1.0, 2.0, 4.0, 1.0]
