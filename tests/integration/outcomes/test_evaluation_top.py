"""Answers of outcome forms, counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.factories import OutcomeFormFactory
from tests.factories.records import Records

MARCH = date(2025, 3, 1)
START = date(2025, 1, 20)


@pytest.fixture
def records(db: None) -> Records:
    return Records()


def somebody(records: Records, **answers: tuple[int | bool | None, int | bool | None]):
    """A person with a form at the start and one 28 days later; each answer is (start, latest)."""
    person = records.person(started_on=START)
    for which, (stage, days) in enumerate((("start", 0), ("review", 28))):
        items = {item: pair[which] for item, pair in answers.items()}
        records.form(person, START + timedelta(days=days), stage, **items)
    return person


class TestWhichForms:
    @pytest.mark.parametrize(("days", "usable"), [(-15, 0), (-14, 1), (14, 1), (15, 0)])
    def test_the_start_form_lies_within_14_days_of_the_start(self, records, days, usable):
        person = records.person(started_on=START)
        records.form(person, START + timedelta(days=days), "start")

        quality = records.indicators(MARCH)["quality.top_start"]

        assert (quality.numerator, quality.denominator, quality.missing) == (usable, 1, 1 - usable)

    def test_the_start_form_is_the_nearest_and_of_two_as_near_the_earlier(self, records):
        person = records.person(started_on=START)
        for days, answer in ((-5, 1), (-2, 2), (2, 3)):
            records.form(person, START + timedelta(days=days), "start", alcohol_days=answer)
        records.form(person, START + timedelta(days=28), alcohol_days=9)

        assert records.indicators(MARCH)["top.alcohol_days.start"].value == 2

    @pytest.mark.parametrize(
        ("stage", "latest"), [("review", 7), ("exit", 7), ("start", 3), ("post_exit", 3)]
    )
    def test_the_latest_form_is_a_review_or_an_exit(self, records, stage, latest):
        person = somebody(records, alcohol_days=(28, 3))
        records.form(person, date(2025, 3, 31), stage, alcohol_days=7)
        records.form(person, date(2025, 4, 1), "review", alcohol_days=20)

        assert records.indicators(MARCH)["top.alcohol_days.latest"].value == latest

    def test_nobody_is_compared_whose_two_forms_share_no_answer(self, records):
        somebody(records, alcohol_days=(28, 3), crack_days=(1, None))
        somebody(records, alcohol_days=(28, None), crack_days=(None, 2))
        records.person(started_on=START)

        top = records.figures(MARCH).top

        assert (top.started, top.with_start, top.compared) == (3, 2, 1)

    @pytest.mark.parametrize(("correction", "latest"), [("wrong_key", 12), ("wrong_person", 3)])
    def test_a_corrected_form_counts_as_its_correction_says_and_a_struck_one_not(
        self, records, correction, latest
    ):
        person = somebody(records, alcohol_days=(28, 3))
        first = records.form(person, START + timedelta(days=35), alcohol_days=20)
        OutcomeFormFactory(
            clinic=records.clinic,
            patient=person,
            completed_on=first.completed_on,
            alcohol_days=12,
            crack_days=None,
            amends=first,
            correction=correction,
        )

        assert records.indicators(MARCH)["top.alcohol_days.latest"].value == latest

    def test_the_latest_form_comes_after_the_start_form(self, records):
        person = records.person(started_on=START)
        records.form(person, START - timedelta(days=1), "review", alcohol_days=1)
        records.form(person, START, "start", alcohol_days=2)

        figure = records.indicators(MARCH)["top.alcohol_days.change"]

        assert (figure.value, figure.missing) == (None, 1)
        assert figure.note == "Nobody has this answer both at the start and in a later form."

    def test_the_last_form_counts_even_where_it_lacks_the_item(self, records):
        person = somebody(records, alcohol_days=(28, 3), crack_days=(28, 3))
        records.form(person, date(2025, 3, 20), "review", crack_days=0)

        figures = records.indicators(MARCH)

        assert figures["top.alcohol_days.latest"].extras["people_paired"] == 0
        assert figures["top.crack_days.latest"].value == 0


class TestItems:
    def test_give_medians_and_the_shift_of_those_paired_only(self, records):
        somebody(records, opiates_days=(28, 0))
        somebody(records, opiates_days=(20, 10))
        somebody(records, opiates_days=(10, 12))
        somebody(records, opiates_days=(28, None))
        somebody(records, opiates_days=(None, 28))

        figures = records.indicators(MARCH)

        start, latest, change = (figures[f"top.opiates_days.{key}"] for key in ("start", "latest", "change"))
        assert (start.value, latest.value) == (20, 10)
        # Changes -28, -10 and 2: their averages are -28, -19, -13, -10, -4 and 2.
        assert change.value == (-13 + -10) / 2
        assert (change.missing, dict(change.extras)) == (2, {"people_paired": 3, "people_due": 5})

    def test_say_who_stopped_and_who_began(self, records):
        for pair in ((28, 0), (1, 0), (5, 5), (0, 0), (0, 2)):
            somebody(records, cannabis_days=pair)

        figures = records.indicators(MARCH)

        stopped, began = (figures[f"top.cannabis_days.{key}"] for key in ("abstinent", "initiated"))
        assert (stopped.numerator, stopped.denominator) == (2, 3)
        assert (began.numerator, began.denominator) == (1, 2)

    def test_say_why_nobody_could_stop_or_begin(self, records):
        somebody(records, cannabis_days=(28, 0), crack_days=(0, 0))

        figures = records.indicators(MARCH)

        assert figures["top.cannabis_days.initiated"].note == "Nobody paired had no day of it at the start."
        assert figures["top.crack_days.abstinent"].note == "Nobody paired had a day of it at the start."

    def test_ask_daily_shoplifting_of_all_with_a_start_form(self, records):
        somebody(records, shoplifting_days=(28, 0))
        somebody(records, shoplifting_days=(28, 1))
        somebody(records, shoplifting_days=(28, None))
        somebody(records, shoplifting_days=(27, 0))
        somebody(records, shoplifting_days=(None, 0))

        figures = records.indicators(MARCH)

        daily, to_zero = (
            figures[f"top.shoplifting_days.{key}"] for key in ("daily_at_start", "daily_to_zero")
        )
        assert (daily.numerator, daily.denominator, daily.missing) == (3, 4, 1)
        assert (to_zero.numerator, to_zero.denominator, to_zero.missing) == (1, 2, 1)

    def test_count_yes_of_those_who_answered_twice(self, records):
        somebody(records, sharing=(True, False))
        somebody(records, sharing=(True, True))
        somebody(records, sharing=(False, False))
        somebody(records, sharing=(True, None))

        figures = records.indicators(MARCH)

        start, latest = figures["top.sharing.start"], figures["top.sharing.latest"]
        assert (start.numerator, start.denominator, start.missing) == (2, 3, 1)
        assert (latest.numerator, latest.denominator) == (1, 3)
