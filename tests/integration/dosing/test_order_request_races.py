"""Two doctors at the same moment over one order that waits: one request, one live order."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from dosing.actions.order_requests import authorise_order, request_order
from dosing.actions.orders import OrderRefused, SentPage
from dosing.models import Order, OrderPeriod, OrderRequest
from dosing.queries.order_requests import get_answering_facts, get_request
from dosing.queries.orders import as_seen, get_last_order
from dosing.rules.orders import OrderDraft, OrderTerms, Product
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room
from tests.integration.dosing.test_injection_races import at_once
from tests.integration.dosing.test_sign_order import a_second_doctor


def ask(room: TreatmentRoom, author: User, key: uuid.UUID | None = None) -> OrderRequest:
    """Ask as the page does, without a browser."""
    at = now()
    last = get_last_order(patient_id=room.patient.id, product=Product.DIAMORPHINE)
    return request_order(
        episode=room.episode,
        premises=room.premises,
        product=Product.DIAMORPHINE,
        draft=OrderDraft(
            dose_mg=200,
            sessions_per_day=2,
            daily_max_mg=400,
            interval_minutes=180,
            starts_at=at,
            ends_at=room.order.ends_at,
        ),
        terms=OrderTerms(
            routes=("iv",),
            sites=("left_arm",),
            observation_minutes=20,
            basis="Tolerated.",
            hold_criteria="as the limits say",
            oral_plan="none",
        ),
        page=SentPage(key=key or uuid.uuid4(), seen=as_seen(last), starts_at_once=True),
        by=author,
        at=at,
    )


def seen_by(room: TreatmentRoom, request: OrderRequest, by: User) -> str:
    found = get_request(clinic=room.clinic, request_id=request.id)
    assert found is not None
    return get_answering_facts(request=found, by=by, at=now()).seen


@pytest.mark.race
class TestAtTheSameMoment:
    def test_two_licensed_doctors_leave_one_live_order(self, own_database: str) -> None:
        room = a_treatment_room(dose_mg=180)
        other = a_second_doctor(room)
        author = a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Ana Brandt")
        request = ask(room, author)

        def one_try(by: User) -> Any:
            page = SentPage(key=uuid.uuid4(), seen=seen_by(room, request, by))
            return lambda: authorise_order(
                clinic=room.clinic, request_id=request.id, page=page, by=by, at=now()
            )

        answers = at_once(*(one_try(by) for by in (room.doctor, other) * 3))

        assert sorted(type(answer).__name__ for answer in answers) == ["Order"] + ["OrderRefused"] * 5, (
            answers
        )
        assert OrderPeriod.objects.filter(patient=room.patient, during__contains=now()).count() == 1
        assert Order.objects.filter(patient=room.patient, written_by=author).count() == 1

    def test_two_authors_leave_one_request(self, own_database: str) -> None:
        room = a_treatment_room(dose_mg=180)
        authors = [a_member_of_staff(room.clinic, Role.DOCTOR, name=f"Dr {n}") for n in ("Ana", "Bo")]

        answers = at_once(*(lambda by=by: ask(room, by) for by in authors * 3))  # type: ignore[misc]

        kinds = sorted(type(answer).__name__ for answer in answers)
        assert kinds == ["OrderRefused"] * 5 + ["OrderRequest"], answers
        assert all(not isinstance(one, Exception) or isinstance(one, OrderRefused) for one in answers)

    def test_one_page_sent_many_times_is_one_request(self, own_database: str) -> None:
        room = a_treatment_room(dose_mg=180)
        author = a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Ana Brandt")
        key = uuid.uuid4()
        first = ask(room, author, key)

        with pytest.raises(OrderRefused):
            ask(room, author)
        assert OrderRequest.objects.get() == first
