"""When an appointment may be booked, moved, cancelled and logged, and when an agency may be here."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from outcomes.rules.appointments import (
    AppointmentSaid,
    BookingFacts,
    Ending,
    SlotSaid,
    Whose,
    may_book,
    may_end_appointment,
    may_end_slot,
    may_log_appointment,
    may_set_slot,
    moment_of,
)

TODAY = date(2026, 2, 2)  # a Monday
NINE = datetime(2026, 2, 2, 9, tzinfo=UTC)
A_DAY = timedelta(days=1)
SLOT = SlotSaid(weekday=1, begins=time(10), ends=time(12), room="Room 2", places=4, first_on=TODAY)
SAID = AppointmentSaid(on=TODAY, begins=time(10), minutes=30, domain="housing")
FACTS = BookingFacts(slot=None, place_is_taken=False, other=None, is_with_somebody=True, worker_is_here=True)


def codes(decision: Any) -> list[str]:
    return [finding.code for finding in decision.refusals]


class TestATimeOfAnAgency:
    def test_may_be_written_down(self):
        assert may_set_slot(SLOT, today=TODAY).is_allowed

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"ends": time(10)}, "slot_ends_first"),
            ({"begins": time(5, 59)}, "slot_in_the_night"),
            ({"ends": time(22, 1)}, "slot_in_the_night"),
            ({"room": " "}, "slot_without_room"),
            ({"room": "r" * 121}, "slot_long_room"),
            ({"places": 0}, "slot_places"),
            ({"places": 31}, "slot_places"),
            ({"ends": time(10, 19)}, "slot_short_places"),
            ({"weekday": 0}, "slot_weekday"),
            ({"weekday": 8}, "slot_weekday"),
            ({"last_on": TODAY - A_DAY, "first_on": TODAY - 7 * A_DAY}, "slot_is_over"),
            ({"first_on": TODAY + 367 * A_DAY}, "slot_far_away"),
            ({"first_on": TODAY - 367 * A_DAY}, "slot_far_away"),
        ],
    )
    def test_is_refused(self, changes, code):
        assert codes(may_set_slot(replace(SLOT, **changes), today=TODAY)) == [code]

    @pytest.mark.parametrize(
        "changes",
        [
            {"begins": time(6), "ends": time(22), "room": "r" * 120, "places": 30},
            {"ends": time(10, 20)},
            {"last_on": TODAY},
            {"first_on": TODAY + 366 * A_DAY},
        ],
    )
    def test_may_go_to_the_edge(self, changes):
        assert may_set_slot(replace(SLOT, **changes), today=TODAY).is_allowed

    def test_is_refused_where_its_last_day_is_before_its_first(self):
        said = replace(SLOT, first_on=TODAY + 7 * A_DAY, last_on=TODAY + A_DAY)
        assert codes(may_set_slot(said, today=TODAY)) == ["slot_last_before_first"]

    def test_is_cut_into_places_of_the_same_length(self):
        assert SLOT.times() == (time(10), time(10, 30), time(11), time(11, 30))
        assert SLOT.minutes_of_a_place == 30
        assert replace(SLOT, places=7).minutes_of_a_place == 17

    def test_runs_on_its_weekday_from_its_first_to_its_last_day(self):
        slot = replace(SLOT, last_on=TODAY + 7 * A_DAY)

        on = [day for day in (TODAY + number * A_DAY for number in range(-7, 16)) if slot.runs_on(day)]

        assert on == [TODAY, TODAY + 7 * A_DAY]
        assert SLOT.runs_on(TODAY + 700 * A_DAY)


class TestARoom:
    @pytest.mark.parametrize(
        ("changes", "is_taken"),
        [
            ({}, True),
            ({"begins": time(9), "ends": time(10)}, False),
            ({"begins": time(9), "ends": time(10, 1)}, True),
            ({"begins": time(12), "ends": time(13)}, False),
            ({"weekday": 2}, False),
            ({"first_on": TODAY - 7 * A_DAY, "last_on": TODAY - A_DAY}, False),
            ({"first_on": TODAY - 7 * A_DAY, "last_on": TODAY}, True),
            ({"first_on": TODAY + 7 * A_DAY}, True),
            # Together for six days, of which none is the Monday.
            ({"first_on": TODAY - 7 * A_DAY, "last_on": TODAY + 6 * A_DAY}, False),
            # Written by mistake: it never was.
            ({"last_on": TODAY - A_DAY}, False),
        ],
    )
    def test_holds_one_agency_at_a_time(self, changes, is_taken):
        said = replace(SLOT, first_on=TODAY + A_DAY) if changes.get("last_on") == TODAY + 6 * A_DAY else SLOT

        decision = may_set_slot(said, today=TODAY, in_the_room=[("Help", replace(SLOT, **changes))])

        assert codes(decision) == (["slot_room_taken"] if is_taken else [])

    def test_is_told_of_once_with_who_is_there_and_when(self):
        decision = may_set_slot(SLOT, today=TODAY, in_the_room=[("Help", SLOT), ("Homes", SLOT)])

        (finding,) = decision.refusals
        assert finding.message == (
            "Help is in that room then: Monday, 10:00 to 12:00. Choose another room or another time."
        )


class TestEndingATime:
    def test_leaves_nobody_booked_with_nobody(self):
        told: dict[str, Any] = {
            "first_on": TODAY,
            "has_ended": False,
            "booked_on": [TODAY, TODAY + 7 * A_DAY],
        }

        assert may_end_slot(last_on=TODAY + 7 * A_DAY, **told).is_allowed
        assert codes(may_end_slot(last_on=TODAY + 6 * A_DAY, **told)) == ["slot_has_appointments"]
        assert codes(may_end_slot(last_on=None, **told)) == ["slot_has_appointments"]
        assert may_end_slot(last_on=None, **{**told, "booked_on": []}).is_allowed

    def test_happens_once_and_not_before_it_began(self):
        assert codes(may_end_slot(last_on=TODAY - A_DAY, first_on=TODAY, has_ended=True, booked_on=[])) == [
            "slot_has_ended",
            "slot_ends_before_it_began",
        ]


class TestBooking:
    def test_is_allowed_from_now_on(self):
        assert may_book(SAID, FACTS, at=moment_of(TODAY, time(10))).is_allowed
        late = may_book(SAID, FACTS, at=moment_of(TODAY, time(10)) + timedelta(seconds=1))
        assert codes(late) == ["appointment_gone_by"]

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"on": TODAY + 367 * A_DAY}, "appointment_far_away"),
            ({"begins": time(22, 1)}, "appointment_in_the_night"),
            ({"on": TODAY + A_DAY, "begins": time(5, 59)}, "appointment_in_the_night"),
            ({"begins": time(22)}, "appointment_ends_in_the_night"),
            ({"begins": time(21, 31)}, "appointment_ends_in_the_night"),
            ({"begins": time(21), "minutes": 480}, "appointment_ends_in_the_night"),
            ({"minutes": 4}, "appointment_minutes"),
            ({"minutes": 481}, "appointment_minutes"),
            ({"where": "w" * 121}, "appointment_long_line"),
            ({"words": "w" * 121}, "appointment_long_line"),
        ],
    )
    def test_is_refused(self, changes, code):
        assert codes(may_book(replace(SAID, **changes), FACTS, at=NINE)) == [code]

    @pytest.mark.parametrize(
        "changes",
        [
            {"on": TODAY + 366 * A_DAY},
            {"begins": time(21, 30)},
            {"minutes": 5},
            {"minutes": 480, "where": "w" * 120, "words": "w" * 120},
        ],
    )
    def test_may_go_to_the_edge(self, changes):
        assert may_book(replace(SAID, **changes), FACTS, at=NINE).is_allowed

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"is_with_somebody": False}, "appointment_with_nobody"),
            ({"worker_is_here": False}, "appointment_worker_elsewhere"),
            ({"has_died": True}, "appointment_of_the_dead"),
            ({"other": NINE}, "appointment_twice_at_once"),
            ({"of_worker": NINE}, "appointment_worker_booked"),
            ({"slot": SLOT, "place_is_taken": True}, "appointment_place_taken"),
            ({"slot": replace(SLOT, weekday=2)}, "appointment_outside_slot"),
            ({"slot": replace(SLOT, begins=time(9, 45))}, "appointment_outside_slot"),
            ({"slot": replace(SLOT, places=2)}, "appointment_outside_slot"),
        ],
    )
    def test_is_refused_for_what_is_around_it(self, changes, code):
        assert codes(may_book(SAID, replace(FACTS, **changes), at=NINE)) == [code]

    def test_takes_a_place_that_is_free(self):
        assert may_book(SAID, replace(FACTS, slot=SLOT), at=NINE).is_allowed

    def test_says_when_the_other_appointment_is_on_the_wall(self):
        other = datetime(2026, 7, 1, 9, tzinfo=UTC)
        decision = may_book(SAID, replace(FACTS, other=other), at=NINE)
        assert "1 July at 10:00" in decision.refusals[0].message


class TestTheNightsOfTheClockChange:
    def test_leave_a_time_of_day_where_it_is_on_the_wall(self):
        day_before, day_after = date(2026, 3, 28), date(2026, 3, 29)
        assert moment_of(day_before, time(10)) == datetime(2026, 3, 28, 10, tzinfo=UTC)
        assert moment_of(day_after, time(10)) == datetime(2026, 3, 29, 9, tzinfo=UTC)
        assert moment_of(date(2026, 10, 24), time(10)) == datetime(2026, 10, 24, 9, tzinfo=UTC)
        assert moment_of(date(2026, 10, 25), time(10)) == datetime(2026, 10, 25, 10, tzinfo=UTC)

    @pytest.mark.parametrize("on", [date(2026, 3, 29), date(2026, 10, 25)])
    def test_hold_no_appointment_in_the_hour_that_is_missing_or_comes_twice(self, on):
        decision = may_book(replace(SAID, on=on, begins=time(1, 30)), FACTS, at=NINE)
        assert codes(decision) == ["appointment_in_the_night"]

    def test_end_after_as_many_minutes_as_were_booked(self):
        said = replace(SAID, on=date(2026, 10, 25), begins=time(6), minutes=60)
        assert said.ends_at - said.starts_at == timedelta(hours=1)


class TestCancellingOrMoving:
    def test_happens_once_with_why_and_not_after_it_was_logged(self):
        assert may_end_appointment(has_ended=False, is_logged=False, words="w" * 120).is_allowed
        assert codes(may_end_appointment(has_ended=True, is_logged=True, words=" ")) == [
            "appointment_has_ended",
            "appointment_is_logged",
            "appointment_end_says_nothing",
        ]
        long = may_end_appointment(has_ended=False, is_logged=False, words="w" * 121)
        assert codes(long) == ["appointment_end_long_line"]

    @pytest.mark.parametrize("whose", list(Whose))
    def test_of_one_that_has_begun_is_for_the_clinic_and_the_agency(self, whose):
        told: dict[str, Any] = {"has_ended": False, "is_logged": False, "words": "why", "whose": whose}
        assert may_end_appointment(has_begun=False, **told).is_allowed
        refused = codes(may_end_appointment(has_begun=True, **told))
        assert refused == ["appointment_has_begun"] * (whose == Whose.PERSON)
        over = may_end_appointment(has_begun=True, **{**told, "has_ended": True, "is_logged": True})
        assert codes(over) == ["appointment_has_ended", "appointment_is_logged"]

    def test_is_told_in_words(self):
        assert [how.label for how in Ending] == ["Cancelled", "Moved"]
        assert [whose.label for whose in Whose] == ["The person", "The clinic", "The agency"]


class TestLogging:
    def test_is_allowed_once_it_has_begun_on_its_own_day(self):
        told: dict[str, Any] = {"starts_at": NINE, "has_ended": False, "is_logged": False}

        assert may_log_appointment(at=NINE, on=TODAY, **told).is_allowed
        early = may_log_appointment(at=NINE - timedelta(seconds=1), on=TODAY, **told)
        assert codes(early) == ["appointment_not_begun"]
        assert codes(may_log_appointment(at=NINE, on=TODAY + A_DAY, **told)) == ["appointment_other_day"]

    def test_is_refused_of_one_that_ended_or_is_logged(self):
        decision = may_log_appointment(starts_at=NINE, at=NINE, on=TODAY, has_ended=True, is_logged=True)
        assert codes(decision) == ["appointment_has_ended", "appointment_is_logged"]
