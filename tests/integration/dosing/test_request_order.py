"""An unlicensed doctor asks a licensed one to sign: the same form, the same reasons, and no order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from dosing.actions.licences import revoke_licence
from dosing.models import Licence, Order, OrderPeriod, OrderRequest, OrderRequestStanding
from hat_clinic.accounts.actions import open_premises
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON, london_date, now
from patients.actions import withdraw_consent
from patients.models import Episode
from patients.rules.consents import Purpose
from referrals.actions import accept_referral, receive_referral
from tests.factories.order_pages import Desk
from tests.factories.people import assess
from tests.factories.treatment import (
    TreatmentRoom,
    a_member_of_staff,
    a_treatment_room,
    an_order,
)
from tests.integration.dosing.test_sign_order import a_second_doctor
from tests.pages import shown

SitDown = Callable[..., Desk]


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room(dose_mg=180)


@pytest.fixture
def author(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Ana Brandt")


@pytest.fixture
def desk(room: TreatmentRoom, author: User, at_a_desk: SitDown) -> Desk:
    return at_a_desk(room, author)


def worklist(desk: Desk) -> str:
    return desk.client.get(reverse("dosing:see_worklist", args=[desk.room.clinic.code])).content.decode()


class TestAnUnlicensedDoctor:
    def test_is_sent_on_from_the_page_that_signs(self, desk: Desk) -> None:
        answer = desk.client.get(desk.address("sign_order"))

        assert (answer.status_code, answer.headers["Location"]) == (302, desk.address("request_order"))

    def test_fills_in_the_same_form_and_reads_it(self, desk: Desk) -> None:
        page = desk.open("request_order")

        text = desk.client.post(desk.address("request_order"), page | {"step": "read"}).content.decode()

        assert "Read before you ask" in text
        assert "two hundred milligrams, twice a day" in text
        assert "the moment it is signed" in text
        assert 'name="step" value="ask"' in text
        assert not OrderRequest.objects.exists()

    def test_stores_a_request_and_no_order(self, room, author, desk: Desk) -> None:
        answer = desk.ask(
            desk.open("request_order", kind="range", least_mg="100", gap_plan="own", gap_cap_percent="60")
        )

        request = OrderRequest.objects.get()
        assert answer.headers["Location"] == desk.address("see_orders")
        assert Order.objects.count() == OrderPeriod.objects.count() == 1
        assert (request.written_by, request.patient_id, request.starts_at) == (author, room.patient.id, None)
        assert (request.dose_mg, request.least_mg, request.gap_cap_percent) == (200, 100, 60)
        assert (request.routes, request.sites) == (["iv"], ["left_arm", "right_arm"])
        assert request.seen.startswith(str(room.order.id))
        assert request.standing.status == "open"
        event = AuditEvent.objects.get(event="dosing.order_requested")
        assert (event.actor, event.person, event.object_id) == (author, room.patient.id, str(request.id))

    def test_stores_steps_sessions_and_a_later_start(self, room, author, at_a_desk: SitDown) -> None:
        desk = at_a_desk(room, author)
        day = london_date(now()) + timedelta(days=1)
        later = {"starts": "later", "starts_on": f"{day:%d/%m/%Y}", "starts_time": "07:30"}
        desk.ask(desk.open("request_order", kind="differ", slot_am="200", slot_pm="150", **later))

        request = OrderRequest.objects.get()

        assert request.slots == [["am", 200], ["pm", 150]]
        assert request.starts_at is not None
        assert f"{request.starts_at.astimezone(LONDON):%H:%M}" == "07:30"

    def test_is_told_so_on_the_orders_and_on_the_worklist(self, desk: Desk) -> None:
        desk.ask()

        text = desk.client.get(desk.address("see_orders")).content.decode()
        assert "It is no order until then: nothing may be given on it." in text
        assert "Waits for a licensed doctor" in text
        assert "Order to authorise" in worklist(desk)
        assert "You wrote it. Another doctor, licensed here, signs it." in worklist(desk)

    def test_asks_once_with_one_page(self, desk: Desk) -> None:
        page = desk.open("request_order")

        answers = [desk.ask(page).headers["Location"] for _ in range(2)]
        other = desk.ask(page | {"dose_mg": "190", "daily_max_mg": "380"}).content.decode()

        assert answers == [desk.address("see_orders")] * 2
        assert "already used for something else" in other
        assert OrderRequest.objects.count() == 1

    def test_asks_for_one_order_at_a_time(self, desk: Desk) -> None:
        page = desk.open("request_order")
        desk.ask()

        answer = desk.ask(page).content.decode()
        form = desk.client.get(desk.address("request_order")).content.decode()

        assert "Dr Ana Brandt asked on" in answer
        assert "It is answered or withdrawn before another is written." in answer
        assert "id_dose_mg" not in form
        assert OrderRequest.objects.count() == 1

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"dose_mg": "271", "daily_max_mg": "542"}, "271 mg is over 270 mg"),
            ({"dose_mg": "451", "daily_max_mg": "902"}, "451 mg is over the limit for one dose, 450 mg."),
            ({"interval_minutes": "179"}, "at least 180 minutes apart"),
            ({"observation_minutes": "14"}, "under the least, 20 minutes"),
        ],
    )
    def test_cannot_even_ask_for_an_impossible_order(
        self, desk: Desk, changes: dict[str, Any], told: str
    ) -> None:
        page = desk.open("request_order", **changes)

        read = desk.client.post(desk.address("request_order"), page | {"step": "read"}).content.decode()
        asked = desk.ask(page).content.decode()

        assert told in read
        assert told in asked
        assert "You cannot ask yet" in asked
        assert not OrderRequest.objects.exists()
        assert AuditEvent.objects.filter(event="dosing.order_requested", outcome="refused").count() == 1

    def test_ticks_every_note(self, desk: Desk) -> None:
        page = desk.open("request_order", daily_max_mg="601")

        first = desk.ask(page).content.decode()
        desk.ask(page | {"acknowledged": ["high_day"]})

        assert "Tick that you have read: 601 mg a day is over 600 mg." in first
        assert OrderRequest.objects.get().codes == ["high_day"]

    def test_is_refused_on_a_stale_page_with_what_changed(self, room, desk: Desk) -> None:
        page = desk.open("request_order")
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=100)

        answer = desk.ask(page).content.decode()

        assert "The order changed since you opened this page. Order 2 is 100 mg twice a day" in answer
        assert 'value="200"' in answer
        assert not OrderRequest.objects.exists()

    def test_is_refused_on_somebody_elses_page(self, room, desk: Desk, at_a_desk: SitDown) -> None:
        page = desk.open("request_order")
        other = at_a_desk(room, a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Sol Reed"))

        assert "opened by somebody else" in other.ask(page).content.decode()
        assert not OrderRequest.objects.exists()

    def test_cannot_sign_by_sending_the_other_button(self, desk: Desk) -> None:
        page = desk.open("request_order")

        answer = desk.sign(page).content.decode()

        assert "No licence of yours for this drug at these premises is in force." in answer
        assert "Ask a licensed doctor to sign it" in answer
        assert 'value="200"' in answer
        assert Order.objects.count() == 1

    def test_keeps_what_was_written_for_signing_when_asking_instead(self, desk: Desk) -> None:
        page = desk.open("request_order")
        desk.sign(page)

        answer = desk.client.post(desk.address("request_order"), page | {"step": "read"})

        assert answer.context["review"].dose_mg == 200

    def test_has_no_form_while_nobody_could_sign(self, room, desk: Desk) -> None:
        licence = Licence.objects.get(doctor=room.doctor)
        revoke_licence(
            clinic=room.clinic, licence_id=licence.id, reason="Withdrawn.", by=room.doctor, at=now()
        )

        text = desk.client.get(desk.address("request_order")).content.decode()

        assert "No doctor is licensed for this drug at these premises now, so nobody can sign." in text
        assert "id_dose_mg" not in text

    def test_has_no_form_without_consent(self, room, desk: Desk) -> None:
        withdraw_consent(
            person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.doctor, at=now()
        )

        text = desk.client.get(desk.address("request_order")).content.decode()

        assert "No treatment consent of this person stands." in text
        assert "id_dose_mg" not in text

    @pytest.mark.parametrize(("days", "status"), [(0, 302), (1, 200)])
    def test_asks_for_nothing_that_outlives_the_last_licence(
        self, room, desk: Desk, days: int, status: int
    ) -> None:
        last = london_date(now()) + timedelta(days=9)
        ends_at = now().astimezone(LONDON).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
            days=10
        )
        licence = Licence.objects.get(doctor=room.doctor)
        a_second_doctor(room, ends_at=ends_at)
        revoke_licence(
            clinic=room.clinic, licence_id=licence.id, reason="Withdrawn.", by=room.doctor, at=now()
        )

        answer = desk.ask(desk.open("request_order", ends_on=f"{last + timedelta(days=days):%d/%m/%Y}"))

        assert answer.status_code == status


class TestALicensedDoctor:
    def test_is_told_to_sign(self, room, at_a_desk: SitDown) -> None:
        desk = at_a_desk(room, room.doctor)

        text = desk.client.get(desk.address("request_order")).content.decode()

        assert "You are licensed for this drug at these premises: sign the order yourself." in text

    def test_asks_for_premises_without_a_licence(self, room, at_a_desk: SitDown) -> None:
        annex = open_premises(clinic=room.clinic, name="Annex", address="2 Way", by=room.doctor, at=now())
        desk = at_a_desk(room, room.doctor)
        page = desk.open(premises=str(annex.id))

        barred = desk.read(page).content.decode()
        asked = desk.client.post(desk.address("request_order"), page | {"step": "read"}).content.decode()

        assert "No licence of yours for this drug at these premises" in barred
        assert "Ask a licensed doctor to sign it" in barred
        assert "No doctor is licensed for this drug at these premises now" in asked


class TestARequestOfATreatmentThatIsOver:
    def test_lapses_with_the_first_of_the_next(self, room, author, desk: Desk) -> None:
        """It must not stand in the way for ever of what is asked for in the next treatment."""
        desk.ask()
        old = OrderRequest.objects.get()
        today = london_date(now())
        Episode.objects.filter(id=room.episode.id).update(
            started_on=today, exited_on=today, exit_reason=Episode.ExitReason.COMPLETED
        )
        referral = receive_referral(
            clinic=room.clinic,
            person=room.patient,
            source="police",
            referred_on=today,
            by=room.doctor,
            at=now(),
        )
        again = accept_referral(referral=referral, assessed_on=today, by=room.doctor, at=now())
        assess(again, by=room.doctor, at=now())
        page = desk.open("request_order", dose_mg="15", daily_max_mg="30")

        answer = desk.ask(page)

        standing = OrderRequestStanding.objects.get(request=old)
        assert answer.status_code == 302
        assert (standing.status, standing.ended_by) == ("lapsed", author)
        assert AuditEvent.objects.get(event="dosing.order_request_lapsed").object_id == str(old.id)
        assert OrderRequest.objects.get(standing__status="open").episode == again
        told = desk.client.get(desk.answer_address("authorise_order", old)).content.decode()
        assert "with the treatment that it was written for." in told

    def test_is_signed_by_nobody(self, room, desk: Desk, at_a_desk: SitDown) -> None:
        desk.ask()
        today = london_date(now())
        Episode.objects.filter(id=room.episode.id).update(
            started_on=today, exited_on=today, exit_reason=Episode.ExitReason.COMPLETED
        )
        doctors = at_a_desk(room, room.doctor)

        answer = doctors.authorise(OrderRequest.objects.get()).content.decode()

        assert "This person is not in treatment here." in answer
        assert Order.objects.count() == 1


class TestAskingByOthers:
    @pytest.mark.parametrize("role", [Role.NURSE, Role.PRESCRIBER, Role.CLINICAL_LEAD])
    @pytest.mark.parametrize(
        ("page", "event"),
        [("sign_order", "dosing.order_signed"), ("request_order", "dosing.order_requested")],
    )
    def test_is_barred_with_a_page_of_its_own_and_recorded(
        self, room, at_a_desk: SitDown, role: Role, page: str, event: str
    ) -> None:
        desk = at_a_desk(room, a_member_of_staff(room.clinic, role, name="Sol Oduya"))

        answers = [
            desk.client.get(desk.address(page)),
            desk.client.post(desk.address(page), {"dose_mg": "200"}),
        ]

        assert [answer.status_code for answer in answers] == [403, 403]
        text = answers[0].content.decode()
        assert "may order, vary or direct diamorphine" in text
        assert "Withhold a dose" in text
        assert "Licensed here now: Dr Priya Nair." in text
        assert room.patient.full_name not in text
        tried = AuditEvent.objects.filter(event=event, outcome="refused")
        assert [(one.person, one.detail["codes"]) for one in tried] == [
            (room.patient.id, ["not_a_doctor"])
        ] * 2
        assert Order.objects.count() == 1
        assert not OrderRequest.objects.exists()

    def test_leads_a_prescriber_to_what_they_may_order(self, room, at_a_desk: SitDown) -> None:
        desk = at_a_desk(room, a_member_of_staff(room.clinic, Role.PRESCRIBER, name="Sol Oduya"))

        text = desk.client.get(desk.address("sign_order")).content.decode()

        for name in ("sign_oral_order", "order_naloxone", "end_order", "see_orders"):
            assert desk.address(name) in text

    def test_tells_a_nurse_of_what_nurses_do_alone(self, room, at_a_desk: SitDown) -> None:
        desk = at_a_desk(room, a_member_of_staff(room.clinic, Role.NURSE, name="Sol Oduya"))

        text = desk.client.get(desk.address("sign_order")).content.decode()

        assert "Order oral medicine" not in text
        assert "End dosing at once" not in text
        assert "Withhold a dose" in text

    @pytest.mark.parametrize("role", [Role.COMMISSIONER, Role.MANAGER])
    def test_tells_whoever_sees_no_orders_nothing_of_the_person(
        self, room, at_a_desk: SitDown, role: Role
    ) -> None:
        desk = at_a_desk(room, a_member_of_staff(room.clinic, role, name="Sol Oduya"))

        here = desk.client.get(desk.address("sign_order"))
        desk.person = a_treatment_room().patient
        elsewhere = desk.client.get(desk.address("sign_order"))

        assert (here.status_code, elsewhere.status_code) == (403, 403)
        assert shown(here) == shown(elsewhere)
        assert "diamorphine" in shown(here)

    def test_of_a_person_elsewhere_names_nobody(self, room, at_a_desk: SitDown) -> None:
        desk = at_a_desk(room, a_member_of_staff(room.clinic, Role.PRESCRIBER, name="Sol Oduya"))
        desk.person = a_treatment_room().patient

        answer = desk.client.get(desk.address("sign_order"))

        assert answer.status_code == 403
        assert desk.address("see_orders") not in answer.content.decode()
        assert AuditEvent.objects.get(event="dosing.order_signed", outcome="refused").person is None

    def test_by_a_stranger_finds_nothing(self, room, at_a_desk: SitDown) -> None:
        elsewhere = a_treatment_room()
        desk = at_a_desk(room, elsewhere.doctor)

        assert desk.client.get(desk.address("request_order")).status_code == 404
        assert desk.client.get(desk.address("sign_order")).status_code == 404
