"""When a prescription may be printed, from both sides of every boundary, and what it states."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosing.rules.limits import Step
from dosing.rules.orders import LONDON, Product
from dosing.rules.prescriptions import (
    EarlierPrescription,
    PrescriptionDraft,
    PrescriptionFacts,
    PrescriptionForm,
    may_begin_prescription,
    may_print_again,
    may_print_prescription,
    mg_in_both,
    why_at_most,
)
from dosing.rules.supply import PrescribedOrder, Standing, prescription_of
from dosing.rules.wordings import UNVERIFIED, WORDINGS, wordings_of
from hat_clinic.core.decisions import Decision, Level

TODAY = date(2026, 2, 2)
FP10MDA, CLINIC = PrescriptionForm.FP10MDA, PrescriptionForm.CLINIC


def midnight(day: date) -> datetime:
    """Return the first moment of a Europe/London day, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)


def an_order(*, days: int = 14, starts: date = TODAY, **changes: object) -> PrescribedOrder:
    """Return an order of 200 mg twice a day that is in force from nine o'clock on its first day."""
    order = PrescribedOrder(
        version=3,
        product=Product.DIAMORPHINE,
        dose_mg=200,
        sessions_per_day=2,
        daily_max_mg=1350,
        starts_at=midnight(starts) + timedelta(hours=9),
        ends_at=midnight(starts + timedelta(days=days)),
        standing=Standing.LIVE,
    )
    return replace(order, **changes)  # type: ignore[arg-type]  # a test's own changes


def a_draft(**changes: object) -> PrescriptionDraft:
    draft = PrescriptionDraft(form=FP10MDA, strength_mg=100, first_on=TODAY, wordings=("supervise",))
    return replace(draft, **changes)  # type: ignore[arg-type]  # a test's own changes


def facts(running: PrescribedOrder | None = None, **changes: object) -> PrescriptionFacts:
    known = PrescriptionFacts(
        today=TODAY,
        order=running or an_order(),
        printer_is_doctor=True,
        licence_last_on=date(2026, 12, 31),
        person_is_in_treatment=True,
        has_treatment_consent=True,
        address_is_known=True,
    )
    return replace(known, **changes)  # type: ignore[arg-type]  # a test's own changes


def against(decision: Decision) -> list[tuple[str, Level]]:
    return [(finding.code, finding.level) for finding in decision.refusals]


def codes(decision: Decision) -> set[str]:
    return {finding.code for finding in decision}


class TestAPrescription:
    def test_states_a_day_as_one_instalment_to_the_end_of_its_order(self) -> None:
        made = prescription_of(an_order(days=14), TODAY)

        assert (made.instalment_mg, made.instalments, made.total_mg) == (400, 14, 5600)
        assert (made.first_on, made.last_on) == (TODAY, date(2026, 2, 15))

    def test_begun_later_is_of_the_days_that_are_left(self) -> None:
        made = prescription_of(an_order(days=14), TODAY + timedelta(days=10))

        assert (made.instalments, made.total_mg) == (4, 1600)

    def test_of_an_order_that_ends_within_a_day_counts_that_day(self) -> None:
        noon = midnight(TODAY + timedelta(days=2)) + timedelta(hours=12)

        assert prescription_of(an_order(ends_at=noon), TODAY).last_on == TODAY + timedelta(days=2)

    @pytest.mark.parametrize(
        ("starts", "clock_change"),
        [(date(2026, 3, 23), date(2026, 3, 29)), (date(2026, 10, 19), date(2026, 10, 25))],
        ids=["spring", "autumn"],
    )
    def test_counts_calendar_days_across_a_clock_change(self, starts: date, clock_change: date) -> None:
        order = an_order(days=14, starts=starts)
        assert starts < clock_change < order.last_on

        assert prescription_of(order, starts).instalments == 14
        assert prescription_of(order, clock_change).first_on == clock_change
        assert prescription_of(an_order(days=1, starts=clock_change), clock_change).instalments == 1

    @given(st.integers(1, 31), st.integers(1, 450), st.integers(1, 3))
    def test_is_the_milligrams_of_a_day_times_its_days(self, days: int, mg: int, sessions: int) -> None:
        order = an_order(days=days, dose_mg=mg, sessions_per_day=sessions)

        assert prescription_of(order, TODAY).total_mg == days * mg * sessions

    def test_says_milligrams_in_figures_and_in_words(self) -> None:
        assert mg_in_both(5600) == "5600 mg (five thousand six hundred milligrams)"


class TestTheWordings:
    def test_are_five_with_an_id_each_and_none_is_verified(self) -> None:
        assert len({wording.id for wording in WORDINGS}) == len(WORDINGS) == 5
        assert not any(wording.is_verified for wording in WORDINGS)

    def test_stand_in_the_order_of_the_list(self) -> None:
        picked = wordings_of(("daily_containers", "closed_days", "of_no_list"))

        assert [wording.id for wording in picked] == ["closed_days", "daily_containers"]


