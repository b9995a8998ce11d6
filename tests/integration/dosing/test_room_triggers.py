"""What the database asks of a drawn dose, its ending and a hold, whoever writes the row: both sides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.models import (
    LicenceRevocation,
)
from hat_clinic.accounts.models import User
from patients.rules.consents import Purpose
from tests.factories import (
    NINE,
    ConsentFactory,
    ConsentWithdrawalFactory,
    HoldFactory,
    OrderFactory,
    OrderPeriodFactory,
    PersonFactory,
    PlannedSessionFactory,
    PreInjectionCheckFactory,
    SignatureFactory,
)
from tests.factories.drawn import a_drawn_dose, drawn_again, injection_of, lift, waste_of
from tests.factories.register import a_stocked_batch, its_line, its_movement, its_outcome, receive
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("unfinished")

DRAWN_AT = NINE - timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


def commit() -> None:
    """Ask now what would be asked when the transaction commits."""
    connection.check_constraints()


def an_order(**changes: Any) -> dict[str, Any]:
    """Return a stocked batch, and an order in force at its premises unless told otherwise."""
    batch = a_stocked_batch()
    return {"batch": batch, "order": OrderFactory(premises=batch.line.premises, **changes)}


class TestADrawnDose:
    def test_stands_when_all_is_in_order(self) -> None:
        a_drawn_dose()

        commit()

    def test_is_in_a_session_of_its_person(self) -> None:
        batch = a_stocked_batch()

        with refused_by("preparation_is_in_the_persons_session"):
            a_drawn_dose(batch, patient=PersonFactory())
            commit()

    @pytest.mark.parametrize("signature", ["preparer_signature", "witness_signature"])
    def test_is_signed_by_the_two_who_are_named(self, signature: str) -> None:
        a_drawn_dose(**{signature: SignatureFactory()})

        with refused_by("preparation_is_signed_by_its_two"):
            commit()

    def test_is_on_an_order_of_its_person(self) -> None:
        batch = a_stocked_batch()
        planned = PlannedSessionFactory(order=OrderFactory(premises=batch.line.premises))

        with refused_by("preparation_is_ordered"):
            a_drawn_dose(batch, session=planned, order=OrderFactory(premises=batch.line.premises))
            commit()

    def test_is_on_an_order_in_force_from_its_first_moment_until_just_before_its_end(self) -> None:
        first, last = an_order(), an_order()

        a_drawn_dose(**first, prepared_at=first["order"].starts_at)
        a_drawn_dose(**last, prepared_at=last["order"].ends_at - MOMENT)

        commit()

    @pytest.mark.parametrize("beside", ["before", "at the end"])
    def test_is_not_drawn_up_outside_the_orders_period(self, beside: str) -> None:
        ordered = an_order()
        order = ordered["order"]
        at = order.ends_at if beside == "at the end" else order.starts_at - MOMENT

        with refused_by("preparation_is_ordered"):
            a_drawn_dose(**ordered, prepared_at=at)
            commit()

    def test_is_not_drawn_up_on_an_order_that_was_cut_short(self) -> None:
        ordered = an_order(period=None)
        OrderPeriodFactory(
            order=ordered["order"], during=DateTimeTZRange(ordered["order"].starts_at, DRAWN_AT)
        )

        with refused_by("preparation_is_ordered"):
            a_drawn_dose(**ordered)
            commit()

    def test_is_not_drawn_up_on_an_order_without_a_period(self) -> None:
        ordered = an_order(period=None)

        with refused_by("preparation_is_ordered"):
            a_drawn_dose(**ordered)
            commit()

    def test_is_not_drawn_up_once_the_doctors_account_is_closed(self) -> None:
        drawn = a_drawn_dose()
        commit()
        User.objects.filter(id=drawn.order.signed_by_id).update(is_active=False)

        with refused_by("preparation_is_ordered"):
            drawn_again(drawn)
            commit()

    def test_is_not_drawn_up_once_the_licence_is_revoked(self) -> None:
        drawn = a_drawn_dose()
        commit()
        LicenceRevocation.objects.create(
            licence=drawn.order.licence,
            reason="Revoked.",
            revoked_by=drawn.order.signed_by,
            revoked_at=DRAWN_AT,
        )

        with refused_by("preparation_is_ordered"):
            drawn_again(drawn)
            commit()


class TestTheCheckOfADrawnDose:
    @pytest.mark.parametrize("age", [timedelta(minutes=30), timedelta()])
    def test_is_good_for_half_an_hour(self, age: timedelta) -> None:
        a_drawn_dose(check_made__made_at=DRAWN_AT - age)

        commit()

    @pytest.mark.parametrize("age", [timedelta(minutes=30) + MOMENT, -MOMENT])
    def test_is_neither_older_nor_made_afterwards(self, age: timedelta) -> None:
        batch = a_stocked_batch()

        with refused_by("preparation_has_a_fresh_check"):
            a_drawn_dose(batch, check_made__made_at=DRAWN_AT - age)
            commit()

    def test_is_of_the_same_session(self) -> None:
        drawn = a_drawn_dose()
        commit()
        evening = PlannedSessionFactory(order=drawn.order, slot="pm")
        other = PreInjectionCheckFactory(session=evening, made_at=drawn.prepared_at)

        with refused_by("preparation_has_a_fresh_check"):
            drawn_again(drawn, check_made_id=other.id)
            commit()

    def test_lets_a_dose_go_ahead(self) -> None:
        batch = a_stocked_batch()

        with refused_by("preparation_has_a_fresh_check"):
            a_drawn_dose(batch, check_made__lets_a_dose_go_ahead=False)
            commit()


class TestWhatStandsAgainstADrawnDose:
    def test_is_a_hold_until_it_is_lifted(self) -> None:
        drawn = a_drawn_dose()
        commit()
        hold = HoldFactory(
            check_made=PreInjectionCheckFactory(session=drawn.session, breaths=10, lets_a_dose_go_ahead=False)
        )
        with refused_by("preparation_is_not_on_hold"):
            drawn_again(drawn)
            commit()

        lift(hold)
        waste_of(drawn)
        drawn_again(drawn)

        commit()

    def test_is_no_hold_of_somebody_else(self) -> None:
        HoldFactory()

        a_drawn_dose()

        commit()

    @pytest.mark.parametrize(("later", "is_refused"), [(timedelta(), False), (MOMENT, True)])
    def test_is_that_consent_was_not_given_yet(self, later: timedelta, is_refused: bool) -> None:
        ordered = an_order()
        ConsentFactory(person=ordered["order"].patient, given_at=DRAWN_AT + later)

        if is_refused:
            with refused_by("preparation_has_consent"):
                a_drawn_dose(**ordered)
                commit()
        else:
            a_drawn_dose(**ordered)
            commit()

    @pytest.mark.parametrize(("later", "is_refused"), [(timedelta(), True), (MOMENT, False)])
    def test_is_that_consent_was_withdrawn(self, later: timedelta, is_refused: bool) -> None:
        ordered = an_order()
        consent = ConsentFactory(person=ordered["order"].patient, given_at=NINE - timedelta(days=30))
        ConsentWithdrawalFactory(consent=consent, withdrawn_at=DRAWN_AT + later)

        if is_refused:
            with refused_by("preparation_has_consent"):
                a_drawn_dose(**ordered)
                commit()
        else:
            a_drawn_dose(**ordered)
            commit()

    def test_is_not_helped_by_consent_to_something_else_or_of_somebody_else(self) -> None:
        ordered = an_order()
        early = NINE - timedelta(days=30)
        consent = ConsentFactory(person=ordered["order"].patient, given_at=early)
        ConsentWithdrawalFactory(consent=consent, withdrawn_at=early)
        ConsentFactory(person=ordered["order"].patient, purpose=Purpose.PHOTO, given_at=early)
        ConsentFactory(given_at=early)

        with refused_by("preparation_has_consent"):
            a_drawn_dose(**ordered)
            commit()

    def test_is_gone_when_consent_is_given_again(self) -> None:
        ordered = an_order()
        early = NINE - timedelta(days=30)
        consent = ConsentFactory(person=ordered["order"].patient, given_at=early)
        ConsentWithdrawalFactory(consent=consent, withdrawn_at=early)
        ConsentFactory(person=ordered["order"].patient, given_at=NINE - timedelta(days=1))

        a_drawn_dose(**ordered)

        commit()

    def test_is_a_day_that_is_not_open(self) -> None:
        drawn = a_drawn_dose()
        commit()
        tomorrow = drawn.prepared_at + timedelta(days=1)
        check = PreInjectionCheckFactory(session=drawn.session, made_at=tomorrow)

        with refused_by("preparation_day_is_open"):
            drawn_again(
                drawn,
                prepared_at=tomorrow,
                expires_at=tomorrow + timedelta(hours=1),
                check_made_id=check.id,
            )
            commit()

    def test_is_not_the_day_before_by_the_clock_of_london(self) -> None:
        # In summer the London day ends at 23:00 UTC.
        midnight = datetime(2026, 6, 30, 23, 0, tzinfo=UTC)
        ordered = an_order(
            signed_at=midnight - timedelta(days=2),
            starts_at=midnight - timedelta(days=2),
            ends_at=midnight + timedelta(days=2),
        )
        drawn = a_drawn_dose(**ordered, prepared_at=midnight - MOMENT)
        commit()
        check = PreInjectionCheckFactory(session=drawn.session, made_at=midnight)

        with refused_by("preparation_day_is_open"):
            drawn_again(
                drawn,
                prepared_at=midnight,
                expires_at=midnight + timedelta(hours=1),
                check_made_id=check.id,
            )
            commit()

    def test_is_a_day_that_is_open_at_other_premises_only(self) -> None:
        drawn = a_drawn_dose()
        commit()
        elsewhere = OrderFactory(episode=drawn.order.episode, period=None)
        assert elsewhere.premises_id != drawn.order.premises_id
        # Two periods of one person may not overlap: the second order takes the first one's over.
        taken = drawn.order.period
        type(taken).objects.filter(pk=taken.pk).update(during=DateTimeTZRange(taken.during.lower, DRAWN_AT))
        OrderPeriodFactory(order=elsewhere, during=DateTimeTZRange(DRAWN_AT, elsewhere.ends_at))

        with refused_by("preparation_day_is_open"):
            drawn_again(drawn, order_id=elsewhere.id)
            commit()


class TestTheAmpoulesOfADrawnDose:
    @pytest.mark.parametrize(("drawn_mg", "wasted_mg"), [(190, 10), (300, 120)])
    def test_are_opened_whole(self, drawn_mg: int, wasted_mg: int) -> None:
        batch = a_stocked_batch()

        with refused_by("preparation_draws_whole_ampoules"):
            a_drawn_dose(batch, drawn_mg=drawn_mg, wasted_mg=wasted_mg)
            commit()

    def test_hold_what_the_ledger_says_they_hold(self) -> None:
        batch = a_stocked_batch(strength_mg=500)
        with refused_by("preparation_draws_whole_ampoules"):
            a_drawn_dose(batch)
            commit()

        a_drawn_dose(batch, ampoules=1, drawn_mg=500, wasted_mg=320)

        commit()

    def test_are_no_more_than_the_batch_has(self) -> None:
        all_of_it = {"ampoules": 10, "drawn_mg": 1000, "wasted_mg": 820}
        a_drawn_dose(a_stocked_batch(10), **all_of_it)
        commit()
        one_less = a_stocked_batch(9)

        with refused_by("preparation_is_in_stock"):
            a_drawn_dose(one_less, **all_of_it)
            commit()

    def test_are_counted_with_those_that_are_drawn_up_already(self) -> None:
        batch = a_stocked_batch(5)
        a_drawn_dose(batch)
        a_drawn_dose(batch)
        commit()

        with refused_by("preparation_is_in_stock"):
            a_drawn_dose(batch)
            commit()

    def test_are_not_counted_of_another_batch(self) -> None:
        batch = a_stocked_batch(2)
        receive(batch.line, 10, batch_number="OTHER")
        other = batch.line.batches.get(number="OTHER")
        a_drawn_dose(other)

        a_drawn_dose(batch)

        commit()

    def test_are_counted_once_when_they_were_injected(self) -> None:
        batch = a_stocked_batch(4)
        drawn = a_drawn_dose(batch)
        injection = injection_of(drawn)
        its_movement(injection, its_line(injection))
        its_outcome(injection)

        a_drawn_dose(batch)

        commit()

    def test_are_counted_once_when_they_were_wasted(self) -> None:
        batch = a_stocked_batch(4)
        waste_of(a_drawn_dose(batch))

        a_drawn_dose(batch)

        commit()
