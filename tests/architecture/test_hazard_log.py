"""Each hazard says how bad, from what, and held by what; each test it leans on exists."""

from __future__ import annotations

import ast
import re

from tests.architecture.house import ROOT

LOG = ROOT / "docs" / "safety" / "hazard-log.md"
SEVERITIES = {"minor", "significant", "considerable", "major", "catastrophic"}
COLUMNS = 6


def rows(text: str) -> list[list[str]]:
    """Return the cells of every hazard of the log."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if re.match(r"\| H-\d+ \|", line)
    ]


def existing_tests() -> set[str]:
    """Return every test as Class.test_method."""
    return {
        f"{node.name}.{method.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
        for method in node.body
        if isinstance(method, ast.FunctionDef) and method.name.startswith("test_")
    }


def faults(text: str, tests: set[str]) -> list[str]:
    """Return a sentence for each hazard that is told badly or leans on a test that is not there."""
    violations = []
    numbers = []
    for cells in rows(text):
        hazard = cells[0]
        numbers.append(hazard)
        if len(cells) != COLUMNS or not all(cells):
            violations.append(f"{hazard} has an empty cell or one too many")
            continue
        if cells[2] not in SEVERITIES:
            violations.append(f"{hazard} is {cells[2]}, which is no severity")
        named = re.findall(r"`([^`]+)`", cells[5])
        if not named and cells[5] != "open":
            violations.append(f"{hazard} names no test and is not open")
        violations += [f"{hazard} leans on {name}, which is not there" for name in named if name not in tests]
    if numbers != [f"H-{number:02}" for number in range(1, len(numbers) + 1)]:
        violations.append("the hazards are not numbered from 1 without a gap")
    return violations


class TestTheHazardLog:
    def test_leans_on_tests_that_exist(self) -> None:
        text = LOG.read_text(encoding="utf-8")

        assert len(rows(text)) >= 8
        assert faults(text, existing_tests()) == []

    def test_says_that_nobody_signed_it(self) -> None:
        assert "Draft, unsigned" in LOG.read_text(encoding="utf-8")

    def test_with_a_fault_is_seen(self) -> None:
        planted = (
            "| H-01 | a | severe | b | c | `TestA.test_b` |\n"
            "| H-02 | a | major | b | c | soon |\n"
            "| H-04 | a | major |  | c | open |\n"
        )

        assert faults(planted, set()) == [
            "H-01 is severe, which is no severity",
            "H-01 leans on TestA.test_b, which is not there",
            "H-02 names no test and is not open",
            "H-04 has an empty cell or one too many",
            "the hazards are not numbered from 1 without a gap",
        ]
