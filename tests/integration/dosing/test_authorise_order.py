"""A licensed doctor reads what another wrote, and signs it or sends it back; its author may withdraw it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from dosing.actions.licences import revoke_licence
from dosing.actions.order_requests import authorise_order, request_order
from dosing.actions.orders import OrderRefused, SentPage
from dosing.models import Licence, Order, OrderPeriod, OrderRequest
from dosing.queries.order_requests import get_answering_facts, get_request
from dosing.queries.orders import as_seen, get_last_order
from dosing.rules.orders import OrderDraft, OrderTerms, Product
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from patients.actions import withdraw_consent
from patients.rules.consents import Purpose
from tests.factories.order_pages import Desk
from tests.factories.people import assess
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room, an_order
from tests.integration.dosing.test_injection_races import at_once
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
