"""Sessions that are not held: who may close and reopen them, and what the gap comes to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from dosing.rules.closures import (
    Booked,
    ClosedFor,
    ClosingOfSessions,
    closed_in_words,
    closed_session,
    contact_due_at,
    may_close_sessions,
    may_reopen_sessions,
    next_session,
    on_return,
    reopens_in_words,
    session_in_words,
    sessions_between,
    sessions_of_days,
)
from dosing.rules.history import Gap, Row, Standing
from dosing.rules.missed import Opening
from dosing.rules.protocol import Protocol
from hat_clinic.core.decisions import Decision

OPENINGS = (Opening("am", 1, time(9), time(12)), Opening("pm", 2, time(15), time(18)))
MONDAY = date(2026, 1, 12)
EVERY = sessions_of_days(OPENINGS, first_on=MONDAY, days=14)
AT = datetime(2026, 1, 12, 8, 0, tzinfo=UTC)
MORNING = EVERY[0]


def codes(decision: Decision) -> list[str]:
    return [finding.code for finding in decision]


def facts(**changes: Any) -> ClosingOfSessions:
    known = ClosingOfSessions(at=AT, is_lead=True, sessions=EVERY[:2], words="heating failed")
    return replace(known, **changes)


class TestSessions:
    def test_are_counted_from_the_first_to_the_last(self) -> None:
        assert sessions_between(EVERY, first=(MONDAY, "pm"), last=(MONDAY + timedelta(1), "am")) == EVERY[1:3]
        assert sessions_between(EVERY, first=(MONDAY, "am"), last=(MONDAY, "am")) == EVERY[:1]

    def test_are_none_backwards_or_unknown(self) -> None:
        assert sessions_between(EVERY, first=(MONDAY, "pm"), last=(MONDAY, "am")) == ()
        assert sessions_between(EVERY, first=(MONDAY, "eve"), last=(MONDAY, "pm")) == ()
        assert sessions_between(EVERY, first=(MONDAY, "am"), last=(MONDAY, "eve")) == ()

    def test_lie_an_hour_apart_in_the_night_the_clocks_change(self) -> None:
        (before, after) = (date(2026, 3, 28), date(2026, 3, 29))
        nights = sessions_of_days(OPENINGS[:1], first_on=before, days=2)
        assert nights[1].begins_at - nights[0].begins_at == timedelta(hours=23)
        assert nights[1].on == after

    def test_the_next_is_of_those_somebody_is_due_in(self) -> None:
        assert next_session(EVERY, after=EVERY[0].ends_at) == EVERY[1]
        assert next_session(EVERY, after=EVERY[0].ends_at, sessions_per_day=1) == EVERY[2]
        assert next_session(EVERY, after=EVERY[-1].ends_at) is None


class TestWords:
    @pytest.mark.parametrize(
        ("days", "said"),
        [
            (0, "Reopens today, morning."),
            (1, "Reopens Tuesday morning."),
            (6, "Reopens Sunday morning."),
            (7, "Reopens Monday 19 January, morning."),
        ],
    )
    def test_say_when_it_reopens(self, days: int, said: str) -> None:
        assert reopens_in_words(MONDAY + timedelta(days), "am", today=MONDAY) == said

    def test_say_why_it_is_closed(self) -> None:
        assert closed_in_words("heating failed.", "Reopens Tuesday morning.") == (
            "Closed: heating failed. Reopens Tuesday morning."
        )
        assert closed_in_words("snow", reopens_in_words(None, "", today=MONDAY)) == "Closed: snow."
        assert session_in_words(MONDAY, "pm") == "Monday 12 January, afternoon"
        assert "the clinical lead reopens it first" in closed_session("Closed: snow.").message

    def test_every_reason_has_some(self) -> None:
        assert all(reason.label for reason in ClosedFor)


class TestClosing:
    def test_is_the_leads(self) -> None:
        assert codes(may_close_sessions(facts())) == []
        assert codes(may_close_sessions(facts(is_lead=False))) == ["not_the_lead"]

    def test_needs_sessions_and_words(self) -> None:
        assert codes(may_close_sessions(facts(sessions=()))) == ["no_sessions"]
        assert codes(may_close_sessions(facts(words="  "))) == ["no_closing_words"]

    def test_takes_the_session_that_is_open_up_to_its_close(self) -> None:
        end = MORNING.ends_at
        assert codes(may_close_sessions(facts(at=end - timedelta(seconds=1)))) == []
        assert codes(may_close_sessions(facts(at=end))) == ["session_is_over"]

    def test_is_never_under_people_or_drawn_doses(self) -> None:
        decision = may_close_sessions(facts(in_room=2, drawn=1))
        assert codes(decision) == ["dose_is_drawn", "people_in_room"]
        assert "1 dose is drawn up" in decision.refusals[0].message
        assert "2 people are in this session now" in decision.refusals[1].message
        assert codes(may_close_sessions(facts(in_room=1))) == ["people_in_room"]

    def test_is_not_closed_twice(self) -> None:
        assert codes(may_close_sessions(facts(closed_already="Closed already."))) == ["closed_already"]

    def test_has_the_missing_oral_orders_read(self) -> None:
        decision = may_close_sessions(facts(without_oral=1, oral_taken_here=2))
        assert decision.is_allowed
        assert codes(decision) == ["no_oral_order", "oral_taken_here"]
        assert [finding.message.split(" of these")[0] for finding in decision] == ["1 person", "2 people"]
        one = may_close_sessions(facts(without_oral=2, oral_taken_here=1))
        assert "2 people of these have no" in one.findings[0].message
        assert "1 person of these takes their" in one.findings[1].message


class TestReopening:
    def test_is_the_leads_and_for_a_session_that_is_closed_and_not_over(self) -> None:
        closed_until = EVERY[1].ends_at
        second = EVERY[1]

        def told(**changes: Any) -> list[str]:
            asked: dict[str, Any] = {
                "is_lead": True,
                "reopens_with": second,
                "closed_until": closed_until,
                "words": "works again",
                "at": AT,
            }
            return codes(may_reopen_sessions(**(asked | changes)))

        assert told() == []
        assert told(is_lead=False) == ["not_the_lead"]
        assert told(reopens_with=None) == ["not_closed"]
        assert told(closed_until=second.begins_at) == ["not_closed"]
        assert told(at=second.ends_at - timedelta(seconds=1)) == []
        assert told(at=second.ends_at) == ["session_is_over"]
        assert told(words=" ") == ["no_closing_words"]


class TestTheContact:
    def test_is_due_before_the_first_session_or_within_the_day(self) -> None:
        first = MORNING.begins_at
        assert contact_due_at(EVERY[:2], at=first - timedelta(seconds=1)) == first
        assert contact_due_at(EVERY[:2], at=first) == datetime(2026, 1, 13, tzinfo=UTC)


def effect(**changes: Any) -> Any:
    known: dict[str, Any] = {
        "closed": EVERY[2:4],
        "before": EVERY[:2],
        "after": EVERY[4:],
        "orders": [Booked(AT - timedelta(days=5), AT + timedelta(days=20), 2)],
        "recorded": frozenset(),
        "standing": Standing(
            Gap(AT - timedelta(hours=14), timedelta(hours=14), 0),
            Row.FULL,
            returned_at=None,
            restarted_at=None,
        ),
        "is_barred": False,
        "protocol": Protocol(),
    }
    return on_return(**(known | changes))


class TestTheReturn:
    def test_counts_from_the_last_session_before_that_is_held(self) -> None:
        told = effect()
        # From Monday 15:00 to Wednesday 09:00, Tuesday's two sessions missed.
        assert (told.missed, told.row, told.words) == (2, Row.CAP, "42 hours and 2 sessions missed")
        assert told.allows.startswith("at most")
        assert not told.order_ends

    def test_runs_on_from_the_last_dose_where_no_session_is_left_before(self) -> None:
        told = effect(closed=EVERY[:2], before=(), after=EVERY[2:])
        assert told.words == "39 hours and 2 sessions missed"

    def test_adds_to_what_is_missed_already(self) -> None:
        gone = Standing(Gap(AT - timedelta(hours=40), timedelta(hours=40), 3), Row.CAP, None, None)
        told = effect(closed=EVERY[:2], before=(), after=EVERY[2:], standing=gone)
        assert (told.row, told.words) == (Row.DECIDE, "65 hours and 5 sessions missed")

    def test_counts_what_another_closure_takes_beside_this_one(self) -> None:
        # Another closure took the session before it, and another the one after it.
        told = effect(before=EVERY[:1], after=EVERY[5:], closed_besides=(EVERY[1], EVERY[4]))
        assert (told.missed, told.words) == (2, "54 hours and 4 sessions missed")
        # What was closed before the last session that they come to is no part of the gap.
        told = effect(before=EVERY[1:2], closed_besides=(EVERY[0],))
        assert told.words == "42 hours and 2 sessions missed"
        # Nor is what is closed after they are back.
        told = effect(closed_besides=(EVERY[5],))
        assert told.words == "42 hours and 2 sessions missed"

    def test_takes_nobody_to_come_whom_the_ladder_bars(self) -> None:
        gone = Standing(Gap(AT - timedelta(hours=51), timedelta(hours=51), 4), Row.DECIDE, None, None)
        told = effect(standing=gone, is_barred=True)
        assert (told.row, told.words) == (Row.RESTART, "100 hours and 8 sessions missed")

    def test_is_no_gap_before_the_first_dose(self) -> None:
        none = Standing(None, Row.FULL, None, None)
        told = effect(closed=EVERY[:2], before=(), after=EVERY[2:], standing=none)
        assert (told.row, told.allows, told.words) == (Row.FULL, "no dose is recorded yet", "")

    def test_leaves_out_what_has_an_ending_and_what_nobody_booked(self) -> None:
        recorded = frozenset({(EVERY[2].on, "am")})
        assert effect(recorded=recorded).missed == 1
        assert effect(orders=[Booked(AT, EVERY[2].begins_at, 2)]) is None

    def test_skips_the_afternoons_of_one_session_a_day(self) -> None:
        told = effect(orders=[Booked(AT - timedelta(days=5), AT + timedelta(days=20), 1)])
        assert (told.missed, told.words) == (1, "48 hours and 1 session missed")

    def test_says_that_the_order_ends_before(self) -> None:
        assert effect(orders=[Booked(AT - timedelta(days=5), EVERY[3].ends_at, 2)]).order_ends

    def test_is_open_where_no_session_follows(self) -> None:
        told = effect(after=())
        assert (told.row, told.words, told.order_ends) == (Row.FULL, "", False)
