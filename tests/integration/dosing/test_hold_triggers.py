"""What the database asks of a dose drawn up on a check after a hold: both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from dosing.models import (
    Batch,
    Hold,
    Preparation,
)
from dosing.rules.checks import Sedation
from tests.factories import (
    NINE,
    HoldFactory,
    OrderFactory,
    PlannedSessionFactory,
    PreInjectionCheckFactory,
    UserFactory,
)
from tests.factories.drawn import a_drawn_dose, drawn_again
from tests.factories.register import a_stocked_batch
from tests.integration.dosing.test_correction_triggers import correction
from tests.refusals import refused_by

pytestmark = pytest.mark.usefixtures("unfinished")

DRAWN_AT = NINE - timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


def commit() -> None:
    """Ask now what would be asked when the transaction commits."""
    connection.check_constraints()


def drawn_after_a_hold(
    batch: Batch, *, lifted_after: timedelta = timedelta(), is_amended: bool = False, **found: Any
) -> Preparation:
    """Draw a dose up on a second check, which barred it, after the hold of the first was lifted.

    `is_amended`: on the row that puts the second check right.
    """
    planned = PlannedSessionFactory(order=OrderFactory(premises=batch.line.premises))
    made_at = DRAWN_AT - timedelta(minutes=5)
    first = PreInjectionCheckFactory(
        session=planned, made_at=made_at - timedelta(minutes=5), breaths=10, lets_a_dose_go_ahead=False
    )
    HoldFactory(
        clinic=planned.clinic,
        check_made=first,
        opened_at=first.made_at,
        lifted_at=made_at + lifted_after,
        lifted_by=UserFactory(),
        lift_reason="Seen, and well.",
    )
    second = PreInjectionCheckFactory(
        session=planned, made_at=made_at, lets_a_dose_go_ahead=False, unable_reason="a word", **found
    )
    if is_amended:
        found |= {"lets_a_dose_go_ahead": False, "unable_reason": "a word", "pulse": 71}
        second = PreInjectionCheckFactory(session=planned, made_at=made_at, amends=second, **found)
        correction(check_made=second)
    return a_drawn_dose(batch, session=planned, check_made=second)


class TestACheckAfterAHold:
    @pytest.mark.parametrize("found", [{"alcohol_ug": 60}, {"oxygen": None}, {"is_intoxicated": True}])
    def test_lets_a_dose_go_ahead_once_a_doctor_has_lifted_it(self, found: dict[str, Any]) -> None:
        drawn_after_a_hold(a_stocked_batch(), **found)

        commit()

    def test_bars_a_dose_when_the_hold_was_lifted_before_it(self) -> None:
        batch = a_stocked_batch()

        with refused_by("preparation_has_a_fresh_check"):
            drawn_after_a_hold(batch, lifted_after=-MOMENT, alcohol_ug=60)
            commit()

    def test_is_another_than_the_one_that_opened_it(self) -> None:
        drawn = drawn_after_a_hold(a_stocked_batch(), alcohol_ug=60)
        commit()
        opened_it = Hold.objects.get(patient=drawn.patient).check_made

        with refused_by("preparation_has_a_fresh_check"):
            drawn_again(drawn, check_made_id=opened_it.id)
            commit()

    @pytest.mark.parametrize(
        "within", [{"sedation": Sedation.SLIGHTLY_DROWSY}, {"breaths": 12}, {"oxygen": 94}]
    )
    def test_may_be_at_the_limit_of_what_stands(self, within: dict[str, Any]) -> None:
        drawn_after_a_hold(a_stocked_batch(), **within)

        commit()

    @pytest.mark.parametrize(
        "standing",
        [
            {"sedation": Sedation.ASLEEP},
            {"sedation": Sedation.DRIFTS_OFF},
            {"sedation": Sedation.HARD_TO_ROUSE},
            {"breaths": 11},
            {"oxygen": 93},
        ],
    )
    def test_bars_a_dose_over_readings_that_nobody_can_lift(self, standing: dict[str, Any]) -> None:
        batch = a_stocked_batch()

        with refused_by("preparation_has_a_fresh_check"):
            drawn_after_a_hold(batch, **standing)
            commit()

    def test_that_was_put_right_lets_none_go_ahead(self) -> None:
        batch = a_stocked_batch()

        with refused_by("preparation_has_a_fresh_check"):
            drawn_after_a_hold(batch, is_amended=True, alcohol_ug=60)
            commit()

    def test_is_not_helped_by_a_hold_of_somebody_else(self) -> None:
        HoldFactory(
            opened_at=DRAWN_AT - timedelta(minutes=20),
            lifted_at=NINE,
            lifted_by=UserFactory(),
            lift_reason="Seen, and well.",
        )
        batch = a_stocked_batch()

        with refused_by("preparation_has_a_fresh_check"):
            a_drawn_dose(batch, check_made__lets_a_dose_go_ahead=False)
            commit()
