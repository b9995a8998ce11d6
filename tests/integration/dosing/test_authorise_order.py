"""A licensed doctor reads what another wrote, and signs it or sends it back; its author may withdraw it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from io import BytesIO

import pytest
from django.urls import reverse
from pypdf import PdfReader

from dosing.actions.licences import revoke_licence
from dosing.models import Licence, Order, OrderPeriod, OrderRequest
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from patients.actions import withdraw_consent
from patients.rules.consents import Purpose
from tests.factories.order_pages import Desk
from tests.factories.people import assess
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room, an_order
from tests.integration.dosing.test_request_order import worklist
from tests.integration.dosing.test_sign_order import a_second_doctor, live

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


class TestALicensedDoctor:
    def test_finds_it_on_the_worklist(self, room, desk: Desk, asked: OrderRequest) -> None:
        text = worklist(desk)

        assert "Order to authorise" in text
        assert "200 mg twice a day. Dr Ana Brandt wrote it. No order until a licensed doctor signs." in text
        assert desk.answer_address("authorise_order", asked) in text

    def test_reads_every_term_and_that_nothing_changed(self, desk: Desk, asked: OrderRequest) -> None:
        text = read(desk, asked)

        assert "two hundred milligrams, twice a day" in text
        assert "180 minutes (one hundred and eighty minutes)" in text
        assert "Craving before the evening session; 180 mg tolerated." in text
        assert "Written by Dr Ana Brandt" in text
        assert "Order 1 is 180 mg twice a day" in text
        assert "Nothing changed since it was written." in text

    def test_signs_it_as_it_was_written(self, room, author, desk: Desk, asked: OrderRequest) -> None:
        answer = desk.authorise(asked)

        order = live(room)
        asked.standing.refresh_from_db()
        assert answer.headers["Location"] == desk.address("see_orders")
        assert order is not None
        assert (order.signed_by, order.written_by, order.version) == (room.doctor, author, 2)
        assert order.starts_at == order.signed_at == OrderPeriod.objects.get(order=room.order).during.upper
        assert (order.dose_mg, order.licence.doctor) == (200, room.doctor)
        assert (asked.standing.status, asked.standing.order, asked.standing.ended_by) == (
            "signed",
            order,
            room.doctor,
        )
        assert {
            (event.event, event.actor, event.person)
            for event in AuditEvent.objects.filter(
                object_id__in=[str(order.id), str(asked.id)], is_look=False
            )
        } == {
            ("dosing.order_requested", author, room.patient.id),
            ("dosing.order_signed", room.doctor, room.patient.id),
            ("dosing.order_authorised", room.doctor, room.patient.id),
        }

    def test_signs_as_many_injections_as_were_written(self, room, asker: Desk, desk: Desk) -> None:
        asker.ask(asker.open("request_order", injections_per_session="2"))
        desk.authorise(OrderRequest.objects.get())

        order = live(room)
        assert order is not None and order.injections_per_session == 2

    def test_is_named_with_the_author_wherever_the_order_is_shown(
        self, room, desk: Desk, asked: OrderRequest
    ) -> None:
        desk.authorise(asked)

        orders = desk.client.get(desk.address("see_orders")).content.decode()
        person = desk.client.get(reverse("pages:see_person", args=[room.clinic.code, room.patient.id]))
        timeline = desk.client.get(desk.address("see_timeline")).content.decode()
        pdf = desk.client.get(desk.address("print_order")).content
        paper = " ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)
        assert "<dt>Written by</dt><dd>Dr Ana Brandt, " in orders
        assert "<dt>Signed by</dt><dd>Dr Priya Nair, " in orders
        assert "Signed by Dr Priya Nair (written by Dr Ana Brandt)" in person.content.decode()
        assert "Written by Dr Ana Brandt, signed by Dr Priya Nair." in timeline
        assert "Written by" in paper
        assert "Dr Ana Brandt" in paper
        assert "Dr Priya Nair" in paper

    def test_gives_one_answer_to_one_page(self, desk: Desk, asked: OrderRequest) -> None:
        page = desk.open_request(asked)

        answers = [desk.authorise(asked, page).headers["Location"] for _ in range(2)]

        assert answers == [desk.address("see_orders")] * 2
        assert Order.objects.count() == 2

    def test_does_not_sign_twice(self, desk: Desk, asked: OrderRequest) -> None:
        page = desk.open_request(asked)
        desk.authorise(asked)

        answer = desk.authorise(asked, page).content.decode()

        assert "Dr Priya Nair signed it on" in answer
        assert Order.objects.count() == 2

    def test_gives_the_password_afresh(self, room, at_a_desk: SitDown, asked: OrderRequest) -> None:
        desk = at_a_desk(room, room.doctor, is_fresh=False)

        answer = desk.authorise(asked)

        assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
        assert Order.objects.count() == 1

    def test_does_not_sign_on_somebody_elses_page(
        self, room, desk: Desk, at_a_desk: SitDown, asked: OrderRequest
    ) -> None:
        page = desk.open_request(asked)
        other = at_a_desk(room, a_second_doctor(room))

        answer = other.authorise(asked, page)
        without = desk.client.post(desk.answer_address("authorise_order", asked), {})

        assert "opened by somebody else" in answer.content.decode()
        assert "opened by somebody else" in without.content.decode()
        assert Order.objects.count() == 1

    def test_does_not_sign_with_the_key_of_another_act(
        self, room, desk: Desk, asker: Desk, asked: OrderRequest
    ) -> None:
        page = desk.open_request(asked)
        desk.sign(desk.open(dose_mg="190", daily_max_mg="380", key=page["key"]))

        answer = desk.authorise(asked, desk.open_request(asked, key=page["key"])).content.decode()

        assert "already used for something else" in answer
        assert Order.objects.count() == 2


class TestWhatChangedSinceItWasWritten:
    def test_is_shown_and_ticked(self, room, desk: Desk, asked: OrderRequest) -> None:
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=190)

        text = read(desk, asked)
        unticked = desk.authorise(asked, desk.open_request(asked, acknowledged=[])).content.decode()
        signed = desk.authorise(asked)

        assert "The order changed since this was written. Order 2 is 190 mg twice a day" in text
        assert "New since Dr Ana Brandt wrote it." in text
        assert "Tick that you have read: The order changed since this was written." in unticked
        assert signed.status_code == 302
        assert live(room).dose_mg == 200

    def test_tells_of_doses(self, room, desk: Desk, asked: OrderRequest) -> None:
        room.give()

        assert "1 dose was given since this was written, the last 180 mg on" in read(desk, asked)

    def test_tells_of_a_new_assessment(self, room, desk: Desk, asked: OrderRequest) -> None:
        assess(room.episode, by=room.doctor, at=now(), follows=1)

        assert "A new medical assessment was signed since this was written. Read it." in read(desk, asked)

    def test_tells_of_a_hold(self, room, desk: Desk, asked: OrderRequest) -> None:
        room.check(room.identify(), breaths=10)

        assert "1 hold was opened since this was written." in read(desk, asked)

    def test_bars_a_page_that_was_opened_before_it(self, room, desk: Desk, asked: OrderRequest) -> None:
        page = desk.open_request(asked)
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=190)

        answer = desk.authorise(asked, page).content.decode()

        assert "Something changed since you opened this page. Order 2 is 190 mg twice a day" in answer
        assert Order.objects.filter(dose_mg=200).count() == 0
        refused = AuditEvent.objects.get(event="dosing.order_authorised", outcome="refused")
        assert "order_changed" in refused.detail["codes"]

    def test_bars_a_page_that_was_opened_before_a_dose(self, room, desk: Desk, asked: OrderRequest) -> None:
        page = desk.open_request(asked)
        room.give()

        assert "Something changed since you opened this page." in desk.authorise(asked, page).content.decode()

    def test_may_bar_it_altogether(self, room, desk: Desk, asked: OrderRequest) -> None:
        page = desk.open_request(asked)
        withdraw_consent(
            person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.doctor, at=now()
        )

        text = read(desk, asked)
        answer = desk.authorise(asked, page).content.decode()

        for told in (text, answer):
            assert "No treatment consent of this person stands." in told
        assert "New since Dr Ana Brandt wrote it." in text
        assert 'value="sign"' not in text
        assert Order.objects.count() == 1

    def test_may_be_the_licence_of_who_signs(self, room, desk: Desk, asked: OrderRequest) -> None:
        page = desk.open_request(asked)
        licence = Licence.objects.get(doctor=room.doctor)
        revoke_licence(
            clinic=room.clinic, licence_id=licence.id, reason="Withdrawn.", by=room.doctor, at=now()
        )

        assert "No licence of yours" in desk.authorise(asked, page).content.decode()
        assert Order.objects.count() == 1


class TestThePageOfARequest:
    @pytest.mark.parametrize("name", ["authorise_order", "send_back_order", "withdraw_order_request"])
    def test_is_none_in_another_clinic(self, at_a_desk: SitDown, asked: OrderRequest, name: str) -> None:
        elsewhere = a_treatment_room()
        desk = at_a_desk(elsewhere, elsewhere.doctor)

        assert desk.client.get(desk.answer_address(name, asked)).status_code == 404
        assert desk.client.post(desk.answer_address(name, asked), {"reason": "x"}).status_code == 404

    @pytest.mark.parametrize(
        ("name", "event"),
        [
            ("authorise_order", "dosing.order_authorised"),
            ("send_back_order", "dosing.order_sent_back"),
            ("withdraw_order_request", "dosing.order_request_withdrawn"),
        ],
    )
    def test_is_barred_to_a_prescriber_by_name(
        self, room, at_a_desk: SitDown, asked: OrderRequest, name: str, event: str
    ) -> None:
        desk = at_a_desk(room, a_member_of_staff(room.clinic, Role.PRESCRIBER, name="Sol Oduya"))

        answer = desk.client.post(desk.answer_address(name, asked))
        unknown = desk.client.post(reverse(f"dosing:{name}", args=[room.clinic.code, uuid.uuid4()]))

        assert (answer.status_code, unknown.status_code) == (403, 403)
        tried = AuditEvent.objects.filter(event=event, outcome="refused").order_by("id")
        assert [one.person for one in tried] == [room.patient.id, None]

    def test_leads_a_prescriber_on_the_worklist_to_the_orders(
        self, room, at_a_desk: SitDown, asked: OrderRequest
    ) -> None:
        desk = at_a_desk(room, a_member_of_staff(room.clinic, Role.PRESCRIBER, name="Sol Oduya"))

        text = worklist(desk)

        assert desk.answer_address("authorise_order", asked) not in text
        assert desk.address("see_orders") in text

    def test_is_a_look_at_the_person(self, room, desk: Desk, asked: OrderRequest) -> None:
        read(desk, asked)

        look = AuditEvent.objects.get(event="dosing.order_request_seen")
        assert (look.actor, look.person) == (room.doctor, room.patient.id)
