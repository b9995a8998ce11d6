"""Whole reports of awkward cohorts, imported as files, beside the same figures computed without the product."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.models import Clinic
from outcomes.actions.cohort import import_cohort
from outcomes.actions.evaluation.build import build_report
from outcomes.rules.evaluation.editions import Edition
from tests.arithmetic_of_measures import ArithmeticOfMeasures
from tests.factories.random_cohorts import RandomCohort

AT = datetime(2026, 1, 15, 9, tzinfo=UTC)


def report(files: Mapping[str, str], folder: Path, month: date) -> dict[str, dict]:
    """The product's figures by id, of the folder imported into a clinic of its own."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    by = get_program(name="test", at=AT)
    import_cohort(folder=folder, is_invented=True, by=by, at=AT)
    code = files["programme.csv"].splitlines()[1].split(",")[0]
    run = build_report(
        clinic=Clinic.objects.get(code=code).id, month=month, edition=Edition.RESTRICTED, by=by, at=AT
    )
    figures = run.figures["indicators"]
    found = {key_of(figure): figure for figure in figures}
    assert len(found) == len(figures)
    return found


def key_of(figure: dict) -> str:
    """The id; health figures of several sources share theirs."""
    return f"{figure['id']}@{figure['source']}" if figure["domain"] == "health" else figure["id"]


def same(found, expected) -> bool:
    if isinstance(expected, tuple):
        return found is not None and same(found["low"], expected[0]) and same(found["high"], expected[1])
    if found is None or expected is None:
        return found is expected
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


def differences(found: Mapping[str, dict], expected: Mapping[str, dict]) -> list[str]:
    """Every figure that only one side has, and every part of a figure that differs."""
    wrong = [f"only one side has {id}" for id in sorted(found.keys() ^ expected.keys())]
    for id in sorted(found.keys() & expected.keys()):
        wrong += [
            f"{id} {part}: {found[id][part]!r}, by hand {wanted!r}"
            for part, wanted in expected[id].items()
            if not same(found[id][part], wanted)
        ]
    return wrong


class TestAReport:
    @pytest.mark.parametrize("seed", range(24))
    def test_says_what_the_files_say(self, db, tmp_path, seed):
        cohort = RandomCohort(seed)
        files = cohort.files()

        figures = report(files, tmp_path / cohort.code, cohort.month)

        assert differences(figures, ArithmeticOfMeasures(files, cohort.month).figures()) == []
        assert all(figure["note"] for figure in figures.values() if figure["value"] is None)
