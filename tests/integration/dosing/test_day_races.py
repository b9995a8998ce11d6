"""Two people at the same moment: one first and one second count, one day."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from dosing.actions.days import CountRefused, open_day, open_day_unchecked, set_count_aside
from dosing.models import BalanceCheck, BalanceResult, ClinicDay, StockCount
from hat_clinic.accounts.actions import set_pin
from hat_clinic.core.clock import now
from tests.factories import UserFactory
from tests.factories.days import BalanceCheckFactory, a_count, both_count
from tests.factories.register import an_open_register, receive
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.integration.dosing.test_register_race import all_at_once

pytestmark = pytest.mark.race
LEAD_PIN = "384756"
THREADS = 6


@pytest.fixture
def room(own_database: str) -> TreatmentRoom:
    room = a_treatment_room(ampoules=12)
    set_pin(user=room.cd_lead, pin=LEAD_PIN, by=room.cd_lead, at=now())
    return room


def opening(room: TreatmentRoom) -> Callable[[], None]:
    return lambda: (
        open_day(clinic=room.clinic, premises_id=room.premises.id, by=room.nurse, at=now()) and None
    )


class TestTwoCountsAtOnce:
    def test_are_the_first_and_the_second(self, room) -> None:
        failures = all_at_once(
            [lambda: a_count(room, 12), lambda: a_count(room, 12, counter=room.second_nurse)]
        )

        assert failures == []
        assert BalanceCheck.objects.count() == 1
        assert sorted(StockCount.objects.values_list("position", flat=True)) == [1, 2]
        assert BalanceResult.objects.get().result == "agrees"

    def test_of_one_page_are_one(self, room) -> None:
        key = uuid.uuid4()
        failures = all_at_once([lambda: a_count(room, 12, key=key)] * THREADS)

        assert failures == []
        assert StockCount.objects.count() == 1

    def test_of_one_person_are_one(self, room) -> None:
        failures = all_at_once([lambda: a_count(room, 12)] * THREADS)

        assert {type(failure) for failure in failures} == {CountRefused}
        assert len(failures) == THREADS - 1
        assert StockCount.objects.count() == 1

    def test_and_a_third_leave_one_result(self, room) -> None:
        a_count(room, 12)
        failures = all_at_once(
            [
                lambda: a_count(room, 12, counter=room.second_nurse),
                lambda: a_count(room, 12, counter=room.cd_lead, pin=LEAD_PIN),
            ]
        )

        assert [str(failure) for failure in failures] == [
            "This register is counted and agrees. Nothing is left to count."
        ]
        assert BalanceResult.objects.get().result == "agrees"

    def test_and_a_new_line_are_compared_before_it_or_counted_anew(self, room) -> None:
        a_count(room, 12)
        failures = all_at_once(
            [lambda: a_count(room, 12, counter=room.second_nurse), lambda: receive(room.line, 5) and None]
        )

        assert failures == []
        assert BalanceResult.objects.get().result in {"agrees", "moved"}

    def test_and_setting_aside_leave_one_result(self, room) -> None:
        a_count(room, 12)
        failures = all_at_once(
            [
                lambda: a_count(room, 12, counter=room.second_nurse) and None,
                lambda: set_count_aside(clinic=room.clinic, line_id=room.line.id, by=room.nurse, at=now()),
            ]
        )

        first = BalanceResult.objects.order_by("balance_check__number").first()
        assert first is not None
        if first.result == "agrees":
            assert [type(failure) for failure in failures] == [CountRefused]
        else:
            assert (failures, first.result) == ([], "set_aside")
            assert StockCount.objects.filter(balance_check__number=2, position=1).count() == 1


class TestChecksBegunWithoutTheLock:
    def test_are_refused_by_the_database(self, own_database: str) -> None:
        line, by = an_open_register(), UserFactory()
        failures = all_at_once([lambda: BalanceCheckFactory(line=line, started_by=by) and None] * THREADS)

        # The trigger cannot see what another transaction has not committed: the key can.
        assert {failure.__cause__.diag.constraint_name for failure in failures} <= {
            "balance_check_follows",
            "balance_checks_are_numbered_once",
        }
        assert len(failures) == THREADS - 1
        assert BalanceCheck.objects.count() == 1


class TestTwoWhoOpenTheDay:
    def test_open_one_day(self, room) -> None:
        both_count(room, 12, 12)
        failures = all_at_once([opening(room)] * THREADS)

        assert failures == []
        assert ClinicDay.objects.count() == 1

    def test_on_counts_and_on_a_reason_open_one_day(self, room) -> None:
        both_count(room, 12, 12)
        failures = all_at_once(
            [
                opening(room),
                lambda: (
                    open_day_unchecked(
                        clinic=room.clinic,
                        premises_id=room.premises.id,
                        reason="Nobody else is here.",
                        pin=LEAD_PIN,
                        terminal_id=room.terminal.id,
                        by=room.cd_lead,
                        at=now(),
                    )
                    and None
                ),
            ]
        )

        assert failures == []
        assert ClinicDay.objects.count() == 1
