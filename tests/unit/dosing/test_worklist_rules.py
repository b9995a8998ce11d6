"""What waits for a prescriber, and how soon."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dosing.rules.worklist import (
    Group,
    Matter,
    PersonFacts,
    is_last_day,
    licence_group,
    licence_notice,
    matters_of,
)

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
MIDNIGHT = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
SETTLED = PersonFacts(
    ends_at=AT + timedelta(days=14),
    is_suspended=False,
    covered_until=AT + timedelta(days=14),
    begins_at=None,
    had_order=True,
    has_consent=True,
    assessment_due_on=TODAY + timedelta(days=84),
)
WAITING = replace(SETTLED, ends_at=None, covered_until=None, had_order=False)
SECOND = timedelta(seconds=1)


def until(moment: datetime) -> PersonFacts:
    return replace(SETTLED, ends_at=moment, covered_until=moment)


class TestSomebodyWithAnOrder:
    def test_waits_for_nothing_while_it_runs(self) -> None:
        assert matters_of(SETTLED, AT) == ()

    @pytest.mark.parametrize(
        ("days", "shown"), [(timedelta(days=7), True), (timedelta(days=7) + SECOND, False)]
    )
    def test_is_shown_seven_days_before_its_end(self, days: timedelta, shown: bool) -> None:
        assert matters_of(until(AT + days), AT) == (((Group.WEEK, Matter.ENDS),) if shown else ())

    @pytest.mark.parametrize(("moment", "group"), [(MIDNIGHT, Group.TODAY), (MIDNIGHT + SECOND, Group.WEEK)])
    def test_is_of_today_when_it_ends_with_today(self, moment: datetime, group: Group) -> None:
        assert matters_of(until(moment), AT) == ((group, Matter.ENDS),)

    def test_waits_for_nothing_when_the_next_one_follows(self) -> None:
        facts = replace(SETTLED, ends_at=MIDNIGHT, covered_until=AT + timedelta(days=20))
        assert matters_of(facts, AT) == ()

    def test_waits_now_when_it_is_suspended(self) -> None:
        assert matters_of(replace(SETTLED, is_suspended=True), AT) == ((Group.NOW, Matter.SUSPENDED),)

    def test_waits_now_without_a_consent(self) -> None:
        assert matters_of(replace(SETTLED, has_consent=False), AT) == ((Group.NOW, Matter.NO_CONSENT),)

    def test_is_to_be_assessed_this_week(self) -> None:
        assert matters_of(replace(SETTLED, assessment_due_on=None), AT) == (
            (Group.WEEK, Matter.NO_ASSESSMENT),
        )


class TestSomebodyWithoutAnOrder:
    def test_waits_now_when_there_was_one(self) -> None:
        assert matters_of(replace(WAITING, had_order=True), AT) == ((Group.NOW, Matter.NO_ORDER),)

    def test_waits_for_the_first_when_all_is_ready(self) -> None:
        assert matters_of(WAITING, AT) == ((Group.WEEK, Matter.FIRST_ORDER),)

    @pytest.mark.parametrize("missing", [{"has_consent": False}, {"assessment_due_on": None}])
    def test_is_not_ready_without_consent_or_assessment(self, missing: dict[str, None]) -> None:
        assert matters_of(replace(WAITING, **missing), AT) == ((Group.WEEK, Matter.NOT_READY),)

    def test_waits_for_nothing_when_one_is_signed_for_later(self) -> None:
        assert matters_of(replace(WAITING, had_order=True, begins_at=MIDNIGHT), AT) == ()


class TestAnAssessment:
    @pytest.mark.parametrize(
        ("days", "found"),
        [
            (15, ()),
            (14, ((Group.WEEK, Matter.ASSESSMENT_DUE),)),
            (1, ((Group.WEEK, Matter.ASSESSMENT_DUE),)),
            (0, ((Group.TODAY, Matter.ASSESSMENT_DUE),)),
            (-1, ((Group.TODAY, Matter.ASSESSMENT_DUE),)),
        ],
    )
    def test_that_is_due_is_of_this_week_and_an_overdue_one_of_today(self, days: int, found: tuple) -> None:
        assert matters_of(replace(SETTLED, assessment_due_on=TODAY + timedelta(days=days)), AT) == found

    def test_is_due_by_the_london_day(self) -> None:
        just_after = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
        facts = replace(SETTLED, ends_at=just_after + timedelta(days=14), covered_until=None)

        assert matters_of(replace(facts, assessment_due_on=date(2026, 7, 2)), just_after) == (
            (Group.TODAY, Matter.ASSESSMENT_DUE),
        )

    def test_is_listed_beside_what_else_is_to_be_decided(self) -> None:
        facts = replace(WAITING, had_order=True, assessment_due_on=TODAY)

        assert matters_of(facts, AT) == ((Group.NOW, Matter.NO_ORDER), (Group.TODAY, Matter.ASSESSMENT_DUE))


class TestALastDay:
    @pytest.mark.parametrize(
        ("ends_at", "at", "last"),
        [
            (MIDNIGHT, AT, True),
            (MIDNIGHT + SECOND, AT, False),
            # In summer a London day ends at 23:00 UTC.
            (datetime(2026, 7, 1, 23, 0, tzinfo=UTC), datetime(2026, 7, 1, 9, 0, tzinfo=UTC), True),
            (datetime(2026, 7, 1, 23, 0, 1, tzinfo=UTC), datetime(2026, 7, 1, 9, 0, tzinfo=UTC), False),
        ],
    )
    def test_is_the_one_it_ends_with(self, ends_at: datetime, at: datetime, last: bool) -> None:
        assert is_last_day(ends_at, at) is last


class TestALicence:
    @pytest.mark.parametrize(
        ("left", "notice"),
        [
            (timedelta(days=90) + SECOND, None),
            (timedelta(days=90), 90),
            (timedelta(days=30) + SECOND, 90),
            (timedelta(days=30), 30),
            (timedelta(days=7) + SECOND, 30),
            (timedelta(days=7), 7),
            (-SECOND, 7),
        ],
    )
    def test_is_told_of_90_30_and_7_days_before_its_end(self, left: timedelta, notice: int | None) -> None:
        assert licence_notice(AT + left, AT) == notice

    @pytest.mark.parametrize(
        ("left", "group"), [(timedelta(days=7), Group.TODAY), (timedelta(days=7) + SECOND, Group.WEEK)]
    )
    def test_is_of_today_in_its_last_week(self, left: timedelta, group: Group) -> None:
        assert licence_group(AT + left, AT) is group
