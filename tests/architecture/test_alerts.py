"""Alerts tell; they decide nothing. What bars a dose is a hold, and no rule or act of a dose reads an alert."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECIDES = ("dosing/rules", "dosing/actions", "dosing/models")
READS_AN_ALERT = re.compile(
    r"patients\.rules\.alerts|patients\.queries\.around|import .*\bAlert\b|patients_alert"
)
# Where alerts are told at the dose: the question who it is, the paper pack, and by their weight alone the board.
TOLD_IN = {
    "dosing/views/hatch.py",
    "dosing/queries/downtime_lines.py",
    "dosing/queries/board.py",
    "dosing/queries/due.py",
}


def readers(folder: str) -> set[str]:
    """Return the files of a folder that read an alert."""
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / folder).rglob("*.py")
        if READS_AN_ALERT.search(path.read_text())
    }


class TestAlerts:
    @pytest.mark.parametrize("folder", DECIDES)
    def test_are_read_by_nothing_that_decides_about_a_dose(self, folder: str) -> None:
        assert readers(folder) == set()

    def test_are_told_at_the_dose_and_read_nowhere_else_there(self) -> None:
        assert readers("dosing") - {name for name in readers("dosing") if "migrations" in name} == TOLD_IN

    @pytest.mark.parametrize(
        "line",
        [
            "from patients.rules.alerts import Severity",
            "from patients.queries.around import list_alerts",
            "from patients.models import Alert",
            'cursor.execute("SELECT FROM patients_alert")',
        ],
    )
    def test_would_be_seen(self, line: str) -> None:
        assert READS_AN_ALERT.search(line)
