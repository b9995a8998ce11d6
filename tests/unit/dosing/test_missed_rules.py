"""Which sessions count as missed: every booked one that is over without an injection, written down or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from dosing.rules.history import DoseHistory, MissedSession, Row, standing_at
from dosing.rules.missed import Booking, Opening, Recorded, missed_sessions, sessions_held
from dosing.rules.orders import LONDON
from dosing.rules.protocol import Protocol
from tests.unit.dosing.test_history_rules import dose

MONDAY = date(2026, 11, 23)
TUESDAY = MONDAY + timedelta(days=1)
MORNING = Opening("am", 1, time(9), time(12))
AFTERNOON = Opening("pm", 2, time(14), time(17))
EVENING = Opening("eve", 3, time(18), time(20))
SECOND = timedelta(microseconds=1)
LIMITS = Protocol()


def at(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=LONDON)


def booked(
    until: datetime,
    *,
    openings: tuple[Opening, ...] = (MORNING, AFTERNOON),
    begins: datetime | None = None,
    ends: datetime | None = None,
    sessions_per_day: int = 2,
    first_on: date = MONDAY,
) -> Booking:
    turns = [opening.turn for opening in openings if opening.turn <= sessions_per_day]
    return Booking(
        starts_at=begins or at(MONDAY, "00:00"),
        ends_at=ends or at(MONDAY + timedelta(days=20), "00:00"),
        sessions_per_day=sessions_per_day,
        last_turn=max(turns, default=0),
        held=sessions_held(openings, first_on=first_on, at=until),
    )


def missed(
    *bookings: Booking, recorded: tuple[Recorded, ...] = (), until: datetime
) -> list[tuple[date, str]]:
    return [(one.on, one.slot) for one in missed_sessions(bookings, recorded, at=until)]


def a_record(day: date, slot: str = "am", **changes: object) -> Recorded:
    closes = {"am": "12:00", "pm": "17:00", "eve": "20:00"}[slot]
    turn = {"am": 1, "pm": 2, "eve": 3}[slot]
    record = Recorded(on=day, slot=slot, turn=turn, is_given=False, closes_at=at(day, closes))
    return replace(record, **changes)  # type: ignore[arg-type]  # a test's own changes


class TestASessionThatNobodyWroteDown:
    @pytest.mark.parametrize(("early", "found"), [(SECOND, []), (timedelta(), [(MONDAY, "am")])])
    def test_counts_from_its_close_on_and_not_before(self, early: timedelta, found: list) -> None:
        until = at(MONDAY, "12:00") - early

        assert missed(booked(until), until=until) == found

    def test_says_when_it_was_over_and_that_nobody_wrote_it_down(self) -> None:
        until = at(TUESDAY, "08:00")

        assert missed_sessions([booked(until)], [], at=until) == (
            MissedSession(at(MONDAY, "12:00"), MONDAY, "am", ends_day=False),
            MissedSession(at(MONDAY, "17:00"), MONDAY, "pm", ends_day=True),
        )

    @pytest.mark.parametrize(
        ("begins", "found"),
        [
            (at(MONDAY, "11:59"), [(MONDAY, "am"), (MONDAY, "pm")]),
            (at(MONDAY, "12:00"), [(MONDAY, "pm")]),
            (at(MONDAY, "17:00"), []),
        ],
    )
    def test_is_none_that_was_over_before_the_order_began(self, begins: datetime, found: list) -> None:
        until = at(MONDAY, "23:00")

        assert missed(booked(until, begins=begins), until=until) == found

    @pytest.mark.parametrize(
        ("ends", "found"),
        [
            (at(MONDAY, "14:00"), [(MONDAY, "am")]),
            (at(MONDAY, "14:00") + SECOND, [(MONDAY, "am"), (MONDAY, "pm")]),
        ],
    )
    def test_is_none_that_opened_when_the_order_had_ended(self, ends: datetime, found: list) -> None:
        until = at(MONDAY, "23:00")

        assert missed(booked(until, ends=ends), until=until) == found

    @pytest.mark.parametrize(
        ("sessions", "slots"), [(1, ["am"]), (2, ["am", "pm"]), (3, ["am", "pm", "eve"])]
    )
    def test_is_none_beyond_what_was_ordered_for_a_day(self, sessions: int, slots: list[str]) -> None:
        until = at(MONDAY, "23:00")
        order = booked(until, openings=(MORNING, AFTERNOON, EVENING), sessions_per_day=sessions)

        assert [slot for _, slot in missed(order, until=until)] == slots

    def test_is_one_where_the_next_order_began_in_the_midst_of_it(self) -> None:
        until, change = at(MONDAY, "13:00"), at(MONDAY, "10:30")

        assert missed(booked(until, ends=change), booked(until, begins=change), until=until) == [
            (MONDAY, "am")
        ]

    def test_is_none_where_the_clinic_holds_none(self) -> None:
        until = at(MONDAY, "23:00")

        assert missed(booked(until, openings=()), until=until) == []
        assert missed(until=until) == []


class TestARecordedSession:
    def test_with_a_dose_is_not_missed(self) -> None:
        until = at(MONDAY, "23:00")

        assert missed(booked(until), recorded=(a_record(MONDAY, is_given=True),), until=until) == [
            (MONDAY, "pm")
        ]

    def test_without_a_dose_counts_from_when_that_was_said(self) -> None:
        said = at(MONDAY, "09:20")
        withheld = a_record(MONDAY, said_at=said)

        assert missed(booked(said - SECOND), recorded=(withheld,), until=said - SECOND) == []
        (one,) = missed_sessions([booked(said)], [withheld], at=said)
        assert (one.over_at, one.is_recorded) == (said, True)

    def test_written_down_late_counts_from_its_close(self) -> None:
        until = at(TUESDAY, "08:00")
        late = a_record(MONDAY, said_at=at(TUESDAY, "07:00"))

        (first, _) = missed_sessions([booked(until)], [late], at=until)
        assert (first.over_at, first.is_recorded) == (at(MONDAY, "12:00"), True)

    @pytest.mark.parametrize(("early", "found"), [(SECOND, []), (timedelta(), [(MONDAY, "am")])])
    def test_that_was_begun_and_never_ended_counts_from_its_close(
        self, early: timedelta, found: list
    ) -> None:
        until = at(MONDAY, "12:00") - early

        assert missed(recorded=(a_record(MONDAY),), until=until) == found

    def test_counts_although_no_order_booked_it(self) -> None:
        until = at(MONDAY, "23:00")
        extra = a_record(MONDAY, "eve", said_at=at(MONDAY, "19:00"))

        assert [one.ends_day for one in missed_sessions([booked(until)], [extra], at=until)] == [
            False,
            False,
            True,
        ]

    def test_is_counted_once_though_it_was_booked(self) -> None:
        until = at(MONDAY, "13:00")

        assert missed(booked(until), recorded=(a_record(MONDAY),), until=until) == [(MONDAY, "am")]


class TestTheLastSessionOfADay:
    def test_is_the_last_that_was_booked_over_or_not(self) -> None:
        until = at(MONDAY, "13:00")

        (one,) = missed_sessions([booked(until)], [], at=until)
        assert not one.ends_day

    def test_is_the_only_one_where_one_a_day_is_ordered(self) -> None:
        until = at(MONDAY, "13:00")

        (one,) = missed_sessions([booked(until, sessions_per_day=1)], [], at=until)
        assert one.ends_day

    def test_is_the_last_that_the_clinic_holds(self) -> None:
        until = at(MONDAY, "18:00")

        found = missed_sessions([booked(until, sessions_per_day=3)], [], at=until)
        assert [one.ends_day for one in found] == [False, True]


class TestANightInWhichTheClockChanges:
    @pytest.mark.parametrize(
        ("day", "closes_utc"),
        [
            (date(2026, 10, 24), datetime(2026, 10, 24, 16, 0, tzinfo=UTC)),
            (date(2026, 10, 25), datetime(2026, 10, 25, 17, 0, tzinfo=UTC)),
            (date(2027, 3, 27), datetime(2027, 3, 27, 17, 0, tzinfo=UTC)),
            (date(2027, 3, 28), datetime(2027, 3, 28, 16, 0, tzinfo=UTC)),
        ],
    )
    def test_closes_its_sessions_by_the_clock_on_the_wall(self, day: date, closes_utc: datetime) -> None:
        order = booked(closes_utc, begins=at(day, "00:00"), ends=closes_utc, first_on=day)

        found = missed_sessions([order], [], at=closes_utc)
        assert [one.over_at.astimezone(UTC) for one in found][-1] == closes_utc
        before = closes_utc - SECOND
        assert (
            len(missed_sessions([replace(order, held=booked(before, first_on=day).held)], [], at=before)) == 1
        )

    @pytest.mark.parametrize(
        ("first_on", "hours", "row"),
        [
            # From nine to eleven next day: 27 hours where the clocks go back, 25 where they go forward.
            (date(2026, 10, 24), 27, Row.CAP),
            (date(2027, 3, 27), 25, Row.FULL),
        ],
    )
    def test_counts_its_sessions_once_and_its_hours_as_they_passed(
        self, first_on: date, hours: int, row: Row
    ) -> None:
        given, until = at(first_on, "09:00"), at(first_on + timedelta(days=1), "11:00")
        record = a_record(first_on, is_given=True)
        order = booked(until, begins=at(first_on, "00:00"), first_on=first_on, ends=until + timedelta(days=1))
        history = DoseHistory(
            doses=(dose(0, started_at=given, ended_at=given),),
            missed=missed_sessions([order], [record], at=until),
        )

        standing = standing_at(history, LIMITS, at=until)
        assert standing.gap is not None
        assert (standing.gap.hours, standing.gap.missed, standing.row) == (hours, 1, row)


class TestASessionThatIsOpen:
    @pytest.mark.parametrize(
        ("clock", "is_open"),
        [("08:59:59.999999", False), ("09:00", True), ("11:59:59.999999", True), ("12:00", False)],
    )
    def test_holds_its_first_moment_and_not_its_last(self, clock: str, is_open: bool) -> None:
        assert MORNING.is_open(at(MONDAY, clock)) is is_open

    @pytest.mark.parametrize(
        ("moment", "is_open"),
        [
            # A quarter past one comes again an hour after the first; the first half past one closes the session.
            (datetime(2026, 10, 25, 0, 29, tzinfo=UTC), True),
            (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), False),
            (datetime(2026, 10, 25, 1, 15, tzinfo=UTC), False),
            (datetime(2027, 3, 28, 0, 59, tzinfo=UTC), True),
        ],
    )
    def test_is_not_open_again_where_a_wall_time_comes_twice(self, moment: datetime, is_open: bool) -> None:
        night = Opening("am", 1, time.min, time(1, 30))

        assert night.is_open(moment) is is_open
        assert night.is_open(moment.astimezone(LONDON)) is is_open

    def test_is_of_its_london_day(self) -> None:
        """Half past midnight in summer time is half past eleven of the day before in UTC."""
        early, late = Opening("am", 1, time.min, time(6)), Opening("eve", 3, time(20), time.max)
        moment = datetime(2026, 10, 12, 23, 30, tzinfo=UTC)

        assert early.is_open(moment)
        assert not late.is_open(moment)


class TestTheLadder:
    """Two a day, nine to twelve and two to five; the last dose on Monday morning."""

    @pytest.mark.parametrize(
        ("given", "back", "count", "row"),
        [
            # 26 h 00 with one missed is the whole dose, a second more is not.
            ("09:30", (TUESDAY, "11:30:00"), 1, Row.FULL),
            ("09:30", (TUESDAY, "11:30:01"), 1, Row.CAP),
            # The second session missed closes at noon: 24 hours, and the count alone caps.
            ("12:00", (TUESDAY, "11:59:59"), 1, Row.FULL),
            ("12:00", (TUESDAY, "12:00:00"), 2, Row.CAP),
            ("12:00", (TUESDAY + timedelta(days=1), "11:59:59"), 3, Row.CAP),
            ("12:00", (TUESDAY + timedelta(days=1), "12:00:00"), 4, Row.DECIDE),
            ("12:00", (TUESDAY + timedelta(days=2), "11:59:59"), 5, Row.DECIDE),
            ("12:00", (TUESDAY + timedelta(days=2), "12:00:00"), 6, Row.RESTART),
        ],
    )
    def test_counts_what_nobody_wrote_down(
        self, given: str, back: tuple[date, str], count: int, row: Row
    ) -> None:
        last, until = at(MONDAY, given), at(*back)
        history = DoseHistory(
            doses=(dose(0, started_at=last, ended_at=last),),
            missed=missed_sessions([booked(until)], [a_record(MONDAY, is_given=True)], at=until),
        )

        standing = standing_at(history, LIMITS, at=until)
        assert standing.gap is not None
        assert (standing.gap.missed, standing.row) == (count, row)

    def test_is_stricter_where_one_a_day_is_ordered_only_by_the_hours(self) -> None:
        last, until = at(MONDAY, "09:30"), at(TUESDAY + timedelta(days=1), "11:30")
        order = booked(until, sessions_per_day=1)
        history = DoseHistory(
            doses=(dose(0, started_at=last, ended_at=last),),
            missed=missed_sessions([order], [a_record(MONDAY, is_given=True)], at=until),
        )

        standing = standing_at(history, LIMITS, at=until)
        assert standing.gap is not None
        assert (standing.gap.missed, standing.gap.hours, standing.row) == (1, 50, Row.CAP)
