"""A rule can be imported, and so tested and reviewed, with nothing else in sight."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.architecture.house import ROOT, copy_of_the_house, modules, plant, shelf

FRAMEWORKS = ("django", "celery", "psycopg2")

# Runs in an interpreter that has imported nothing yet; each module is imported in a child of its own.
PROBE = """
import importlib, os, sys
frameworks, names = sys.argv[1].split(","), sys.argv[2:]
for name in names:
    child = os.fork()
    if not child:
        try:
            importlib.import_module(name)
        except BaseException as error:
            print(f"{name} cannot be imported alone: {error!r}", flush=True)
        guilty = [framework for framework in frameworks if framework in sys.modules]
        if guilty:
            print(f"{name} pulls in {', '.join(guilty)}", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
"""


def impure(names: list[str], root: Path = ROOT) -> list[str]:
    """Return a sentence for each module whose import alone loads a framework, or fails."""
    run = subprocess.run(
        [sys.executable, "-c", PROBE, ",".join(FRAMEWORKS), *names],
        cwd=root,
        env={"PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.splitlines()


def rules(root: Path = ROOT) -> list[str]:
    """Return the names of every rules module, and of the one module of the floor that they share."""
    return [
        *(module.name for module in modules(root) if shelf(module) == "rules"),
        "hat_clinic.core.decisions",
    ]


class TestRules:
    def test_load_no_framework(self) -> None:
        names = rules()

        assert len(names) > 5
        assert impure(names) == []

    def test_loading_one_are_seen(self, tmp_path: Path) -> None:
        house = copy_of_the_house(tmp_path)
        plant(house, "hat_clinic", "import celery")

        assert "hat_clinic.accounts.rules pulls in celery" in impure(["hat_clinic.accounts.rules"], house)

    def test_that_do_not_import_are_seen(self, tmp_path: Path) -> None:
        house = copy_of_the_house(tmp_path)
        plant(house, "dosing.rules.orders", "import nothing_of_that_name")

        (sentence,) = impure(["dosing.rules.orders"], house)

        assert sentence.startswith("dosing.rules.orders cannot be imported alone")


class TestTheProjectPackage:
    def test_is_empty(self) -> None:
        assert (ROOT / "hat_clinic" / "__init__.py").read_text() == ""
