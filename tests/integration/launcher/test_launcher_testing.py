"""`./hat test`: every check and then pytest, whatever failed before, on servers that go with the run."""

from pathlib import Path

import pytest

from launcher.locks import LockFile
from launcher.testing import workers

from .conftest import Pretend

PROJECT = """
[tool.mypy]
files = ["code.py"]

[tool.importlinter]
root_package = "launcher"

[[tool.importlinter.contracts]]
name = "The launcher's words know nothing of its verbs"
type = "forbidden"
source_modules = ["launcher.problems"]
forbidden_modules = ["launcher.demo"]

[tool.ruff]
exclude = ["launcher", "manage.py", "gunicorn.py", "celery.py"]
"""
TEST = """
import os

import psycopg2


def test_speaks_to_the_database() -> None:
    host = os.environ["DATABASE_URL"].split("@")[1].split("/")[0].replace("%2F", "/")
    connection = psycopg2.connect(host=host, user="hat_app", dbname="hat")
    connection.close()
    assert os.environ["HAT_DEMO"] == "1"
"""
COVERAGE = """
[tool.coverage.run]
branch = true
source = ["sample"]
parallel = true
patch = ["subprocess"]
disable_warnings = ["no-data-collected"]
"""
RULES = """
def word(is_on: bool) -> str:
    if is_on:
        return "on"
    return "off"
"""
TEST_OF_RULES = """
import pytest

from sample.rules import word


@pytest.mark.parametrize("is_on", [True, False])
def test_says_a_word(is_on: bool) -> None:
    assert word(is_on).startswith("o")
"""


@pytest.fixture
def project(pretend: Pretend) -> Pretend:
    (pretend.root / "pyproject.toml").write_text(PROJECT)
    (pretend.root / "code.py").write_text("ANSWER: int = 42\n")
    (pretend.root / "test_it.py").write_text(TEST.lstrip())
    docker = pretend.root / "docker"
    docker.mkdir()
    (docker / "check-compose").write_text("#!/bin/sh\n")
    (docker / "check-compose").chmod(0o755)
    return pretend


class TestHatTest:
    def test_succeeds_and_closes_with_the_line_of_pytest(self, project: Pretend) -> None:
        said = project.hat("test", "-p", "no:randomly")

        (deploy,) = [call for call in project.calls() if "--deploy" in call["words"]]
        assert said.returncode == 0, said.stdout + said.stderr
        assert "1 passed" in said.stdout.strip().splitlines()[-1]
        assert "FAILED" not in said.stdout
        assert project.processes() == []
        assert not list(project.checkout.state.glob("pg*"))
        # The deployment is judged as production would run, not as the demo.
        assert deploy["words"] == ["check", "--deploy", "--fail-level", "WARNING"]
        assert "HAT_DEMO" not in deploy["environment"]
        assert deploy["environment"]["HAT_ALLOWED_HOSTS"] == "hat.example.org"

    def test_runs_everything_whatever_failed_before(self, project: Pretend) -> None:
        (project.root / "code.py").write_text('ANSWER: int = "forty-two"\n')
        (project.root / "test_it.py").write_text("def test_it() -> None:\n    assert False\n")

        said = project.hat("test", "-p", "no:randomly", "-q", "-n", "0")

        assert said.returncode == 1
        assert "mypy                 FAILED" in said.stdout
        assert "deploy check         ok" in said.stdout
        assert "Incompatible types in assignment" in said.stdout
        assert "1 failed" in said.stdout
        assert "mypy, pytest (exit code 1)" in said.stderr.splitlines()[-1]


class TestTheWholeSuite:
    """Without words for pytest."""

    @pytest.fixture
    def counted(self, project: Pretend) -> Pretend:
        (project.root / "pyproject.toml").write_text(PROJECT + COVERAGE)
        sample = project.root / "sample"
        sample.mkdir()
        (sample / "rules.py").write_text(RULES.lstrip())
        (sample / "actions.py").write_text('"""Nothing is written here."""\n')
        (project.root / "test_it.py").write_text(TEST_OF_RULES.lstrip())
        return project

    def test_is_held_to_the_gates(self, counted: Pretend) -> None:
        said = counted.hat("test")

        assert said.returncode == 0, said.stdout + said.stderr
        lines = said.stdout.strip().splitlines()
        assert "2 passed" in lines[-2]
        assert lines[-1] == "Coverage: rules 100.0 %, actions 100.0 %, all code 100.0 %."
        assert not list(counted.root.glob(".coverage*"))

    def test_fails_in_one_sentence_where_a_branch_of_a_rule_is_not_run(self, counted: Pretend) -> None:
        tests = TEST_OF_RULES.lstrip().replace("[True, False]", "[True]")
        (counted.root / "test_it.py").write_text(tests)

        said = counted.hat("test")

        assert said.returncode == 1
        assert "1 passed" in said.stdout
        assert "sample/rules.py" in said.stdout
        sentence = said.stderr.strip().splitlines()[-1]
        assert (
            "Failed: coverage of rules (66.7 %; 100 % needed), coverage of all code (66.7 %; 90" in sentence
        )


class TestWorkers:
    def test_are_two_where_there_is_more_than_one_core(self) -> None:
        assert workers(1) == []
        assert workers(2) == ["-n", "2"]


class TestLockFile:
    def test_is_held_by_one_and_free_again_afterwards(self, tmp_path: Path) -> None:
        first, second = LockFile(tmp_path / "lock"), LockFile(tmp_path / "lock")

        assert first.take()
        assert not second.take()
        assert second.is_taken()
        first.give_back()
        assert not second.is_taken()
        with second.waited_for("not said, for nobody has it"):
            assert not first.take()
