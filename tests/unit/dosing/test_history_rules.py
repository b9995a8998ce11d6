"""What counts as a gap, as a return, and as the dose that a next one is measured by."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dosing.rules.history import (
    DoseHistory,
    Gap,
    GivenDose,
    MissedSession,
    Reference,
    Row,
    after_what,
    gap_in_words,
    gaps_until,
    is_first_day,
    last_event,
    reference_at,
    row_of,
    since_restart,
    standing_at,
    total_on,
)
from dosing.rules.protocol import Protocol

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LIMITS = Protocol()
LONDON = ZoneInfo("Europe/London")


def dose(hours_ago: float, mg: int = 100, **changes: object) -> GivenDose:
    moment = AT - timedelta(hours=hours_ago)
    given = GivenDose(
        started_at=moment,
        ended_at=moment,
        given_on=moment.astimezone(LONDON).date(),
        mg=mg,
        allowed_mg=mg,
        route="iv",
        session=f"{hours_ago}",
        is_tolerated=True,
    )
    return replace(given, **changes)  # type: ignore[arg-type]  # a test's own changes


def history(*doses: GivenDose, missed: tuple[float, ...] = ()) -> DoseHistory:
    return DoseHistory(doses=doses, missed=tuple(missing(hours) for hours in missed))


def missing(hours_ago: float) -> MissedSession:
    moment = AT - timedelta(hours=hours_ago)
    return MissedSession(over_at=moment, on=moment.astimezone(LONDON).date(), slot=f"{hours_ago}")


def reference(*doses: GivenDose, missed: tuple[float, ...] = ()) -> Reference | None:
    known = history(*doses, missed=missed)
    return reference_at(known, standing_at(known, LIMITS, at=AT), route="iv", at=AT)


class TestTheLadder:
    @pytest.mark.parametrize(
        ("hours", "missed", "row"),
        [
            (26, 1, Row.FULL),
            (26 + 1 / 3600, 1, Row.CAP),
            (26, 2, Row.CAP),
            (50, 3, Row.CAP),
            (50 + 1 / 3600, 3, Row.DECIDE),
            (50, 4, Row.DECIDE),
            (74, 5, Row.DECIDE),
            (74 + 1 / 3600, 5, Row.RESTART),
            (1, 6, Row.RESTART),
        ],
    )
    def test_takes_the_stricter_of_hours_and_sessions(self, hours: float, missed: int, row: Row) -> None:
        assert row_of(Gap(since=AT, elapsed=timedelta(hours=hours), missed=missed), LIMITS) is row

    def test_is_as_strict_as_the_clinic_made_it(self) -> None:
        gap = Gap(since=AT, elapsed=timedelta(hours=21), missed=0)
        assert row_of(gap, replace(LIMITS, gap_full_hours=20)) is Row.CAP

    @pytest.mark.parametrize(
        ("ended", "returns"),
        [
            # The night in which the clocks go back has 25 hours, the other one 23.
            (datetime(2026, 10, 24, 9, 0, tzinfo=LONDON), datetime(2026, 10, 25, 10, 0, tzinfo=LONDON)),
            (datetime(2027, 3, 27, 9, 0, tzinfo=LONDON), datetime(2027, 3, 28, 12, 0, tzinfo=LONDON)),
        ],
    )
    def test_counts_hours_that_passed_when_the_clock_changes(
        self, ended: datetime, returns: datetime
    ) -> None:
        known = DoseHistory(doses=(dose(0, started_at=ended, ended_at=ended),))

        assert standing_at(known, LIMITS, at=returns).row is Row.FULL
        assert standing_at(known, LIMITS, at=returns + timedelta(seconds=1)).row is Row.CAP


class TestWhereSomebodyStands:
    def test_is_nowhere_before_the_first_dose(self) -> None:
        standing = standing_at(history(missed=(3, 2)), LIMITS, at=AT)

        assert (standing.gap, standing.row) == (None, Row.FULL)

    def test_is_counted_from_the_end_of_the_last_dose(self) -> None:
        last = dose(20, ended_at=AT - timedelta(hours=19))
        standing = standing_at(history(last, missed=(20, 19, 18, 0)), LIMITS, at=AT)

        assert standing.gap == Gap(since=last.ended_at, elapsed=timedelta(hours=19), missed=2)
        assert standing.gap.hours == 19

    def test_knows_nothing_of_what_comes_later(self) -> None:
        known = history(dose(30), dose(-1), missed=(-2,))
        assert standing_at(known, LIMITS, at=AT).gap == Gap(AT - timedelta(hours=30), timedelta(hours=30), 0)

    @pytest.mark.parametrize(
        ("gap_hours", "returned", "restarted"), [(20, False, False), (30, True, False), (80, True, True)]
    )
    def test_remembers_the_return(self, gap_hours: int, returned: bool, restarted: bool) -> None:
        back = dose(5)
        standing = standing_at(history(dose(5 + gap_hours), back), LIMITS, at=AT)

        assert (standing.returned_at == back.started_at) is returned
        assert (standing.restarted_at == back.started_at) is restarted

    @pytest.mark.parametrize(("mg", "row"), [(37, Row.DECIDE), (38, Row.FULL)])
    def test_is_a_return_with_half_of_what_was_allowed(self, mg: int, row: Row) -> None:
        known = history(dose(55), dose(20, mg, allowed_mg=75))
        assert standing_at(known, LIMITS, at=AT).row is row


class TestTheGapsOfATime:
    def test_are_those_of_the_second_row_or_worse_and_the_one_now(self) -> None:
        known = history(dose(200), dose(120), dose(110), dose(60), dose(50), dose(-1))

        gaps = gaps_until(known, LIMITS, at=AT)

        assert [(gap.row, gap.gap.hours, gap.ended_at) for gap in gaps] == [
            (Row.RESTART, 80, AT - timedelta(hours=120)),
            (Row.CAP, 50, AT - timedelta(hours=60)),
            (Row.CAP, 50, None),
        ]

    def test_go_on_after_less_than_half_of_what_was_allowed(self) -> None:
        known = history(dose(55), dose(20, 37, allowed_mg=75))

        (gap,) = gaps_until(known, LIMITS, at=AT)
        assert (gap.row, gap.gap.since, gap.ended_at) == (Row.DECIDE, AT - timedelta(hours=55), None)

    def test_are_none_of_somebody_who_comes_every_day_or_had_no_dose(self) -> None:
        assert gaps_until(history(dose(20), dose(5)), LIMITS, at=AT) == ()
        assert gaps_until(history(), LIMITS, at=AT) == ()


class TestAGapInWords:
    @pytest.mark.parametrize(
        ("hours", "missed", "said", "after"),
        [
            (1, (), "Nothing for 1 hour.", "after 1 hour without a dose."),
            (
                30,
                (20,),
                "Nothing for 30 hours, and 1 session missed in a row.",
                "after 30 hours without a dose and 1 session missed in a row.",
            ),
            (
                30,
                (20, 10),
                "Nothing for 30 hours, and 2 sessions missed in a row.",
                "after 30 hours without a dose and 2 sessions missed in a row.",
            ),
        ],
    )
    def test_counts_hours_and_sessions(
        self, hours: int, missed: tuple[float, ...], said: str, after: str
    ) -> None:
        standing = standing_at(history(dose(hours), missed=missed), LIMITS, at=AT)

        assert (gap_in_words(standing), after_what(standing)) == (said, after)

    def test_says_nothing_where_nothing_was_given(self) -> None:
        nowhere = standing_at(history(), LIMITS, at=AT)

        assert (gap_in_words(nowhere), after_what(nowhere)) == ("", "")


class TestTheReference:
    def test_is_none_where_nothing_was_given(self) -> None:
        assert reference() is None

    @pytest.mark.parametrize(("hours", "mg"), [(72, 200), (72 + 1 / 3600, 100)])
    def test_is_the_highest_of_72_hours(self, hours: float, mg: int) -> None:
        between = (dose(48), dose(24), dose(12))
        assert reference(dose(hours, 200), *between) == Reference(single_mg=mg, session_mg=mg)

    def test_counts_one_injection_and_a_whole_session_apart(self) -> None:
        found = reference(dose(12, 60, session="am"), dose(11, 50, session="am"), dose(6, 70))
        assert found == Reference(single_mg=70, session_mg=110)

    @pytest.mark.parametrize("tolerated", [False, None])
    def test_is_never_a_dose_that_was_not_tolerated(self, tolerated: bool | None) -> None:
        assert reference(dose(20), dose(5, 150, is_tolerated=tolerated)) == Reference(100, 100)

    def test_holds_where_nothing_was_tolerated(self) -> None:
        left_early = (dose(20, 120, is_tolerated=False), dose(5, is_tolerated=False))
        assert reference(*left_early) == Reference(120, 120, is_tolerated=False)
        roused = replace(left_early[1], had_event=True)
        assert reference(left_early[0], roused) == Reference(100, 100, is_tolerated=False)

    def test_is_of_the_same_route(self) -> None:
        assert reference(dose(5, 200, route="im"), dose(4)) == Reference(100, 100)
        assert reference(dose(5, 200, route="im")) is None

    def test_stands_still_from_the_moment_a_gap_began(self) -> None:
        assert reference(dose(48 + 71, 180), dose(48 + 46), dose(48 + 23), dose(48)) == Reference(180, 180)

    def test_begins_anew_with_the_return(self) -> None:
        assert reference(dose(50, 200), dose(20, 150)) == Reference(150, 150)


class TestARestart:
    def test_forgets_what_was_tolerated_before(self) -> None:
        known = history(dose(90, 200), dose(5, 15))
        standing = standing_at(known, LIMITS, at=AT)

        assert [each.mg for each in since_restart(known, standing, route="iv")] == [15]
        assert is_first_day(known, standing, route="iv", today=AT.date())
        assert not is_first_day(known, standing, route="iv", today=AT.date() + timedelta(days=1))

    def test_has_no_dose_yet_while_the_gap_lasts(self) -> None:
        known = history(dose(90, 200))
        assert since_restart(known, standing_at(known, LIMITS, at=AT), route="iv") == ()


class TestTheFirstDay:
    @pytest.mark.parametrize(("tolerated", "first"), [(True, False), (False, True), (None, True)])
    def test_lasts_until_a_dose_of_an_earlier_day_was_tolerated(
        self, tolerated: bool | None, first: bool
    ) -> None:
        known = history(dose(20, 15, is_tolerated=tolerated))
        standing = standing_at(known, LIMITS, at=AT)

        assert is_first_day(known, standing, route="iv", today=AT.date()) is first


class TestAnEvent:
    def test_is_the_last_one_up_to_now(self) -> None:
        roused = dose(30, 120, had_event=True)
        known = history(dose(40, had_event=True), roused, dose(5), dose(-1, had_event=True))

        assert last_event(known, at=AT) == roused
        assert last_event(history(dose(5)), at=AT) is None


class TestADay:
    def test_counts_what_was_begun_on_its_date(self) -> None:
        known = history(dose(33), dose(9.1, 80, route="im"), dose(1))

        assert total_on(known, date(2026, 11, 23)) == 180
        assert total_on(known, date(2026, 11, 22)) == 0
