"""The presets a clinic is opened from, and what it needs until its first dose."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hat_clinic.pages.queries.opening import get_preset
from hat_clinic.pages.rules.opening import (
    PRESETS,
    OpeningFacts,
    PresetRefused,
    checklist,
    read_preset,
)

WHOLE: dict[str, Any] = {
    "name": "A model",
    "words": "After a model.",
    "places": 15,
    "sessions_per_day": 2,
    "facts": [{"what": "Places", "says": "15", "source": "A paper", "is_verified": True}],
}
READY = OpeningFacts(
    premises=1,
    slots=2,
    sessions_per_day=2,
    licences=1,
    has_limits=True,
    stocked_lines=1,
    empty_lines=0,
    staff={
        "nurse": 2,
        "doctor": 1,
        "cd_lead": 1,
        "clinical_lead": 1,
        "manager": 1,
        "privacy_officer": 1,
    },
    terminals=1,
    has_emergency_card=True,
    first_dose="24 November 2026",
)


class TestEveryPreset:
    @pytest.mark.parametrize("code", PRESETS)
    def test_is_read_names_its_sources_and_marks_what_nobody_verified(self, code: str) -> None:
        preset = get_preset(code)

        assert preset.code == code
        assert any(not fact.is_verified for fact in preset.facts) or code == "swiss"
        assert all(fact.source != "None" for fact in preset.facts if fact.is_verified)

    def test_is_one_of_the_list(self) -> None:
        with pytest.raises(KeyError):
            get_preset("atlantis")


class TestAPresetFile:
    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"dose_mg": 200}, "exactly"),
            ({"sessions_per_day": 4}, "one to three"),
            ({"sessions_per_day": 0}, "one to three"),
            ({"places": 0}, "places"),
            ({"facts": [{"what": "Places"}]}, "a fact says"),
            ({"facts": [{"what": "", "says": "1", "source": "None", "is_verified": False}]}, "a fact says"),
            ({"facts": [{"what": "X", "says": "1", "source": "None", "is_verified": True}]}, "no source"),
        ],
    )
    def test_that_is_wrong_is_refused(self, changes: dict[str, Any], words: str) -> None:
        with pytest.raises(PresetRefused, match=words):
            read_preset("model", WHOLE | changes)

    def test_that_is_whole_is_read(self) -> None:
        assert read_preset("model", WHOLE).facts[0].is_verified


class TestTheChecklist:
    def test_lacks_nothing_once_a_dose_is_given(self) -> None:
        assert [item.what for item in checklist(READY) if item.missing] == []

    @pytest.mark.parametrize(
        ("changes", "what", "words"),
        [
            ({"premises": 0}, "Premises", "address"),
            ({"slots": 1}, "Session hours", "1 of 2"),
            ({"staff": READY.staff | {"nurse": 1}}, "Staff", "2 × nurse"),
            ({"licences": 0}, "Licence", "No doctor"),
            ({"has_limits": False}, "Approved limits", "approves"),
            ({"has_emergency_card": False}, "Emergency card", "approves"),
            ({"terminals": 0}, "Terminal", "Enrol"),
            ({"stocked_lines": 0, "empty_lines": 1}, "Stock", "No ledger has"),
            ({"stocked_lines": 0}, "Stock", "No ledger is open"),
            ({"first_dose": ""}, "First dose", "No dose"),
        ],
    )
    def test_names_what_is_missing(self, changes: dict[str, Any], what: str, words: str) -> None:
        missing = [item for item in checklist(replace(READY, **changes)) if item.missing]
        assert [item.what for item in missing] == [what]
        assert words in missing[0].missing
