"""What an assessment must hold before it is signed, and whether an order may rest on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from patients.rules.assessments import (
    REQUIRED,
    Capacity,
    Ecg,
    Injecting,
    Naloxone,
    OpioidRoute,
    Option,
    Pregnancy,
    StandingAssessment,
    compare_parts,
    may_order_rest_on,
    may_sign_assessment,
)
from tests.factories.people import FOUND

TODAY = date(2026, 11, 28)
WHOLE = replace(FOUND, due_on=TODAY + timedelta(days=84))
STANDING = StandingAssessment(
    number=1,
    signed_by="Dr Priya Nair",
    signed_at=datetime(2026, 9, 5, 9, tzinfo=UTC),
    due_on=TODAY,
    has_capacity=True,
    is_pregnant=False,
)


def codes(birth_year: int | None = 1979, **changes: Any) -> list[str]:
    decision = may_sign_assessment(replace(WHOLE, **changes), today=TODAY, birth_year=birth_year)
    return [finding.code for finding in decision]


class TestAnAssessment:
    def test_with_every_part_may_be_signed(self) -> None:
        assert codes() == []

    @pytest.mark.parametrize("part", list(REQUIRED))
    def test_lacking_a_part_may_not(self, part: str) -> None:
        empty: dict[str, Any] = {"opioid_since_year": None, "opioid_days_of_28": None, "due_on": None}
        empty["options_offered"] = ()

        assert codes(**{part: empty.get(part, "")}) == [part]

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"opioid_since_year": 1979}, []),
            ({"opioid_since_year": 1978}, ["opioid_since_year"]),
            ({"opioid_since_year": 2026}, []),
            ({"opioid_since_year": 2027}, ["opioid_since_year"]),
            ({"opioid_since_year": 1940, "birth_year": None}, []),
            ({"opioid_since_year": 1939, "birth_year": None}, ["opioid_since_year"]),
            ({"opioid_days_of_28": 0}, []),
            ({"opioid_days_of_28": 28}, []),
            ({"opioid_days_of_28": 29}, ["opioid_days_of_28"]),
            ({"opioid_days_of_28": -1}, ["opioid_days_of_28"]),
            ({"ecg": "abnormal", "ecg_words": ""}, ["ecg_words"]),
            ({"ecg": "abnormal", "ecg_words": "QTc 470 ms."}, []),
            ({"ecg": "not_done", "ecg_words": ""}, []),
            ({"option_chosen": "oral"}, []),
            ({"option_chosen": "none"}, []),
            ({"option_chosen": "detox"}, ["option_chosen"]),
            ({"due_on": TODAY}, ["due_on"]),
            ({"due_on": TODAY + timedelta(days=1)}, []),
            ({"due_on": TODAY + timedelta(days=85)}, ["due_on"]),
        ],
    )
    def test_is_judged_at_its_edges(self, changes: dict[str, Any], expected: list[str]) -> None:
        assert codes(**changes) == expected

    def test_says_a_wrong_year_in_words(self) -> None:
        decision = may_sign_assessment(replace(WHOLE, opioid_since_year=2027), today=TODAY, birth_year=1979)

        assert [finding.message for finding in decision] == ["Write a year from 1979 to 2026."]


class TestAnOrder:
    def test_rests_on_an_assessment_until_the_day_it_is_due(self) -> None:
        assert list(may_order_rest_on(STANDING, today=TODAY)) == []

    def test_is_warned_of_one_from_the_day_after(self) -> None:
        decision = may_order_rest_on(STANDING, today=TODAY + timedelta(days=1))

        assert decision.is_allowed
        assert [finding.code for finding in decision] == ["assessment_overdue"]
        assert "28 November 2026" in decision.findings[0].message

    def test_rests_on_nothing_without_one(self) -> None:
        decision = may_order_rest_on(None, today=TODAY)

        assert not decision.is_allowed
        assert [(finding.code, finding.word) for finding in decision] == [("no_assessment", "BLOCK")]

    def test_is_stopped_by_one_that_says_no_capacity(self) -> None:
        decision = may_order_rest_on(replace(STANDING, has_capacity=False), today=TODAY)

        assert not decision.is_allowed
        assert [(finding.code, finding.word) for finding in decision] == [("no_capacity", "STOP")]

    def test_notes_a_pregnancy(self) -> None:
        decision = may_order_rest_on(replace(STANDING, is_pregnant=True), today=TODAY)

        assert decision.is_allowed
        assert [finding.code for finding in decision] == ["pregnant"]


class TestTheAnswers:
    @pytest.mark.parametrize(
        "one", [*OpioidRoute, *Injecting, *Pregnancy, *Ecg, *Naloxone, *Option, *Capacity]
    )
    def test_are_words_and_no_codes(self, one: Any) -> None:
        assert one.label and "_" not in one.label


class TestTwoVersions:
    def test_are_compared_part_by_part(self) -> None:
        compared = compare_parts(
            (("Liver", "sick"), ("Veins", "fine"), ("ECG", "normal")), (("Liver", "well"), ("Veins", "fine"))
        )

        assert [(part.words, part.value, part.before, part.is_changed) for part in compared] == [
            ("Liver", "sick", "well", True),
            ("Veins", "fine", None, False),
            ("ECG", "normal", None, False),
        ]

    def test_of_which_the_earlier_is_missing_have_nothing_changed(self) -> None:
        assert [part.is_changed for part in compare_parts((("Liver", "sick"),), None)] == [False]
