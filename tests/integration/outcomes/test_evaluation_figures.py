"""The figures of small clinics, counted by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from outcomes.rules.evaluation.flow import FlowDoesNotClose
from tests.factories.records import Records

MARCH = date(2025, 3, 1)


@pytest.fixture
def records(db: None) -> Records:
    return Records()


class TestAnEmptyClinic:
    def test_has_counts_of_nought_and_no_other_value(self, records):
        figures = records.indicators(MARCH)

        with_value = {key: figure.value for key, figure in figures.items() if figure.value is not None}
        assert set(with_value.values()) == {0}
        assert {key.split(".")[0] for key in with_value} == {"flow"}

    def test_says_why_for_everything_else(self, records):
        figures = records.indicators(MARCH)

        assert all(figure.note for figure in figures.values() if figure.value is None)
        assert figures["retention.km_182"].note == "Nobody had started treatment by the data cut."
        assert figures["offending.recorded.pre_total"].value is None

    def test_has_places_and_nobody_in_them(self, records):
        occupancy = records.indicators(MARCH)["flow.occupancy"]

        assert (occupancy.numerator, occupancy.denominator, occupancy.value) == (0, 10, 0)


class TestFlow:
    def test_counts_each_person_in_one_place(self, records):
        records.person(started_on=date(2025, 1, 6), assessed_on=date(2025, 1, 2))
        records.person(started_on=date(2025, 1, 6), exited_on=date(2025, 2, 1), exit_reason="prison")
        records.person(eligible=False)
        records.person(eligible=None)
        records.person(closed_on=date(2025, 2, 1))
        records.person(eligible=True)

        flow = records.figures(MARCH).flow

        assert (flow.referred, flow.started, flow.in_treatment, flow.exited) == (6, 2, 1, 1)
        assert (flow.not_eligible, flow.undecided, flow.left_before_start, flow.waiting) == (1, 1, 1, 1)
        assert flow.exited_by_reason == {"prison": 1}

    @pytest.mark.parametrize(("day", "referred"), [(date(2025, 3, 31), 1), (date(2025, 4, 1), 0)])
    def test_ends_before_the_data_cut(self, records, day, referred):
        records.person(referred_on=day)

        assert records.figures(MARCH).flow.referred == referred

    @pytest.mark.parametrize(("day", "exited"), [(date(2025, 3, 31), 1), (date(2025, 4, 1), 0)])
    def test_counts_an_exit_before_the_data_cut_only(self, records, day, exited):
        records.person(started_on=date(2025, 1, 6), exited_on=day)

        assert records.figures(MARCH).flow.exited == exited

    def test_counts_somebody_who_came_back_once(self, records):
        person = records.person(started_on=date(2025, 1, 6), exited_on=date(2025, 1, 20))
        records.treatment(person, started_on=date(2025, 2, 10))

        figures = records.figures(MARCH)

        assert (figures.flow.started, figures.flow.in_treatment, figures.flow.exited) == (1, 1, 0)
        assert figures.retention.durations == [(date(2025, 4, 1) - date(2025, 1, 6)).days]

    def test_counts_somebody_accepted_without_a_referral(self, records):
        person = records.person(referred_on=date(2025, 6, 1))
        records.treatment(person, started_on=date(2025, 2, 10))

        flow = records.figures(MARCH).flow

        assert (flow.referred, flow.started, flow.referred_by_source) == (1, 1, {"other": 1})

    def test_uses_the_places_of_the_phase_of_the_last_day(self, records):
        records.person(started_on=date(2025, 1, 6))
        records.phase(date(2025, 1, 1), date(2025, 3, 31), places=5)
        records.phase(date(2025, 3, 31), date(2025, 4, 1), places=7)
        records.phase(date(2025, 4, 1), None, places=9)

        assert records.indicators(MARCH)["flow.occupancy"].denominator == 7

    def test_gives_no_occupancy_between_phases(self, records):
        records.phase(date(2025, 1, 1), date(2025, 3, 31), places=5)

        occupancy = records.indicators(MARCH)["flow.occupancy"]

        assert occupancy.value is None
        assert "no phase" in occupancy.note

    def test_gives_an_occupancy_above_one_without_an_interval(self, db):
        records = Records(places=1)
        records.person(started_on=date(2025, 1, 6))
        records.person(started_on=date(2025, 1, 6))

        occupancy = records.indicators(MARCH)["flow.occupancy"]

        assert (occupancy.value, occupancy.interval) == (2, None)

    def test_counts_by_source_and_area(self, records):
        records.person(started_on=date(2025, 1, 6), area="Northtown", source="health")

        figures = records.indicators(MARCH)

        assert figures["flow.referred.health"].value == 1
        assert figures["flow.started.health"].value == 1
        assert figures["flow.started.Northtown"].value == 1

    def test_gives_medians_of_the_waits(self, records):
        records.person(assessed_on=date(2025, 1, 3), started_on=date(2025, 1, 11))
        records.person(assessed_on=date(2025, 1, 7), started_on=date(2025, 1, 31))
        records.person()

        flow = records.figures(MARCH).flow

        assert (flow.assessment_days, flow.start_days, flow.waiting_days) == (4, 20, 90)

    def test_refuses_counts_that_do_not_close(self, records):
        person = records.person(eligible=False)
        records.treatment(person, started_on=date(2025, 2, 10))

        with pytest.raises(FlowDoesNotClose):
            records.indicators(MARCH)


class TestAttendance:
    def test_counts_each_outcome_as_the_paper_reads_it(self, records):
        person = records.person(started_on=MARCH)
        for day, outcome in enumerate(
            ["given", "given_reduced", "withheld", "missed", "excused", None], start=1
        ):
            records.session(person, MARCH.replace(day=day), outcome, reason="ill")

        figures = records.indicators(MARCH)

        pooled = figures["attendance.pooled.month"]
        assert (pooled.numerator, pooled.denominator, pooled.missing) == (3, 4, 1)
        assert figures["attendance.strict.cumulative"].denominator == 5
        assert figures["attendance.missed.ill"].value == 1
        assert figures["attendance.excused.ill"].value == 1
        assert "too narrow" in pooled.note

    def test_keeps_the_month_apart_from_what_was_before(self, records):
        person = records.person(started_on=date(2025, 2, 28))
        records.session(person, date(2025, 2, 28), "given")
        records.session(person, date(2025, 3, 1), "given")
        records.session(person, date(2025, 3, 31), "missed")
        records.session(person, date(2025, 4, 1), "given")

        figures = records.indicators(MARCH)

        assert figures["attendance.pooled.month"].denominator == 2
        assert figures["attendance.pooled.cumulative"].denominator == 3

    @pytest.mark.parametrize(("days", "people"), [(210, 1), (209, 0)])
    def test_calls_people_retained_from_210_days(self, records, days, people):
        start = date(2025, 10, 1) - timedelta(days=days)
        person = records.person(started_on=start)
        records.session(person, start, "given")

        retained = records.indicators(date(2025, 9, 1))["attendance.pooled.retained_30w"]

        assert retained.extras["people"] == people
        assert (retained.value is None) == (people == 0)

    def test_gives_the_median_of_each_persons_own_share(self, records):
        always, half = records.person(started_on=MARCH), records.person(started_on=MARCH)
        records.person(started_on=MARCH)
        for day in (1, 2):
            records.session(always, MARCH.replace(day=day), "given")
            records.session(half, MARCH.replace(day=day), "given" if day == 1 else "missed")

        middle = records.indicators(MARCH)["attendance.median_person.cumulative"]

        assert (middle.value, middle.missing, middle.extras["people"]) == (0.75, 1, 2)

    def test_gives_the_median_of_mean_daily_doses_of_those_in_treatment(self, records):
        one, two, gone = (records.person(started_on=MARCH) for _ in range(3))
        gone.episodes.update(exited_on=MARCH.replace(day=3), exit_reason="other")
        for slot in ("am", "pm"):
            records.session(one, MARCH, "given", slot=slot, mg=100)
            records.session(two, MARCH, "given_reduced", slot=slot, mg=150)
            records.session(gone, MARCH, "given", slot=slot, mg=450)
        records.session(one, MARCH.replace(day=2), "given", mg=100)

        dose = records.indicators(MARCH)["dosing.median_daily_mg.month"]

        assert dose.value == (150 + 300) / 2
        assert dose.extras["people"] == 2

    def test_shows_a_month_without_sessions_as_nothing_offered(self, records):
        person = records.person(started_on=date(2025, 1, 6))
        records.session(person, date(2025, 1, 6), "given")

        months = records.figures(MARCH).attendance.months

        assert [(month.month.month, month.offered, month.share) for month in months] == [
            (1, 1, 1.0),
            (2, 0, None),
            (3, 0, None),
        ]


class TestUrine:
    START = date(2025, 1, 6)
    LATE = date(2025, 8, 1)

    def a_person_with_weeks(self, records, negative, positive=0):
        """Weeks 14 onwards: so many negative, then so many positive, the rest empty."""
        person = records.person(started_on=self.START)
        for week in range(negative + positive):
            due_on = self.START + timedelta(days=7 * (13 + week))
            records.urine(person, due_on, "negative" if week < negative else "positive")
        return person

    @pytest.mark.parametrize(("negative", "responders"), [(7, 1), (6, 0)])
    def test_calls_seven_of_thirteen_negative_weeks_a_response(self, records, negative, responders):
        self.a_person_with_weeks(records, negative)

        assert records.indicators(self.LATE)["urine.responders"].numerator == responders

    def test_reads_six_of_eleven_taken_as_none_and_as_observed_as_one(self, records):
        self.a_person_with_weeks(records, 6, 5)

        figures = records.indicators(self.LATE)

        assert figures["urine.responders"].numerator == 0
        assert figures["urine.responders_as_observed"].numerator == 1

    def test_leaves_weeks_13_and_27_out(self, records):
        person = self.a_person_with_weeks(records, 6)
        records.urine(person, self.START + timedelta(days=7 * 13 - 1), "negative")
        records.urine(person, self.START + timedelta(days=7 * 26), "negative")

        assert records.indicators(self.LATE)["urine.responders"].numerator == 0

    def test_does_not_call_a_week_with_a_positive_sample_negative(self, records):
        person = self.a_person_with_weeks(records, 7)
        records.urine(person, self.START + timedelta(days=7 * 13 + 1), "positive")

        assert records.indicators(self.LATE)["urine.responders"].numerator == 0

    @pytest.mark.parametrize(("start", "people"), [(date(2025, 3, 3), 1), (date(2025, 3, 4), 0)])
    def test_asks_of_people_with_182_days(self, records, start, people):
        records.person(started_on=start)

        responders = records.indicators(self.LATE)["urine.responders"]

        assert responders.denominator == people
        assert (responders.value is None) == (people == 0)

    def test_counts_other_assays_nowhere(self, records):
        person = records.person(started_on=self.START)
        records.urine(person, MARCH, "positive", assay="generic_opiate")

        assert records.figures(MARCH).urine.cumulative.due == 0

    def test_counts_void_as_taken_and_neither_negative_nor_positive(self, records):
        person = records.person(started_on=self.START)
        for day, result in enumerate(["negative", "positive", "void", "not_taken"], start=1):
            records.urine(person, MARCH.replace(day=day), result)

        figures = records.indicators(MARCH)

        month = figures["urine.negative_samples.month"]
        assert (month.numerator, month.denominator, month.missing) == (1, 2, 2)
        assert dict(month.extras) == {"due": 4, "void": 1, "not_taken": 1}
        assert figures["quality.urine_taken"].value == 0.75
