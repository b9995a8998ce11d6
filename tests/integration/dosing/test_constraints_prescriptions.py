"""What the table of printed prescriptions refuses, from both sides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dosing.rules.prescriptions import PrescriptionForm
from tests.factories import OrderFactory, PrescriptionPrintFactory
from tests.factories.moments import TODAY
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
CLINIC = PrescriptionForm.CLINIC


class TestAPrintedPrescription:
    def test_has_its_number_once_for_an_order(self) -> None:
        order = OrderFactory()
        PrescriptionPrintFactory(order=order, number=1)
        PrescriptionPrintFactory(order=order, number=2)

        with refused_by("prescriptions_of_an_order_are_numbered_once"):
            PrescriptionPrintFactory(order=order, number=1)

    @pytest.mark.parametrize(
        "figures", [{"total_mg": 5601}, {"instalment_mg": 0}, {"days": 0}, {"strength_mg": 0}, {"number": 0}]
    )
    def test_is_whole_and_adds_up(self, figures: dict[str, int]) -> None:
        with refused_by("prescription_total_is_its_instalments"):
            PrescriptionPrintFactory(**figures)

    @pytest.mark.parametrize("refused", [{"days": 15}, {"wordings": []}])
    def test_on_an_fp10mda_is_short_and_has_a_wording(self, refused: dict[str, object]) -> None:
        assert PrescriptionPrintFactory(days=14).pk
        assert PrescriptionPrintFactory(form=CLINIC, **refused).pk

        with refused_by("instalment_form_is_short_and_has_its_wording"):
            PrescriptionPrintFactory(**refused)

    @pytest.mark.parametrize(("fits", "refused"), [(0, -1), (28, 29)])
    def test_is_first_supplied_in_time(self, fits: int, refused: int) -> None:
        assert PrescriptionPrintFactory(first_on=TODAY + timedelta(days=fits)).pk

        with refused_by("prescription_is_first_supplied_in_time"):
            PrescriptionPrintFactory(first_on=TODAY + timedelta(days=refused))

    def test_of_more_than_30_days_has_its_reason(self) -> None:
        assert PrescriptionPrintFactory(form=CLINIC, days=30).pk
        assert PrescriptionPrintFactory(form=CLINIC, days=31, reason="Away at sea.").pk

        with refused_by("prescription_of_a_long_supply_has_its_reason"):
            PrescriptionPrintFactory(form=CLINIC, days=31)
