"""The two nights on which the clock changes: what is counted in minutes is counted in minutes that passed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dosing.rules.checks import Readings, Sedation, is_fresh
from dosing.rules.observation import (
    NaloxoneHeld,
    ReadingTaken,
    Watched,
    due_now,
    late_minute,
    may_record_reading,
    may_release,
    watch_until,
)
from hat_clinic.core.clock import LONDON

WELL = Readings(sedation=Sedation.ALERT, breaths=14, oxygen=97, pulse=70)
ROUSED = Readings(sedation=Sedation.ALERT, breaths=11, oxygen=97, pulse=70)
EMERGENCY = Readings(sedation=Sedation.ALERT, breaths=8, oxygen=97, pulse=70)
CHANGES = [
    pytest.param(datetime(2026, 10, 25, 1, 0, tzinfo=UTC), id="back"),
    pytest.param(datetime(2027, 3, 28, 1, 0, tzinfo=UTC), id="forward"),
]


@pytest.fixture(params=CHANGES)
def ended_at(request: pytest.FixtureRequest) -> datetime:
    """The end of an injection three minutes before the clock changes, on the wall of the clinic."""
    change: datetime = request.param
    return (change - timedelta(minutes=3)).astimezone(LONDON)


def later(moment: datetime, minutes: float) -> datetime:
    """Return what the wall of the clinic shows after so many real minutes."""
    return (moment.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(LONDON)


def reading(ended_at: datetime, minute: int, readings: Readings = WELL) -> ReadingTaken:
    return ReadingTaken(readings=readings, taken_at=later(ended_at, minute), minute=minute)


def watched(ended_at: datetime, *readings: ReadingTaken, minutes: int = 20) -> Watched:
    return Watched(ended_at=ended_at, minutes=minutes, readings=readings)


def release(of: Watched, *, at: datetime) -> set[str]:
    decision = may_release(
        of,
        walks_steadily=True,
        advice_given=True,
        naloxone=NaloxoneHeld.HAS,
        missing_reason="",
        at=at,
    )
    return {finding.code for finding in decision}


class TestTheWall:
    def test_jumps_by_an_hour_in_these_nights(self, ended_at: datetime) -> None:
        shown = later(ended_at, 4).replace(tzinfo=None) - ended_at.replace(tzinfo=None)

        assert shown in (timedelta(minutes=-56), timedelta(minutes=64))


class TestACheckInSuchANight:
    @pytest.mark.parametrize(("minutes", "fresh"), [(30, True), (30 + 1 / 60, False)])
    def test_is_good_for_half_an_hour(self, ended_at: datetime, minutes: float, fresh: bool) -> None:
        assert is_fresh(made_at=ended_at, at=later(ended_at, minutes)) is fresh


class TestAReadingInSuchANight:
    @pytest.mark.parametrize(("elapsed", "minute"), [(3.98, 2), (4, 5), (8.98, 5), (9, 10), (19, 20)])
    def test_opens_by_the_minutes_that_passed(self, ended_at: datetime, elapsed: float, minute: int) -> None:
        assert due_now(watched(ended_at), at=later(ended_at, elapsed)) == minute

    @pytest.mark.parametrize(("elapsed", "found"), [(3.98, {"reading_too_early"}), (4, set())])
    def test_is_not_taken_before(self, ended_at: datetime, elapsed: float, found: set[str]) -> None:
        decision = may_record_reading(watched(ended_at), minute=5, at=later(ended_at, elapsed))

        assert {finding.code for finding in decision} == found

    @pytest.mark.parametrize(("elapsed", "minute"), [(6, None), (6.02, 5), (66, 5)])
    def test_is_late_after_a_minute(self, ended_at: datetime, elapsed: float, minute: int | None) -> None:
        taken = watched(ended_at, reading(ended_at, 2))

        assert late_minute(taken, at=later(ended_at, elapsed)) == minute


class TestTheTimeToWatchInSuchANight:
    def test_is_as_long_as_on_any_other(self, ended_at: datetime) -> None:
        roused = reading(ended_at, 2, ROUSED)
        until = [watch_until(watched(ended_at, *readings)) for readings in ((), (roused,))]

        assert [moment.astimezone(UTC) - ended_at.astimezone(UTC) for moment in until] == [
            timedelta(minutes=20),
            timedelta(minutes=35),
        ]

    def test_is_two_hours_after_an_emergency(self, ended_at: datetime) -> None:
        until = watch_until(watched(ended_at, reading(ended_at, 2, EMERGENCY)))

        assert until.astimezone(UTC) - ended_at.astimezone(UTC) == timedelta(minutes=122)


class TestLeavingInSuchANight:
    @pytest.mark.parametrize(("elapsed", "found"), [(19.99, {"observation_not_over"}), (20, set())])
    def test_waits_for_the_end(self, ended_at: datetime, elapsed: float, found: set[str]) -> None:
        last = ReadingTaken(readings=WELL, taken_at=later(ended_at, 19.5), minute=20)
        whole = watched(ended_at, *(reading(ended_at, minute) for minute in (2, 5, 10)), last)

        assert release(whole, at=later(ended_at, elapsed)) == found

    @pytest.mark.parametrize(("elapsed", "found"), [(25, set()), (25.1, {"no_closing_reading"})])
    def test_is_on_a_reading_of_the_last_five_minutes(
        self, ended_at: datetime, elapsed: float, found: set[str]
    ) -> None:
        whole = watched(ended_at, *(reading(ended_at, minute) for minute in (2, 5, 10, 20)))

        assert release(whole, at=later(ended_at, elapsed)) == found

    def test_is_on_the_reading_that_was_the_last(self, ended_at: datetime) -> None:
        before_the_change = reading(ended_at, 2)
        unwell = watched(ended_at, before_the_change, reading(ended_at, 5, ROUSED), minutes=5)

        assert "closing_breathing" in release(unwell, at=later(ended_at, 6))
