"""How our own samples become what the report counts: in one place, each once."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta

import pytest

from hat_clinic.core.clock import LONDON
from outcomes.actions import urine
from outcomes.actions.urine import draw_urine_days
from outcomes.models import UrineDraw
from outcomes.rules.evaluation.urine import Samples
from patients.models import Person
from tests.factories.records import Records
from tests.factories.urine import UrineStepFactory, a_urine_day, steps_of

pytestmark = pytest.mark.django_db
MARCH, WEDNESDAY = date(2025, 3, 1), date(2025, 3, 12)
A_DAY = timedelta(days=1)


@pytest.fixture
def records() -> Records:
    return Records()


@pytest.fixture
def person(records: Records) -> Person:
    return records.person(started_on=date(2025, 1, 6))


@pytest.fixture
def drawn(records: Records, person: Person) -> UrineDraw:
    return a_urine_day(records.clinic, person, WEDNESDAY)


def counted(records: Records) -> Samples:
    return records.figures(MARCH).urine.month


def samples(due: int, **more: int) -> Samples:
    return Samples(**{"due": due, "negative": 0, "positive": 0, "void": 0, "not_taken": 0, **more})


class TestASampleOfOurOwn:
    @pytest.mark.parametrize(
        ("kinds", "found", "expected"),
        [
            ((), "", samples(1)),
            (("taken",), "", samples(1, at_laboratory=1)),
            (("taken", "sent"), "", samples(1, at_laboratory=1)),
            (("not_taken",), "", samples(1, not_taken=1)),
            (("not_taken", "taken"), "", samples(1, at_laboratory=1)),
            (("taken", "void"), "", samples(1, void=1)),
            (("taken", "sent", "void"), "", samples(1, void=1)),
            (("taken", "sent", "result"), "negative", samples(1, negative=1)),
            (("taken", "sent", "result"), "positive", samples(1, positive=1)),
            (("taken", "sent", "result"), "void", samples(1, void=1)),
            (("taken", "sent", "result", "void"), "negative", samples(1, void=1)),
            (("taken", "sent", "result", "void"), "positive", samples(1, void=1)),
        ],
    )
    def test_counts_as_far_as_it_has_come(self, records, drawn, kinds, found, expected) -> None:
        steps_of(drawn, *kinds, found=found)

        assert counted(records) == expected

    def test_counts_what_its_correction_says(self, records, drawn) -> None:
        *_, result = steps_of(drawn, "taken", "sent", "result", found="positive")
        UrineStepFactory(
            draw=drawn,
            number=4,
            before="result",
            kind="result",
            reference="",
            assay=drawn.assay,
            found="negative",
            reported_on=WEDNESDAY,
            amends=result,
            words="The laboratory corrected its report.",
        )

        assert counted(records) == samples(1, negative=1)

    def test_positive_on_the_routine_screen_counts_nowhere(self, records, drawn) -> None:
        steps_of(drawn, "taken", "sent", "result", found="positive", assay="generic_opiate")

        assert counted(records) == samples(1, at_laboratory=1)

    def test_at_the_laboratory_is_taken_and_has_no_result(self, records, person, drawn) -> None:
        steps_of(drawn, "taken", "sent")
        a_urine_day(records.clinic, person, WEDNESDAY - timedelta(days=7))

        taken = records.indicators(MARCH)["quality.urine_taken"]

        assert (taken.numerator, taken.denominator, taken.missing) == (1, 2, 1)

    def test_of_the_next_month_is_not_there_yet(self, records, person) -> None:
        steps_of(a_urine_day(records.clinic, person, date(2025, 4, 1)), "not_taken")

        assert counted(records) == samples(0)

    def test_taken_or_reported_after_the_cut_has_no_result_yet(self, records, person) -> None:
        drawn = a_urine_day(records.clinic, person, date(2025, 3, 31))
        UrineStepFactory(draw=drawn, taken_on=date(2025, 4, 1))

        assert counted(records) == samples(1)

    def test_that_an_imported_file_tells_of_too_counts_once(self, records, person, drawn) -> None:
        steps_of(drawn, "taken", "sent", "result", found="negative")
        records.urine(person, WEDNESDAY, "negative")
        records.urine(person, WEDNESDAY - A_DAY, "positive")

        assert counted(records) == samples(2, negative=1, positive=1)


class TestAWeekOfWhichAFileTellsToo:
    @pytest.mark.parametrize(
        ("imported_on", "expected"),
        [
            (WEDNESDAY + 4 * A_DAY, {"due": 1, "positive": 1}),
            (WEDNESDAY + 5 * A_DAY, {"due": 2, "positive": 1, "negative": 1}),
        ],
        ids=["another day of the same week", "the next week"],
    )
    def test_counts_once(self, records, person, drawn, imported_on, expected) -> None:
        steps_of(drawn, "taken", "sent", "result", found="negative")
        records.urine(person, imported_on, "positive")

        assert counted(records) == samples(**expected)

    def test_is_told_by_the_test_that_is_counted_alone(self, records, person, drawn) -> None:
        steps_of(drawn, "taken", "sent", "result", found="negative")
        records.urine(person, WEDNESDAY + A_DAY, "positive", assay="generic_opiate")

        assert counted(records) == samples(1, negative=1)


class TestSteadyResponders:
    def test_have_a_sample_in_every_week_that_is_counted_whenever_they_started(self, monkeypatch) -> None:
        # A day drawn by the week of the calendar left some of the thirteen weeks empty, and the figure too low.
        turn = itertools.cycle([0, -1])
        monkeypatch.setattr(urine.secrets, "choice", lambda days: days[next(turn)])
        records = Records(is_history=False)
        for weekday in range(7):
            records.person(started_on=date(2025, 1, 6) + weekday * A_DAY)
        for day in range(190):
            at = datetime(2025, 1, 6, 3, tzinfo=LONDON) + day * A_DAY
            draw_urine_days(clinic=records.clinic, by=records.by, at=at)
        for drawn in UrineDraw.objects.filter(clinic=records.clinic):
            steps_of(drawn, "taken", "sent", "result", found="negative")

        facts = records.figures(date(2025, 8, 1))

        assert [(one.negative, one.valid) for one in facts.urine.weeks] == [(13, 13)] * 7


class TestADayThatWasDrawn:
    def test_for_somebody_who_left_before_it_was_never_due(self, records) -> None:
        gone = records.person(started_on=date(2025, 1, 6), exited_on=WEDNESDAY)
        a_urine_day(records.clinic, gone, WEDNESDAY)
        a_urine_day(records.clinic, gone, WEDNESDAY - timedelta(days=7))

        assert counted(records) == samples(1)

    def test_of_another_clinic_counts_there_alone(self, records, person) -> None:
        a_urine_day(Records().clinic, person, WEDNESDAY)

        assert counted(records) == samples(0)
