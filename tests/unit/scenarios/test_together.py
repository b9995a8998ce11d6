"""Judging rivals by what becomes of them one after another, and the nights that a house is open over."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from hat_clinic.core.decisions import Decision, block
from hat_clinic.scenarios.compare import differences
from hat_clinic.scenarios.houses import over_night
from hat_clinic.scenarios.reading import Named, NotBuilt, moment
from hat_clinic.scenarios.results import Result, barred, refused, saved
from hat_clinic.scenarios.standing import Standing
from hat_clinic.scenarios.together import Raced, judge_race, orders_of, repeated, rivals_of

SAVED = saved(Decision())
REFUSED = refused(Decision((block("suspended", "Suspended.", "clinical rule 20"),)))


def standing(injections: int = 0, totals: Any = None) -> Standing:
    return Standing(
        counts={"injections": injections},
        digests={},
        refusals=0,
        stock={},
        day_totals=totals or {},
    )


def raced(*results: Result, injections: int) -> Raced:
    return Raced(results, standing(), standing(injections))


# A suspension and a dose: the dose is stored if it comes first, and refused if it comes second.
STOP_FIRST = raced(SAVED, REFUSED, injections=0)
DOSE_FIRST = raced(SAVED, SAVED, injections=1)


class TestRivals:
    @pytest.mark.parametrize("ended_as", [STOP_FIRST, DOSE_FIRST])
    def test_may_end_as_either_order_ends(self, ended_as: Raced) -> None:
        result = judge_race(ended_as, [STOP_FIRST, DOSE_FIRST])

        assert (result.reply, result.decision, result.told) == ("one_order_only", "block", ("Suspended.",))

    @pytest.mark.parametrize(
        "ended_as",
        [
            raced(SAVED, REFUSED, injections=1),  # told that it was refused, and stored
            raced(SAVED, SAVED, injections=2),  # stored twice
            raced(REFUSED, REFUSED, injections=0),  # each refused for the other
        ],
    )
    def test_are_interleaved_when_no_order_ends_so(self, ended_as: Raced) -> None:
        assert judge_race(ended_as, [STOP_FIRST, DOSE_FIRST]).reply == "interleaved"

    def test_for_the_same_thing_leave_one(self) -> None:
        orders = [raced(SAVED, REFUSED, injections=1), raced(REFUSED, SAVED, injections=1)]

        assert judge_race(orders[1], orders).reply == "one_of_two"
        assert judge_race(raced(SAVED, SAVED, injections=2), orders).reply == "interleaved"

    def test_go_at_the_moment_of_the_race_and_in_every_order(self) -> None:
        act = Named("race", {"at": "2026-10-12 09:00", "rivals": [{"give": {"mg": 1}}, {"give": {"mg": 2}}]})

        rivals = rivals_of(act)
        assert [rival.content for rival in rivals] == [
            {"at": "2026-10-12 09:00", "mg": 1},
            {"at": "2026-10-12 09:00", "mg": 2},
        ]
        assert orders_of(rivals) == [(0, 1), (1, 0)]

    def test_are_two_at_least(self) -> None:
        with pytest.raises(NotBuilt, match="fewer than two"):
            rivals_of(Named("race", {"at": "2026-10-12 09:00", "rivals": [{"give": {}}]}))


class TestAnActThatIsRepeated:
    def test_is_the_act_with_its_key(self) -> None:
        act = Named("repeat", {"act": "give", "key": "k", "times": 3, "mg": 100})

        assert repeated(act) == Named("give", {"key": "k", "mg": 100})

    @pytest.mark.parametrize("content", [{"act": "release", "key": "k"}, {"act": "give"}, {"key": "k"}])
    def test_is_a_dose_with_a_key(self, content: dict[str, str]) -> None:
        with pytest.raises(NotBuilt, match="repeating"):
            repeated(Named("repeat", content))


class TestADayTotal:
    EXPECT = {"after": {"day_total_mg": 900}}

    @pytest.mark.parametrize(
        ("after", "against"),
        [
            ({("sam", "today"): 900, ("wren", "today"): 50}, []),
            ({("sam", "today"): 901, ("wren", "today"): 50}, ["day_total_mg: expected 900 mg, was 901 mg"]),
            (
                {("sam", "today"): 600, ("wren", "today"): 50},
                ["day_total_mg: expected 900 mg, was unchanged"],
            ),
            (
                {("sam", "today"): 900, ("wren", "today"): 80},
                ["day_total_mg: expected 900 mg, was 900 mg and 80 mg"],
            ),
        ],
    )
    def test_is_that_of_the_day_that_the_act_changed(
        self, after: dict[tuple[str, str], int], against: list[str]
    ) -> None:
        before = standing(totals={("sam", "today"): 600, ("wren", "today"): 50})

        assert differences(self.EXPECT, barred(""), before, standing(totals=after)) == against


class TestAHouseThatIsOpenOverNight:
    DAY = {"am": (time(8, 30), time(12, 30)), "pm": (time(12, 30), time(20, 30))}

    @pytest.mark.parametrize("until", ["2026-10-25 06:00", "2026-10-25 23:30"])
    def test_parts_the_night_at_midnight(self, until: str) -> None:
        found = over_night(self.DAY, moment("2026-10-24 20:00"), moment(until))

        assert found == {
            "am": (time.min, time(12, 30)),
            "pm": (time(12, 30), time(20, 30)),
            "eve": (time(20, 30), time.max),
        }

    def test_opens_its_evening_no_sooner_than_it_is_written(self) -> None:
        found = over_night(self.DAY, moment("2026-10-24 21:15"), moment("2026-10-24 23:00"))

        assert found == self.DAY | {"eve": (time(21, 15), time.max)}

    def test_keeps_an_evening_open_that_it_holds(self) -> None:
        day = self.DAY | {"eve": (time(20, 30), time(22, 0))}

        found = over_night(day, moment("2026-10-24 20:00"), moment("2026-10-25 06:00"))

        assert found["eve"] == (time(20, 30), time.max)