class TestWhatMayBePrinted:
    def test_has_only_the_note_that_its_wording_is_not_verified(self) -> None:
        decision = may_print_prescription(a_draft(), facts())

        assert decision.is_allowed
        assert [finding.message for finding in decision] == [UNVERIFIED]

    @pytest.mark.parametrize(("days", "expected"), [(14, []), (15, [("instalments_too_long", Level.BLOCK)])])
    def test_on_an_fp10mda_is_14_days_at_most(self, days: int, expected: list[tuple[str, Level]]) -> None:
        assert against(may_print_prescription(a_draft(), facts(an_order(days=days)))) == expected

    def test_on_the_clinics_own_form_may_be_longer(self) -> None:
        draft = a_draft(form=CLINIC, wordings=())

        assert against(may_print_prescription(draft, facts(an_order(days=28)))) == []

    @pytest.mark.parametrize("starts", [date(2026, 3, 23), date(2026, 10, 19)], ids=["spring", "autumn"])
    def test_is_14_calendar_days_across_a_clock_change(self, starts: date) -> None:
        draft = a_draft(first_on=starts)

        fourteen = may_print_prescription(draft, facts(an_order(days=14, starts=starts), today=starts))
        fifteen = may_print_prescription(draft, facts(an_order(days=15, starts=starts), today=starts))

        assert fourteen.is_allowed
        assert against(fifteen) == [("instalments_too_long", Level.BLOCK)]

    @pytest.mark.parametrize(
        ("later", "expected"), [(0, []), (28, []), (29, [("first_supply_late", Level.BLOCK)])]
    )
    @pytest.mark.parametrize(
        "today", [TODAY, date(2026, 3, 16), date(2026, 10, 12)], ids=["winter", "spring", "autumn"]
    )
    def test_is_first_supplied_within_28_days(
        self, today: date, later: int, expected: list[tuple[str, Level]]
    ) -> None:
        draft = a_draft(first_on=today + timedelta(days=later), form=CLINIC)
        known = facts(an_order(days=30, starts=today), today=today)

        assert against(may_print_prescription(draft, known)) == expected

    def test_is_not_first_supplied_before_its_date(self) -> None:
        known = facts(an_order(), today=TODAY + timedelta(days=1))

        assert against(may_print_prescription(a_draft(), known)) == [("first_supply_past", Level.BLOCK)]

    @pytest.mark.parametrize(("days", "expected"), [(30, []), (31, [("long_supply_reason", Level.STOP)])])
    def test_of_more_than_30_days_stops_without_a_reason(
        self, days: int, expected: list[tuple[str, Level]]
    ) -> None:
        draft = a_draft(form=CLINIC, reason="  ")

        assert against(may_print_prescription(draft, facts(an_order(days=days)))) == expected

    def test_of_more_than_30_days_with_a_reason_says_so(self) -> None:
        draft = a_draft(form=CLINIC, reason="Away at sea.")

        decision = may_print_prescription(draft, facts(an_order(days=31)))

        assert decision.is_allowed
        assert "long_supply" in codes(decision)

    @pytest.mark.parametrize(
        ("first_on", "is_inside"),
        [
            (date(2026, 2, 1), False),
            (date(2026, 2, 2), True),
            (date(2026, 2, 15), True),
            (date(2026, 2, 16), False),
        ],
    )
    def test_begins_on_a_day_of_its_order(self, first_on: date, is_inside: bool) -> None:
        known = facts(an_order(), today=date(2026, 2, 1))

        decision = may_print_prescription(a_draft(first_on=first_on), known)

        assert ("outside_order" not in codes(decision)) is is_inside

    @pytest.mark.parametrize(("last_on", "lasts"), [(date(2026, 2, 15), True), (date(2026, 2, 14), False)])
    def test_does_not_outlive_the_licence(self, last_on: date, lasts: bool) -> None:
        decision = may_print_prescription(a_draft(), facts(licence_last_on=last_on))

        assert against(decision) == ([] if lasts else [("outlives_licence", Level.BLOCK)])

    def test_says_how_instalments_are_supplied(self) -> None:
        assert against(may_print_prescription(a_draft(wordings=()), facts())) == [
            ("wording_missing", Level.BLOCK)
        ]

    def test_takes_no_wording_that_is_not_on_the_list(self) -> None:
        draft = a_draft(wordings=("supervise", "as_directed"))

        assert against(may_print_prescription(draft, facts())) == [("wording_unknown", Level.BLOCK)]


