"""An order that waits ends unsigned: sent back by a licensed doctor, or withdrawn by its author."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from dosing.models import Licence, Order, OrderRequest
from dosing.rules.orders import Product
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.order_pages import Desk
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room, an_order
from tests.integration.dosing.test_request_order import worklist

SitDown = Callable[..., Desk]


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room(dose_mg=180)


@pytest.fixture
def author(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Ana Brandt")


@pytest.fixture
def asker(room: TreatmentRoom, author: User, at_a_desk: SitDown) -> Desk:
    return at_a_desk(room, author)


@pytest.fixture
def desk(room: TreatmentRoom, at_a_desk: SitDown) -> Desk:
    return at_a_desk(room, room.doctor)


@pytest.fixture
def asked(asker: Desk) -> OrderRequest:
    asker.ask()
    return OrderRequest.objects.get()


def read(desk: Desk, request: OrderRequest) -> str:
    return desk.client.get(desk.answer_address("authorise_order", request)).content.decode()


class TestItsAuthor:
    def test_never_signs_it_licensed_or_not(self, room, author, asker: Desk, asked: OrderRequest) -> None:
        page = asker.open_request(asked)
        refused = asker.authorise(asked, page).content.decode()
        Licence.objects.create(
            doctor=author,
            premises=room.premises,
            product=Product.DIAMORPHINE,
            starts_at=now() - timedelta(minutes=1),
            ends_at=now() + timedelta(days=300),
            recorded_by=room.doctor,
            recorded_at=now(),
        )

        licensed = asker.authorise(asked, asker.open_request(asked)).content.decode()

        for told in (refused, licensed):
            assert "You wrote this. Another doctor, licensed for these premises, signs it" in told
        assert Order.objects.count() == 1
        assert AuditEvent.objects.filter(event="dosing.order_authorised", outcome="refused").count() == 2

    def test_withdraws_it_with_a_reason(self, asker: Desk, desk: Desk, asked: OrderRequest) -> None:
        empty = asker.withdraw(asked, " ").content.decode()
        answer = asker.withdraw(asked)
        again = asker.withdraw(asked)

        asked.standing.refresh_from_db()
        assert "Write why, in a sentence." in empty
        assert answer.status_code == again.status_code == 302
        assert (asked.standing.status, asked.standing.reason) == ("withdrawn", "Written for the wrong day.")
        assert "Order to authorise" not in worklist(desk)
        assert "Dr Ana Brandt withdrew it on" in read(desk, asked)
        assert AuditEvent.objects.filter(event="dosing.order_request_withdrawn").count() == 1

    def test_alone_withdraws_it(self, desk: Desk, asked: OrderRequest) -> None:
        shown = desk.client.get(desk.answer_address("withdraw_order_request", asked)).content.decode()
        answer = desk.withdraw(asked).content.decode()

        assert "You cannot withdraw it." in shown
        assert "Only who wrote it withdraws it." in answer
        refused = AuditEvent.objects.get(event="dosing.order_request_withdrawn")
        assert refused.outcome == "refused"

    def test_may_ask_again_afterwards(self, asker: Desk, asked: OrderRequest) -> None:
        asker.withdraw(asked)

        assert asker.ask().status_code == 302
        assert OrderRequest.objects.count() == 2

    def test_does_not_send_it_back(self, asker: Desk, asked: OrderRequest) -> None:
        shown = asker.client.get(asker.answer_address("send_back_order", asked)).content.decode()
        answer = asker.send_back(asked).content.decode()

        assert "You cannot send it back." in shown
        assert "You wrote this." in answer
        assert "Only a doctor licensed for this drug at these premises answers this." in answer


class TestSendingBack:
    def test_is_told_to_the_author_until_the_next_request(
        self, asker: Desk, desk: Desk, asked: OrderRequest
    ) -> None:
        form = desk.client.get(desk.answer_address("send_back_order", asked)).content.decode()
        answer = desk.send_back(asked)
        again = desk.send_back(asked)

        assert "Dr Ana Brandt reads it on the worklist." in form
        assert answer.status_code == again.status_code == 302
        assert "Your order came back unsigned" in worklist(asker)
        assert "Dr Priya Nair: “Too high after two missed sessions.”" in worklist(asker)
        assert "came back" not in worklist(desk).replace("came back unsigned.</p>", "")
        assert "Dr Priya Nair sent it back on" in read(asker, asked)
        asker.ask(asker.open("request_order", dose_mg="190", daily_max_mg="380"))
        assert "Your order came back unsigned" not in worklist(asker)
        assert Order.objects.count() == 1

    def test_leaves_the_worklist_with_the_next_order(
        self, room, asker: Desk, desk: Desk, asked: OrderRequest
    ) -> None:
        desk.send_back(asked)
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=190)

        assert "Your order came back unsigned" not in worklist(asker)

    def test_has_its_reason(self, desk: Desk, asked: OrderRequest) -> None:
        assert "Write why, in a sentence." in desk.send_back(asked, " ").content.decode()

    def test_comes_too_late_after_a_signature(self, desk: Desk, asked: OrderRequest) -> None:
        desk.authorise(asked)

        shown = desk.client.get(desk.answer_address("send_back_order", asked)).content.decode()
        answer = desk.send_back(asked).content.decode()

        assert "This waits for nobody any more." in shown
        assert "Dr Priya Nair signed it on" in answer
        asked.standing.refresh_from_db()
        assert asked.standing.status == "signed"
