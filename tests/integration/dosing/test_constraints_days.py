"""What the tables of the day refuse, whoever asks, from both sides."""

from __future__ import annotations

import uuid

import pytest
from django.db import transaction
from django.db.utils import InternalError, ProgrammingError

from dosing.models import StockCount
from hat_clinic.core.clock import now
from tests.factories import TODAY, SignatureFactory, UserFactory
from tests.factories.days import (
    BalanceCheckFactory,
    BalanceResultFactory,
    ClinicDayFactory,
    StockCountFactory,
    both_count,
)
from tests.factories.register import a_stocked_batch, an_open_register, receive
from tests.factories.treatment import a_treatment_room
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db


class TestClinicDay:
    def test_is_opened_once(self) -> None:
        day = ClinicDayFactory()
        ClinicDayFactory()

        with refused_by("a_day_is_opened_once"):
            ClinicDayFactory(premises=day.premises)

    @pytest.mark.parametrize("fault", [{"reason": ""}, {"signature": None}, {"how": "somehow"}])
    def test_without_a_check_has_a_reason_and_a_signature(self, fault: dict[str, object]) -> None:
        with refused_by("day_is_checked_or_has_a_reason"):
            ClinicDayFactory(**fault)

    @pytest.mark.parametrize("fault", [{"reason": "A reason."}, {"signature": True}])
    def test_with_a_check_has_neither(self, fault: dict[str, object]) -> None:
        room = a_treatment_room(ampoules=10)
        both_count(room, 10, 10)
        checked = {
            "premises": room.premises,
            "on": now().date(),
            "how": "checked",
            "reason": "",
            "signature": None,
        }
        if fault.get("signature"):
            fault = {"signature": SignatureFactory()}

        with refused_by("day_is_checked_or_has_a_reason"):
            ClinicDayFactory(**checked | fault)
        ClinicDayFactory(**checked)

    def test_is_not_checked_without_the_checks(self) -> None:
        line = an_open_register()

        with refused_by("day_rests_on_its_checks"):
            ClinicDayFactory(premises=line.premises, how="checked", reason="", signature=None)

    def test_is_not_checked_on_counts_that_differ_or_of_another_day(self) -> None:
        room = a_treatment_room(ampoules=10)
        both_count(room, 10, 9)
        checked = {"premises": room.premises, "how": "checked", "reason": "", "signature": None}
        with refused_by("day_rests_on_its_checks"):
            ClinicDayFactory(**checked, on=now().date())
        both_count(room, 10, 10)

        with refused_by("day_rests_on_its_checks"):
            ClinicDayFactory(**checked, on=TODAY)

    def test_is_not_checked_where_nothing_can_be_counted(self) -> None:
        with refused_by("day_rests_on_its_checks"):
            ClinicDayFactory(how="checked", reason="", signature=None)


class TestBalanceCheck:
    def test_is_numbered_once(self) -> None:
        check = BalanceCheckFactory()
        BalanceCheckFactory(line=check.line, kind="closing")

        with refused_by("balance_check_follows"):
            BalanceCheckFactory(line=check.line)

    @pytest.mark.parametrize("number", [0, 2, 3])
    def test_begins_at_one(self, number: int) -> None:
        with refused_by("balance_check_follows"):
            BalanceCheckFactory(number=number)

    def test_is_not_begun_while_one_is_open(self) -> None:
        check = BalanceCheckFactory()

        with refused_by("balance_check_follows"):
            BalanceCheckFactory(line=check.line, number=2)

    def test_goes_to_the_second_round_after_a_difference_and_no_further(self) -> None:
        first = BalanceResultFactory().balance_check
        with refused_by("balance_check_follows"):
            BalanceCheckFactory(line=first.line, number=2, round=1)
        second = BalanceCheckFactory(line=first.line, number=2, round=2)
        BalanceResultFactory(balance_check=second)

        for in_round in (1, 2):
            with refused_by("balance_check_follows"):
                BalanceCheckFactory(line=first.line, number=3, round=in_round)

    def test_stays_in_its_round_after_it_was_set_aside(self) -> None:
        count = StockCountFactory()
        nothing = {"first": None, "second": None, "expected": None}
        BalanceResultFactory(balance_check=count.balance_check, result="set_aside", **nothing)
        with refused_by("balance_check_follows"):
            BalanceCheckFactory(line=count.balance_check.line, number=2, round=2)

        BalanceCheckFactory(line=count.balance_check.line, number=2, round=1)

    def test_is_over_once_it_agrees(self) -> None:
        room = a_treatment_room(ampoules=10)
        both_count(room, 10, 10)

        with refused_by("balance_check_follows"):
            BalanceCheckFactory(line=room.line, on=now().date(), number=2)

    def test_is_of_a_known_kind(self) -> None:
        with refused_by("balance_check_is_a_known_round"):
            BalanceCheckFactory(kind="noon")


