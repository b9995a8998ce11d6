"""Counting blind by two, opening the day, and the state that the board reads."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from dosing.actions.days import (
    CountRefused,
    DayNotOpened,
    open_day,
    open_day_unchecked,
    set_count_aside,
)
from dosing.models import BalanceCheck, BalanceResult, ClinicDay, Discrepancy, StockCount
from dosing.queries.days import get_day_state, is_balance_hidden
from dosing.rules.days import CountState, OpenedHow
from hat_clinic.accounts.actions import PinRefused, set_pin
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON, london_date, now
from tests.factories import ClinicFactory, PremisesFactory
from tests.factories.days import a_count, an_open_day, both_count
from tests.factories.register import an_open_register, receive
from tests.factories.treatment import NURSE_PIN, TreatmentRoom, a_member_of_staff, a_treatment_room

LEAD_PIN = "384756"
STOCK = 12


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    room = a_treatment_room(ampoules=STOCK)
    set_pin(user=room.cd_lead, pin=LEAD_PIN, by=room.cd_lead, at=now())
    return room


def open_it(room: TreatmentRoom, **changes: Any) -> ClinicDay:
    return open_day(
        **({"clinic": room.clinic, "premises_id": room.premises.id, "by": room.nurse, "at": now()} | changes)
    )


def open_unchecked(room: TreatmentRoom, **changes: Any) -> ClinicDay:
    return open_day_unchecked(
        **(
            {
                "clinic": room.clinic,
                "premises_id": room.premises.id,
                "reason": "The second nurse is ill.",
                "pin": LEAD_PIN,
                "terminal_id": room.terminal.id,
                "by": room.cd_lead,
                "at": now(),
            }
            | changes
        )
    )


def state_of(room: TreatmentRoom, at: datetime | None = None) -> Any:
    return get_day_state(clinic=room.clinic, at=at or now())


def events(name: str) -> list[tuple[str, dict[str, Any]]]:
    return list(AuditEvent.objects.filter(event=name).order_by("id").values_list("outcome", "detail"))


class TestTwoCounts:
    def test_that_agree_with_the_register_end_the_check(self, room) -> None:
        first = a_count(room, STOCK)
        second = a_count(room, STOCK, counter=room.second_nurse)

        result = BalanceResult.objects.get()
        assert (first.state, second.state) == (CountState.FIRST_IS_IN, CountState.AGREES)
        assert (result.result, result.first, result.second, result.expected) == ("agrees", 12, 12, 12)
        assert list(
            StockCount.objects.order_by("position").values_list("counted_by", "full_boxes", "loose")
        ) == [
            (room.nurse.id, 2, 2),
            (room.second_nurse.id, 2, 2),
        ]

    @pytest.mark.parametrize(("first", "second"), [(11, 12), (12, 11), (11, 11), (13, 13)])
    def test_that_differ_are_made_once_more(self, room, first: int, second: int) -> None:
        answer = both_count(room, first, second)
        again = both_count(room, STOCK, STOCK)

        assert answer.state is CountState.AGAIN
        assert again.state is CountState.AGREES
        assert list(BalanceCheck.objects.order_by("number").values_list("number", "round")) == [
            (1, 1),
            (2, 2),
        ]
        assert not Discrepancy.objects.exists()

    def test_that_differ_twice_open_a_discrepancy_of_the_controlled_drug_lead(self, room) -> None:
        both_count(room, 11, 12)
        answer = both_count(room, 11, 11)

        discrepancy = Discrepancy.objects.select_related("balance_result").get()
        assert answer.state is CountState.DIFFERS
        assert discrepancy.owner == Role.CD_LEAD
        assert not discrepancy.events.exists()
        assert (discrepancy.balance_result.first, discrepancy.balance_result.expected) == (11, 12)
        assert len(events("dosing.discrepancy_opened")) == 1

    def test_are_of_two_people(self, room) -> None:
        a_count(room, STOCK)

        with pytest.raises(CountRefused, match="has counted already"):
            a_count(room, STOCK)
        assert StockCount.objects.count() == 1
        assert events("dosing.stock_counted")[-1] == ("refused", {"codes": ["same_person"]})

    def test_may_both_be_signed_under_one_persons_page(self, room) -> None:
        a_count(room, STOCK)
        answer = a_count(room, STOCK, counter=room.second_nurse, by=room.nurse)

        assert answer.state is CountState.AGREES
        assert AuditEvent.objects.filter(event="dosing.stock_counted").latest("id").actor == room.second_nurse

    def test_are_of_now_even_when_stock_moved_before(self, room) -> None:
        receive(room.line, 5)
        answer = both_count(room, STOCK + 5, STOCK + 5)

        assert answer.state is CountState.AGREES
        assert BalanceResult.objects.get().expected == STOCK + 5

    def test_are_made_anew_when_stock_moved_between_them(self, room) -> None:
        a_count(room, STOCK)
        receive(room.line, 5)
        moved = a_count(room, STOCK + 5, counter=room.second_nurse)
        answer = both_count(room, STOCK + 5, STOCK + 5)

        assert (moved.state, moved.has_moved) == (CountState.AGAIN, True)
        assert (answer.state, answer.has_moved) == (CountState.AGREES, False)
        assert list(BalanceCheck.objects.order_by("number").values_list("round", "result__result")) == [
            (1, "moved"),
            (1, "agrees"),
        ]

    def test_can_be_begun_anew_when_the_second_person_does_not_come(self, room) -> None:
        a_count(room, 11)
        set_count_aside(clinic=room.clinic, line_id=room.line.id, by=room.second_nurse, at=now())
        answer = both_count(room, STOCK, STOCK)

        assert answer.state is CountState.AGREES
        assert [detail.get("result") for _, detail in events("dosing.balance_checked")] == [
            "set_aside",
            "agrees",
        ]

    def test_that_nobody_began_are_not_set_aside(self, room) -> None:
        with pytest.raises(CountRefused, match="No count is waiting"):
            set_count_aside(clinic=room.clinic, line_id=room.line.id, by=room.nurse, at=now())

    def test_are_over_once_they_agree(self, room) -> None:
        both_count(room, STOCK, STOCK)

        with pytest.raises(CountRefused, match="Nothing is left to count"):
            a_count(room, STOCK)


class TestACountSentTwice:
    def test_gets_its_first_answer(self, room) -> None:
        key = uuid.uuid4()
        first = a_count(room, STOCK, key=key)
        second = a_count(room, STOCK, key=key)

        assert first == second
        assert StockCount.objects.count() == 1

    def test_is_never_taken_for_the_second_round(self, room) -> None:
        key = uuid.uuid4()
        a_count(room, 11, key=key)
        differing = a_count(room, STOCK, counter=room.second_nurse)
        a_count(room, 11, key=key)

        assert differing.state is CountState.AGAIN
        assert StockCount.objects.count() == 2

    def test_with_another_number_is_refused(self, room) -> None:
        key = uuid.uuid4()
        a_count(room, STOCK, key=key)

        with pytest.raises(CountRefused, match="already used"):
            a_count(room, STOCK - 1, key=key)


class TestACounter:
    def test_signs_with_their_own_pin(self, room) -> None:
        with pytest.raises(PinRefused):
            a_count(room, STOCK, pin="111222")
        with pytest.raises(PinRefused):
            a_count(room, STOCK, counter=room.second_nurse, pin=NURSE_PIN)
        assert not StockCount.objects.exists()

    def test_may_be_the_controlled_drug_lead(self, room) -> None:
        a_count(room, STOCK, counter=room.cd_lead, pin=LEAD_PIN)

        assert StockCount.objects.get().counted_by == room.cd_lead

    def test_has_a_role_that_counts_in_this_clinic(self, room) -> None:
        elsewhere = a_treatment_room()
        for person in (room.doctor, elsewhere.nurse):
            with pytest.raises(CountRefused, match="may not count here"):
                a_count(room, STOCK, counter=person)

    def test_counts_a_register_of_this_clinic(self, room) -> None:
        for line_id in (an_open_register().id, uuid.uuid4()):
            with pytest.raises(CountRefused, match="not kept here"):
                a_count(room, STOCK, line_id=line_id)
            with pytest.raises(CountRefused):
                set_count_aside(clinic=room.clinic, line_id=line_id, by=room.nurse, at=now())


class TestTheDay:
    def test_opens_on_counts_that_agree(self, room) -> None:
        both_count(room, STOCK, STOCK)
        day = open_it(room)

        assert (day.how, day.reason, day.on, day.opened_by) == ("checked", "", london_date(now()), room.nurse)
        assert events("dosing.day_opened") == [
            ("done", {"premises": str(room.premises.id), "how": "checked"})
        ]

    def test_opens_once(self, room) -> None:
        day = an_open_day(room)

        assert open_it(room, by=room.second_nurse) == day
        assert open_unchecked(room) == day
        assert ClinicDay.objects.get().how == "checked"

    def test_waits_for_every_register_of_the_premises(self, room) -> None:
        second = an_open_register(room.premises, strength_mg=500)
        both_count(room, STOCK, STOCK)
        with pytest.raises(DayNotOpened, match="not finished"):
            open_it(room)
        a_count(room, 0, line_id=second.id)
        a_count(room, 0, line_id=second.id, counter=room.second_nurse)

        assert open_it(room).how == "checked"

    @pytest.mark.parametrize("counts", [[], [(11, 12)], [(11, 12), (11, 12)]])
    def test_does_not_open_for_a_nurse_on_anything_less(self, room, counts: list[tuple[int, int]]) -> None:
        for first, second in counts:
            both_count(room, first, second)

        with pytest.raises(DayNotOpened):
            open_it(room)
        assert not ClinicDay.objects.exists()
        assert events("dosing.day_opened")[0][0] == "refused"

    def test_of_other_premises_is_not_opened(self, room) -> None:
        for act in (open_it, open_unchecked):
            with pytest.raises(DayNotOpened, match="not this clinic's"):
                act(room, premises_id=PremisesFactory().id)


class TestADayWithoutACheck:
    def test_is_opened_by_the_controlled_drug_lead_with_a_reason(self, room) -> None:
        day = open_unchecked(room, reason="  The second nurse is ill.  ")

        assert (day.how, day.reason) == ("unchecked", "The second nurse is ill.")
        assert day.signature.signed_by == room.cd_lead

    def test_may_have_counts_that_still_differ(self, room) -> None:
        both_count(room, 11, 12)
        both_count(room, 11, 12)

        assert open_unchecked(room).how == "unchecked"

    def test_is_not_opened_by_a_nurse(self, room) -> None:
        with pytest.raises(DayNotOpened, match="Only the controlled-drug lead"):
            open_unchecked(room, by=room.nurse, pin=NURSE_PIN)
        assert events("dosing.day_opened") == [("refused", {"codes": ["not_the_lead"]})]

    def test_is_not_opened_by_another_clinics_lead(self, room) -> None:
        lead = a_member_of_staff(ClinicFactory(), Role.CD_LEAD, name="Lead Elsewhere", pin=LEAD_PIN)

        with pytest.raises(DayNotOpened, match="Only the controlled-drug lead"):
            open_unchecked(room, by=lead)

    def test_needs_the_right_pin(self, room) -> None:
        with pytest.raises(PinRefused):
            open_unchecked(room, pin="111222")
        assert not ClinicDay.objects.exists()

    @pytest.mark.parametrize(("reason", "words"), [("   ", "Write why"), ("x" * 301, "at most 300")])
    def test_needs_a_reason_that_fits(self, room, reason: str, words: str) -> None:
        with pytest.raises(DayNotOpened, match=words):
            open_unchecked(room, reason=reason)

    def test_takes_a_reason_of_300_characters(self, room) -> None:
        assert open_unchecked(room, reason="x" * 300).reason == "x" * 300


class TestTheStateOfTheDay:
    def test_is_one_statement(self, room, django_assert_num_queries) -> None:
        an_open_register(room.premises, strength_mg=500)
        both_count(room, STOCK, STOCK)
        at = now()

        with django_assert_num_queries(1):
            state = state_of(room, at)
        assert not state.is_open

    def test_says_what_is_still_to_do(self, room) -> None:
        todos = [state_of(room).todo]
        a_count(room, 11)
        todos.append(state_of(room).todo)
        a_count(room, 12, counter=room.second_nurse)
        todos.append(state_of(room).todo)
        both_count(room, 12, 12)
        todos.append(state_of(room).todo)

        assert todos == [
            "Still to do: morning balance check, two people.",
            "The balance check is going on. Still to do: the second count.",
            "Still to do: morning balance check, two people.",
            "The balance check is done and agrees. Still to do: open the day.",
        ]

    def test_says_that_counts_still_differ(self, room) -> None:
        both_count(room, 11, 12)
        both_count(room, 11, 12)

        assert "still differ" in state_of(room).todo

    def test_names_the_two_who_counted(self, room) -> None:
        day = an_open_day(room)

        state = state_of(room)
        assert state.is_open
        assert state.how is OpenedHow.CHECKED
        assert state.opened_at == day.opened_at
        assert state.opened_by_name == "Grace Okafor"
        assert state.counters == ("Grace Okafor", "Tom Brennan")
        assert state.headline == (
            f"Day open. Balance check done {state.checked_at:%H:%M} by Grace Okafor and Tom Brennan"
        )
        assert state.todo == ""
        assert state.facts.is_open

    def test_names_the_lead_and_the_reason(self, room) -> None:
        open_unchecked(room)

        headline = state_of(room).headline
        assert headline.startswith("Day open without a balance check that agrees. Ewa Malik opened it at ")
        assert headline.endswith("Reason: The second nurse is ill.")

    def test_of_a_clinic_without_premises_is_not_open(self, room) -> None:
        state = get_day_state(clinic=ClinicFactory(), at=now())

        assert (state.is_open, state.premises_id) == (False, None)

    def test_of_premises_without_a_register_says_so(self, room) -> None:
        premises = PremisesFactory()

        state = get_day_state(clinic=premises.clinic, at=now())
        assert state.todo.startswith("Still to do: open a register")

    def test_is_of_the_premises_of_the_terminal(self, room) -> None:
        annexe = PremisesFactory(clinic=room.clinic, name="Annexe")
        elsewhere = a_treatment_room()
        an_open_day(room)

        office, here, strange = (
            get_day_state(clinic=room.clinic, at=now(), terminal_id=terminal_id)
            for terminal_id in (None, room.terminal.id, elsewhere.terminal.id)
        )
        assert (office.premises_id, office.is_open) == (annexe.id, False)
        assert (here.premises_id, here.is_open) == (room.premises.id, True)
        assert strange.premises_id == annexe.id

    def test_tells_while_balances_are_hidden(self, room) -> None:
        seen = [state_of(room).is_counting]
        a_count(room, 11)
        seen.append(state_of(room).is_counting)
        a_count(room, 12, counter=room.second_nurse)
        seen.append(state_of(room).is_counting)
        both_count(room, 12, 12)
        seen.append(state_of(room).is_counting)

        assert seen == [False, True, True, False]

    def test_ends_at_midnight_in_london(self, room) -> None:
        an_open_day(room)
        today = london_date(now())
        midnight = datetime.combine(today + timedelta(days=1), time.min, LONDON)

        assert state_of(room, midnight - timedelta(microseconds=1)).is_open
        assert not state_of(room, midnight).is_open
        assert not state_of(room, midnight - timedelta(days=1, microseconds=1)).is_open


class TestADayOfTheClockChange:
    @pytest.mark.parametrize(
        ("at", "on"),
        [
            # 29 March 2026, clocks go forward at 01:00: the day has 23 hours.
            (datetime(2026, 3, 28, 23, 59, 59, tzinfo=UTC), date(2026, 3, 28)),
            (datetime(2026, 3, 29, 0, 0, tzinfo=UTC), date(2026, 3, 29)),
            (datetime(2026, 3, 29, 22, 59, 59, tzinfo=UTC), date(2026, 3, 29)),
            (datetime(2026, 3, 29, 23, 0, tzinfo=UTC), date(2026, 3, 30)),
            # 25 October 2026, clocks go back at 02:00: the day has 25 hours.
            (datetime(2026, 10, 24, 22, 59, 59, tzinfo=UTC), date(2026, 10, 24)),
            (datetime(2026, 10, 24, 23, 0, tzinfo=UTC), date(2026, 10, 25)),
            (datetime(2026, 10, 25, 23, 59, 59, tzinfo=UTC), date(2026, 10, 25)),
            (datetime(2026, 10, 26, 0, 0, tzinfo=UTC), date(2026, 10, 26)),
        ],
    )
    @pytest.mark.django_db
    def test_is_the_london_day(self, at: datetime, on: date) -> None:
        assert get_day_state(clinic=PremisesFactory().clinic, at=at).on == on


class TestHiding:
    def test_is_per_register_and_per_day(self, room) -> None:
        other = an_open_register(room.premises, strength_mg=500)
        a_count(room, 11)

        assert is_balance_hidden(line_id=room.line.id, at=now())
        assert not is_balance_hidden(line_id=other.id, at=now())
        assert not is_balance_hidden(line_id=room.line.id, at=now() + timedelta(days=1))
