"""What may be written down of money and work."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest

from outcomes.models import MoneyLine
from outcomes.rules.money import (
    KINDS,
    MOST_POUNDS,
    STATES,
    MoneySaid,
    MoneyTopic,
    may_amend_money,
    may_record_money,
)

TODAY = date(2026, 11, 24)
BORN = date(1980, 3, 5)
A_DAY = timedelta(days=1)
ONE, OTHER = uuid.uuid4(), uuid.uuid4()
DEBT: dict[str, Any] = {"topic": MoneyTopic.DEBT, "state": "owed", "kind": "rent"}
LATER: dict[str, Any] = {"topic": MoneyTopic.DEBT, "state": "paid", "about": ONE}


def said(**more: Any) -> MoneySaid:
    given: dict[str, Any] = {"topic": MoneyTopic.WORK, "state": "seeking", "on": TODAY, **more}
    return MoneySaid(**given)


def codes(one: MoneySaid, **more: Any) -> list[str]:
    given: dict[str, Any] = {"born_on": BORN, "debt_since": None, "day_is_taken": False, **more}
    return may_record_money(one, today=TODAY, **given).refusal_codes


class TestTheWords:
    def test_are_those_of_the_table(self):
        field = MoneyLine._meta.get_field
        assert {value for value, _ in field("topic").choices} == set(MoneyTopic) == set(STATES)
        assert {value for value, _ in field("kind").choices} == {
            kind for kinds in KINDS.values() for kind in kinds
        }

    def test_differ_within_their_question(self):
        assert len({topic.label for topic in MoneyTopic}) == len(MoneyTopic)
        for words in (*STATES.values(), *KINDS.values()):
            assert len(set(words.values())) == len(words)


class TestAnyLine:
    @pytest.mark.parametrize("on", [TODAY, BORN])
    def test_begins_today_at_the_latest_and_at_birth_at_the_earliest(self, on):
        assert codes(said(on=on)) == []

    def test_does_not_begin_tomorrow(self):
        assert codes(said(on=TODAY + A_DAY)) == ["money_in_future"]

    def test_does_not_begin_before_birth_where_that_is_known(self):
        assert codes(said(on=BORN - A_DAY)) == ["money_before_birth"]
        assert codes(said(on=BORN - A_DAY), born_on=None) == []

    def test_has_a_state_of_its_own_topic(self):
        assert codes(said(state="awarded")) == ["money_state_unknown"]

    def test_does_not_begin_on_the_day_of_another(self):
        assert codes(said(), day_is_taken=True) == ["money_day_taken"]

    def test_has_no_kind_unless_its_topic_has_kinds(self):
        assert codes(said(kind="rent")) == ["money_kind_not_asked"]

    def test_goes_on_with_nothing_unless_it_is_a_debt(self):
        assert codes(said(about=ONE)) == ["money_about_not_asked"]

    def test_is_refused_with_every_reason(self):
        assert codes(said(on=TODAY + A_DAY, kind="rent", pounds=5), day_is_taken=True) == [
            "money_in_future",
            "money_kind_not_asked",
            "money_sum_not_asked",
            "money_day_taken",
        ]


class TestABenefit:
    def test_says_which_one_it_is(self):
        claimed = {"topic": MoneyTopic.BENEFIT, "state": "claimed"}

        assert codes(said(**claimed)) == ["money_kind_missing"]
        assert codes(said(**claimed, kind="rent")) == ["money_kind_missing"]
        assert codes(said(**claimed, kind="pip")) == []


class TestADebt:
    def test_says_what_it_is_for(self):
        assert codes(said(**DEBT)) == []
        assert codes(said(**DEBT | {"kind": ""})) == ["money_kind_missing"]

    def test_begins_with_a_line_that_goes_on_with_none(self):
        assert said(**DEBT).begins_a_debt
        assert not said(**LATER).begins_a_debt
        assert not said().begins_a_debt

    def test_begins_open(self):
        assert codes(said(**DEBT | {"state": "plan"})) == []
        assert codes(said(**DEBT | {"state": "paid"})) == ["money_about_missing"]

    @pytest.mark.parametrize(
        ("pounds", "refused"),
        [
            (None, []),
            (0, ["money_sum_zero"]),
            (1, []),
            (MOST_POUNDS, []),
            (MOST_POUNDS + 1, ["money_sum_large"]),
        ],
    )
    def test_has_a_sum_that_somebody_knows_or_none(self, pounds, refused):
        assert codes(said(**DEBT, pounds=pounds)) == refused

    def test_that_is_over_has_no_sum(self):
        assert codes(said(**LATER, pounds=5), debt_since=BORN) == ["money_sum_not_asked"]

    def test_that_goes_on_is_one_that_stands_and_began_before(self):
        assert codes(said(**LATER)) == ["money_about_gone"]
        assert codes(said(**LATER), debt_since=TODAY) == []
        assert codes(said(**LATER), debt_since=TODAY + A_DAY) == ["money_about_later"]

    def test_that_goes_on_says_its_kind_no_more(self):
        assert codes(said(**LATER, kind="rent"), debt_since=TODAY) == ["money_kind_not_asked"]


class TestACorrection:
    def test_stays_with_its_topic_and_its_debt(self):
        first = said(**LATER)

        def refused(one: MoneySaid) -> list[str]:
            return may_amend_money(first, one).refusal_codes

        assert refused(said(**LATER | {"state": "written_off"})) == []
        assert refused(said(**LATER | {"about": OTHER})) == ["money_other_debt"]
        assert refused(said(about=ONE)) == ["money_other_debt"]


class TestALineThatBeginsADebt:
    @pytest.mark.parametrize(
        ("goes_on_from", "refused"),
        [(None, []), (TODAY, []), (TODAY - A_DAY, ["money_start_late"])],
    )
    def test_stands_before_what_goes_on_with_it(self, goes_on_from, refused):
        assert codes(said(**DEBT), goes_on_from=goes_on_from) == refused