class TestStockCount:
    def test_is_of_two_different_people(self) -> None:
        count = StockCountFactory()
        with refused_by("two_different_people_count"):
            StockCountFactory(balance_check=count.balance_check, position=2, counted_by=count.counted_by)

        StockCountFactory(balance_check=count.balance_check, position=2)

    def test_is_the_first_or_the_second_once(self) -> None:
        count = StockCountFactory()
        with refused_by("a_check_has_one_count_per_position"):
            StockCountFactory(balance_check=count.balance_check, position=1)
        StockCountFactory(balance_check=count.balance_check, position=2)

        for position in (0, 3):
            with refused_by("a_check_has_two_counts"):
                StockCountFactory(balance_check=count.balance_check, position=position)

    @pytest.mark.parametrize("ampoules", [11, 13])
    def test_is_its_boxes_and_its_loose_ones(self, ampoules: int) -> None:
        with refused_by("boxes_and_loose_make_the_count"):
            StockCountFactory(ampoules=ampoules)

    def test_is_signed_by_who_counted(self) -> None:
        with refused_by("stock_count_is_signed_at_the_last_line"):
            StockCountFactory(signature=SignatureFactory(signed_by=UserFactory()))

    def test_is_signed_at_the_last_line(self) -> None:
        batch = a_stocked_batch(10)
        with refused_by("stock_count_is_signed_at_the_last_line"):
            StockCountFactory(balance_check__line=batch.line, register_seq=0)

        StockCountFactory(balance_check__line=batch.line, register_seq=1)

    def test_is_of_a_check_that_has_not_ended(self) -> None:
        count = StockCountFactory()
        nothing = {"first": None, "second": None, "expected": None}
        BalanceResultFactory(balance_check=count.balance_check, result="set_aside", **nothing)

        with refused_by("stock_count_is_of_an_open_check"):
            StockCountFactory(balance_check=count.balance_check, position=2)

    def test_has_a_key_of_its_own(self) -> None:
        key = uuid.uuid4()
        StockCountFactory(key=key)

        with refused_by("dosing_stockcount_key_key"):
            StockCountFactory(key=key)

    def test_is_never_changed(self) -> None:
        count = StockCountFactory()

        for change in (
            lambda: StockCount.objects.filter(id=count.id).update(loose=3, ampoules=13),
            lambda: StockCount.objects.filter(id=count.id).delete(),
        ):
            with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
                change()


class TestBalanceResult:
    @pytest.mark.parametrize(
        "fault",
        [
            {"result": "agrees"},
            {"expected": None},
            {"first": None},
            {"result": "set_aside"},
            {"result": "differs", "expected": 12},
            {"result": "fine"},
        ],
    )
    def test_follows_from_its_figures(self, fault: dict[str, object]) -> None:
        check = BalanceCheckFactory()
        for position in (1, 2):
            StockCountFactory(balance_check=check, position=position)

        with (
            pytest.raises(
                Exception, match=r"balance_result_follows_from_its_figures|do not make this result"
            ),
            transaction.atomic(),
        ):
            BalanceResultFactory(balance_check=check, **fault)

    def test_has_the_figures_that_were_counted_and_the_balance_that_stands(self) -> None:
        batch = a_stocked_batch(12)
        check = BalanceCheckFactory(line=batch.line)
        for position in (1, 2):
            StockCountFactory(balance_check=check, position=position, register_seq=1)
        for fault in (
            {"first": 11},
            {"second": 11},
            {"expected": 11},
            {"first": 13, "second": 13, "expected": 13},
        ):
            with refused_by("balance_result_is_true"):
                agrees = "agrees" if len(fault) == 3 else "differs"
                BalanceResultFactory(balance_check=check, **{"expected": 12, "result": agrees} | fault)

        BalanceResultFactory(balance_check=check, result="agrees", expected=12)

    def test_is_not_written_before_both_have_counted(self) -> None:
        count = StockCountFactory()

        with refused_by("balance_result_is_true"):
            BalanceResultFactory(balance_check=count.balance_check)

    def test_compares_nothing_when_stock_moved(self) -> None:
        line = an_open_register()
        check = BalanceCheckFactory(line=line)
        StockCountFactory(balance_check=check, position=1, register_seq=0)
        receive(line, 12)
        StockCountFactory(balance_check=check, position=2, register_seq=1)
        nothing = {"first": None, "second": None, "expected": None}
        with refused_by("balance_result_is_true"):
            BalanceResultFactory(balance_check=check, result="agrees", expected=12)
        with refused_by("balance_result_is_true"):
            BalanceResultFactory(balance_check=check, result="set_aside", **nothing)

        BalanceResultFactory(balance_check=check, result="moved", **nothing)

    def test_is_moved_only_when_stock_moved(self) -> None:
        check = BalanceCheckFactory()
        for position in (1, 2):
            StockCountFactory(balance_check=check, position=position)

        with refused_by("balance_result_is_true"):
            BalanceResultFactory(balance_check=check, result="moved", first=None, second=None, expected=None)
