"""What the table of printed prescriptions refuses, from both sides."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from dosing.models import PrescriptionPart, PrescriptionPrint
from dosing.rules.prescriptions import PrescriptionForm
from tests.factories import OrderFactory, PrescriptionPartFactory, PrescriptionPrintFactory
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
        "figures",
        [
            {"total_mg": 5601},
            {"total_mg": 399},
            {"instalment_mg": 0},
            {"days": 0},
            {"strength_mg": 0},
            {"number": 0},
        ],
    )
    def test_is_whole_and_adds_up(self, figures: dict[str, int]) -> None:
        with refused_by("prescription_total_is_within_its_instalments"):
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


def in_parts(*parts: tuple[int, int, int], **changes: int) -> PrescriptionPrint:
    """Return a prescription of 1200 mg in four days, in parts: days after its first, how many days, milligrams."""
    one = PrescriptionPrintFactory(
        part=None, **({"days": 4, "instalment_mg": 400, "total_mg": 1200} | changes)
    )
    for after, days, mg in parts:
        PrescriptionPartFactory(
            prescription=one, first_on=one.first_on + timedelta(days=after), days=days, instalment_mg=mg
        )
    return one


@pytest.mark.usefixtures("unfinished")
class TestThePartsOfAPrescription:
    def test_follow_by_day_and_sum_up_to_it(self) -> None:
        in_parts((0, 2, 200), (2, 2, 400))

        connection.check_constraints()

    @pytest.mark.parametrize(
        "parts",
        [
            (),
            ((0, 2, 200),),
            ((0, 2, 200), (2, 2, 399)),
            ((0, 2, 200), (2, 1, 400), (3, 1, 401)),
            ((0, 2, 200), (3, 2, 400)),
            ((0, 2, 200), (1, 2, 400)),
            ((1, 2, 200), (3, 2, 400)),
            ((0, 3, 200), (3, 2, 300)),
        ],
        ids=[
            "none",
            "days missing",
            "short",
            "over",
            "a gap",
            "a day twice",
            "begins later",
            "too many days",
        ],
    )
    def test_that_are_not_the_prescription_are_refused(self, parts: tuple[tuple[int, int, int], ...]) -> None:
        in_parts(*parts)

        with refused_by("prescription_is_its_parts"):
            connection.check_constraints()

    def test_name_the_largest_instalment(self) -> None:
        in_parts((0, 2, 200), (2, 2, 400), instalment_mg=401)

        with refused_by("prescription_is_its_parts"):
            connection.check_constraints()

    def test_are_not_added_to_afterwards(self) -> None:
        one = in_parts((0, 2, 200), (2, 2, 400))
        connection.check_constraints()
        PrescriptionPart.objects.create(
            prescription=one, first_on=one.first_on + timedelta(days=4), days=1, instalment_mg=1
        )

        with refused_by("prescription_is_its_parts"):
            connection.check_constraints()

    def test_begin_on_days_of_their_own(self) -> None:
        with refused_by("parts_of_a_prescription_begin_on_their_own_days"):
            in_parts((0, 2, 200), (0, 2, 400))

    @pytest.mark.parametrize("wrong", [(0, 0, 200), (0, 1, 0), (0, 1, 1001)])
    def test_have_days_and_milligrams(self, wrong: tuple[int, int, int]) -> None:
        with refused_by("prescription_part_has_days_and_milligrams"):
            in_parts(wrong)

    def test_may_hold_1000_mg_a_day_and_no_more(self) -> None:
        assert in_parts((0, 1, 1000)).pk
