"""What the database itself refuses about drawn doses, their endings and holds, whoever writes the rows."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.actions.register import append_entry
from dosing.models import Batch, ClinicDay, Hold, Preparation, RegisterEntry, WastedDose
from dosing.rules.register import EntryKind
from hat_clinic.accounts.models import User
from patients.models import ConsentWithdrawal
from patients.rules.consents import Purpose
from tests.factories import (
    NINE,
    HoldFactory,
    OrderFactory,
    OrderPeriodFactory,
    PlannedSessionFactory,
    PreInjectionCheckFactory,
    PreparationFactory,
    SignatureFactory,
    UserFactory,
)
from tests.factories.patients import ConsentFactory
from tests.factories.register import (
    a_stocked_batch,
    a_whole_injection,
    an_injection,
    its_line,
    its_movement,
    its_outcome,
    receive,
)
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db

DRAWN_AT = NINE - timedelta(minutes=1)
A_MOMENT = timedelta(microseconds=1)


def commit() -> None:
    """Ask everything that is asked when the transaction commits."""
    connection.check_constraints()


@pytest.fixture
def batch() -> Batch:
    return a_stocked_batch(4)


def draw(batch: Batch, **changes: Any) -> Preparation:
    """Insert a drawn dose alone, of a person whose order is in force at the batch's premises."""
    if "session" not in changes:
        order = changes.pop("ordered", None) or OrderFactory(premises=batch.line.premises)
        changes["session"] = PlannedSessionFactory(order=order)
    return PreparationFactory(batch=batch, **changes)


def a_check(**changes: Any) -> dict[str, Any]:
    """Return what makes the dose's check another one."""
    return {f"check_made__{name}": value for name, value in changes.items()}


class TestADrawnDose:
    def test_stands_with_all_that_it_rests_on(self, batch: Batch) -> None:
        draw(batch)
        commit()

    def test_is_in_the_persons_own_session(self, batch: Batch) -> None:
        with refused_by("preparation_is_in_the_persons_session"):
            draw(batch, patient=OrderFactory().patient)
            commit()

    @pytest.mark.parametrize(
        ("starts", "ends"),
        [(DRAWN_AT + A_MOMENT, NINE), (DRAWN_AT - timedelta(hours=1), DRAWN_AT)],
        ids=["before its first moment", "at its end"],
    )
    def test_is_ordered_at_its_moment(self, batch: Batch, starts: Any, ends: Any) -> None:
        order = OrderFactory(premises=batch.line.premises, period=None)
        OrderPeriodFactory(order=order, during=DateTimeTZRange(starts, ends))

        with refused_by("preparation_is_ordered"):
            draw(batch, ordered=order)
            commit()

    def test_is_ordered_from_the_first_moment_on(self, batch: Batch) -> None:
        order = OrderFactory(premises=batch.line.premises, period=None)
        OrderPeriodFactory(order=order, during=DateTimeTZRange(DRAWN_AT, NINE))

        draw(batch, ordered=order)
        commit()

    def test_is_not_ordered_by_somebody_who_left(self, batch: Batch) -> None:
        with refused_by("preparation_is_ordered"):
            drawn = draw(batch)
            User.objects.filter(id=drawn.order.signed_by_id).update(is_active=False)
            commit()

    def test_is_not_on_the_order_of_somebody_else(self, batch: Batch) -> None:
        with refused_by("preparation_is_ordered"):
            draw(batch, order=OrderFactory(premises=batch.line.premises))
            commit()

    @pytest.mark.parametrize(
        ("before", "is_fresh"),
        [
            (timedelta(minutes=30), True),
            (timedelta(minutes=30) + A_MOMENT, False),
            (timedelta(), True),
            (-A_MOMENT, False),
        ],
    )
    def test_has_a_check_of_the_last_half_hour(self, batch: Batch, before: timedelta, is_fresh: bool) -> None:
        other = {"made_at": DRAWN_AT - before}

        if is_fresh:
            draw(batch, **a_check(**other))
            commit()
        else:
            with refused_by("preparation_has_a_fresh_check"):
                draw(batch, **a_check(**other))
                commit()

    def test_has_a_check_of_its_own_session(self, batch: Batch) -> None:
        with refused_by("preparation_has_a_fresh_check"):
            draw(batch, check_made=PreInjectionCheckFactory())
            commit()

    def test_has_a_check_that_lets_it_go_ahead(self, batch: Batch) -> None:
        with refused_by("preparation_has_a_fresh_check"):
            draw(batch, **a_check(lets_a_dose_go_ahead=False, alcohol_ug=25))
            commit()

    def test_may_rest_on_a_check_that_a_doctor_lifted_the_hold_on(self, batch: Batch) -> None:
        drawn = draw(batch, **a_check(lets_a_dose_go_ahead=False, alcohol_ug=25))
        HoldFactory(
            patient=drawn.patient,
            clinic=drawn.session.clinic,
            check_made=drawn.check_made,
            lifted_at=DRAWN_AT,
            lifted_by=UserFactory(),
            lift_reason="Seen and well.",
        )
        commit()

    def test_is_not_drawn_up_on_hold(self, batch: Batch) -> None:
        with refused_by("preparation_is_not_on_hold"):
            drawn = draw(batch)
            HoldFactory(patient=drawn.patient, clinic=drawn.session.clinic, check_made=drawn.check_made)
            commit()

    def test_is_not_drawn_up_without_consent(self, batch: Batch) -> None:
        with refused_by("preparation_has_consent"):
            drawn = draw(batch)
            (consent,) = drawn.patient.consents.filter(purpose=Purpose.TREATMENT)
            ConsentWithdrawal.objects.create(
                consent=consent, withdrawn_at=DRAWN_AT, recorded_by=UserFactory(), reason=""
            )
            commit()

    def test_is_drawn_up_under_a_consent_given_just_then(self, batch: Batch) -> None:
        order = OrderFactory(premises=batch.line.premises)
        ConsentFactory(person=order.patient, given_at=DRAWN_AT)

        draw(batch, ordered=order)
        commit()

    def test_is_drawn_up_on_a_day_that_is_open_at_the_orders_premises(self, batch: Batch) -> None:
        elsewhere = OrderFactory()
        drawn = draw(batch, ordered=elsewhere)
        day = ClinicDay.objects.get(premises=elsewhere.premises)
        assert day.on == DRAWN_AT.date()
        commit()

        with refused_by("preparation_day_is_open"):
            _insert(drawn, prepared_at=DRAWN_AT + timedelta(days=1))
            commit()

    def test_draws_whole_ampoules_of_the_batchs_strength(self, batch: Batch) -> None:
        with refused_by("preparation_draws_whole_ampoules"):
            draw(batch, ampoules=3)
            commit()

    def test_is_in_stock_with_all_that_is_drawn_up_beside_it(self, batch: Batch) -> None:
        draw(batch)
        draw(batch)
        commit()

        with refused_by("preparation_is_in_stock"):
            draw(batch, ampoules=1, drawn_mg=100, dose_mg=90, wasted_mg=10)
            commit()

    def test_that_has_its_ending_takes_no_stock_any_more(self) -> None:
        batch = a_stocked_batch(4)
        a_whole_injection(batch)
        draw(batch)
        commit()


