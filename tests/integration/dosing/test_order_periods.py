"""When an order was in force is not rewritten, whatever the application asks for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.actions.orders import OrderRefused
from dosing.models import Injection, OrderPeriod
from tests.factories import NINE, OrderFactory, OrderPeriodFactory
from tests.factories.patients import PersonFactory
from tests.factories.treatment import TreatmentRoom, a_treatment_room, an_order
from tests.refusals import refused_by

SECOND = timedelta(seconds=1)


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


@pytest.mark.django_db
class TestAPeriodThatBegins:
    def test_lasts_no_longer_than_its_order(self) -> None:
        order = OrderFactory(period=None)

        with refused_by("order_period_is_of_its_order"):
            OrderPeriodFactory(order=order, during=DateTimeTZRange(order.starts_at, order.ends_at + SECOND))
        OrderPeriodFactory(order=order, during=DateTimeTZRange(order.starts_at, order.ends_at))

    def test_is_of_the_person_it_was_ordered_for(self) -> None:
        order = OrderFactory(period=None)

        with refused_by("order_period_is_of_its_order"):
            OrderPeriodFactory(order=order, patient=PersonFactory())


@pytest.mark.django_db
class TestAPeriodThatStands:
    def test_may_end_earlier_and_never_again_later(self) -> None:
        period = OrderPeriod.objects.filter(order=OrderFactory().id)
        began = period.get().during.lower

        period.update(during=DateTimeTZRange(began, NINE))
        with refused_by("order_period_only_shrinks"):
            period.update(during=DateTimeTZRange(began, NINE + SECOND))
        assert period.get().during.upper == NINE

    def test_never_began_at_another_time(self) -> None:
        period = OrderPeriod.objects.filter(order=OrderFactory().id)
        during = period.get().during

        with refused_by("order_period_only_shrinks"):
            period.update(during=DateTimeTZRange(during.lower + SECOND, during.upper))


class TestAPeriodWithADose:
    def test_does_not_end_before_it(self, room: TreatmentRoom) -> None:
        room.give()
        given_at = Injection.objects.get().started_at
        period = OrderPeriod.objects.filter(order=room.order)

        with refused_by("order_period_only_shrinks"):
            period.update(during=DateTimeTZRange(room.order.starts_at, given_at))
        period.update(during=DateTimeTZRange(room.order.starts_at, given_at + SECOND))

    def test_is_not_cut_short_by_a_new_order_signed_meanwhile(self, room: TreatmentRoom) -> None:
        room.give()
        given_at = Injection.objects.get().started_at

        with pytest.raises(OrderRefused, match="dose was given meanwhile"):
            an_order(room.episode, room.premises, doctor=room.doctor, at=given_at)
        an_order(room.episode, room.premises, doctor=room.doctor, at=given_at + SECOND)
