"""Two doctors at the same moment, on real connections: one order is in force."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from dosing.actions import orders
from dosing.actions.orders import SentPage, sign_order
from dosing.models import Order, OrderPeriod
from dosing.queries.orders import as_seen, get_last_order
from dosing.rules.orders import OrderDraft, Product
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.integration.dosing.test_injection_races import at_once
from tests.integration.dosing.test_sign_order import a_second_doctor


def sign(room: TreatmentRoom, *, by: User, key: uuid.UUID, seen: str, dose_mg: int = 200) -> Order:
    """Sign as the page does: from now on, on what was seen."""
    at = now()
    return sign_order(
        episode=room.episode,
        premises=room.premises,
        product=Product.DIAMORPHINE,
        draft=OrderDraft(
            dose_mg=dose_mg,
            sessions_per_day=2,
            daily_max_mg=2 * dose_mg,
            interval_minutes=180,
            starts_at=at,
            ends_at=room.order.ends_at,
        ),
        routes=["iv"],
        sites=["left_arm"],
        observation_minutes=20,
        basis="Tolerated.",
        page=SentPage(key=key, seen=seen, acknowledged=frozenset(), starts_at_once=True),
        by=by,
        at=at,
    )


def as_last_seen(room: TreatmentRoom) -> str:
    return as_seen(get_last_order(patient_id=room.patient.id, product=Product.DIAMORPHINE))


def in_force(room: TreatmentRoom) -> int:
    return OrderPeriod.objects.filter(patient=room.patient, during__contains=now()).count()


@pytest.mark.race
class TestTwoDoctorsAtTheSameMoment:
    def test_put_one_order_in_force_and_the_other_is_told(self, own_database: str) -> None:
        room = a_treatment_room(dose_mg=180)
        other = a_second_doctor(room)
        for dose_mg in (190, 200, 210):
            seen = as_last_seen(room)

            def one_try(by: User, seen: str = seen, dose_mg: int = dose_mg) -> Any:
                return lambda: sign(room, by=by, key=uuid.uuid4(), seen=seen, dose_mg=dose_mg)

            answers = at_once(*(one_try(by) for by in (room.doctor, other) * 3))

            kinds = sorted(type(answer).__name__ for answer in answers)
            assert kinds == ["Order"] + ["OrderRefused"] * 5, answers
            assert in_force(room) == 1
        assert Order.objects.filter(patient=room.patient).count() == 4

    def test_are_kept_apart_by_the_lock(self, own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """The positive control: without the lock the database still leaves one order, and the loser an error."""
        room = a_treatment_room(dose_mg=180)
        other = a_second_doctor(room)
        monkeypatch.setattr(orders, "lock_dosing_state", lambda *, patient_id: True)
        errors = 0
        for _ in range(5):
            seen = as_last_seen(room)

            def one_try(by: User, seen: str = seen) -> Any:
                return lambda: sign(room, by=by, key=uuid.uuid4(), seen=seen)

            answers = at_once(*(one_try(by) for by in (room.doctor, other) * 3))

            errors += sum(type(answer).__name__ == "IntegrityError" for answer in answers)
            assert in_force(room) == 1
        assert errors > 0

    def test_give_one_answer_to_one_page_sent_many_times(self, own_database: str) -> None:
        room = a_treatment_room(dose_mg=180)
        key, seen = uuid.uuid4(), as_last_seen(room)

        answers = at_once(*(lambda: sign(room, by=room.doctor, key=key, seen=seen) for _ in range(8)))

        assert len({str(answer) for answer in answers}) == 1, answers
        assert Order.objects.filter(patient=room.patient).count() == 2
