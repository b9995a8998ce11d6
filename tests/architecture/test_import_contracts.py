"""The import contracts of pyproject.toml are kept, cover the whole tree, and break when they should."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.house import (
    PACKAGES,
    ROOMS,
    ROOT,
    Module,
    copy_of_the_house,
    files,
    modules,
    plant,
    shelf,
)

# Top-level folders with Python in them that the contracts do not look at, and why.
OUTSIDE_THE_CONTRACTS = {
    "docker": "small programs inside the containers, standard library only",
    "launcher": "the program behind ./hat: standard library only, it runs before anything is installed",
    "tests": "tests may look at everything",
    "tools": "run by hand by whoever renews what the repository carries; nothing imports them",
}


def configuration(root: Path = ROOT) -> dict[str, Any]:
    """Return the import-linter section of pyproject.toml."""
    with (root / "pyproject.toml").open("rb") as file:
        section: dict[str, Any] = tomllib.load(file)["tool"]["importlinter"]
    return section


def lint(root: Path) -> str:
    """Return what import-linter prints for a tree."""
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout + run.stderr


def broken(report: str, root: Path = ROOT) -> list[str]:
    """Return the ids of the contracts that a report calls broken; raises if it names none of ours at all."""
    lines = [" ".join(line.split()) for line in report.splitlines()]
    found = []
    for contract in configuration(root)["contracts"]:
        kept, failed = f"{contract['name']} KEPT", f"{contract['name']} BROKEN"
        if failed in lines:
            found.append(contract["id"])
        elif kept not in lines:
            raise AssertionError(f"import-linter says nothing about {contract['id']}:\n{report}")
    return found


def uncovered(paths: list[Path], section: dict[str, Any], root: Path = ROOT) -> list[str]:
    """Return a sentence for each top-level package that neither a contract nor the written list covers."""
    tops = {path.relative_to(root).parts[0] for path in paths if path.suffix == ".py" and path.parent != root}
    known = {*section["root_packages"], *OUTSIDE_THE_CONTRACTS}
    return [f"{name}/ is in no import contract: add it, or list why not" for name in sorted(tops - known)]


def loopholes(section: dict[str, Any]) -> list[str]:
    """Return a sentence for each setting that lets an import slip through a contract."""
    return [
        f"contract {contract['id']} has {word}"
        for contract in section["contracts"]
        for word in ("ignore_imports", "allow_indirect_imports", "unmatched_ignore_imports_alerting")
        if word in contract
    ]


def reports_that_act(houses: list[Module]) -> list[str]:
    """Return a sentence for each evaluation module, on any shelf, that imports an action not its own."""
    names = {module.name for module in houses}
    return [
        f"{module.name} imports {name}"
        for module in houses
        if module.name.startswith("outcomes.") and "evaluation" in module.name.split(".")
        for name in sorted(module.imported)
        if name.split(".")[0] in ROOMS
        and shelf(name) == "actions"
        and not name.startswith("outcomes.actions.evaluation")
        and (name != "outcomes.actions" or name in names)
    ]


def commands_that_reach_past_actions(houses: list[Module]) -> list[str]:
    """Return a sentence for each management command that imports more than actions, queries, jobs and words.

    A command is as thin as a view. Commands of the roof may use the rest of their own package.
    """
    allowed = ("actions", "queries", "rules", "tasks")
    return [
        f"{module.name} imports {name}"
        for module in houses
        if ".management.commands." in module.name
        for name in sorted(module.imported)
        if name.split(".")[0] in PACKAGES
        and shelf(name) not in allowed
        and not name.startswith("hat_clinic.core")
        and not (
            module.name.startswith("hat_clinic.") and name.startswith(".".join(module.name.split(".")[:2]))
        )
    ]


def pages_that_know_tables(houses: list[Module]) -> list[str]:
    """Return a sentence for each view, form or task that imports a model."""
    return [
        f"{module.name} imports {name}"
        for module in houses
        if shelf(module) in ("views", "forms", "tasks")
        for name in sorted(module.imported)
        if name.split(".")[0] in PACKAGES and shelf(name) == "models"
    ]


class TestImportContracts:
    def test_are_all_kept(self) -> None:
        report = lint(ROOT)

        assert broken(report) == [], report

    def test_are_the_five(self) -> None:
        ids = [contract["id"] for contract in configuration()["contracts"]]

        assert ids == ["rooms", "roof-and-floor", "shelves", "pure-rules", "reports-do-nothing"]

    @pytest.mark.parametrize(
        ("contract", "module", "code"),
        [
            ("rooms", "patients.models", "import dosing.apps"),
            ("rooms", "dosing.rules.orders", "import referrals.apps"),
            ("rooms", "patients.apps", "import hat_clinic.demo.apps"),
            ("roof-and-floor", "hat_clinic.core.clock", "import hat_clinic.audit.apps"),
            ("roof-and-floor", "hat_clinic.helpers", ""),
            ("shelves", "dosing.rules.orders", "import dosing.models"),
            ("shelves", "dosing.utils", ""),
            ("pure-rules", "dosing.rules.orders", "import django"),
            ("pure-rules", "hat_clinic.accounts.rules", "import celery"),
            ("pure-rules", "dosing.rules.orders", "import hat_clinic.core.clock"),
            ("reports-do-nothing", "outcomes.queries.evaluation", "import dosing.actions"),
            ("reports-do-nothing", "outcomes.actions.evaluation", "import outcomes.actions.planted"),
        ],
    )
    def test_break_on_a_planted_import(self, tmp_path: Path, contract: str, module: str, code: str) -> None:
        house = copy_of_the_house(tmp_path)
        if code.startswith(("import outcomes.actions", "import dosing.actions")):
            plant(house, code.removeprefix("import "), "")
        plant(house, module, code)

        report = lint(house)

        assert contract in broken(report), report

    def test_have_no_loophole(self) -> None:
        assert loopholes(configuration()) == []

    def test_with_an_ignored_import_is_seen(self) -> None:
        section = {"contracts": [{"id": "rooms", "ignore_imports": ["patients.models -> dosing.models"]}]}

        assert loopholes(section) == ["contract rooms has ignore_imports"]


class TestTheTree:
    def test_is_covered(self) -> None:
        assert uncovered(files(), configuration()) == []
        assert set(configuration()["root_packages"]) == set(PACKAGES)

    def test_with_a_new_package_is_seen(self) -> None:
        paths = [*files(), ROOT / "reporting" / "views.py"]

        assert uncovered(paths, configuration()) == [
            "reporting/ is in no import contract: add it, or list why not"
        ]

    def test_written_list_is_not_stale(self) -> None:
        present = {path.relative_to(ROOT).parts[0] for path in files()}

        assert set(OUTSIDE_THE_CONTRACTS) <= present


class TestEvaluation:
    def test_calls_its_own_actions_only(self) -> None:
        assert reports_that_act(modules()) == []

    def test_calling_another_is_seen(self, tmp_path: Path) -> None:
        house = copy_of_the_house(tmp_path)
        plant(house, "outcomes.views.evaluation", "from dosing.actions import sessions")

        assert reports_that_act(modules(house)) == [
            "outcomes.views.evaluation imports dosing.actions.sessions"
        ]


class TestManagementCommands:
    def test_call_actions_and_queries_only(self) -> None:
        assert commands_that_reach_past_actions(modules()) == []

    def test_reading_a_table_are_seen(self, tmp_path: Path) -> None:
        house = copy_of_the_house(tmp_path)
        plant(house, "patients.management.commands.planted", "from patients.models import Person")

        assert sorted(
            set(commands_that_reach_past_actions(modules(house)))
            - set(commands_that_reach_past_actions(modules()))
        ) == ["patients.management.commands.planted imports patients.models.Person"]


class TestViewsFormsAndTasks:
    def test_import_no_models(self) -> None:
        assert pages_that_know_tables(modules()) == []

    def test_importing_one_are_seen(self, tmp_path: Path) -> None:
        house = copy_of_the_house(tmp_path)
        plant(house, "dosing.views.planted", "from dosing.models import Order")

        planted = set(pages_that_know_tables(modules(house))) - set(pages_that_know_tables(modules()))
        assert planted == {"dosing.views.planted imports dosing.models.Order"}
