"""Random weeks of somebody who always gets as much as the limits allow, judged by the limits told in other words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dosing.rules.history import DoseHistory, GivenDose
from dosing.rules.limits import LimitFacts, OrderKind, caps_at_giving, gap_findings
from dosing.rules.protocol import Protocol
from tests.unit.dosing.test_history_rules import LONDON, dose

HOUR = timedelta(hours=1)
# Each night in which the clocks change lies in the weeks that begin at one of these.
STARTS = [
    datetime(2026, 10, 22, 8, 0, tzinfo=UTC),
    datetime(2027, 3, 25, 8, 0, tzinfo=UTC),
    datetime(2026, 11, 24, 8, 0, tzinfo=UTC),
]
# Mostly two sessions a day, and both sides of two rows of the ladder, in minutes.
PAUSES = st.one_of(
    st.integers(180, 1000),
    st.sampled_from([480, 960]),
    st.sampled_from([480, 960]),
    st.sampled_from([480, 960]),
    st.sampled_from([1560, 1561, 1800, 2999, 3000, 3001]),
)
# How long until the next asking, whether the dose is tolerated, and how much of the allowed half is left out.
ASKED = st.lists(
    st.tuples(PAUSES, st.sampled_from([True, True, True, True, False]), st.integers(0, 2)),
    min_size=15,
    max_size=40,
)


@dataclass
class Weeks:
    """What was given so far, and the start of the last return from a gap over 26 hours."""

    doses: list[GivenDose] = field(default_factory=list)
    returned_at: datetime | None = None

    def give(self, mg: int, allowed_mg: int, at: datetime, *, is_tolerated: bool) -> None:
        if self.doses and at - self.doses[-1].ended_at > 26 * HOUR:
            self.returned_at = at
        self.doses.append(
            dose(
                0,
                mg,
                started_at=at,
                ended_at=at,
                given_on=at.astimezone(LONDON).date(),
                allowed_mg=allowed_mg,
                session=at.isoformat(),
                is_tolerated=is_tolerated,
            )
        )

    def most(self, at: datetime) -> int:
        """Return the most that may be given, told without the rules: 15, 30, half above, or 75 % after a gap."""
        today = at.astimezone(LONDON).date()
        gap = at - self.doses[-1].ended_at if self.doses else timedelta()
        if gap > 50 * HOUR:
            return 0
        end = self.doses[-1].started_at if gap > 26 * HOUR else at
        window = [
            each
            for each in self.doses
            if end - each.started_at <= 72 * HOUR
            and (self.returned_at is None or each.started_at >= self.returned_at)
        ]
        borne = [each.mg for each in window if each.is_tolerated]
        highest = max(borne or [each.mg for each in window], default=0)
        capped = highest * 75 // 100 if gap > 26 * HOUR else 450
        if not any(each.is_tolerated and each.given_on < today for each in self.doses):
            is_first = not any(each.given_on == today for each in self.doses)
            return min(15 if is_first else 30, capped)
        return min(highest * 3 // 2 if borne else highest, capped)


def live_through(
    asked: list[tuple[int, bool, int]],
    at: datetime,
    protocol: Protocol,
    judge: Callable[[Weeks, int, datetime], None],
) -> Weeks:
    """Give what the rules allow at each asking, at least half of it, and have every dose judged."""
    weeks = Weeks()
    for pause, is_tolerated, less in asked:
        facts = LimitFacts(
            history=DoseHistory(tuple(weeks.doses)),
            protocol=protocol,
            routes=frozenset({"iv"}),
            sessions_per_day=2,
            at=at,
            today=at.astimezone(LONDON).date(),
        )
        allowed = min(450, *(cap.mg for cap in caps_at_giving(facts)), 450)
        if gap_findings(facts, kind=OrderKind.MAINTENANCE).is_allowed and allowed > 0:
            mg = allowed - allowed * less // 6
            judge(weeks, mg, at)
            weeks.give(mg, allowed, at, is_tolerated=is_tolerated)
        at += timedelta(minutes=pause)
    return weeks


def forbid(weeks: Weeks, mg: int, at: datetime) -> None:
    assert mg <= weeks.most(at)


def walk(protocol: Protocol) -> Callable[[], None]:
    """Return a walk through 200 random weeks under a protocol, without a search for the shortest fault."""

    @settings(max_examples=200, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    @given(asked=ASKED, start=st.sampled_from(STARTS))
    def through(asked: list[tuple[int, bool, int]], start: datetime) -> None:
        live_through(asked, start, protocol, forbid)

    return through


class TestRandomDays:
    @settings(max_examples=300, deadline=None)
    @given(asked=ASKED, start=st.sampled_from(STARTS))
    def test_never_hold_a_dose_that_a_limit_forbids(
        self, asked: list[tuple[int, bool, int]], start: datetime
    ) -> None:
        live_through(asked, start, Protocol(), forbid)

    @pytest.mark.parametrize(
        "loosened",
        [
            {"first_dose_mg": 16},
            {"day_one_dose_mg": 31},
            {"step_percent": 51},
            {"gap_cap_percent": 80},
            {"gap_full_hours": 27},
            {"gap_cap_hours": 51},
        ],
        ids=str,
    )
    def test_would_show_one_under_a_limit_that_is_too_loose(self, loosened: dict[str, int]) -> None:
        with pytest.raises(AssertionError):
            walk(replace(Protocol(), **loosened))()

    def test_hold_doses_enough_to_be_worth_it(self) -> None:
        lived: list[int] = []

        @settings(max_examples=200, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
        @given(asked=ASKED, start=st.sampled_from(STARTS))
        def through(asked: list[tuple[int, bool, int]], start: datetime) -> None:
            lived.append(len(live_through(asked, start, Protocol(), forbid).doses))

        through()

        assert sum(lived) > 1500