class TestAQuantityThatIsTheMost:
    RANGE = an_order(least_mg=80)
    PLAN = an_order(plan=(Step(day=1, max_mg=100), Step(day=3, max_mg=200)))

    @pytest.mark.parametrize(
        ("order", "total", "why"),
        [(RANGE, 5600, "the most of the range"), (PLAN, 5200, "only once the last dose was tolerated")],
        ids=["range", "plan"],
    )
    def test_is_a_note_that_is_read_before_it_is_printed(
        self, order: PrescribedOrder, total: int, why: str
    ) -> None:
        decision = may_print_prescription(a_draft(), facts(order))

        (found,) = [finding for finding in decision if finding.code == "at_most"]
        assert (found.level, found.source) == (Level.WARN, "clinical rule 7")
        assert found.message.startswith(f"The total is {total} mg. It is the most that can be supplied.")
        assert why in why_at_most(order)
        assert decision.is_allowed

    @pytest.mark.parametrize("order", [an_order(), an_order(slots=(("am", 200), ("pm", 150)))])
    def test_is_no_note_where_the_whole_quantity_is_the_dose(self, order: PrescribedOrder) -> None:
        assert "at_most" not in codes(may_print_prescription(a_draft(), facts(order)))
        assert why_at_most(order) == ""

    @pytest.mark.parametrize(("days", "allowed"), [(14, True), (15, False)])
    def test_runs_no_longer_on_an_fp10mda_than_any_other(self, days: int, allowed: bool) -> None:
        plan = an_order(days=days, plan=(Step(day=1, max_mg=100), Step(day=9, max_mg=150)))

        assert may_print_prescription(a_draft(), facts(plan)).is_allowed is allowed


class TestDaysThatWerePrintedBefore:
    def one(self, first_on: date, last_on: date) -> EarlierPrescription:
        return EarlierPrescription(number="2-1", dated_on=first_on, first_on=first_on, last_on=last_on)

    def test_stop_without_a_reason(self) -> None:
        known = facts(earlier=(self.one(date(2026, 1, 20), TODAY),))

        decision = may_print_prescription(a_draft(), known)

        assert against(decision) == [("printed_before", Level.STOP)]
        assert "Prescription 2-1 of 20 January 2026 covers days of this one already." in str(decision)

    def test_are_noted_with_a_reason(self) -> None:
        known = facts(an_order(days=1), earlier=(self.one(TODAY, TODAY),))

        decision = may_print_prescription(a_draft(reason="First paper torn up unsigned."), known)

        assert decision.is_allowed
        assert "printed_again" in codes(decision)
        assert "covers a day of this one already" in str(decision)

    def test_that_are_other_days_do_not_matter(self) -> None:
        yesterday, after = TODAY - timedelta(days=1), TODAY + timedelta(days=14)
        known = facts(earlier=(self.one(yesterday, yesterday), self.one(after, after)))

        assert may_print_prescription(a_draft(), known).is_allowed


class TestWhatBarsEveryPrescription:
    def test_is_nothing_where_all_is_in_order(self) -> None:
        assert may_begin_prescription(facts()) == Decision()

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"person_is_in_treatment": False}, "not_in_treatment"),
            ({"printer_is_doctor": False}, "not_a_doctor"),
            ({"licence_last_on": None}, "no_licence"),
            ({"has_treatment_consent": False}, "no_consent"),
            ({"order": None}, "no_order"),
            ({"order": an_order(standing=Standing.PLANNED)}, "order_planned"),
            ({"order": an_order(standing=Standing.ENDED)}, "order_ended"),
            ({"order": an_order(standing=Standing.SUSPENDED)}, "order_suspended"),
        ],
    )
    def test_is_said(self, changes: dict[str, object], code: str) -> None:
        decision = may_print_prescription(a_draft(), facts(**changes))  # type: ignore[arg-type]  # a test's own changes

        assert against(decision) == [(code, Level.BLOCK)]

    def test_is_no_missing_licence_where_there_is_no_order(self) -> None:
        decision = may_begin_prescription(facts(order=None, licence_last_on=None))  # type: ignore[arg-type]  # a test's own changes

        assert against(decision) == [("no_order", Level.BLOCK)]

    def test_is_no_missing_address(self) -> None:
        decision = may_begin_prescription(facts(address_is_known=False))

        assert decision.is_allowed
        assert "“no fixed abode”" in str(decision)


class TestAPrescriptionThatIsOpenedAgain:
    def again(self, known: PrescriptionFacts | None = None, **changes: object) -> Decision:
        asked: dict[str, object] = {"order_version": 3, "is_own": True, "replaced_by": ""}
        return may_print_again(known or facts(), **(asked | changes))  # type: ignore[arg-type]  # a test's own changes

    def test_is_the_same_paper_for_its_own_doctor(self) -> None:
        assert self.again() == Decision()

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"order_version": 2}, "order_replaced"),
            ({"is_own": False}, "not_its_prescriber"),
            ({"replaced_by": "3-2"}, "replaced"),
        ],
    )
    def test_is_refused(self, changes: dict[str, object], code: str) -> None:
        assert against(self.again(**changes)) == [(code, Level.BLOCK)]

    def test_is_refused_once_its_order_has_ended(self) -> None:
        assert against(self.again(facts(an_order(standing=Standing.ENDED)))) == [("order_ended", Level.BLOCK)]

    def test_is_refused_where_no_order_is_left(self) -> None:
        assert against(self.again(facts(order=None))) == [("no_order", Level.BLOCK)]  # type: ignore[arg-type]  # as above
