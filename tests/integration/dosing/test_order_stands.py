"""What a dose rests on: an order that still stands, and the interval that the last dose was given under."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dosing.actions.injections import InjectionRefused
from dosing.actions.orders import sign_order
from dosing.actions.preparations import PreparationRefused
from dosing.actions.visits import VisitRefused
from dosing.models import Injection, Preparation
from dosing.queries.board import get_board
from dosing.rules.orders import OrderDraft, Product
from hat_clinic.accounts.actions import close_account
from hat_clinic.core.clock import now
from patients.models import Episode
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.owner import as_owner

MORNING = datetime(2026, 2, 2, 8, 0, tzinfo=UTC)


def codes(refusal: pytest.ExceptionInfo[Any]) -> set[str]:
    return {finding.code for finding in refusal.value.decision}


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


class TestAnOrderWhoseDoctorLeft:
    def test_is_suspended_at_once(self, room: TreatmentRoom) -> None:
        visit = room.checked()
        close_account(user=room.doctor, clinic=room.clinic, by=room.cd_lead, at=now())

        with pytest.raises(PreparationRefused, match="licensed doctor signs") as refusal:
            room.prepare(visit)
        assert codes(refusal) == {"order_suspended"}
        assert Preparation.objects.count() == 0

    def test_is_suspended_for_a_dose_that_is_drawn_up_too(self, own_database: str) -> None:
        room = a_treatment_room()
        drawn = room.prepare()
        close_account(user=room.doctor, clinic=room.clinic, by=room.cd_lead, at=now())

        with pytest.raises(InjectionRefused) as refusal:
            room.inject(drawn)
        assert "order_suspended" in codes(refusal)
        assert Injection.objects.count() == 0

    def test_bars_the_tile_on_the_board(self, room: TreatmentRoom) -> None:
        (before,) = get_board(clinic=room.clinic, at=now()).tiles
        close_account(user=room.doctor, clinic=room.clinic, by=room.cd_lead, at=now())

        (tile,) = get_board(clinic=room.clinic, at=now()).tiles
        assert before.tag != tile.tag
        with pytest.raises(VisitRefused, match="licensed doctor signs"):
            room.identify()


class TestAnOrderOfSomebodyWhoLeft:
    def test_is_no_order(self, room: TreatmentRoom) -> None:
        today = now().date()
        Episode.objects.filter(id=room.episode.id).update(
            started_on=today, exited_on=today, exit_reason=Episode.ExitReason.COMPLETED
        )

        with pytest.raises(VisitRefused) as refusal:
            room.identify()
        assert codes(refusal) == {"not_in_treatment"}


class TestAShorterIntervalInANewOrder:
    def test_leaves_the_interval_of_the_last_dose_standing(self, own_database: str) -> None:
        with as_owner(own_database) as owner:
            owner.execute("INSERT INTO clock_override VALUES (%s)", [MORNING])
        room = a_treatment_room(dose_mg=180)
        order(room, interval_minutes=360, at=MORNING)
        replace(room, order=room.episode.orders.latest("version")).give()
        order(room, interval_minutes=180, at=MORNING + timedelta(hours=1))
        later = replace(room, order=room.episode.orders.latest("version"))

        with as_owner(own_database) as owner:
            owner.execute("UPDATE clock_override SET at = %s", [MORNING + timedelta(hours=6, seconds=-1)])
        visit = later.checked()
        with pytest.raises(PreparationRefused, match="At least 360 minutes") as refusal:
            later.prepare(visit)
        with as_owner(own_database) as owner:
            owner.execute("UPDATE clock_override SET at = %s", [MORNING + timedelta(hours=6)])
        later.inject(later.prepare(visit))

        assert codes(refusal) == {"interval"}
        assert Injection.objects.filter(order__version__gt=1).count() == 2


def order(room: TreatmentRoom, *, interval_minutes: int, at: datetime) -> None:
    """Sign an order of 180 mg twice a day with an interval of its own."""
    sign_order(
        episode=room.episode,
        premises=room.premises,
        product=Product.DIAMORPHINE,
        draft=OrderDraft(
            dose_mg=180,
            sessions_per_day=2,
            daily_max_mg=400,
            interval_minutes=interval_minutes,
            starts_at=at,
            ends_at=at + timedelta(days=14),
        ),
        routes=["iv"],
        sites=["left_arm"],
        observation_minutes=20,
        basis="Reached by titration.",
        by=room.doctor,
        at=at,
    )
