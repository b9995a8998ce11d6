"""The last day of an order as the page fills it in: as orders usually run, and changeable."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from hat_clinic.core.clock import london_date, now
from hat_clinic.core.whole_numbers import WholeNumberField
from tests.factories.order_pages import Desk
from tests.factories.treatment import TreatmentRoom, a_treatment_room

SitDown = Callable[..., Desk]


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def desk(room: TreatmentRoom, at_a_desk: SitDown) -> Desk:
    return at_a_desk(room, room.doctor)


class TestTheLastDayOfAnOrder:
    def test_is_filled_in_and_no_number_is(self, desk: Desk) -> None:
        form = desk.client.get(desk.address("sign_order")).context["form"]

        assert form["ends_on"].value() == london_date(now()) + timedelta(days=13)
        numbers = [name for name, field in form.fields.items() if isinstance(field, WholeNumberField)]
        assert "dose_mg" in numbers
        assert [name for name in numbers if form[name].value()] == []
        assert "Filled in as an order usually runs, 14 days from today." in form["ends_on"].help_text

    def test_stands_in_the_page_as_it_is_typed(self, desk: Desk) -> None:
        last = london_date(now()) + timedelta(days=13)

        assert f'value="{last:%d/%m/%Y}"' in desk.client.get(desk.address("sign_order")).content.decode()
        assert f'value="{last:%d/%m/%Y}"' in desk.client.get(desk.address("sign_oral_order")).content.decode()

    def test_may_be_another_that_was_written(self, desk: Desk) -> None:
        last = f"{london_date(now()) + timedelta(days=3):%d/%m/%Y}"

        assert desk.read(desk.open(ends_on=last, basis="")).context["form"]["ends_on"].value() == last
