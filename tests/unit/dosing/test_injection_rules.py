"""Whether a dose may be drawn up and injected: every limit from both sides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing.rules.preparations import (
    InjectionAttempt,
    PreparationAttempt,
    PreparedDose,
    Stock,
    VisitFacts,
    may_inject,
    may_prepare,
    order_changed,
    syringe_expires_at,
    volume_ul,
)
from dosing.rules.protocol import Protocol
from dosing.rules.sessions import (
    EarlierOutcome,
    OrderInForce,
    Outcome,
    SessionFacts,
    allowed_mg,
    may_start,
    outcome_of,
    parse_mg,
)

AT = datetime(2026, 11, 24, 9, 49, tzinfo=UTC)
LONDON = ZoneInfo("Europe/London")

ORDER = OrderInForce(
    dose_mg=180,
    daily_max_mg=400,
    interval_minutes=180,
    routes=frozenset({"iv"}),
    sites=frozenset({"left_arm", "right_arm"}),
    ends_at=AT + timedelta(days=7),
)
FACTS = SessionFacts(
    at=AT,
    today=AT.date(),
    session_is_open=True,
    order=ORDER,
    protocol=Protocol(),
    earlier_outcome=None,
    last_ended_at=None,
    given_today_mg=0,
    given_in_window_mg=0,
)
VISIT = VisitFacts(is_identified=True, check_made_at=AT - timedelta(minutes=5), has_treatment_consent=True)
ATTEMPT = PreparationAttempt(
    dose_mg=180,
    ampoules=2,
    giver_is_witness=False,
    stock=Stock(ampoules=20, strength_mg=100, expires_on=date(2027, 8, 31)),
)
PREPARED = PreparedDose(
    dose_mg=180,
    order_is_in_force=True,
    is_suspended=False,
    has_treatment_consent=True,
    hold="",
    routes=frozenset({"iv"}),
    sites=frozenset({"left_arm", "right_arm"}),
    expires_at=AT + timedelta(hours=1),
    is_ended=False,
)
INJECTED = InjectionAttempt(
    given_mg=180, route="iv", site="left_arm", started_at=AT, prepared_at=AT - timedelta(minutes=1), at=AT
)


def codes(facts: SessionFacts, attempt: PreparationAttempt = ATTEMPT, visit: VisitFacts = VISIT) -> set[str]:
    return {finding.code for finding in may_prepare(facts, visit, attempt)}


def injection_codes(prepared: PreparedDose = PREPARED, attempt: InjectionAttempt = INJECTED) -> set[str]:
    return {finding.code for finding in may_inject(prepared, attempt)}


class TestADoseThatMayBeDrawnUp:
    def test_has_no_finding_when_all_is_in_order(self) -> None:
        assert may_prepare(FACTS, VISIT, ATTEMPT).findings == ()

    def test_is_not_less_than_a_fixed_dose(self) -> None:
        assert codes(FACTS, replace(ATTEMPT, dose_mg=179, reduction="asked")) == {"under_order"}


class TestTheVisitBeforeADose:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"is_identified": False}, "not_identified"),
            ({"check_made_at": None}, "no_check"),
            ({"has_treatment_consent": False}, "no_consent"),
            ({"hold": "On hold: breathing."}, "hold"),
            ({"open_draw": "A dose is drawn up."}, "open_draw"),
        ],
    )
    def test_is_asked_for_each_of_its_steps(self, changes: dict[str, Any], code: str) -> None:
        assert codes(FACTS, visit=replace(VISIT, **changes)) == {code}

    @pytest.mark.parametrize(("seconds", "found"), [(1800, False), (1801, True)])
    def test_has_a_check_of_at_most_half_an_hour(self, seconds: int, found: bool) -> None:
        visit = replace(VISIT, check_made_at=AT - timedelta(seconds=seconds))
        assert ("check_is_old" in codes(FACTS, visit=visit)) is found


class TestAnOrderThatChanged:
    CHANGED = datetime(2026, 7, 1, 7, 57, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("was", "what"),
        [(100, "from 100 mg to 80 mg"), (80, "and is 80 mg"), (None, "and is 80 mg")],
    )
    def test_is_told_with_its_doses_and_its_time(self, was: int | None, what: str) -> None:
        found = order_changed(was_mg=was, is_mg=80, changed_at=self.CHANGED)

        assert found.code == "order_changed"
        assert found.message == (
            f"The order changed at 08:57 {what}. Nothing was saved. Look again before you prepare."
        )


class TestADoseThatMayBeInjected:
    def test_has_no_finding_when_all_is_in_order(self) -> None:
        assert may_inject(PREPARED, INJECTED).findings == ()

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"order_is_in_force": False}, "order_changed"),
            ({"is_suspended": True}, "order_suspended"),
            ({"has_treatment_consent": False}, "no_consent"),
            ({"hold": "On hold: breathing."}, "hold"),
            ({"is_ended": True}, "already_recorded"),
        ],
    )
    def test_is_asked_again_what_it_was_drawn_up_on(self, changes: dict[str, Any], code: str) -> None:
        assert injection_codes(replace(PREPARED, **changes)) == {code}

    @pytest.mark.parametrize(("mg", "found"), [(0, True), (1, False), (180, False), (181, True)])
    def test_is_never_more_than_the_syringe_holds_and_never_nothing(self, mg: int, found: bool) -> None:
        assert ("more_than_drawn" in injection_codes(attempt=replace(INJECTED, given_mg=mg))) is found

    @pytest.mark.parametrize(("seconds", "found"), [(0, False), (1, True)])
    def test_is_in_its_time(self, seconds: int, found: bool) -> None:
        prepared = replace(PREPARED, expires_at=AT - timedelta(seconds=seconds))
        assert ("syringe_expired" in injection_codes(prepared)) is found

    @pytest.mark.parametrize(("seconds", "found"), [(0, False), (-60, False), (-61, True), (1, True)])
    def test_began_between_drawing_up_and_now(self, seconds: int, found: bool) -> None:
        attempt = replace(INJECTED, started_at=AT + timedelta(seconds=seconds))
        assert ("began_before_it_was_drawn" in injection_codes(attempt=attempt)) is found

    def test_is_by_a_route_and_into_a_site_of_the_order(self) -> None:
        attempt = replace(INJECTED, route="im", site="left_thigh")
        assert injection_codes(attempt=attempt) == {"route_not_ordered", "site_not_ordered"}


class TestASyringe:
    def test_is_good_until_its_session_closes_and_for_an_hour_at_least(self) -> None:
        until = {
            minutes: syringe_expires_at(prepared_at=AT, session_closes_at=AT + timedelta(minutes=minutes))
            for minutes in (5, 60, 180, 25 * 60)
        }
        assert until == {
            5: AT + timedelta(hours=1),
            60: AT + timedelta(hours=1),
            180: AT + timedelta(hours=3),
            25 * 60: AT + timedelta(hours=24),
        }

    @pytest.mark.parametrize(("mg", "ul"), [(180, 1800), (1, 10), (333, 3330)])
    def test_holds_the_dose_by_the_clinics_concentration(self, mg: int, ul: int) -> None:
        assert volume_ul(dose_mg=mg, concentration_mg_per_ml=100) == ul

    def test_holds_never_more_than_the_dose(self) -> None:
        assert volume_ul(dose_mg=100, concentration_mg_per_ml=150) == 666


class TestADoseOverALimit:
    @pytest.mark.parametrize(("mg", "found"), [(180, False), (181, True)])
    def test_is_refused_above_the_order(self, mg: int, found: bool) -> None:
        assert ("over_order" in codes(FACTS, replace(ATTEMPT, dose_mg=mg))) is found

    @pytest.mark.parametrize(("mg", "found"), [(450, False), (451, True)])
    def test_is_refused_above_the_single_limit_whatever_was_ordered(self, mg: int, found: bool) -> None:
        facts = replace(FACTS, order=replace(ORDER, dose_mg=500, daily_max_mg=900))
        attempt = replace(ATTEMPT, dose_mg=mg, ampoules=5)
        assert ("over_single" in codes(facts, attempt)) is found

    @pytest.mark.parametrize(("before", "found"), [(220, False), (221, True)])
    def test_is_refused_above_the_orders_day(self, before: int, found: bool) -> None:
        assert ("over_day" in codes(replace(FACTS, given_today_mg=before))) is found

    @pytest.mark.parametrize(("before", "found"), [(720, False), (721, True)])
    def test_is_refused_above_the_clinics_day(self, before: int, found: bool) -> None:
        facts = replace(FACTS, order=replace(ORDER, daily_max_mg=1000), given_today_mg=before)
        assert ("over_day" in codes(facts)) is found

    @pytest.mark.parametrize(("before", "found"), [(720, False), (721, True)])
    def test_is_refused_above_the_limit_of_any_twenty_hours(self, before: int, found: bool) -> None:
        assert ("over_window" in codes(replace(FACTS, given_in_window_mg=before))) is found

    @pytest.mark.parametrize(("mg", "found"), [(300, False), (301, True), (450, True)])
    def test_is_noted_above_the_single_warning(self, mg: int, found: bool) -> None:
        facts = replace(FACTS, order=replace(ORDER, dose_mg=450, least_mg=300, daily_max_mg=900))
        decision = may_prepare(facts, VISIT, replace(ATTEMPT, dose_mg=mg, ampoules=5, reduction="asked"))
        assert ("high_single" in {finding.code for finding in decision}) is found
        assert decision.is_allowed

    @pytest.mark.parametrize(("before", "found"), [(420, False), (421, True)])
    def test_is_noted_above_the_daily_warning(self, before: int, found: bool) -> None:
        facts = replace(FACTS, order=replace(ORDER, daily_max_mg=900), given_today_mg=before)
        assert ("high_day" in codes(facts)) is found

    def test_shows_every_reason_and_not_only_the_first(self) -> None:
        facts = replace(FACTS, given_today_mg=800, given_in_window_mg=900, last_ended_at=AT)
        attempt = replace(ATTEMPT, dose_mg=460, giver_is_witness=True)
        assert codes(facts, attempt) >= {
            "interval",
            "over_order",
            "over_single",
            "over_day",
            "over_window",
            "same_person",
            "too_few_ampoules_opened",
        }


class TestTheIntervalBetweenSessions:
    @pytest.mark.parametrize(
        ("minutes", "seconds", "code"),
        [
            (179, 59, "interval"),
            (180, 0, "short_interval"),
            (239, 59, "short_interval"),
            (240, 0, None),
        ],
    )
    def test_bars_under_three_hours_and_notes_under_four(
        self, minutes: int, seconds: int, code: str | None
    ) -> None:
        facts = replace(FACTS, last_ended_at=AT - timedelta(minutes=minutes, seconds=seconds))
        assert codes(facts) == ({code} if code else set())

    def test_follows_the_order_where_it_is_longer(self) -> None:
        facts = replace(
            FACTS, order=replace(ORDER, interval_minutes=300), last_ended_at=AT - timedelta(minutes=299)
        )
        assert "interval" in codes(facts)

    def test_is_elapsed_time_in_the_night_the_clocks_go_forward(self) -> None:
        # 22:00 to 02:30 by the wall clock; 00:30 UTC minus 22:00 UTC is two and a half hours.
        ended = datetime(2027, 3, 27, 22, 30, tzinfo=LONDON)
        at = datetime(2027, 3, 28, 2, 15, tzinfo=LONDON)
        facts = replace(FACTS, at=at, last_ended_at=ended)
        assert "interval" in codes(facts)
        assert "interval" not in codes(replace(facts, last_ended_at=ended - timedelta(hours=1)))

    def test_is_elapsed_time_in_the_night_the_clocks_go_back(self) -> None:
        ended = datetime(2026, 10, 25, 0, 30, tzinfo=LONDON)
        at = datetime(2026, 10, 25, 2, 30, tzinfo=LONDON)  # three hours later, not two
        assert "interval" not in codes(replace(FACTS, at=at, last_ended_at=ended))


class TestAPersonWhoMayNotStart:
    def test_has_no_order(self) -> None:
        assert "no_order" in {finding.code for finding in may_start(replace(FACTS, order=None))}

    def test_has_no_approved_limits(self) -> None:
        assert "no_protocol" in {finding.code for finding in may_start(replace(FACTS, protocol=None))}

    def test_had_this_session_already_and_is_told_what_stands(self) -> None:
        facts = replace(FACTS, earlier_outcome=EarlierOutcome("180 mg given, recorded by Grace at 09:14."))
        decision = may_prepare(facts, VISIT, ATTEMPT)
        assert [finding.message for finding in decision.refusals] == [
            "180 mg given, recorded by Grace at 09:14."
        ]

    def test_is_on_the_page_of_a_session_that_is_over(self) -> None:
        assert codes(replace(FACTS, session_is_open=False)) == {"session_over"}


class TestStockAndPeople:
    def test_bars_the_giver_as_witness(self) -> None:
        assert codes(FACTS, replace(ATTEMPT, giver_is_witness=True)) == {"same_person"}

    @pytest.mark.parametrize(("last_day", "found"), [(date(2026, 11, 24), False), (date(2026, 11, 23), True)])
    def test_bars_a_batch_from_the_day_after_its_last(self, last_day: date, found: bool) -> None:
        attempt = replace(ATTEMPT, stock=replace(ATTEMPT.stock, expires_on=last_day))
        assert ("batch_expired" in codes(FACTS, attempt)) is found

    @pytest.mark.parametrize(("ampoules", "found"), [(2, False), (1, True)])
    def test_bars_more_milligrams_than_were_opened(self, ampoules: int, found: bool) -> None:
        assert ("too_few_ampoules_opened" in codes(FACTS, replace(ATTEMPT, ampoules=ampoules))) is found

    @pytest.mark.parametrize(("held", "found"), [(2, False), (1, True)])
    def test_bars_more_ampoules_than_are_held(self, held: int, found: bool) -> None:
        attempt = replace(ATTEMPT, stock=replace(ATTEMPT.stock, ampoules=held))
        assert ("not_in_stock" in codes(FACTS, attempt)) is found


class TestWhatIsAllowed:
    @given(
        dose=st.integers(1, 600),
        daily=st.integers(1, 1000),
        today=st.integers(0, 1000),
        window=st.integers(0, 1000),
        mg=st.integers(1, 700),
    )
    def test_is_exactly_what_the_dose_rules_let_pass(
        self, dose: int, daily: int, today: int, window: int, mg: int
    ) -> None:
        facts = replace(
            FACTS,
            order=replace(ORDER, dose_mg=dose, daily_max_mg=daily, is_titration=True),
            given_today_mg=today,
            given_in_window_mg=window,
        )
        decision = may_prepare(facts, VISIT, replace(ATTEMPT, dose_mg=mg, ampoules=9, reduction="other"))
        assert decision.is_allowed == (mg <= allowed_mg(facts))

    def test_is_nothing_without_an_order_or_limits(self) -> None:
        assert allowed_mg(replace(FACTS, order=None)) == 0
        assert allowed_mg(replace(FACTS, protocol=None)) == 0


class TestMilligramsThatWereTyped:
    @pytest.mark.parametrize(("text", "mg"), [("180", 180), (" 180 ", 180), ("1", 1), ("9999", 9999)])
    def test_are_read_when_they_are_plain_digits(self, text: str, mg: int) -> None:
        assert parse_mg(text) == mg

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "0",
            "007",
            "12.5",
            "1,000",
            "1_000",
            "+5",
            "-5",
            "1e2",
            "180mg",
            "١٨٠",
            "²",
            "18 0",
            "10000",
            "1\n",
        ],
    )
    def test_are_refused_when_they_are_anything_else(self, text: str) -> None:
        assert parse_mg(text) is None

    @given(st.text(max_size=12))
    def test_are_never_read_from_other_text(self, text: str) -> None:
        mg = parse_mg(text)
        assert mg is None or text.strip(" ") == str(mg)


class TestTheOutcomeOfASession:
    def test_is_given_for_the_whole_dose_and_reduced_below_it(self) -> None:
        assert outcome_of(180, 180) is Outcome.GIVEN
        assert outcome_of(179, 180) is Outcome.GIVEN_REDUCED


class TestAnOrderThatNoLongerStands:
    @pytest.mark.parametrize(("is_suspended", "found"), [(False, False), (True, True)])
    def test_is_suspended_with_its_doctors_account(self, is_suspended: bool, found: bool) -> None:
        facts = replace(FACTS, order=replace(ORDER, is_suspended=is_suspended))

        assert ("order_suspended" in codes(facts)) is found


class TestTheIntervalOfTheLastDose:
    @pytest.mark.parametrize(("minutes", "found"), [(360, False), (359, True)])
    def test_stands_when_a_new_order_shortens_it(self, minutes: int, found: bool) -> None:
        facts = replace(FACTS, last_ended_at=AT - timedelta(minutes=minutes), last_interval_minutes=360)

        assert ("interval" in codes(facts)) is found


class TestTheStockOfADose:
    def stock(self, **changes: object) -> Stock:
        return replace(ATTEMPT.stock, **changes)  # type: ignore[arg-type]

    def test_is_never_taken_from_quarantine(self) -> None:
        needed = ATTEMPT.ampoules

        assert "in_quarantine" not in codes(
            FACTS, attempt=replace(ATTEMPT, stock=self.stock(ampoules=needed, quarantined=9))
        )
        assert "in_quarantine" in codes(
            FACTS, attempt=replace(ATTEMPT, stock=self.stock(ampoules=needed - 1, quarantined=1))
        )

    def test_that_is_not_in_the_book_asks_for_an_adjustment_first(self) -> None:
        decision = may_prepare(FACTS, VISIT, replace(ATTEMPT, stock=self.stock(ampoules=0)))

        assert [finding.code for finding in decision] == ["not_in_stock"]
        assert "write an adjustment first" in decision.findings[0].message

    def test_of_somebody_else_is_refused(self) -> None:
        assert codes(FACTS, attempt=replace(ATTEMPT, stock=self.stock(is_somebody_elses=True))) == {
            "somebody_elses"
        }

    def test_wastes_exactly_what_is_not_given(self) -> None:
        drawn = ATTEMPT.ampoules * ATTEMPT.stock.strength_mg
        rest = drawn - ATTEMPT.dose_mg

        assert codes(FACTS, attempt=replace(ATTEMPT, wasted_mg=rest)) == set()
        assert codes(FACTS, attempt=replace(ATTEMPT, wasted_mg=rest + 1)) == {"waste_is_not_the_rest"}
        assert codes(FACTS, attempt=replace(ATTEMPT, wasted_mg=rest, ampoules=1, dose_mg=drawn)) >= {
            "too_few_ampoules_opened"
        }
