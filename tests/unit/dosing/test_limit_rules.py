"""How much may be given next: both sides of every limit, and random days that never pass one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from dosing.rules.history import DoseHistory, GivenDose, Row, Standing
from dosing.rules.limits import (
    Cap,
    GapDecision,
    LimitFacts,
    OrderKind,
    Step,
    caps_at_giving,
    caps_at_signing,
    decision_stands,
    gap_findings,
    gap_in_words,
    is_day_one_of_plan,
    step_in_force,
)
from dosing.rules.protocol import Protocol
from tests.unit.dosing.test_history_rules import AT, dose, history, missing

LIMITS = Protocol()
FACTS = LimitFacts(
    history=DoseHistory(),
    protocol=LIMITS,
    routes=frozenset({"iv"}),
    sessions_per_day=2,
    at=AT,
    today=AT.date(),
    order_signed_at=AT - timedelta(hours=1),
)


def facts(*doses: GivenDose, missed: tuple[float, ...] = (), **changes: object) -> LimitFacts:
    return replace(FACTS, history=history(*doses, missed=missed), **changes)  # type: ignore[arg-type]  # a test's own changes


def caps(*doses: GivenDose, missed: tuple[float, ...] = (), **changes: object) -> dict[str, int]:
    return {cap.code: cap.mg for cap in caps_at_giving(facts(*doses, missed=missed, **changes))}


class TestACap:
    @pytest.mark.parametrize(("mg", "barred"), [(100, False), (101, True)])
    def test_bars_what_is_over_it(self, mg: int, barred: bool) -> None:
        finding = Cap("step", 100, "because.", "clinical rule 9").finding(mg)

        assert (finding is not None) is barred
        assert finding is None or finding.message == "101 mg is over 100 mg: because."


class TestTheFirstDay:
    def test_begins_with_15_mg(self) -> None:
        assert caps() == {"first_dose": 15}

    def test_begins_with_15_mg_by_another_route_too(self) -> None:
        assert caps(dose(20, 200), routes=frozenset({"iv", "im"})) == {"first_dose": 15, "step": 300}

    @pytest.mark.parametrize(
        ("minutes", "code", "mg"),
        [
            (19.99, "first_day_wait", 0),
            (20, "first_repeat", 15),
            (29.99, "first_repeat", 15),
            (30, "first_day", 30),
        ],
    )
    def test_goes_on_by_the_minutes_since_the_last_dose(self, minutes: float, code: str, mg: int) -> None:
        first = dose(minutes / 60, 15, is_tolerated=None, passed_at=AT)
        assert caps(first) == {code: mg}

    def test_repeats_the_first_dose_once(self) -> None:
        first = dose(0.8, 15, is_tolerated=None, passed_at=AT)
        again = dose(0.4, 15, is_tolerated=None)
        assert caps(first, again) == {"first_day_wait": 0}

    @pytest.mark.parametrize("not_yet", [{"is_tolerated": None}, {"is_tolerated": False}])
    def test_waits_for_the_first_dose_to_be_tolerated(self, not_yet: dict[str, object]) -> None:
        assert caps(dose(4, 15, **not_yet)) == {"first_day_wait": 0}
        assert caps(dose(4, 15)) == {"first_day": 30}

    def test_gives_nothing_more_after_an_event(self) -> None:
        assert caps(dose(4, 15, had_event=True)) == {"first_day_wait": 0, "event": 15}

    def test_begins_anew_the_next_day_where_nothing_was_tolerated(self) -> None:
        assert caps(dose(20, 15, is_tolerated=False)) == {"first_dose": 15}

    def test_is_over_on_the_day_after(self) -> None:
        assert caps(dose(20, 30)) == {"step": 45}


class TestAStep:
    def test_is_half_above_what_was_tolerated_rounded_down(self) -> None:
        assert caps(dose(20, 101)) == {"step": 151}

    def test_is_as_small_as_the_clinic_made_it(self) -> None:
        assert caps(dose(20, 100), protocol=replace(LIMITS, step_percent=10)) == {"step": 110}

    def test_counts_what_the_session_had_already(self) -> None:
        doses = (dose(20, 100), dose(0.5, 60, session="now", is_tolerated=None))
        assert caps(*doses, session="now") == {"step": 90}
        assert caps(*doses, session="later") == {"step": 150}

    def test_is_none_where_nothing_was_tolerated_of_late(self) -> None:
        early = [dose(hours, 100, is_tolerated=False) for hours in (60, 40, 20)]
        assert caps(dose(73, 100), *early) == {"not_tolerated": 100}

    @pytest.mark.parametrize(
        ("later", "signed_hours_ago", "capped"),
        [((), 1, True), ((dose(10, 100),), 40, True), ((dose(10, 100),), 1, False)],
    )
    def test_after_an_event_waits_for_a_tolerated_dose_and_a_doctor(
        self, later: tuple[GivenDose, ...], signed_hours_ago: int, capped: bool
    ) -> None:
        roused = dose(30, 120, had_event=True, is_tolerated=False)
        signed = AT - timedelta(hours=signed_hours_ago)
        assert ("event" in caps(dose(44, 120), roused, *later, order_signed_at=signed)) is capped

    def test_after_an_event_without_an_order_on_record_is_capped(self) -> None:
        assert "event" in caps(dose(30, 120, had_event=True), dose(10, 100), order_signed_at=None)


class TestThreeSessionsADay:
    def test_take_half_of_the_day_before(self) -> None:
        doses = (dose(24, 100), dose(20, 100), dose(16, 101))
        assert caps(*doses, sessions_per_day=3) == {"half_of_yesterday": 150}

    def test_take_the_last_day_with_a_dose_inside_a_short_gap(self) -> None:
        doses = (dose(36, 100), dose(34, 100))
        assert caps(*doses, sessions_per_day=3, today=AT.date() + timedelta(days=1)) == {
            "half_of_yesterday": 75,
            "gap_cap": 75,
        }
        whole = dose(20, 200, given_on=AT.date() - timedelta(days=2))
        assert caps(whole, sessions_per_day=3) == {"half_of_yesterday": 100}

    def test_take_nothing_after_a_long_gap(self) -> None:
        decided = GapDecision(decided_at=AT, ceiling_mg=50)
        found = caps(dose(60, 200), sessions_per_day=3, decision=decided)
        assert found == {"half_of_yesterday": 0, "gap_decided": 50}


class TestTheLadder:
    @pytest.mark.parametrize(
        ("hours", "missed", "found"),
        [
            (26, (1,), {"step": 150}),
            (26.01, (1,), {"step": 150, "gap_cap": 75}),
            (20, (9, 1), {"step": 150, "gap_cap": 75}),
            (51, (), {"step": 150, "gap_decided": 0}),
        ],
    )
    def test_caps_the_next_dose(self, hours: float, missed: tuple[float, ...], found: dict[str, int]) -> None:
        assert caps(dose(hours, 100), missed=missed) == found

    def test_lets_doses_climb_again_from_what_was_given_since(self) -> None:
        assert caps(dose(60, 100), dose(20, 75)) == {"step": 112}
        assert caps(dose(70, 100), dose(30, 75), dose(20, 112)) == {"step": 168}

    def test_says_nothing_where_the_gap_is_short(self) -> None:
        assert gap_findings(facts(dose(50, 100)), kind=OrderKind.MAINTENANCE).is_allowed
        assert gap_findings(facts(), kind=OrderKind.MAINTENANCE).is_allowed

    @pytest.mark.parametrize(("signed_hours_ago", "allowed"), [(1, True), (30, False)])
    def test_lets_only_a_titration_signed_in_the_last_row_begin_anew(
        self, signed_hours_ago: int, allowed: bool
    ) -> None:
        signed = AT - timedelta(hours=signed_hours_ago)
        anew = facts(dose(75.5, 100), order_signed_at=signed)

        assert gap_findings(anew, kind=OrderKind.TITRATION).is_allowed is allowed
        found = gap_findings(anew, kind=OrderKind.MAINTENANCE)
        assert [finding.code for finding in found] == ["restart"]
        assert "at most 15 mg" in next(iter(found)).message

    def test_asks_for_a_titration_where_the_order_is_unknown(self) -> None:
        assert not gap_findings(facts(dose(75), order_signed_at=None), kind=OrderKind.TITRATION).is_allowed


class TestADoctorsDecisionOnAGap:
    def decided(self, hours_ago: float, mg: int = 40, **changes: object) -> LimitFacts:
        decision = GapDecision(decided_at=AT - timedelta(hours=hours_ago), ceiling_mg=mg)
        return facts(dose(55, 100), decision=decision, **changes)

    @pytest.mark.parametrize(("hours_ago", "stands"), [(5, False), (4.99, True), (0, True), (-1, False)])
    def test_is_made_within_the_third_row(self, hours_ago: float, stands: bool) -> None:
        found = self.decided(hours_ago)

        assert decision_stands(found) is stands
        assert gap_findings(found, kind=OrderKind.MAINTENANCE).is_allowed is stands

    def test_is_asked_for(self) -> None:
        found = gap_findings(facts(dose(55, 100)), kind=OrderKind.MAINTENANCE)
        assert [finding.code for finding in found] == ["gap_decision"]

    @pytest.mark.parametrize(("mg", "cap"), [(49, 49), (50, 50), (51, 50)])
    def test_only_lowers(self, mg: int, cap: int) -> None:
        found = {cap.code: cap.mg for cap in caps_at_giving(self.decided(1, mg))}
        assert found["gap_decided"] == cap

    def test_is_void_once_another_session_is_missed(self) -> None:
        missed = DoseHistory(doses=(dose(55, 100),), missed=(missing(0.5),))
        assert not decision_stands(replace(self.decided(1), history=missed))

    def test_is_for_one_injection_however_little_was_given(self) -> None:
        little = DoseHistory(doses=(dose(55, 100), dose(0.5, 39, allowed_mg=80)))
        assert not decision_stands(replace(self.decided(1, 80), history=little))

    def test_binds_while_nothing_was_tolerated_yet(self) -> None:
        decision = GapDecision(decided_at=AT - timedelta(hours=1), ceiling_mg=5)
        first = dose(60, 15, is_tolerated=False)
        assert caps(first, decision=decision) == {"first_dose": 15, "gap_decided": 5}
        assert caps(dose(30, 15, is_tolerated=False)) == {"first_dose": 15, "gap_cap": 11}

    def test_is_of_this_gap_alone(self) -> None:
        given = DoseHistory(doses=(dose(120, 100), dose(55, 50)))
        decision = GapDecision(decided_at=AT - timedelta(hours=60), ceiling_mg=40)
        assert not decision_stands(replace(FACTS, history=given, decision=decision))


class TestAPlan:
    PLAN = (Step(day=1, max_mg=30, first_mg=15, repeat_mg=10), Step(day=2, max_mg=45), Step(day=4, max_mg=60))

    def cap(self, *doses: GivenDose, **changes: object) -> int:
        return caps(*doses, plan=self.PLAN, order_doses=doses, **changes)["plan"]

    def test_begins_with_its_first_dose_and_its_repeat(self) -> None:
        assert self.cap() == 15
        assert self.cap(dose(0.4, 15)) == 10
        assert self.cap(dose(0.5, 15)) == 30

    def test_without_a_repeat_gives_none(self) -> None:
        once = (Step(day=1, max_mg=30, first_mg=15),)
        given = (dose(0.4, 15),)
        assert caps(*given, plan=once, order_doses=given)["plan"] == 0

    @pytest.mark.parametrize(("tolerated", "mg"), [(True, 45), (False, 30), (None, 30)])
    def test_takes_a_step_once_the_last_dose_was_tolerated(self, tolerated: bool | None, mg: int) -> None:
        assert self.cap(dose(24, 15), dose(20, 30, is_tolerated=tolerated)) == mg

    def test_takes_one_step_at_a_time_and_none_before_its_day(self) -> None:
        later = AT.date() + timedelta(days=1)
        given = (dose(44, 30), dose(20, 45))
        assert step_in_force(self.PLAN, given, today=AT.date()).day == 2
        assert step_in_force(self.PLAN, given, today=later).day == 4
        assert step_in_force(self.PLAN, given[:1], today=later + timedelta(days=5)).day == 2

    def test_of_one_step_stays_at_it(self) -> None:
        assert step_in_force(self.PLAN[:1], (dose(44, 30),), today=AT.date()).day == 1

    def test_counts_its_days_from_a_first_dose_older_than_the_doses_looked_at(self) -> None:
        plan = (Step(day=1, max_mg=100), Step(day=23, max_mg=150))
        given, began = (dose(44, 100), dose(20, 100)), AT.date() - timedelta(days=22)

        assert step_in_force(plan, given, today=AT.date()).day == 1
        assert step_in_force(plan, given, today=AT.date(), began_on=began).day == 23
        assert step_in_force(plan, given, today=AT.date() - timedelta(days=1), began_on=began).day == 1


class TestASessionInParts:
    """What a session has had is taken off every limit that binds its total."""

    def part(self, mg: int) -> GivenDose:
        return dose(0.5, mg, session="now", is_tolerated=None)

    @pytest.mark.parametrize("given_mg", [40, 100, 160])
    def test_is_measured_by_its_total_and_by_each_injection(self, given_mg: int) -> None:
        found = caps(dose(24, 100), self.part(given_mg), session="now")
        assert found == {"step": max(0, min(150, 150 - given_mg))}

    def test_is_half_of_yesterday_in_all(self) -> None:
        found = caps(dose(24, 100), self.part(30), session="now", sessions_per_day=3)
        assert found["half_of_yesterday"] == 20
        assert caps(dose(24, 100), self.part(60), session="now", sessions_per_day=3)["half_of_yesterday"] == 0

    def test_after_a_gap_is_within_what_the_ladder_leaves_in_all(self) -> None:
        small = dose(0.5, 30, session="now", is_tolerated=None, allowed_mg=75)
        assert caps(dose(30, 100), small, session="now")["gap_cap"] == 45
        assert caps(dose(30, 100), small, session="another")["gap_cap"] == 75

    def test_after_a_decision_has_no_second_injection(self) -> None:
        decision = GapDecision(decided_at=AT - timedelta(hours=1), ceiling_mg=50)
        small = dose(0.5, 20, session="now", is_tolerated=None, allowed_mg=50)
        assert caps(dose(55, 100), small, session="now", decision=decision)["gap_decided"] == 0

    def test_after_an_event_is_within_the_dose_that_caused_it_in_all(self) -> None:
        event = dose(24, 60, is_tolerated=False, had_event=True)
        assert caps(dose(40, 100), event, self.part(40), session="now")["event"] == 20

    @pytest.mark.parametrize(("hours", "is_day_one"), [(0.5, True), (30, False)])
    def test_of_a_plan_is_bound_by_its_day_on_the_first_alone(self, hours: float, is_day_one: bool) -> None:
        first = dose(hours, 15, session="now", is_tolerated=None, passed_at=AT)
        found = facts(first, plan=TestAPlan.PLAN[:1], order_doses=(first,), session="now")
        assert is_day_one_of_plan(found) is is_day_one
        plan = {cap.code: cap.mg for cap in caps_at_giving(found)}["plan"]
        assert plan == (30 if is_day_one else 15)

    def test_of_a_plan_without_a_first_dose_is_no_first_day(self) -> None:
        assert not is_day_one_of_plan(facts(plan=(Step(day=1, max_mg=30),)))
        assert not is_day_one_of_plan(facts())
        assert is_day_one_of_plan(facts(plan=TestAPlan.PLAN))


class TestAGapInWords:
    @pytest.mark.parametrize(
        ("missed", "words"),
        [
            ((), "Nothing for 51 hours."),
            ((2,), "Nothing for 51 hours, and 1 session missed in a row."),
            ((3, 2), "Nothing for 51 hours, and 2 sessions missed in a row."),
        ],
    )
    def test_counts_hours_and_sessions(self, missed: tuple[float, ...], words: str) -> None:
        found = gap_findings(facts(dose(51.5, 100), missed=missed), kind=OrderKind.MAINTENANCE)
        assert next(iter(found)).message.startswith(words)

    def test_is_nothing_before_the_first_dose(self) -> None:
        assert gap_in_words(Standing(gap=None, row=Row.FULL, returned_at=None, restarted_at=None)) == ""


def in_doubt(hours: float, mg: int, **changes: object) -> GivenDose:
    return dose(hours, mg, **{"is_doubtful": True, "is_tolerated": False} | changes)


class TestAContestedDose:
    def test_raises_no_half_of_the_day_before(self) -> None:
        given = (dose(24, 100), dose(20, 100), dose(16, 100))
        assert caps(*given, in_doubt(15, 100), sessions_per_day=3) == {"half_of_yesterday": 150}

    def test_is_no_first_dose_that_was_borne(self) -> None:
        first = in_doubt(2, 15, passed_at=AT - timedelta(hours=1))
        assert caps(first)["first_dose"] == 15

    def test_is_no_measure_where_nothing_was_tolerated(self) -> None:
        assert caps(dose(30, 100, is_tolerated=False), in_doubt(20, 180))["first_dose"] == 15
        earlier = dose(90, 100)
        untolerated = dose(30, 100, is_tolerated=False)
        assert caps(earlier, untolerated, in_doubt(20, 180))["not_tolerated"] == 100

    def test_hides_no_event_of_less(self) -> None:
        given = (dose(40, 100), dose(30, 100, had_event=True, is_tolerated=False))
        assert caps(*given)["event"] == 100
        assert caps(*given, in_doubt(20, 300, had_event=True))["event"] == 100
        assert caps(*given, in_doubt(20, 60, had_event=True))["event"] == 60

    def test_counts_in_its_own_session(self) -> None:
        given = (dose(30, 100), in_doubt(1, 40, session="now"))
        assert caps(*given, session="now")["step"] == caps(dose(30, 100))["step"] - 40

    def test_opens_no_step_of_a_plan(self) -> None:
        plan = (Step(day=1, max_mg=60, first_mg=15, repeat_mg=15), Step(day=2, max_mg=90))
        of_order = (in_doubt(30, 15),)
        assert (
            caps(*of_order, plan=plan, order_doses=of_order, order_began_on=of_order[0].given_on)["plan"]
            == 15
        )

    def test_never_makes_a_limit_looser(self) -> None:
        for hours in (3, 12, 20, 26, 49, 80):
            for mg in (5, 15, 60, 150, 400):
                for changes in ({}, {"had_event": True}, {"is_tolerated": True}, {"passed_at": AT}):
                    given = (dose(60, 120), dose(40, 100), dose(16, 100, is_tolerated=False))
                    doubtful = in_doubt(hours, mg, **changes)
                    every = sorted((*given, doubtful), key=lambda one: one.started_at)
                    for per_day in (2, 3):
                        lowest = min(caps(*given, sessions_per_day=per_day).values())
                        assert min(caps(*every, sessions_per_day=per_day).values()) <= lowest


class TestSigningAfterAContestedDose:
    def test_takes_it_for_nothing_that_was_tolerated(self) -> None:
        signed = {cap.code: cap.mg for cap in caps_at_signing(facts(in_doubt(20, 180, is_tolerated=True)))}
        assert signed["first_dose"] == 15
