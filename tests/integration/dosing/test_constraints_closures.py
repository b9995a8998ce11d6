"""What the tables of closed sessions refuse, from both sides, even if the program were wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.factories.closures import ClosedPersonFactory, ClosureFactory, ReopeningFactory
from tests.factories.moments import NINE, TODAY
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db

A_DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class TestClosure:
    def test_says_why(self) -> None:
        ClosureFactory(reason="other", words="x")
        for said in ({"words": ""}, {"reason": "holiday"}):
            with refused_by("closure_says_why"):
                ClosureFactory(**said)

    def test_runs_forward_and_is_not_all_over(self) -> None:
        ClosureFactory(closed_at=NINE + 2 * HOUR, last_on=TODAY + A_DAY, reopens_on=TODAY + A_DAY)
        for wrong in (
            {"ends_at": NINE},
            {"last_on": TODAY - A_DAY},
            {"last_on": TODAY + A_DAY, "reopens_on": TODAY},
            {"sessions": 0},
            {"closed_at": NINE + 3 * HOUR},
        ):
            with refused_by("closure_runs_forward_from_now"):
                ClosureFactory(**wrong)


class TestClosedPerson:
    def test_is_named_once(self) -> None:
        first = ClosedPersonFactory()
        ClosedPersonFactory(episode=first.episode)
        with refused_by("a_closure_names_a_person_once"):
            ClosedPersonFactory(closure=first.closure, episode=first.episode)

    def test_misses_a_session_and_stands_in_a_row(self) -> None:
        ClosedPersonFactory(row=4)
        for wrong in ({"sessions": 0}, {"row": 0}, {"row": 5}):
            with refused_by("closed_person_misses_a_session"):
                ClosedPersonFactory(**wrong)


class TestReopening:
    def test_says_why(self) -> None:
        ReopeningFactory(words="x")
        with refused_by("reopening_says_why"):
            ReopeningFactory(words="")

    def test_is_once_before_a_session(self) -> None:
        first = ReopeningFactory()
        ReopeningFactory(closure=first.closure, from_at=NINE - HOUR)
        with refused_by("a_closure_ends_once_before_a_session"):
            ReopeningFactory(closure=first.closure)
