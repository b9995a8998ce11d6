"""Whether an order may be signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dosing.rules.history import DoseHistory, GivenDose
from dosing.rules.orders import OrderDraft, OrderTerms, is_new_dose, latest_end, usual_last_day
from dosing.rules.protocol import Protocol
from dosing.rules.signing import SigningFacts, may_begin_order, may_sign_order
from hat_clinic.core.decisions import Level
from patients.rules.assessments import StandingAssessment

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ASSESSED = StandingAssessment(
    number=1,
    signed_by="Dr Priya Nair",
    signed_at=AT - timedelta(days=1),
    due_on=AT.date() + timedelta(days=83),
    has_capacity=True,
    is_pregnant=False,
)
# Somebody who tolerated the most that may be given at all: no step above it binds.
TOLERATED = GivenDose(
    started_at=AT - timedelta(hours=20),
    ended_at=AT - timedelta(hours=20),
    given_on=(AT - timedelta(hours=20)).date(),
    mg=450,
    allowed_mg=450,
    route="iv",
    session="yesterday",
    is_tolerated=True,
)
FACTS = SigningFacts(
    at=AT,
    signer_is_doctor=True,
    licence_ends_at=AT + timedelta(days=90),
    protocol=Protocol(),
    person_is_in_treatment=True,
    has_treatment_consent=True,
    assessment=ASSESSED,
    history=DoseHistory(doses=(TOLERATED,)),
    clinic_sessions_per_day=2,
)
DRAFT = OrderDraft(
    dose_mg=180,
    sessions_per_day=2,
    daily_max_mg=360,
    interval_minutes=180,
    starts_at=AT,
    ends_at=AT + timedelta(days=14),
)
TERMS = OrderTerms(
    routes=("iv",),
    sites=("left_arm",),
    observation_minutes=20,
    basis="Tolerated.",
    hold_criteria="as the clinic's limits say",
    oral_plan="none",
)


def codes(draft: OrderDraft = DRAFT, terms: OrderTerms = TERMS, facts: SigningFacts = FACTS) -> set[str]:
    return {finding.code for finding in may_sign_order(draft, terms, facts)}


def tolerated(mg: int = 100, **changes: Any) -> DoseHistory:
    return DoseHistory(doses=(replace(TOLERATED, mg=mg, **changes),))


def levels(draft: OrderDraft, terms: OrderTerms = TERMS) -> dict[str, Level]:
    return {finding.code: finding.level for finding in may_sign_order(draft, terms, FACTS)}


class TestAnOrderThatMayBeSigned:
    def test_has_no_finding(self) -> None:
        assert codes() == set()


class TestTheSigner:
    def test_is_a_doctor_whatever_licence_there_is(self) -> None:
        assert codes(facts=replace(FACTS, signer_is_doctor=False)) == {"not_a_doctor"}

    def test_is_told_of_the_doctor_before_the_licence(self) -> None:
        facts = replace(FACTS, signer_is_doctor=False, licence_ends_at=None)
        assert codes(facts=facts) == {"not_a_doctor"}


class TestTheLicence:
    def test_must_be_there(self) -> None:
        assert codes(facts=replace(FACTS, licence_ends_at=None)) == {"no_licence"}

    @pytest.mark.parametrize(("minutes", "found"), [(0, False), (-1, True)])
    def test_must_last_as_long_as_the_order(self, minutes: int, found: bool) -> None:
        facts = replace(FACTS, licence_ends_at=DRAFT.ends_at + timedelta(minutes=minutes))
        assert ("outlives_licence" in codes(facts=facts)) is found


class TestThePerson:
    def test_is_in_treatment_here(self) -> None:
        assert codes(facts=replace(FACTS, person_is_in_treatment=False)) == {"not_in_treatment"}

    def test_has_a_treatment_consent_that_stands(self) -> None:
        assert codes(facts=replace(FACTS, has_treatment_consent=False)) == {"no_consent"}

    def test_has_a_signed_assessment(self) -> None:
        assert codes(facts=replace(FACTS, assessment=None)) == {"no_assessment"}

    def test_was_able_to_decide(self) -> None:
        facts = replace(FACTS, assessment=replace(ASSESSED, has_capacity=False))

        decision = may_sign_order(DRAFT, TERMS, facts)

        assert {finding.code: finding.level for finding in decision} == {"no_capacity": Level.STOP}
        assert not decision.is_allowed

    @pytest.mark.parametrize("noted", [{"is_pregnant": True}, {"due_on": AT.date() - timedelta(days=1)}])
    def test_may_be_ordered_for_with_what_the_assessment_notes(self, noted: dict[str, Any]) -> None:
        decision = may_sign_order(DRAFT, TERMS, replace(FACTS, assessment=replace(ASSESSED, **noted)))

        assert [finding.level for finding in decision] == [Level.WARN]

    @pytest.mark.parametrize(("mg", "found"), [(15, False), (16, True)])
    def test_without_a_tolerated_dose_here_begins_low(self, mg: int, found: bool) -> None:
        draft = replace(DRAFT, dose_mg=mg, daily_max_mg=2 * mg)

        assert ("first_dose" in codes(draft, facts=replace(FACTS, history=DoseHistory()))) is found

    def test_hears_every_reason_at_once(self) -> None:
        facts = replace(FACTS, has_treatment_consent=False, assessment=None, protocol=None)

        assert {finding.code for finding in may_begin_order(facts)} == {
            "no_consent",
            "no_assessment",
            "no_protocol",
        }


class TestTheTerms:
    @pytest.mark.parametrize("routes", [(), ("oral",), ("iv", "neck")])
    def test_name_routes_of_the_list(self, routes: tuple[str, ...]) -> None:
        assert codes(terms=replace(TERMS, routes=routes)) == {"routes"}

    @pytest.mark.parametrize("sites", [(), ("neck",), ("left_arm", "groin")])
    def test_name_sites_of_the_list(self, sites: tuple[str, ...]) -> None:
        assert codes(terms=replace(TERMS, sites=sites)) == {"sites"}

    @pytest.mark.parametrize("basis", ["", "  \n"])
    def test_say_what_the_dose_rests_on(self, basis: str) -> None:
        assert codes(terms=replace(TERMS, basis=basis)) == {"basis"}

    @pytest.mark.parametrize("part", ["hold_criteria", "oral_plan"])
    def test_leave_nothing_out(self, part: str) -> None:
        assert codes(terms=replace(TERMS, **{part: " "})) == {part}

    @pytest.mark.parametrize(
        ("percent", "found"), [(None, False), (0, True), (1, False), (75, False), (76, True)]
    )
    def test_plan_for_missed_sessions_no_looser_than_the_clinic(
        self, percent: int | None, found: bool
    ) -> None:
        assert ("gap_plan" in codes(terms=replace(TERMS, gap_cap_percent=percent))) is found

    @pytest.mark.parametrize("least", [15, 20, 40])
    def test_watch_for_as_long_as_the_clinics_limits_say(self, least: int) -> None:
        facts = replace(FACTS, protocol=Protocol(observation_minutes=least))

        for minutes, found in ((least, False), (least - 1, True)):
            terms = replace(TERMS, observation_minutes=minutes)
            assert ("observation" in codes(terms=terms, facts=facts)) is found

    @pytest.mark.parametrize(("minutes", "found"), [(15, False), (14, True)])
    def test_watch_for_15_minutes_where_there_are_no_limits(self, minutes: int, found: bool) -> None:
        terms = replace(TERMS, observation_minutes=minutes)

        assert ("observation" in codes(terms=terms, facts=replace(FACTS, protocol=None))) is found

    @pytest.mark.parametrize("most", [1, 2, 3])
    def test_ask_for_no_more_sessions_than_the_clinics_limits_say(self, most: int) -> None:
        facts = replace(FACTS, protocol=Protocol(sessions_per_day_max=most), clinic_sessions_per_day=4)

        for sessions, found in ((most, False), (most + 1, True)):
            draft = replace(DRAFT, sessions_per_day=sessions)
            assert ("sessions_limit" in codes(draft, facts=facts)) is found

    @pytest.mark.parametrize(("sessions", "found"), [(0, True), (1, False), (2, False), (3, True)])
    def test_ask_for_sessions_that_the_clinic_runs(self, sessions: int, found: bool) -> None:
        draft = replace(DRAFT, sessions_per_day=sessions, daily_max_mg=540)
        assert ("sessions" in codes(draft)) is found


class TestTheLimits:
    def test_must_be_approved(self) -> None:
        assert codes(facts=replace(FACTS, protocol=None)) == {"no_protocol"}

    @pytest.mark.parametrize(("mg", "found"), [(0, True), (1, False)])
    def test_ask_for_a_dose(self, mg: int, found: bool) -> None:
        assert ("dose_is_none" in codes(replace(DRAFT, dose_mg=mg))) is found

    @pytest.mark.parametrize(
        ("mg", "found"),
        [
            (300, {}),
            (301, {"high_single": Level.WARN}),
            (400, {"high_single": Level.WARN}),
            (401, {"high_dose_reason": Level.STOP}),
            (450, {"high_dose_reason": Level.STOP}),
            (451, {"single_dose": Level.BLOCK}),
        ],
    )
    def test_bind_one_dose(self, mg: int, found: dict[str, Level]) -> None:
        draft = replace(DRAFT, dose_mg=mg, daily_max_mg=600, sessions_per_day=1)
        assert levels(draft) == found

    @pytest.mark.parametrize(
        ("mg", "found"),
        [
            (401, {"high_dose": Level.WARN}),
            (450, {"high_dose": Level.WARN}),
            (451, {"single_dose": Level.BLOCK}),
        ],
    )
    def test_let_a_high_dose_pass_with_its_reason(self, mg: int, found: dict[str, Level]) -> None:
        draft = replace(DRAFT, dose_mg=mg, daily_max_mg=600, sessions_per_day=1)
        assert levels(draft, replace(TERMS, high_dose_reason="Long on 440 mg elsewhere.")) == found

    def test_take_blanks_for_no_reason(self) -> None:
        draft = replace(DRAFT, dose_mg=401, daily_max_mg=600, sessions_per_day=1)
        assert levels(draft, replace(TERMS, high_dose_reason=" ")) == {"high_dose_reason": Level.STOP}

    @pytest.mark.parametrize(("mg", "found"), [(180, False), (181, True)])
    def test_bind_the_orders_own_day(self, mg: int, found: bool) -> None:
        assert ("own_daily_maximum" in codes(replace(DRAFT, dose_mg=mg))) is found

    def test_bind_the_day_of_sessions_that_differ(self) -> None:
        draft = replace(DRAFT, slots=(("am", 180), ("pm", 120)), daily_max_mg=300)

        assert codes(draft) == set()
        assert codes(replace(draft, daily_max_mg=299)) == {"own_daily_maximum"}
        assert codes(replace(draft, slots=(("am", 181), ("pm", 0)))) == {"slots", "dose_is_none"}

    @pytest.mark.parametrize(
        ("injections", "found"), [(0, {"injections"}), (1, set()), (3, set()), (4, {"injections"})]
    )
    def test_are_given_in_one_to_three_injections(self, injections: int, found: set[str]) -> None:
        assert codes(replace(DRAFT, injections_per_session=injections)) == found

    @pytest.mark.parametrize(("least", "found"), [(0, {"range"}), (1, set()), (179, set()), (180, {"range"})])
    def test_let_a_range_go_up(self, least: int, found: set[str]) -> None:
        assert codes(replace(DRAFT, least_mg=least)) == found

    def test_note_a_range_that_is_more_than_the_orders_day(self) -> None:
        draft = replace(DRAFT, least_mg=100, daily_max_mg=359)

        assert levels(draft) == {"range_over_day": Level.WARN}
        assert codes(replace(draft, daily_max_mg=179)) == {"own_daily_maximum"}

    @pytest.mark.parametrize(
        ("mg", "found"),
        [
            (600, {}),
            (601, {"high_day": Level.WARN}),
            (900, {"high_day": Level.WARN}),
            (901, {"daily_maximum": Level.BLOCK}),
        ],
    )
    def test_bind_the_clinics_day(self, mg: int, found: dict[str, Level]) -> None:
        assert levels(replace(DRAFT, daily_max_mg=mg)) == found

    @pytest.mark.parametrize(("minutes", "found"), [(180, False), (179, True)])
    def test_bind_the_interval(self, minutes: int, found: bool) -> None:
        assert ("interval" in codes(replace(DRAFT, interval_minutes=minutes))) is found


class TestThePeriod:
    @pytest.mark.parametrize(("seconds", "found"), [(0, False), (-1, True)])
    def test_does_not_begin_in_the_past(self, seconds: int, found: bool) -> None:
        draft = replace(DRAFT, starts_at=AT + timedelta(seconds=seconds))
        assert ("starts_in_the_past" in codes(draft)) is found

    @pytest.mark.parametrize(("seconds", "found"), [(1, False), (0, True), (-1, True)])
    def test_ends_after_it_starts(self, seconds: int, found: bool) -> None:
        draft = replace(DRAFT, ends_at=AT + timedelta(seconds=seconds))
        assert ("ends_before_it_starts" in codes(draft)) is found

    @pytest.mark.parametrize(("seconds", "found"), [(0, False), (1, True)])
    def test_is_at_most_28_days(self, seconds: int, found: bool) -> None:
        draft = replace(DRAFT, ends_at=AT + timedelta(days=28, seconds=seconds))
        assert ("too_long" in codes(draft)) is found

    @pytest.mark.parametrize(
        ("starts_at", "hours"),
        [
            (datetime(2026, 10, 20, 8, 0, tzinfo=UTC), 28 * 24 + 1),  # the clocks go back on 25 October
            (datetime(2026, 3, 20, 8, 0, tzinfo=UTC), 28 * 24 - 1),  # and forward on 29 March
        ],
    )
    def test_counts_calendar_days_across_a_clock_change(self, starts_at: datetime, hours: int) -> None:
        assert latest_end(starts_at, 28) == starts_at + timedelta(hours=hours)

    @pytest.mark.parametrize(("seconds", "found"), [(-1, False), (0, True)])
    def test_does_not_start_before_the_last_dose(self, seconds: int, found: bool) -> None:
        facts = replace(FACTS, last_given_at=AT + timedelta(seconds=seconds))
        assert ("dose_meanwhile" in codes(facts=facts)) is found


class TestAChangedDose:
    @pytest.mark.parametrize(
        ("after", "new"),
        [
            (timedelta(seconds=-1), False),
            (timedelta(), True),
            (timedelta(hours=72), True),
            (timedelta(hours=72, seconds=1), False),
        ],
    )
    def test_is_new_for_72_hours(self, after: timedelta, new: bool) -> None:
        assert is_new_dose(dose_mg=200, earlier_mg=180, since=AT, at=AT + after) is new

    @pytest.mark.parametrize("earlier", [None, 200])
    def test_is_none_where_nothing_changed(self, earlier: int | None) -> None:
        assert not is_new_dose(dose_mg=200, earlier_mg=earlier, since=AT, at=AT)


class TestWhatWasTolerated:
    @pytest.mark.parametrize(("mg", "found"), [(150, set()), (151, {"step"})])
    def test_is_passed_by_half_at_most(self, mg: int, found: set[str]) -> None:
        assert codes(replace(DRAFT, dose_mg=mg), facts=replace(FACTS, history=tolerated())) == found

    def test_by_one_route_counts_for_no_other(self) -> None:
        facts = replace(FACTS, history=tolerated())

        assert codes(replace(DRAFT, dose_mg=100), replace(TERMS, routes=("im",)), facts) == {"first_dose"}

    @pytest.mark.parametrize(("mg", "found"), [(60, set()), (61, {"half_of_yesterday"})])
    def test_of_the_day_before_binds_three_sessions_a_day(self, mg: int, found: set[str]) -> None:
        facts = replace(
            FACTS,
            history=tolerated(120),
            clinic_sessions_per_day=3,
            protocol=Protocol(sessions_per_day_max=3),
        )
        draft = replace(DRAFT, dose_mg=mg, sessions_per_day=3)

        assert codes(draft, facts=facts) == found

    @pytest.mark.parametrize(
        ("hours", "found"), [(26, set()), (27, {"gap"}), (51, {"gap"}), (74, {"gap"}), (75, {"restart"})]
    )
    def test_is_told_with_the_gap_since(self, hours: int, found: set[str]) -> None:
        moment = AT - timedelta(hours=hours)
        history = tolerated(100, started_at=moment, ended_at=moment, given_on=moment.date())
        facts = replace(FACTS, history=history)

        assert codes(replace(DRAFT, dose_mg=100), facts=facts) - {"first_dose"} == found


class TestTheUsualLastDay:
    TODAY = date(2026, 10, 20)  # the clocks go back on 25 October

    def ends(self, licence_ends_at: datetime | None = None, days: int = 14) -> date | None:
        return usual_last_day(self.TODAY, days=days, licence_ends_at=licence_ends_at)

    @pytest.mark.parametrize(("days", "last"), [(1, date(2026, 10, 20)), (14, date(2026, 11, 2))])
    def test_counts_today(self, days: int, last: date) -> None:
        assert self.ends(days=days) == last

    @pytest.mark.parametrize(
        ("licence_ends_at", "last"),
        [
            (datetime(2026, 11, 3, 0, 0, tzinfo=UTC), date(2026, 11, 2)),
            (datetime(2026, 11, 2, 23, 59, tzinfo=UTC), date(2026, 11, 1)),
            (datetime(2026, 11, 2, 0, 0, tzinfo=UTC), date(2026, 11, 1)),
            (datetime(2026, 10, 20, 23, 0, tzinfo=UTC), date(2026, 10, 20)),
            (datetime(2026, 10, 20, 22, 59, tzinfo=UTC), None),
        ],
        ids=["holds", "a minute short", "the day before", "ends tonight", "a minute before tonight"],
    )
    def test_is_not_past_the_last_whole_day_of_the_licence(
        self, licence_ends_at: datetime, last: date | None
    ) -> None:
        assert self.ends(licence_ends_at) == last
