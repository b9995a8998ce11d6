"""What an agency may send, and when two referrals are about one person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from referrals.rules.asking import (
    LONGEST_AREA,
    REASONS,
    Answer,
    Ending,
    Flag,
    Identity,
    Treatment,
    age_on,
    check_birth_date,
    is_same_person,
    may_refer,
    read_nhs_number,
    which_are_same,
)
from referrals.rules.whens import When
from tests.factories.referrals import nhs_number_of

TODAY = date(2026, 11, 28)
NUMBER = nhs_number_of(501)
SOMEBODY = Identity("Robin", "Dale", date(1986, 5, 4), NUMBER)


def codes(decision) -> list[str]:
    return [finding.code for finding in decision.refusals]


class TestNhsNumber:
    @pytest.mark.parametrize(
        "text", [NUMBER, f"{NUMBER[:3]} {NUMBER[3:6]} {NUMBER[6:]}", f" {NUMBER[:3]}-{NUMBER[3:]}"]
    )
    def test_is_read_however_it_is_spaced(self, text):
        assert read_nhs_number(text) == NUMBER

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "Robin",
            NUMBER[:9],
            NUMBER + "0",
            NUMBER[:9] + str((int(NUMBER[9]) + 1) % 10),
            NUMBER[:9] + "\N{ARABIC-INDIC DIGIT ONE}",
        ],
    )
    def test_with_a_wrong_or_missing_digit_is_none(self, text):
        assert read_nhs_number(text) is None

    def test_with_two_digits_swapped_is_none(self):
        swapped = NUMBER[:7] + NUMBER[8] + NUMBER[7] + NUMBER[9]

        assert swapped != NUMBER
        assert read_nhs_number(swapped) is None


class TestAge:
    @pytest.mark.parametrize(
        ("born_on", "age"),
        [
            (date(2008, 11, 28), 18),
            (date(2008, 11, 29), 17),
            (date(2008, 11, 27), 18),
            (date(2008, 2, 29), 18),
        ],
    )
    def test_counts_birthdays(self, born_on, age):
        assert age_on(born_on, today=TODAY) == age


class TestBirthDate:
    @pytest.mark.parametrize(
        ("born_on", "code"),
        [
            (TODAY + timedelta(days=1), "birth_in_future"),
            (date(2008, 11, 29), "under_age"),
            (TODAY, "under_age"),
            (date(1915, 11, 28), "birth_too_long_ago"),
        ],
    )
    def test_is_refused_in_words(self, born_on, code):
        finding = check_birth_date(born_on, today=TODAY)

        assert finding is not None
        assert finding.code == code

    @pytest.mark.parametrize("born_on", [date(2008, 11, 28), date(1986, 5, 4), date(1915, 11, 29)])
    def test_of_an_adult_is_taken(self, born_on):
        assert check_birth_date(born_on, today=TODAY) is None


class TestMayRefer:
    def test_takes_an_adult_who_agreed(self):
        assert may_refer(SOMEBODY, has_agreed=True, today=TODAY).is_allowed
        assert may_refer(replace(SOMEBODY, nhs_number=None), has_agreed=True, today=TODAY).is_allowed

    @pytest.mark.parametrize(
        ("changes", "has_agreed", "code"),
        [
            ({}, False, "not_agreed"),
            ({"given_names": " "}, True, "no_name"),
            ({"family_name": ""}, True, "no_name"),
            ({"born_on": None}, True, "no_birth_date"),
            ({"born_on": TODAY}, True, "under_age"),
            ({"nhs_number": "9990000000"}, True, "nhs_number"),
        ],
    )
    def test_refuses_with_the_reason(self, changes, has_agreed, code):
        decision = may_refer(replace(SOMEBODY, **changes), has_agreed=has_agreed, today=TODAY)

        assert codes(decision) == [code]

    @pytest.mark.parametrize(
        ("area", "codes"),
        [
            ("", []),
            ("Invented Town", []),
            ("x" * LONGEST_AREA, []),
            ("x" * (LONGEST_AREA + 1), ["bad_area"]),
            ("=Town", ["bad_area"]),
        ],
    )
    def test_names_an_area_that_a_table_can_hold(self, area, codes):
        decision = may_refer(SOMEBODY, has_agreed=True, today=TODAY, area=area)

        assert decision.refusal_codes == codes

    def test_tells_every_reason_at_once(self):
        decision = may_refer(Identity("", "", TODAY, "1"), has_agreed=False, today=TODAY)

        assert codes(decision) == ["no_name", "under_age", "nhs_number", "not_agreed"]


class TestSamePerson:
    def test_is_told_by_the_nhs_number_whatever_the_name(self):
        other = Identity("Robyn", "Dale-Smith", date(1986, 4, 5), NUMBER)

        assert is_same_person(SOMEBODY, other)

    def test_is_not_of_two_numbers_whatever_the_name(self):
        assert not is_same_person(SOMEBODY, replace(SOMEBODY, nhs_number=nhs_number_of(600)))

    @pytest.mark.parametrize(
        ("given", "family"), [("Robin", "Dale"), ("ROBIN", " dale "), (" robin", "DALE")]
    )
    def test_is_told_by_name_and_birth_date_where_a_number_is_missing(self, given, family):
        assert is_same_person(SOMEBODY, Identity(given, family, SOMEBODY.born_on, None))

    @pytest.mark.parametrize(
        "other",
        [
            Identity("Robin", "Dale", date(1986, 5, 5), None),
            Identity("Robin", "Vale", date(1986, 5, 4), None),
            Identity("Robin", "Dale", None, None),
        ],
    )
    def test_is_not_with_another_name_or_day(self, other):
        assert not is_same_person(SOMEBODY, other)

    def test_is_never_told_without_a_birth_date(self):
        nameless = Identity("", "", None, None)

        assert not is_same_person(nameless, nameless)

    def test_is_nobody_of_two_numbers_for_somebody_without_one(self):
        one, two = (replace(SOMEBODY, nhs_number=nhs_number_of(number)) for number in (611, 612))
        bare = replace(SOMEBODY, nhs_number=None)

        assert which_are_same(bare, [one, bare, two]) == (False, True, False)
        assert which_are_same(bare, [one, bare, one]) == (True, True, True)
        assert which_are_same(one, [one, bare, two]) == (True, True, False)


class TestWords:
    @pytest.mark.parametrize("kind", [Answer, Ending, Treatment, Flag])
    def test_are_there_for_every_choice(self, kind):
        assert all(member.label for member in kind)
        assert all(flag.question.endswith("?") for flag in REASONS)


class TestPossibleDates:
    def test_of_treatments_and_of_a_release_are_held_against_the_day(self):
        periods = [("Methadone", When(2030), None), ("Detox", When(2020), When(2021))]
        decision = may_refer(
            SOMEBODY, has_agreed=True, today=TODAY, periods=periods, release_on=TODAY - timedelta(days=1)
        )

        assert [finding.code for finding in decision] == ["treatment_began", "release_over"]
        assert may_refer(SOMEBODY, has_agreed=True, today=TODAY, release_on=TODAY).is_allowed