def _insert(drawn: Preparation, **changes: Any) -> None:
    """Insert the same drawn dose again, changed, with a check and signatures of its own and no day opened."""
    at = changes["prepared_at"]
    Preparation.objects.create(
        **{field.attname: getattr(drawn, field.attname) for field in Preparation._meta.concrete_fields}
        | {
            "id": uuid.uuid4(),
            "check_made_id": PreInjectionCheckFactory(session=drawn.session, made_at=at).id,
            "expires_at": at + timedelta(hours=1),
            "preparer_signature_id": SignatureFactory(signed_by=drawn.prepared_by).id,
            "witness_signature_id": SignatureFactory(signed_by=drawn.witness, part="witness").id,
        }
        | changes
    )


class TestAnInjectionOfADrawnDose:
    @pytest.mark.parametrize(
        "other",
        [
            {"preparation__ampoules": 3, "preparation__drawn_mg": 300, "preparation__wasted_mg": 120},
            {"preparation__dose_mg": 179, "preparation__wasted_mg": 21},
            {"preparation__prepared_at": NINE + A_MOMENT},
            {"preparation__prepared_by": "somebody"},
            {"preparation__witness": "somebody"},
            {"giver_signature": "somebody's"},
            {"witness_signature": "somebody's"},
            {"preparation__batch": "another"},
        ],
        ids=str,
    )
    def test_says_what_the_dose_says(self, batch: Batch, other: dict[str, Any]) -> None:
        made = {
            "somebody": UserFactory,
            "somebody's": SignatureFactory,
            "another": lambda: _another_batch(batch),
        }
        other = {key: made[value]() if isinstance(value, str) else value for key, value in other.items()}

        with refused_by("injection_is_prepared"):
            an_injection(batch, **other)

    def test_is_of_no_dose_that_was_wasted(self, batch: Batch) -> None:
        drawn = draw(batch)
        wasted(drawn)

        with refused_by("drawn_dose_has_one_ending"):
            inject(drawn)

    def test_that_is_contested_needs_no_drawn_dose(self, batch: Batch) -> None:
        assert an_injection(batch, preparation__dose_mg=1, preparation__wasted_mg=199, is_contested=True).pk


