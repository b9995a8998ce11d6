"""How long records are kept: to the day, over leap days, and never under a legal hold."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing.rules.retention import (
    REASON_LENGTH,
    KeptThing,
    RetentionClass,
    kept_until,
    may_lift_hold,
    may_remove,
    may_set_hold,
)
from hat_clinic.core.decisions import Decision

DAY = timedelta(days=1)


def codes(decision: Decision) -> list[str]:
    return [finding.code for finding in decision]


def a_thing(kept_as: RetentionClass, last_on: date | None, *, is_on_hold: bool = False) -> KeptThing:
    return KeptThing(kept_as=kept_as, last_on=last_on, is_on_hold=is_on_hold)


class TestARegister:
    def test_is_kept_seven_years_to_the_day(self) -> None:
        ledger = a_thing(RetentionClass.REGISTER, date(2026, 10, 12))

        assert codes(may_remove(ledger, date(2033, 10, 11))) == ["too_young"]
        assert codes(may_remove(ledger, date(2033, 10, 12))) == ["too_young"]
        assert codes(may_remove(ledger, date(2033, 10, 13))) == []

    @pytest.mark.parametrize(
        ("last_on", "until"),
        [
            (date(2028, 2, 29), date(2035, 3, 1)),
            (date(2028, 2, 28), date(2035, 2, 28)),
            (date(2021, 2, 28), date(2028, 2, 28)),
            (date(2021, 3, 1), date(2028, 3, 1)),
            (date(2026, 12, 31), date(2033, 12, 31)),
        ],
    )
    def test_is_kept_over_leap_days(self, last_on: date, until: date) -> None:
        ledger = a_thing(RetentionClass.REGISTER, last_on)

        assert kept_until(RetentionClass.REGISTER, last_on) == until
        assert codes(may_remove(ledger, until)) == ["too_young"]
        assert codes(may_remove(ledger, until + DAY)) == []

    def test_in_use_is_kept(self) -> None:
        assert codes(may_remove(a_thing(RetentionClass.REGISTER, None), date(2999, 1, 1))) == ["in_use"]

    def test_under_a_legal_hold_is_kept_however_old(self) -> None:
        ledger = a_thing(RetentionClass.REGISTER, date(1999, 1, 1), is_on_hold=True)
        assert codes(may_remove(ledger, date(2026, 1, 1))) == ["legal_hold"]

        young = a_thing(RetentionClass.REGISTER, date(2025, 1, 1), is_on_hold=True)
        assert codes(may_remove(young, date(2026, 1, 1))) == ["legal_hold", "too_young"]

    def test_says_until_when(self) -> None:
        (finding,) = may_remove(a_thing(RetentionClass.REGISTER, date(2026, 2, 2)), date(2026, 2, 3))

        assert finding.message == (
            "It is kept until 2 February 2033: controlled-drug register, 7 years after the last entry of "
            "2 February 2026."
        )


class TestTheClasses:
    def test_have_their_years(self) -> None:
        assert {one: one.years for one in RetentionClass} == {
            RetentionClass.CLINICAL: 20,
            RetentionClass.REGISTER: 7,
            RetentionClass.WORKSHEET: 11,
            RetentionClass.TRAIL: 20,
            RetentionClass.ALWAYS: None,
        }
        assert all(one.label for one in RetentionClass)

    def test_keep_the_trail_as_long_as_the_longest_record(self) -> None:
        years = [one.years or 0 for one in RetentionClass]

        assert RetentionClass.TRAIL.years == max(years)

    def test_keep_what_is_always_kept(self) -> None:
        assert kept_until(RetentionClass.ALWAYS, date(1999, 1, 1)) is None
        assert codes(may_remove(a_thing(RetentionClass.ALWAYS, date(1999, 1, 1)), date(2999, 1, 1))) == [
            "always_kept"
        ]

    @pytest.mark.parametrize(
        ("kept_as", "last_on", "until"),
        [
            (RetentionClass.CLINICAL, date(2028, 2, 29), date(2048, 2, 29)),
            (RetentionClass.WORKSHEET, date(2028, 2, 29), date(2039, 3, 1)),
        ],
    )
    def test_count_whole_years(self, kept_as: RetentionClass, last_on: date, until: date) -> None:
        assert kept_until(kept_as, last_on) == until

    @given(
        kept_as=st.sampled_from([one for one in RetentionClass if one.years]),
        last_on=st.dates(date(1900, 1, 1), date(2900, 1, 1)),
    )
    def test_never_keep_less_than_their_years(self, kept_as: RetentionClass, last_on: date) -> None:
        until = kept_until(kept_as, last_on)

        assert until is not None and kept_as.years is not None
        assert until.year - last_on.year == kept_as.years
        assert (until.month, until.day) >= (last_on.month, last_on.day)
        assert not may_remove(a_thing(kept_as, last_on), until).is_allowed
        assert may_remove(a_thing(kept_as, last_on), until + DAY).is_allowed


class TestALegalHold:
    def test_is_set_once_and_with_a_reason(self) -> None:
        assert codes(may_set_hold(is_held=False, reason="Inquest.")) == []
        assert codes(may_set_hold(is_held=True, reason="Inquest.")) == ["held_already"]
        assert codes(may_set_hold(is_held=False, reason=" ")) == ["no_reason"]
        assert codes(may_set_hold(is_held=False, reason="x" * REASON_LENGTH)) == []
        assert codes(may_set_hold(is_held=False, reason="x" * (REASON_LENGTH + 1))) == ["reason_too_long"]

    def test_is_lifted_once_and_with_a_reason(self) -> None:
        assert codes(may_lift_hold(is_lifted=False, reason="Over.")) == []
        assert codes(may_lift_hold(is_lifted=True, reason="Over.")) == ["not_held"]
        assert codes(may_lift_hold(is_lifted=False, reason="")) == ["no_reason"]
