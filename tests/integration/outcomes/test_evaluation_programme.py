"""Deaths with their time, custody, whom the programme is for and the clinic's own questions, counted by hand."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest

from outcomes.models import OwnAnswers
from tests.factories.records import AT, Records

MARCH = date(2025, 3, 1)
CUT = date(2025, 4, 1)
START = date(2025, 1, 10)


@pytest.fixture
def records(db: None) -> Records:
    return Records()


def day(number: int) -> date:
    """The day so many days after the start."""
    return START + timedelta(days=number)


class TestDeaths:
    @pytest.mark.parametrize(
        ("died", "when"),
        [(9, "in_treatment"), (10, "after_exit_28d"), (37, "after_exit_28d"), (38, "after_exit_later")],
    )
    def test_fall_in_one_time_alone(self, records, died, when):
        person = records.person(started_on=START, exited_on=day(10))
        records.event(person, day(died), "death")

        figures = records.indicators(MARCH)

        moments = ("before_start", "in_treatment", "after_exit_28d", "after_exit_later")
        assert [moment for moment in moments if figures[f"safety.deaths.{moment}"].value] == [when]

    def test_end_the_time_under_observation(self, records):
        records.event(records.person(started_on=START), day(20), "death")
        records.person(started_on=START, exited_on=day(40))

        safety = records.figures(MARCH).safety

        assert safety.days_in_treatment == 20 + 40
        assert safety.days_before_start == 2 * (START - date(2025, 1, 1)).days
        assert safety.days_after_exit_28d == 28
        assert safety.days_after_exit_later == (CUT - day(68)).days

    def test_before_a_start_are_of_all_referred_from_the_opening_on(self, records):
        records.event(records.person(referred_on=date(2024, 12, 1)), date(2025, 1, 21), "death")
        records.person(referred_on=date(2025, 3, 30), eligible=False)

        safety = records.figures(MARCH).safety

        assert (safety.deaths_before_start, safety.days_before_start) == (1, 20 + 2)

    def test_before_the_opening_are_not_counted_and_leave_nobody_under_observation(self, records):
        records.event(records.person(referred_on=date(2024, 12, 1)), date(2024, 12, 20), "death")

        safety = records.figures(MARCH).safety

        assert (safety.deaths_before_start, safety.days_before_start) == (0, 0)

    def test_count_where_only_the_reason_for_leaving_tells_of_them(self, records):
        records.person(started_on=START, exited_on=day(10), exit_reason="died")

        safety = records.figures(MARCH).safety

        assert (safety.deaths_in_treatment, safety.days_in_treatment, safety.days_after_exit_28d) == (
            1,
            10,
            0,
        )

    def test_on_the_data_cut_are_not_there_yet(self, records):
        records.event(records.person(started_on=START), CUT, "death")

        assert records.figures(MARCH).safety.deaths_in_treatment == 0


class TestCustody:
    def test_counts_days_of_each_window_and_the_stays_that_begin_in_it(self, records):
        person = records.person(started_on=START)
        records.custody(person, day(-370), day(-360))
        records.custody(person, day(-3), day(2))
        records.custody(person, day(2), day(4))
        records.custody(person, day(70), None)

        custody = records.figures(MARCH).custody

        assert (custody.pre.days, custody.pre.inside, custody.pre.stays, custody.pre.people) == (
            365,
            5 + 3,
            1,
            1,
        )
        assert (custody.post.days, custody.post.inside, custody.post.stays) == (81, 4 + 11, 2)

    def test_counts_a_stay_once_that_two_tell_of(self, records):
        person = records.person(started_on=START)
        for source, first, until in (
            ("self_reported", day(-20), day(-10)),
            ("record", day(-20), day(-12)),
            ("record", day(-11), day(-9)),
        ):
            records.told_custody(person, first, until, source)

        pre = records.figures(MARCH).custody.pre

        assert (pre.inside, pre.stays) == (11, 1)

    def test_is_of_people_who_started(self, records):
        records.person(started_on=START)
        records.custody(records.person(), day(-20), day(-10))

        figures = records.indicators(MARCH)

        assert (figures["custody.days.pre"].value, figures["custody.people.pre"].value) == (0, 0)

    def test_is_null_where_no_stay_is_recorded(self, records):
        records.person(started_on=START)

        assert records.indicators(MARCH)["custody.days.pre"].value is None


class TestCandidates:
    @pytest.mark.parametrize(("before", "offences"), [(730, 1), (731, 0), (1, 1), (0, 0)])
    def test_are_counted_in_the_730_days_before_the_referral(self, records, before, offences):
        referred_on = date(2025, 2, 1)
        person = records.person(referred_on=referred_on)
        records.offence(person, referred_on - timedelta(days=before))
        records.offence(person, referred_on - timedelta(days=2), source="self_reported")

        candidates = records.figures(MARCH).candidates

        assert (candidates.offences, candidates.people, candidates.referred) == (offences, offences, 1)


class TestOwnQuestions:
    def test_pair_the_start_with_the_last_review(self, records):
        person = records.person(started_on=START)
        records.own(person, day(-14), "start", spend_week_pence=30000, public_injecting=True)
        records.own(person, day(30), spend_week_pence=9000, public_injecting=True)
        records.own(person, day(60), "exit", spend_week_pence=1000, public_injecting=False)
        records.own(person, day(70), "post_exit", spend_week_pence=70000)

        figures = records.indicators(MARCH)

        spent = [figures[f"own.spend_week_gbp.{key}"].value for key in ("start", "latest", "change")]
        assert spent == [300, 10, -290]
        assert figures["own.public_injecting.change"].value == -1
        assert figures["own.unsafe_disposal.start"].value is None

    def test_ask_about_a_family_that_is_wanted_both_times(self, records):
        for first, last in (
            ("wanted_not", "wanted_has"),
            ("wanted_not", "not_safe"),
            ("not_wanted", "wanted_has"),
        ):
            person = records.person(started_on=START)
            records.own(person, START, "start", family_contact=first)
            records.own(person, day(30), family_contact=last)

        own = records.figures(MARCH).own

        assert own.paired("family_contact") == [(0, 1)]
        assert (own.not_asking, own.missing("family_contact")) == (2, 0)

    def test_count_as_their_last_correction_says(self, records):
        person = records.person(started_on=START)
        records.own(person, START, "start", public_injecting=True)
        first = records.own(person, day(30), public_injecting=True)
        OwnAnswers.objects.create(
            clinic=records.clinic,
            patient=person,
            answered_on=day(30),
            stage="review",
            public_injecting=False,
            amends=first,
            correction="wrong_key",
            key=uuid.uuid4(),
            recorded_by=records.by,
            recorded_at=AT,
        )

        assert records.figures(MARCH).own.paired("public_injecting") == [(1, 0)]

    def test_without_any_sheet_say_so(self, records):
        records.person(started_on=START)

        note = records.indicators(MARCH)["own.family_contact.latest"].note

        assert note == "The clinic's own questions have no answer in the records."


class TestAMonthBeforeAnyoneStarted:
    def test_closes_and_says_why_for_the_rest(self, records):
        records.person(eligible=None)
        records.person(closed_on=date(2025, 2, 1))

        figures = records.indicators(MARCH)

        parts = ("not_eligible", "undecided", "left_before_start", "waiting", "started")
        assert sum(figures[f"flow.{part}"].value for part in parts) == figures["flow.referred"].value == 2
        assert figures["safety.deaths.before_start"].value == 0
        assert figures["safety.deaths.before_start.rate"].value == 0
        assert figures["custody.days.post"].note == "Nobody had started treatment by the data cut."
