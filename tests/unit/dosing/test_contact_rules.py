"""When somebody is looked for after missed sessions, and when the pharmacy is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from dosing.rules.contacts import (
    How,
    Reached,
    asks_for_alert,
    asks_for_contact,
    days_missed,
    may_note_contact,
    missed_in_a_row,
)
from dosing.rules.history import MissedSession, standing_at
from dosing.rules.protocol import Protocol
from tests.unit.dosing.test_history_rules import AT, dose, history, missing

HOUR = timedelta(hours=1)


def a_day(days_ago: int, *, ends_day: bool = True) -> MissedSession:
    return replace(missing(24 * days_ago), on=AT.date() - timedelta(days=days_ago), ends_day=ends_day)


class TestAContact:
    @pytest.mark.parametrize(("count", "asked"), [(0, False), (1, False), (2, True), (3, True)])
    def test_is_asked_for_after_two_sessions_missed(self, count: int, asked: bool) -> None:
        missed = tuple(missing(hours) for hours in (30, 20, 10)[:count])

        assert asks_for_contact(missed, heard_at=None) is asked

    @pytest.mark.parametrize(("hours_ago", "asked"), [(31, True), (30, False), (21, False), (9, False)])
    def test_is_not_asked_for_until_two_more_are_missed_once_they_were_heard_of(
        self, hours_ago: float, asked: bool
    ) -> None:
        missed = (missing(30), missing(20))

        assert asks_for_contact(missed, heard_at=AT - hours_ago * HOUR) is asked

    def test_is_about_what_was_missed_since_the_last_dose(self) -> None:
        known = history(dose(40), dose(25), missed=(30, 20, 10, -1))
        standing = standing_at(known, Protocol(), at=AT)

        assert missed_in_a_row(known, standing, at=AT) == (missing(20), missing(10))

    def test_is_about_everything_missed_where_nothing_was_given_yet(self) -> None:
        known = history(missed=(30, 20))
        standing = standing_at(known, Protocol(), at=AT)

        assert len(missed_in_a_row(known, standing, at=AT)) == 2

    @pytest.mark.parametrize(("words", "allowed"), [(" ", False), ("At home, well.", True)])
    def test_has_words(self, words: str, allowed: bool) -> None:
        assert may_note_contact(words=words).is_allowed is allowed

    def test_says_whom_and_how(self) -> None:
        assert len({reached.label for reached in Reached}) == len(Reached)
        assert len({how.label for how in How}) == len(How)


class TestADayMissed:
    def test_is_one_whose_last_session_was_missed_and_without_a_dose(self) -> None:
        missed = (a_day(3), a_day(2), a_day(1, ends_day=False))
        dosed = history(dose(0, given_on=date(2026, 11, 21)))

        assert days_missed(missed, dosed) == (a_day(2),)

    @pytest.mark.parametrize(("days", "asked"), [(2, False), (3, True), (4, True)])
    def test_asks_for_an_alert_as_the_third(self, days: int, asked: bool) -> None:
        missed = tuple(a_day(day) for day in range(days, 0, -1))

        assert asks_for_alert(missed, told_at=None) is asked

    @pytest.mark.parametrize(("early", "asked"), [(timedelta(seconds=1), True), (timedelta(), False)])
    def test_asks_no_more_once_the_pharmacy_was_told(self, early: timedelta, asked: bool) -> None:
        missed = (a_day(3), a_day(2), a_day(1))

        assert asks_for_alert(missed, told_at=missed[2].over_at - early) is asked
