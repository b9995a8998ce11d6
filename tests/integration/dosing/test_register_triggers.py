"""What must stand together when a transaction commits, and what the database checks again: both sides."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.actions.register import AppendedEntry, RegisterRefused, append_entry
from dosing.models import Batch, RegisterHead, SessionOutcome, StockMovement
from dosing.rules.register import EntryKind
from hat_clinic.core.clock import now
from tests.factories import (
    NINE,
    BatchFactory,
    OrderFactory,
    OrderPeriodFactory,
    PersonFactory,
    PlannedSessionFactory,
    PremisesFactory,
    PreparationFactory,
    RegisterLineFactory,
    StockMovementFactory,
    UserFactory,
)
from tests.factories.register import (
    a_stocked_batch,
    a_whole_injection,
    an_injection,
    an_open_register,
    its_line,
    its_movement,
    its_outcome,
    receive,
)
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db

FOREIGN_KEY_TO_INJECTION = "dosing_registerentry_injection_id_e847dc30_fk_dosing_in"


def commit() -> None:
    """Ask now what would be asked when the transaction commits."""
    connection.check_constraints()


class TestAnInjection:
    def test_stands_with_its_line_movement_and_outcome(self) -> None:
        batch = a_stocked_batch(10)

        a_whole_injection(batch)

        commit()
        batch.refresh_from_db()
        assert batch.ampoules == RegisterHead.objects.get(line=batch.line).balance == 8

    def test_does_not_stand_without_its_outcome(self) -> None:
        batch = a_stocked_batch()

        with refused_by("injection_has_its_outcome"):
            injection = an_injection(batch)
            its_movement(injection, its_line(injection))
            commit()

    def test_does_not_stand_without_its_register_line(self) -> None:
        batch = a_stocked_batch()

        with refused_by("injection_has_its_register_line"):
            its_outcome(an_injection(batch))
            commit()

    def test_does_not_stand_without_its_stock_movement(self) -> None:
        batch = a_stocked_batch()

        with refused_by("injection_has_its_stock_movement"):
            injection = an_injection(batch)
            its_outcome(injection)
            its_line(injection)
            commit()

    @pytest.mark.parametrize(
        "other",
        [
            {"given_mg": 170, "wasted_mg": 30},
            {"ampoules": -3, "drawn_mg": 300, "wasted_mg": 120},
            {"by": "somebody"},
            {"witness_id": "somebody"},
            {"patient_id": "somebody in treatment"},
            {"order_id": "another order"},
        ],
    )
    def test_does_not_stand_with_a_line_that_says_otherwise(self, other: dict[str, Any]) -> None:
        batch = a_stocked_batch()
        somebody = {
            "by": UserFactory,
            "witness_id": lambda: UserFactory().id,
            "patient_id": lambda: PersonFactory().id,
            "order_id": lambda: OrderFactory(premises=batch.line.premises).id,
        }
        other = {key: somebody[key]() if isinstance(value, str) else value for key, value in other.items()}

        with refused_by("injection_agrees_with_its_register_line"):
            injection = an_injection(batch)
            its_outcome(injection)
            entry = its_line(injection, **other)
            its_movement(injection, entry, ampoules=other.get("ampoules", -2))
            commit()

    def test_does_not_stand_with_a_line_of_other_premises(self) -> None:
        batch = a_stocked_batch()
        elsewhere = OrderFactory(premises=PremisesFactory())

        with refused_by("injection_agrees_with_its_register_line"):
            a_whole_injection(batch, order=elsewhere)
            commit()

    def test_does_not_stand_with_a_movement_of_another_batch(self) -> None:
        batch = a_stocked_batch()
        receive(batch.line, 10, batch_number="OTHER")
        other = Batch.objects.get(number="OTHER")

        with refused_by("injection_has_its_stock_movement"):
            injection = an_injection(batch)
            its_outcome(injection)
            its_movement(injection, its_line(injection), batch=other)
            commit()

    def test_that_is_contested_may_wait_for_its_line(self) -> None:
        batch = a_stocked_batch()

        an_injection(batch, is_contested=True)

        commit()

    def test_that_is_contested_agrees_with_the_line_it_has(self) -> None:
        batch = a_stocked_batch()

        with refused_by("injection_agrees_with_its_register_line"):
            injection = an_injection(batch, is_contested=True)
            its_movement(injection, its_line(injection, given_mg=170, wasted_mg=30))
            commit()


class TestAnInjectionsOrder:
    def test_is_in_force_from_its_first_moment_until_just_before_its_end(self) -> None:
        batch = a_stocked_batch()
        order = OrderFactory(premises=batch.line.premises)
        other = OrderFactory(premises=batch.line.premises)

        first = order.starts_at
        a_whole_injection(batch, order=order, started_at=first, preparation__prepared_at=first)
        a_whole_injection(batch, order=other, started_at=order.ends_at - timedelta(microseconds=1))

        commit()

    @pytest.mark.parametrize("beside", ["before", "at the end"])
    def test_is_not_in_force_outside_its_period(self, beside: str) -> None:
        batch = a_stocked_batch()
        order = OrderFactory(premises=batch.line.premises)
        at = order.ends_at if beside == "at the end" else order.starts_at - timedelta(microseconds=1)

        with refused_by("injection_is_ordered"):
            an_injection(batch, order=order, started_at=at)

    def test_is_not_in_force_after_it_was_cut_short(self) -> None:
        batch = a_stocked_batch()
        order = OrderFactory(premises=batch.line.premises, period=None)
        OrderPeriodFactory(order=order, during=DateTimeTZRange(order.starts_at, NINE))

        with refused_by("injection_is_ordered"):
            an_injection(batch, order=order, started_at=NINE)

    def test_is_not_in_force_without_a_period(self) -> None:
        batch = a_stocked_batch()

        with refused_by("injection_is_ordered"):
            an_injection(batch, order=OrderFactory(premises=batch.line.premises, period=None))

    def test_is_this_persons(self) -> None:
        batch = a_stocked_batch()
        session = PlannedSessionFactory(order=OrderFactory(premises=batch.line.premises))

        with refused_by("injection_is_ordered"):
            an_injection(batch, session=session, order=OrderFactory(premises=batch.line.premises))

    def test_is_for_these_premises(self) -> None:
        batch = a_stocked_batch()

        with refused_by("injection_is_ordered"):
            an_injection(batch, premises=PremisesFactory())

    def test_is_not_asked_for_when_the_injection_is_contested(self) -> None:
        batch = a_stocked_batch()

        drawn = PreparationFactory(batch=batch, session__order=OrderFactory(premises=batch.line.premises))
        an_injection(
            batch,
            session=drawn.session,
            preparation=drawn,
            started_at=NINE + timedelta(days=300),
            is_contested=True,
        )

        commit()

    @pytest.mark.parametrize("is_contested", [False, True])
    def test_never_lets_a_session_of_another_person_be_used(self, is_contested: bool) -> None:
        batch = a_stocked_batch()
        session = PlannedSessionFactory(order=OrderFactory(premises=batch.line.premises))

        with refused_by("injection_is_in_the_persons_session"):
            an_injection(batch, session=session, patient=PersonFactory(), is_contested=is_contested)


class TestAnOutcome:
    @pytest.mark.parametrize("given_mg", [179, 181])
    def test_has_the_milligrams_of_its_injection(self, given_mg: int) -> None:
        batch = a_stocked_batch()

        with refused_by("outcome_agrees_with_its_injection"):
            injection = an_injection(batch)
            its_movement(injection, its_line(injection))
            its_outcome(injection, given_mg=given_mg)
            commit()

    def test_of_a_second_injection_has_the_sum(self) -> None:
        batch = a_stocked_batch()
        order = OrderFactory(
            premises=batch.line.premises, dose_mg=270, daily_max_mg=540, injections_per_session=2
        )
        first = a_whole_injection(batch, order=order)
        second = an_injection(
            batch,
            session=first.session,
            number=2,
            started_at=NINE + timedelta(minutes=20),
            ampoules=1,
            drawn_mg=100,
            given_mg=90,
            wasted_mg=10,
        )
        its_movement(second, its_line(second))

        its_outcome(second, given_mg=270, amends=SessionOutcome.objects.get(injection=first))

        commit()

    def test_is_of_the_session_of_its_injection(self) -> None:
        batch = a_stocked_batch()
        another = PlannedSessionFactory(order=OrderFactory(premises=batch.line.premises))

        with refused_by("outcome_agrees_with_its_injection"):
            injection = an_injection(batch)
            its_movement(injection, its_line(injection))
            its_outcome(injection, session=another)
            commit()


class TestARegisterLine:
    def test_of_a_supply_has_its_injection(self) -> None:
        batch = a_stocked_batch()
        injection = an_injection(batch)
        its_movement(injection, its_line(injection))
        its_outcome(injection)

        commit()

        with refused_by(FOREIGN_KEY_TO_INJECTION):
            entry = its_line(injection, injection_id=uuid.uuid4())
            its_movement(injection, entry)
            commit()

    def test_has_its_stock_movement(self) -> None:
        batch = a_stocked_batch()

        with refused_by("register_line_has_its_stock_movement"):
            a_receipt_line(batch, 5)
            commit()

    def test_leaves_batches_that_make_the_balance(self) -> None:
        batch = a_stocked_batch(10)

        receive(batch.line, 5, batch_number="OTHER")

        commit()
        assert sum(batch.line.batches.values_list("ampoules", flat=True)) == 15

    @pytest.mark.parametrize(("seconds", "is_refused"), [(0, False), (0.5, False), (2, True)])
    def test_does_not_tell_of_the_future(self, seconds: float, is_refused: bool) -> None:
        line = an_open_register()
        at = now() + timedelta(seconds=seconds)

        if is_refused:
            with pytest.raises(RegisterRefused, match="cannot tell of the future"):
                receive(line, 5, at=at)
        else:
            receive(line, 5, at=at)

        assert line.entries.count() == (0 if is_refused else 1)

    def test_tells_of_a_date_after_1900(self) -> None:
        line = an_open_register()
        receive(line, 5, at=NINE.replace(year=1900))

        with pytest.raises(RegisterRefused, match="after 1900"):
            receive(line, 5, at=NINE.replace(year=1899))

    @pytest.mark.parametrize("part", ["by", "witness"])
    def test_names_people_and_never_a_program(self, part: str) -> None:
        line = an_open_register()
        receive(line, 5, **{part: UserFactory()})

        with pytest.raises(RegisterRefused, match="names people, never a program"):
            receive(line, 5, **{part: UserFactory(is_service=True)})

    def test_of_a_supply_draws_what_the_ampoules_hold(self) -> None:
        batch = a_stocked_batch()
        injection = an_injection(batch)
        its_outcome(injection)
        its_movement(injection, its_line(injection))
        commit()

        with (
            pytest.raises(RegisterRefused, match="not the content of the ampoules"),
            transaction.atomic(),
        ):
            its_line(injection, drawn_mg=190, wasted_mg=10)


class TestABatch:
    def test_begins_with_none(self) -> None:
        line = RegisterLineFactory()
        BatchFactory(line=line, ampoules=0)

        with refused_by("batch_begins_empty"):
            BatchFactory(line=line, ampoules=1)

    def test_moves_with_its_movements(self) -> None:
        batch = a_stocked_batch(10)

        a_whole_injection(batch)

        batch.refresh_from_db()
        assert batch.ampoules == 8

    def test_cannot_give_more_than_it_has(self) -> None:
        batch = a_stocked_batch(1)
        receive(batch.line, 10, batch_number="OTHER")

        with refused_by("stock_is_never_negative"):
            a_whole_injection(batch)


def a_receipt_line(batch: Batch, ampoules: int) -> AppendedEntry:
    """Append a receipt to the ledger of a batch, without its movement."""
    return append_entry(
        line_id=batch.line_id,
        kind=EntryKind.OBTAINED,
        ampoules=ampoules,
        party_name="Invented Wholesale",
        party_address="2 Invented Way",
        reference="0088",
        occurred_at=NINE,
        key=uuid.uuid4(),
        by=batch.line.opened_by,
        at=NINE,
    )


def a_movement(batch: Batch, entry: AppendedEntry, ampoules: int) -> None:
    StockMovement.objects.create(
        batch=batch, entry_id=entry.id, ampoules=ampoules, moved_at=NINE, moved_by=batch.line.opened_by
    )


class TestAStockMovement:
    def test_does_not_move_another_number_than_its_line_says(self) -> None:
        batch = a_stocked_batch()

        with refused_by("batches_make_the_balance"):
            a_movement(batch, a_receipt_line(batch, 5), 4)
            commit()

    def test_does_not_move_another_number_even_where_the_sum_is_right(self) -> None:
        batch = a_stocked_batch()

        with refused_by("stock_movement_agrees_with_its_line"):
            five, three = a_receipt_line(batch, 5), a_receipt_line(batch, 3)
            a_movement(batch, five, 3)
            a_movement(batch, three, 5)
            commit()

    def test_is_not_of_a_batch_of_another_register(self) -> None:
        here, there = a_stocked_batch(), a_stocked_batch()

        with refused_by("stock_movement_agrees_with_its_line"):
            line_here, line_there = a_receipt_line(here, 5), a_receipt_line(there, 5)
            a_movement(there, line_here, 5)
            a_movement(here, line_there, 5)
            commit()

    def test_moves_a_batch_that_is_there(self) -> None:
        batch = a_stocked_batch()

        with refused_by("stock_movement_moves_its_batch"):
            StockMovement.objects.create(
                batch_id=uuid.uuid4(), entry_id=1, ampoules=1, moved_at=NINE, moved_by=batch.line.opened_by
            )

    def test_needs_a_line_of_its_own(self) -> None:
        batch = a_stocked_batch()

        with refused_by("dosing_stockmovement_entry_id_key"):
            StockMovementFactory(batch=batch, entry=batch.line.entries.get(), ampoules=10)


class TestANewRegister:
    def test_has_a_head_that_says_nothing_yet(self) -> None:
        line = an_open_register()

        head = RegisterHead.objects.get(line=line)

        assert (head.seq, head.balance, head.hash) == (0, 0, "0" * 64)

    def test_is_not_opened_twice(self) -> None:
        line = an_open_register()

        with pytest.raises(RegisterRefused, match="already exists at these premises"):
            an_open_register(line.premises)
