"""Who somebody is: numbers, dates and words from both sides of every edge."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from patients.rules.people import (
    WORDS,
    Allergies,
    PersonDetails,
    Stage,
    changed_details,
    initials_of,
    may_change_person,
    parse_nhs_number,
    stage_of,
)

TODAY = date(2026, 11, 28)
DANNY = PersonDetails(
    given_names="Danny",
    family_name="Marsh",
    name_used="",
    born_on=date(1979, 3, 14),
    sex="M",
    nhs_number="9990000018",
    languages="English",
    phone="07700 900417",
    address="8 Cable Yard",
    has_no_fixed_abode=False,
    gp_name="",
    gp_practice="",
    allergies_asked="not_asked",
    allergies="",
    next_of_kin="",
    next_of_kin_phone="",
)


def codes(today: date = TODAY, **changes: Any) -> list[str]:
    return [finding.code for finding in may_change_person(replace(DANNY, **changes), today=today)]


class TestAnNhsNumber:
    @pytest.mark.parametrize("typed", ["9990000018", "999 000 0018", "999-000-0018"])
    def test_is_read_with_and_without_spaces(self, typed: str) -> None:
        assert parse_nhs_number(typed) == "9990000018"

    @pytest.mark.parametrize("last", range(10))
    def test_has_one_right_last_digit(self, last: int) -> None:
        assert (parse_nhs_number(f"999000001{last}") is not None) == (last == 8)

    def test_with_two_digits_swapped_is_seen(self) -> None:
        assert parse_nhs_number("9434765919") == "9434765919"
        assert parse_nhs_number("9434756919") is None

    @pytest.mark.parametrize(
        "typed", ["", "999000001", "99900000188", "٩٩٩٠٠٠٠٠١٨", "999000001X", "²99000001 8"]
    )
    def test_is_ten_plain_digits(self, typed: str) -> None:
        assert parse_nhs_number(typed) is None


class TestDetails:
    def test_that_are_whole_may_stand(self) -> None:
        assert codes() == []

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"given_names": ""}, ["given_names"]),
            ({"family_name": ""}, ["family_name"]),
            ({"born_on": date(1900, 1, 1)}, []),
            ({"born_on": date(1899, 12, 31)}, ["born_on"]),
            ({"born_on": date(2008, 11, 28)}, []),
            ({"born_on": date(2008, 11, 29)}, ["born_on"]),
            ({"has_no_fixed_abode": True}, ["address"]),
            ({"has_no_fixed_abode": True, "address": ""}, []),
            ({"allergies_asked": "known", "allergies": "Penicillin: rash"}, []),
            ({"allergies_asked": "known"}, ["allergies"]),
            ({"allergies_asked": "none_known"}, []),
            ({"allergies_asked": "none_known", "allergies": "Penicillin"}, ["allergies_asked"]),
        ],
    )
    def test_are_judged_at_their_edges(self, changes: dict[str, Any], expected: list[str]) -> None:
        assert codes(**changes) == expected

    def test_are_judged_on_a_day_that_comes_every_fourth_year(self) -> None:
        leap_day = date(2028, 2, 29)

        assert codes(today=leap_day, born_on=date(2010, 2, 28)) == []
        assert codes(today=leap_day, born_on=date(2010, 3, 1)) == ["born_on"]

    def test_tell_which_of_them_differ(self) -> None:
        moved = replace(DANNY, phone="", address="2 Dock Row")

        assert changed_details(DANNY, moved) == ("phone", "address")
        assert changed_details(DANNY, DANNY) == ()

    def test_each_have_a_word(self) -> None:
        assert set(WORDS) == set(PersonDetails.__dataclass_fields__)


class TestAStage:
    @pytest.mark.parametrize(
        ("facts", "stage"),
        [
            ((False, False, False), Stage.WAITING),
            ((True, False, False), Stage.ASSESSED),
            ((True, False, True), Stage.NO_ORDER),
            ((False, False, True), Stage.NO_ORDER),
            ((True, True, True), Stage.ORDERED),
            ((False, True, True), Stage.ORDERED),
        ],
    )
    def test_is_told_by_assessment_and_orders(self, facts: tuple[bool, bool, bool], stage: Stage) -> None:
        has_assessment, has_order, had_order = facts

        assert stage_of(has_assessment=has_assessment, has_order=has_order, had_order=had_order) is stage


class TestTheWords:
    @pytest.mark.parametrize("one", [*Stage, *Allergies])
    def test_are_words_and_no_codes(self, one: Any) -> None:
        assert one.label and "_" not in one.label

    def test_stand_in_for_a_face(self) -> None:
        assert initials_of("Danny", "Marsh") == "DM"
        assert initials_of("", "marsh") == "M"