def _another_batch(batch: Batch) -> Batch:
    receive(batch.line, 10, batch_number="OTHER")
    return Batch.objects.get(number="OTHER")


def inject(drawn: Preparation) -> None:
    """Insert the injection of a drawn dose with all that belongs to it."""
    injection = an_injection(
        drawn.batch,
        session=drawn.session,
        preparation=drawn,
        giver=drawn.prepared_by,
        witness=drawn.witness,
    )
    its_movement(injection, its_line(injection))
    its_outcome(injection)


def its_waste_line(drawn: Preparation, *, by: User, witness: User, **changes: Any) -> RegisterEntry:
    """Append the register line of a wasted dose, with its stock movement."""
    content: dict[str, Any] = {
        "line_id": drawn.batch.line_id,
        "batch_id": drawn.batch_id,
        "kind": EntryKind.WASTED,
        "ampoules": -drawn.ampoules,
        "drawn_mg": drawn.drawn_mg,
        "given_mg": 0,
        "wasted_mg": drawn.drawn_mg,
        "party_name": "Invented Person",
        "party_address": "8 Invented Yard",
        "patient_id": drawn.patient_id,
        "order_id": drawn.order_id,
        "prescriber_id": drawn.order.signed_by_id,
        "witness_id": witness.id,
        "occurred_at": NINE,
        "key": uuid.uuid4(),
        "by": by,
        "at": NINE,
    }
    return RegisterEntry.objects.get(id=append_entry(**(content | changes)).id)


def wasted(drawn: Preparation, *, line: dict[str, Any] | None = None, **changes: Any) -> WastedDose:
    """Insert the waste of a drawn dose; `line` and `changes` make one say another thing than the other."""
    by, witness = UserFactory(), UserFactory()
    entry = its_waste_line(drawn, **{"by": by, "witness": witness} | (line or {}))
    return WastedDose.objects.create(
        **{
            "preparation": drawn,
            "reason": "declined",
            "wasted_at": NINE,
            "wasted_by": by,
            "witness": witness,
            "waster_signature": SignatureFactory(signed_by=by),
            "witness_signature": SignatureFactory(signed_by=witness),
            "register_entry": entry,
        }
        | changes
    )


class TestAWastedDose:
    def test_stands_with_its_register_line(self, batch: Batch) -> None:
        wasted(draw(batch))
        commit()

    def test_was_not_injected(self, batch: Batch) -> None:
        drawn = draw(batch)
        inject(drawn)

        with refused_by("drawn_dose_has_one_ending"):
            wasted(drawn)

    @pytest.mark.parametrize(
        "other",
        [
            {"ampoules": -1, "drawn_mg": 100, "wasted_mg": 100},
            {"patient_id": "somebody"},
            {"order_id": "another"},
            {"by": "user"},
            {"witness": "user"},
        ],
        ids=str,
    )
    def test_agrees_with_its_register_line(self, batch: Batch, other: dict[str, Any]) -> None:
        drawn = draw(batch)
        made = {
            "somebody": lambda: OrderFactory().patient_id,
            "another": lambda: OrderFactory(premises=batch.line.premises).id,
            "user": UserFactory,
        }
        other = {key: made[value]() if isinstance(value, str) else value for key, value in other.items()}

        with refused_by("waste_agrees_with_its_register_line"):
            wasted(drawn, line=other)

    def test_is_not_a_line_of_another_kind(self, batch: Batch) -> None:
        receipt = RegisterEntry.objects.get(line=batch.line)

        with refused_by("waste_agrees_with_its_register_line"):
            wasted(draw(batch), register_entry=receipt)


class TestAHold:
    LIFTED = {"lifted_at": NINE, "lift_reason": "Seen and well."}

    def test_is_lifted_once(self) -> None:
        hold = HoldFactory()
        Hold.objects.filter(id=hold.id).update(lifted_by=UserFactory(), **self.LIFTED)

        for change in ({"lifted_at": None, "lifted_by": None}, {"lift_reason": "Another reason."}):
            with refused_by("hold_is_only_lifted"):
                Hold.objects.filter(id=hold.id).update(**change)

    @pytest.mark.parametrize(
        "change", [{"codes": ["alcohol"]}, {"opened_at": NINE}, {"opened_by": "somebody"}], ids=str
    )
    def test_stays_as_it_was_opened(self, change: dict[str, Any]) -> None:
        hold = HoldFactory()
        change = {key: UserFactory() if value == "somebody" else value for key, value in change.items()}

        with refused_by("hold_is_only_lifted"):
            Hold.objects.filter(id=hold.id).update(**change)
