"""Closing the day: counted blind by two, on classified differences, once; nothing is made up."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from dosing.actions.closing import DayNotClosed, close_day
from dosing.actions.counts import CountRefused, set_count_aside
from dosing.models import BalanceCheck, DayClosing, Discrepancy, SessionOutcome, StockCount
from dosing.queries.closing import get_closing_page, list_unended
from dosing.queries.days import get_day_state, get_opening_page, is_balance_hidden
from dosing.rules.days import CheckKind, CountState
from hat_clinic.accounts.actions import PinRefused, set_pin
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories import PremisesFactory
from tests.factories.cases import (
    EVERYTHING_LISTED,
    a_case,
    a_closed_day,
    both_count_at_closing,
    classified,
)
from tests.factories.days import a_count, both_count
from tests.factories.register import an_open_register, receive
from tests.factories.treatment import SECOND_PIN, TreatmentRoom, a_treatment_room

pytestmark = pytest.mark.django_db
STOCK = 12
CLOSING = CheckKind.CLOSING


@pytest.fixture
def room() -> TreatmentRoom:
    room = a_treatment_room(ampoules=STOCK)
    room.open_day()
    return room


def close(room: TreatmentRoom, **changes: Any) -> DayClosing:
    arguments = {
        "clinic": room.clinic,
        "premises_id": room.premises.id,
        "acknowledged": EVERYTHING_LISTED,
        "by": room.nurse,
        "at": now(),
    }
    return close_day(**arguments | changes)


def events(name: str) -> list[tuple[str, dict[str, Any]]]:
    return list(AuditEvent.objects.filter(event=name).order_by("id").values_list("outcome", "detail"))


def refused_codes() -> list[str]:
    outcome, detail = events("dosing.day_closed")[-1]
    assert outcome == "refused"
    return detail["codes"]


class TestADay:
    def test_is_closed_on_counts_that_agree(self, room) -> None:
        both_count_at_closing(room, STOCK, STOCK)
        closing = close(room)

        assert (closing.day, closing.closed_by) == (room.premises.clinic_days.get(), room.nurse)
        assert events("dosing.day_closed")[-1][0] == "done"

    def test_is_closed_once(self, room) -> None:
        first = a_closed_day(room)

        assert close(room, by=room.second_nurse) == first
        assert DayClosing.objects.count() == 1

    def test_waits_for_its_counts(self, room) -> None:
        with pytest.raises(DayNotClosed, match="closing count is not finished"):
            close(room)
        a_count(room, STOCK, kind=CLOSING)
        with pytest.raises(DayNotClosed, match="closing count is not finished"):
            close(room)
        assert refused_codes() == ["count_is_missing"]

    def test_waits_for_every_register(self, room) -> None:
        an_open_register(room.premises, strength_mg=500)
        both_count_at_closing(room, STOCK, STOCK)

        with pytest.raises(DayNotClosed, match="not finished"):
            close(room)

    def test_waits_for_a_difference_to_be_classified(self, room) -> None:
        case = a_case(room)
        with pytest.raises(DayNotClosed, match="not yet classified"):
            close(room)
        assert refused_codes() == ["case_not_classified"]
        classified(room, case)

        assert close(room).day.premises == room.premises

    def test_waits_for_the_mornings_difference_too(self) -> None:
        room = a_treatment_room(ampoules=STOCK)
        set_pin(user=room.cd_lead, pin="384756", by=room.cd_lead, at=now())
        case = a_case(room)
        from dosing.actions.days import open_day_unchecked

        open_day_unchecked(
            clinic=room.clinic,
            premises_id=room.premises.id,
            reason="One ampoule is looked for.",
            pin="384756",
            terminal_id=room.terminal.id,
            by=room.cd_lead,
            at=now(),
        )
        both_count_at_closing(room, STOCK, STOCK)
        with pytest.raises(DayNotClosed, match="not yet classified"):
            close(room)
        classified(room, case)

        assert close(room)

    def test_that_was_not_opened_is_not_closed(self) -> None:
        room = a_treatment_room(ampoules=STOCK)

        with pytest.raises(DayNotClosed, match="was not opened"):
            close(room)

    def test_of_other_premises_is_not_closed(self, room) -> None:
        with pytest.raises(DayNotClosed, match="not this clinic's"):
            close(room, premises_id=PremisesFactory().id)

    def test_is_counted_again_when_a_line_was_written_since(self, room) -> None:
        both_count_at_closing(room, STOCK, STOCK)
        receive(room.line, 5)
        with pytest.raises(DayNotClosed, match="not finished"):
            close(room)
        both_count_at_closing(room, STOCK + 5, STOCK + 5)

        assert close(room)
        assert list(
            BalanceCheck.objects.filter(kind="closing").order_by("number").values_list("round", flat=True)
        ) == [1, 1]

    def test_is_counted_again_after_a_difference_too_when_a_line_was_written_since(self, room) -> None:
        case = a_case(room)
        classified(room, case)
        receive(room.line, 5)
        with pytest.raises(DayNotClosed, match="not finished"):
            close(room)
        both_count_at_closing(room, STOCK + 5, STOCK + 5)

        assert close(room)

    def test_with_an_open_case_still_lets_a_dose_be_given(self, room) -> None:
        a_case(room)

        room.give()
        assert SessionOutcome.objects.filter(session__patient=room.patient).count() == 1

    def test_that_is_closed_says_so_and_a_later_dose_is_in_the_next_count(self, room) -> None:
        a_closed_day(room)
        state = get_day_state(clinic=room.clinic, at=now())

        assert state.is_closed
        assert state.headline.startswith("Day closed")
        assert "counted when the next day opens" in state.headline
        room.give()


class TestWhatHasNoEnding:
    def test_is_listed_and_nothing_is_made_up_for_it(self, room) -> None:
        both_count_at_closing(room, STOCK, STOCK)
        with pytest.raises(DayNotClosed, match="Tick that you have read"):
            close(room, acknowledged=frozenset())
        closing = close(room)

        assert closing.without_outcome + closing.still_to_come >= 1
        assert not SessionOutcome.objects.filter(session__patient=room.patient).exists()
        assert {one.patient_id for one in list_unended(clinic=room.clinic, at=now())} == {room.patient.id}

    def test_is_a_drawn_dose_and_somebody_being_observed(self, room) -> None:
        drawn = room.prepare()
        codes = {one.code for one in list_unended(clinic=room.clinic, at=now())}
        room.inject(drawn)
        later = {one.code for one in list_unended(clinic=room.clinic, at=now())}

        assert "open_draws" in codes
        assert "observed" in later
        assert "open_draws" not in later

    def test_is_somebody_in_the_room(self, room) -> None:
        room.checked()
        (mine, *_) = [one for one in list_unended(clinic=room.clinic, at=now()) if "came" in one.what]

        assert (mine.code, mine.patient_id) == ("without_outcome", room.patient.id)


class TestAClosingCount:
    def test_is_of_two_people_each_with_their_own_pin(self, room) -> None:
        a_count(room, STOCK, kind=CLOSING)

        with pytest.raises(CountRefused, match="has counted already"):
            a_count(room, STOCK, kind=CLOSING)
        with pytest.raises(PinRefused):
            a_count(room, STOCK, counter=room.second_nurse, pin="592837", kind=CLOSING)
        assert StockCount.objects.filter(balance_check__kind="closing").count() == 1
        a_count(room, STOCK, counter=room.second_nurse, pin=SECOND_PIN, kind=CLOSING)

    def test_that_differs_is_made_once_more_and_then_opens_a_case(self, room) -> None:
        first = both_count_at_closing(room, 11, 12)
        second = both_count_at_closing(room, 11, 11)

        assert (first.state, second.state) == (CountState.AGAIN, CountState.DIFFERS)
        assert Discrepancy.objects.get().balance_result.balance_check.kind == "closing"

    def test_is_refused_before_the_day_is_open_and_after_it_was_closed(self, room) -> None:
        shut = a_treatment_room(ampoules=STOCK)
        with pytest.raises(CountRefused, match="was not opened"):
            a_count(shut, STOCK, kind=CLOSING)
        a_closed_day(room)
        receive(room.line, 5)

        with pytest.raises(CountRefused, match="The day is closed"):
            a_count(room, STOCK + 5, kind=CLOSING)

    def test_is_no_opening_count(self, room) -> None:
        a_count(room, 11, kind=CLOSING)

        with pytest.raises(CountRefused, match="Nothing is left to count"):
            a_count(room, STOCK)

    def test_hides_the_balance_and_the_mornings_figures_until_it_has_ended(self, room) -> None:
        def seen() -> tuple[bool, int | None]:
            (line,) = get_opening_page(clinic=room.clinic, terminal_id=None, at=now()).lines
            return is_balance_hidden(line_id=room.line.id, at=now()), line.expected

        before = seen()
        a_count(room, 11, kind=CLOSING)
        during = seen()
        a_count(room, STOCK, counter=room.second_nurse, kind=CLOSING)
        between = seen()
        both_count_at_closing(room, STOCK, STOCK)

        assert (before, during, between) == ((False, STOCK), (True, None), (True, None))
        assert seen() == (False, STOCK)

    def test_can_be_set_aside(self, room) -> None:
        a_count(room, 11, kind=CLOSING)
        set_count_aside(
            clinic=room.clinic, line_id=room.line.id, kind=CLOSING, by=room.second_nurse, at=now()
        )
        both_count_at_closing(room, STOCK, STOCK)

        assert close(room)

    def test_sent_twice_gets_its_first_answer(self, room) -> None:
        key = uuid.uuid4()
        first = a_count(room, STOCK, key=key, kind=CLOSING)

        assert a_count(room, STOCK, key=key, kind=CLOSING) == first
        with pytest.raises(CountRefused, match="already used"):
            a_count(room, STOCK, key=key)


class TestThePage:
    def test_says_where_each_register_stands_and_what_is_against_it(self, room) -> None:
        def page() -> Any:
            return get_closing_page(clinic=room.clinic, terminal_id=None, at=now())

        states = [page().lines[0].state]
        both_count_at_closing(room, STOCK, STOCK)
        states.append(page().lines[0].state)
        receive(room.line, 5)
        states.append(page().lines[0].state)

        assert states == [CountState.TO_COUNT, CountState.AGREES, CountState.AGAIN]
        assert not page().is_counted
        assert [finding.code for finding in page().decision.refusals] == ["count_is_missing"]

    def test_of_a_clinic_without_premises_has_nothing_to_close(self) -> None:
        from tests.factories import ClinicFactory

        page = get_closing_page(clinic=ClinicFactory(), terminal_id=None, at=now())

        assert (page.premises, page.lines) == ("", ())
        assert not page.decision.is_allowed


class TestTheMorningsCount:
    def test_is_not_changed_by_any_of_this(self) -> None:
        room = a_treatment_room(ampoules=STOCK)
        answer = both_count(room, STOCK, STOCK)

        assert answer.state is CountState.AGREES
