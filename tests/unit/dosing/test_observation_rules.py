"""After the injection: how long, which readings, what they ask for, and when somebody may leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dosing.rules.checks import Readings, Sedation
from dosing.rules.observation import (
    Escalation,
    NaloxoneHeld,
    ReadingTaken,
    Watched,
    due_minutes,
    due_now,
    escalation_of,
    is_tolerated,
    late_minute,
    may_leave,
    may_record_reading,
    may_release,
    missing_minutes,
    next_due,
    observation_minutes,
    watch_until,
)

ENDED = datetime(2026, 11, 24, 9, 49, tzinfo=UTC)
WELL = Readings(sedation=Sedation.ALERT, breaths=14, oxygen=97, pulse=70)


def after(minutes: float) -> datetime:
    return ENDED + timedelta(minutes=minutes)


def reading(minute: int | None, *, at: float | None = None, **changes: Any) -> ReadingTaken:
    taken_at = after(at if at is not None else minute or 0)
    return ReadingTaken(readings=replace(WELL, **changes), taken_at=taken_at, minute=minute)


def watched(*readings: ReadingTaken, minutes: int = 20) -> Watched:
    return Watched(ended_at=ENDED, minutes=minutes, readings=readings)


WHOLE = watched(*(reading(minute) for minute in (2, 5, 10, 20)))


class TestTheTimeToWatch:
    @pytest.mark.parametrize(
        ("reason", "minutes"),
        [
            ({}, 20),
            ({"ordered_minutes": 10}, 15),
            ({"ordered_minutes": 45}, 45),
            ({"into_a_muscle": True}, 30),
            ({"took_other_drugs": True}, 30),
            ({"alcohol_found": True}, 30),
            ({"is_new_dose": True}, 30),
            ({"is_new_dose": True, "ordered_minutes": 45}, 45),
        ],
    )
    def test_is_the_longest_that_applies(self, reason: dict[str, Any], minutes: int) -> None:
        plain = {
            "ordered_minutes": 20,
            "into_a_muscle": False,
            "took_other_drugs": False,
            "alcohol_found": False,
            "is_new_dose": False,
        }
        assert observation_minutes(**(plain | reason)) == minutes

    def test_grows_by_15_minutes_for_each_reading_that_asks_for_rousing(self) -> None:
        once = watched(reading(5, breaths=11))
        twice = watched(reading(5, breaths=11), reading(None, at=7, oxygen=93))

        assert [watch_until(watched()), watch_until(once), watch_until(twice)] == [
            after(20),
            after(35),
            after(50),
        ]

    def test_is_two_hours_after_an_emergency(self) -> None:
        assert watch_until(watched(reading(5, breaths=8))) == after(125)


class TestWhatAReadingAsksFor:
    @pytest.mark.parametrize(
        ("changes", "escalation"),
        [
            ({}, Escalation.NONE),
            ({"sedation": Sedation.ASLEEP}, Escalation.NONE),
            ({"breaths": 12, "oxygen": 94}, Escalation.NONE),
            ({"sedation": Sedation.DRIFTS_OFF}, Escalation.A),
            ({"breaths": 11}, Escalation.A),
            ({"oxygen": 93}, Escalation.A),
            ({"oxygen": None}, Escalation.A),
            ({"sedation": Sedation.HARD_TO_ROUSE}, Escalation.B),
            ({"breaths": 8}, Escalation.B),
            ({"oxygen": 89}, Escalation.B),
        ],
    )
    def test_is_nothing_rousing_or_an_emergency(
        self, changes: dict[str, Any], escalation: Escalation
    ) -> None:
        assert escalation_of(replace(WELL, **changes)) is escalation

    def test_has_words_to_act_by(self) -> None:
        assert [step.label == "" for step in Escalation] == [True, False, False]
        assert all(answer.label for answer in NaloxoneHeld)


class TestDueReadings:
    @pytest.mark.parametrize(
        ("minutes", "due"),
        [
            (15, (2, 5, 10, 15)),
            (20, (2, 5, 10, 20)),
            (25, (2, 5, 10, 20, 25)),
            (29, (2, 5, 10, 20, 29)),
            (30, (2, 5, 10, 20, 30)),
            (31, (2, 5, 10, 20, 30, 31)),
            (45, (2, 5, 10, 20, 30, 45)),
        ],
    )
    def test_end_with_the_observation(self, minutes: int, due: tuple[int, ...]) -> None:
        assert due_minutes(minutes) == due

    def test_come_after_the_last_one_taken_and_do_not_come_back(self) -> None:
        assert next_due(watched()) == 2
        assert next_due(watched(reading(10))) == 20
        assert next_due(watched(reading(None, at=3))) == 2
        assert next_due(WHOLE) is None
        assert missing_minutes(watched(reading(10))) == (2, 5, 20)

    @pytest.mark.parametrize(
        ("elapsed", "minute"), [(0, 2), (1, 2), (3.9, 2), (4, 5), (8.9, 5), (12, 10), (19, 20), (90, 20)]
    )
    def test_count_for_the_latest_that_is_open(self, elapsed: float, minute: int) -> None:
        assert due_now(watched(), at=after(elapsed)) == minute

    @pytest.mark.parametrize(("elapsed", "minute"), [(2.9, None), (3, None), (3.02, 2), (4, 2), (9, 2)])
    def test_stay_late_when_the_one_after_has_opened(self, elapsed: float, minute: int | None) -> None:
        assert late_minute(watched(), at=after(elapsed)) == minute

    def test_are_not_late_once_all_are_taken(self) -> None:
        assert late_minute(WHOLE, at=after(60)) is None

    def test_are_none_once_all_are_taken(self) -> None:
        assert due_now(WHOLE, at=after(21)) is None

    @pytest.mark.parametrize(
        ("minute", "elapsed", "code"),
        [
            (None, 0, None),
            (5, 4, None),
            (5, 3.99, "reading_too_early"),
            (2, 9, "reading_exists"),
            (7, 9, "reading_not_due"),
        ],
    )
    def test_open_a_minute_before_and_are_recorded_once(
        self, minute: int | None, elapsed: float, code: str | None
    ) -> None:
        decision = may_record_reading(watched(reading(2)), minute=minute, at=after(elapsed))
        assert [finding.code for finding in decision] == ([code] if code else [])


def release(of: Watched = WHOLE, *, at: float = 20, **changes: Any) -> set[str]:
    said: dict[str, Any] = {
        "walks_steadily": True,
        "advice_given": True,
        "naloxone": NaloxoneHeld.HAS,
        "missing_reason": "",
    }
    return {finding.code for finding in may_release(of, **(said | changes), at=after(at))}


class TestLeaving:
    def test_is_free_when_all_is_in_order(self) -> None:
        assert release() == set()
        assert may_leave(WHOLE, at=after(20)).is_allowed

    @pytest.mark.parametrize(("elapsed", "found"), [(20, False), (19.99, True)])
    def test_waits_for_the_end(self, elapsed: float, found: bool) -> None:
        assert ("observation_not_over" in release(at=elapsed)) is found

    @pytest.mark.parametrize(("elapsed", "found"), [(25, False), (25.1, True)])
    def test_has_a_last_reading_of_at_most_five_minutes(self, elapsed: float, found: bool) -> None:
        assert ("no_closing_reading" in release(at=elapsed)) is found

    def test_has_a_reading_at_all(self) -> None:
        assert "no_closing_reading" in release(watched(), missing_reason="nobody free")

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"sedation": Sedation.ASLEEP}, "closing_sedation"),
            ({"sedation": Sedation.DRIFTS_OFF}, "closing_sedation"),
            ({"breaths": 11}, "closing_breathing"),
            ({"oxygen": 93}, "closing_oxygen"),
            ({"oxygen": None}, "closing_oxygen"),
        ],
    )
    def test_is_on_a_last_reading_that_is_well(self, changes: dict[str, Any], code: str) -> None:
        last = watched(*WHOLE.readings, reading(None, at=40, **changes))
        assert code in release(last, at=41)

    def test_says_why_a_reading_is_missing(self) -> None:
        without = watched(reading(2), reading(10), reading(20))
        assert release(without) == {"reading_missing"}
        assert release(without, missing_reason="with somebody else") == set()

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"walks_steadily": False}, "not_steady"),
            ({"advice_given": False}, "no_advice"),
            ({"naloxone": None}, "naloxone_unknown"),
        ],
    )
    def test_answers_all_three(self, changes: dict[str, Any], code: str) -> None:
        assert release(**changes) == {code}


class TestADoseThatWasTolerated:
    def test_was_watched_to_the_end_with_nothing_asked_for(self) -> None:
        assert is_tolerated(WHOLE, left_early=False)
        assert not is_tolerated(WHOLE, left_early=True)
        assert not is_tolerated(watched(reading(2), reading(20)), left_early=False)
        assert not is_tolerated(watched(*WHOLE.readings, reading(None, at=12, breaths=11)), left_early=False)

    @pytest.mark.parametrize(
        ("before", "is_borne"),
        [((2, 10), True), ((2, 5), False), ((), False)],
    )
    def test_of_several_injections_has_the_set_of_each(self, before: tuple[int, ...], is_borne: bool) -> None:
        earlier = watched(*(reading(minute) for minute in before))
        assert is_tolerated(replace(WHOLE, before=(earlier,)), left_early=False) is is_borne

    def test_of_several_injections_bears_no_event_after_any(self) -> None:
        earlier = watched(reading(10), reading(None, at=12, breaths=11))
        both = replace(WHOLE, before=(earlier,))

        assert both.had_event and not WHOLE.had_event
        assert not is_tolerated(both, left_early=False)


class TestSeveralInjectionsOfASession:
    @pytest.mark.parametrize(
        ("ended_before", "minutes"), [(timedelta(minutes=20), 20), (timedelta(minutes=5), 25)]
    )
    def test_are_watched_for_the_longest_time_of_any(self, ended_before: timedelta, minutes: int) -> None:
        earlier = Watched(ended_at=ENDED - ended_before, minutes=30, readings=())
        assert watch_until(replace(WHOLE, before=(earlier,))) == after(minutes)
