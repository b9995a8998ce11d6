"""Signing an order through its pages: read in figures and words, signed once, refused in words."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.urls import reverse

from dosing.actions.orders import record_licence
from dosing.models import Licence, Order, OrderPeriod
from dosing.queries.orders import get_order_in_force
from dosing.rules.orders import Product
from hat_clinic.accounts.actions import close_account
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON, london_date, now
from patients.actions import withdraw_consent
from patients.rules.consents import Purpose
from tests.conftest import PASSWORD
from tests.factories.order_pages import Desk
from tests.factories.treatment import (
    TreatmentRoom,
    a_member_of_staff,
    a_patient_in_treatment,
    a_treatment_room,
    an_order,
)

SitDown = Callable[..., Desk]


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room(dose_mg=180)


@pytest.fixture
def desk(room: TreatmentRoom, at_a_desk: SitDown) -> Desk:
    return at_a_desk(room, room.doctor)


def a_second_doctor(room: TreatmentRoom, **licence: Any) -> Any:
    doctor = a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Sam Ito")
    at = now()
    record_licence(
        doctor=doctor,
        premises=room.premises,
        product=Product.DIAMORPHINE,
        starts_at=at,
        ends_at=licence.get("ends_at", at + timedelta(days=365)),
        by=doctor,
        at=at,
    )
    return doctor


def live(room: TreatmentRoom) -> Order | None:
    return get_order_in_force(patient_id=room.patient.id, product=Product.DIAMORPHINE, at=now())


class TestAnOrderThatIsReadAndSigned:
    def test_is_read_in_figures_and_in_words(self, desk: Desk) -> None:
        text = desk.read(desk.open()).content.decode()

        assert "200 mg" in text
        assert "two hundred milligrams, twice a day" in text
        assert "400 mg (four hundred milligrams)" in text
        assert "180 minutes (one hundred and eighty minutes)" in text
        assert "14 days" in text
        assert Order.objects.count() == 1

    def test_takes_the_place_of_the_one_before_at_one_moment(self, room, desk: Desk) -> None:
        answer = desk.sign(desk.open())

        order = live(room)
        before = OrderPeriod.objects.get(order=room.order)
        assert (answer.status_code, answer.headers["Location"]) == (302, desk.address("see_orders"))
        assert order is not None
        assert (order.dose_mg, order.version, order.replaces_id) == (200, 2, room.order.id)
        assert order.starts_at == order.signed_at == order.period.during.lower == before.during.upper
        assert (before.ended_by, before.end_reason) == (room.doctor, "replaced")
        assert london_date(order.ends_at - timedelta(seconds=1)) == london_date(now()) + timedelta(days=13)

    def test_says_so_on_the_persons_page(self, desk: Desk) -> None:
        desk.sign(desk.open())

        text = desk.client.get(desk.address("see_orders")).content.decode()
        assert "Saved: order 2 is signed, 200 mg twice a day" in text

    def test_may_begin_later_and_leaves_the_live_one_until_then(self, room, desk: Desk) -> None:
        day = london_date(now()) + timedelta(days=1)
        later = {"starts": "later", "starts_on": f"{day:%d/%m/%Y}", "starts_time": "07:30"}

        desk.sign(desk.open(**later))

        order = Order.objects.get(version=2)
        assert live(room) == room.order
        assert OrderPeriod.objects.get(order=room.order).during.upper == order.starts_at
        assert f"{order.starts_at.astimezone(LONDON):%H:%M}" == "07:30"

    def test_made_for_later_gives_way_to_one_signed_now(self, room, desk: Desk) -> None:
        day = london_date(now()) + timedelta(days=1)
        later = {"starts": "later", "starts_on": f"{day:%d/%m/%Y}", "starts_time": "07:30"}
        desk.sign(desk.open(**later))

        answer = desk.sign(desk.open(dose_mg="190"))

        order = live(room)
        assert answer.status_code == 302
        assert order is not None
        assert (order.dose_mg, order.version, order.replaces.version) == (190, 3, 2)
        assert OrderPeriod.objects.get(order__version=2).during.isempty

    def test_is_in_the_audit_trail(self, room, desk: Desk) -> None:
        desk.sign(desk.open())

        event = AuditEvent.objects.filter(event="dosing.order_signed", outcome="done").latest("id")
        assert (event.actor, event.person) == (room.doctor, room.patient.id)
        assert event.object_id == str(Order.objects.get(version=2).id)

    def test_of_a_high_dose_keeps_its_reason(self, db: None, at_a_desk: SitDown) -> None:
        room = a_treatment_room(dose_mg=300)
        desk = at_a_desk(room, room.doctor)
        page = desk.open(dose_mg="401", sessions_per_day="1", daily_max_mg="401")
        page["acknowledged"] = ["high_dose"]

        barred = desk.read(page).content.decode()
        desk.sign(page | {"high_dose_reason": "Long on 420 mg elsewhere."})

        assert "<strong>STOP</strong> · 401 mg is over 400 mg in one dose" in barred
        assert Order.objects.get(version=2).high_dose_reason == "Long on 420 mg elsewhere."


class TestAPasswordGivenAfresh:
    def test_is_asked_for_before_anything_is_signed(self, room, at_a_desk: SitDown) -> None:
        desk = at_a_desk(room, room.doctor, is_fresh=False)

        answer = desk.sign(desk.open())

        assert answer.headers["Location"].startswith(reverse("account_reauthenticate"))
        assert Order.objects.count() == 1

    def test_signs_what_was_written_before_it(self, room, make_member, at_a_desk: SitDown) -> None:
        doctor = make_member(room.clinic, Role.DOCTOR, "dr-adeyemi")
        at = now()
        record_licence(
            doctor=doctor,
            premises=room.premises,
            product=Product.DIAMORPHINE,
            starts_at=at,
            ends_at=at + timedelta(days=365),
            by=doctor,
            at=at,
        )
        desk = at_a_desk(room, doctor, is_fresh=False)
        asked = desk.sign(desk.open())

        answer = desk.client.post(
            asked.headers["Location"], {"password": PASSWORD, "next": desk.address("sign_order")}
        )

        assert answer.headers["Location"] == desk.address("see_orders")
        assert Order.objects.get(version=2).signed_by == doctor

    def test_lasts_five_minutes(self, room, desk: Desk) -> None:
        page = desk.open()
        session = desk.client.session
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time() - 301}]
        session.save()

        assert desk.sign(page).headers["Location"].startswith(reverse("account_reauthenticate"))
        assert Order.objects.count() == 1

    def test_is_not_asked_for_to_read(self, room, at_a_desk: SitDown) -> None:
        desk = at_a_desk(room, room.doctor, is_fresh=False)

        assert desk.read(desk.open()).status_code == 200


class TestAPageSentTwice:
    def test_signs_one_order_and_gets_one_answer(self, desk: Desk) -> None:
        page = desk.open()

        answers = [desk.sign(page).headers["Location"] for _ in range(2)]

        assert answers == [desk.address("see_orders")] * 2
        assert Order.objects.count() == 2

    def test_with_another_dose_is_refused(self, desk: Desk) -> None:
        page = desk.open()
        desk.sign(page)

        answer = desk.sign(page | {"dose_mg": "210", "daily_max_mg": "420"})

        assert "already used for something else" in answer.content.decode()
        assert Order.objects.count() == 2


class TestAStalePage:
    def test_is_refused_with_what_changed(self, room, desk: Desk) -> None:
        page = desk.open()
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=100)

        answer = desk.sign(page).content.decode()

        assert "The order changed since you opened this page. Order 2 is 100 mg twice a day" in answer
        assert 'value="200"' in answer
        assert Order.objects.filter(dose_mg=200).count() == 0

    def test_is_told_before_it_is_read(self, room, desk: Desk) -> None:
        page = desk.open()
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=100)

        assert "Order 2 is 100 mg" in desk.read(page).content.decode()

    def test_may_be_sent_again_after_it_was_told(self, room, desk: Desk) -> None:
        page = desk.open()
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=100)
        form = desk.sign(page).context["form"]

        answer = desk.sign(page | {"key": form["key"].value(), "seal": form["seal"].value()})

        assert answer.status_code == 302
        assert live(room).dose_mg == 200

    def test_of_an_order_that_was_ended_is_refused(self, room, desk: Desk) -> None:
        page = desk.open()
        desk.end(desk.open_end())

        answer = desk.sign(page).content.decode()

        assert "ended it on" in answer
        assert Order.objects.count() == 1

    def test_of_another_doctor_is_refused(self, room, desk: Desk, at_a_desk: SitDown) -> None:
        other = at_a_desk(room, a_second_doctor(room))

        answer = other.sign(desk.open())

        assert "opened by somebody else" in answer.content.decode()
        assert Order.objects.count() == 1

    def test_of_another_person_is_refused(self, room, desk: Desk) -> None:
        page = desk.open()
        desk.person = a_patient_in_treatment(room.clinic, by=room.doctor).person

        assert "opened by somebody else or for somebody else" in desk.sign(page).content.decode()
        assert Order.objects.count() == 1


class TestWhatChangedMeanwhile:
    def test_a_consent_that_was_withdrawn_bars_the_signature(self, room, desk: Desk) -> None:
        page = desk.open()
        withdraw_consent(
            person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.doctor, at=now()
        )

        answer = desk.sign(page).content.decode()

        assert "No treatment consent of this person stands." in answer
        assert Order.objects.count() == 1

    def test_a_licence_that_ended_bars_the_signature(self, room, at_a_desk: SitDown) -> None:
        doctor = a_second_doctor(room, ends_at=now() + timedelta(seconds=2))
        desk = at_a_desk(room, doctor)
        page = desk.open()
        until = Licence.objects.get(doctor=doctor).ends_at
        while now() < until:
            time.sleep(0.05)

        answer = desk.sign(page).content.decode()

        assert "No licence of yours for this drug at these premises is in force." in answer
        assert Order.objects.count() == 1

    def test_a_dose_that_was_given_lets_the_next_order_begin_after_it(self, room, desk: Desk) -> None:
        page = desk.open()
        room.give()

        desk.sign(page)

        assert live(room).dose_mg == 200


class TestANote:
    def test_is_ticked_before_the_order_is_signed(self, desk: Desk) -> None:
        answer = desk.sign(desk.open(daily_max_mg="601", acknowledged=[]))

        assert "Tick that you have read: 601 mg a day is over 600 mg." in answer.content.decode()
        assert 'name="step" value="sign"' in answer.content.decode()
        assert Order.objects.count() == 1


class TestAnOrderThatMayNotBeSigned:
    def test_is_over_15_mg_for_somebody_without_a_dose_here(self, db: None, at_a_desk: SitDown) -> None:
        room = a_treatment_room()
        desk = at_a_desk(room, room.doctor)

        barred = desk.sign(desk.open(dose_mg="16", daily_max_mg="32")).content.decode()
        first = desk.sign(desk.open(dose_mg="15", daily_max_mg="30"))

        assert "16 mg is over 15 mg: no tolerated dose by this route is recorded here" in barred
        assert first.status_code == 302

    @pytest.mark.parametrize(("mg", "status"), [("270", 302), ("271", 200)])
    def test_is_over_half_above_what_was_tolerated(self, desk: Desk, mg: str, status: int) -> None:
        assert desk.sign(desk.open(dose_mg=mg, daily_max_mg="542")).status_code == status

    def test_is_not_read_and_gives_every_reason_with_its_field(self, desk: Desk) -> None:
        page = desk.open(dose_mg="451", daily_max_mg="901", observation_minutes="14", interval_minutes="179")

        text = desk.read(page).content.decode()

        assert "You cannot sign yet: 6 reasons" in text
        assert "451 mg is over the limit for one dose, 450 mg." in text
        assert "901 mg a day is over the clinic&#x27;s limit of 900 mg." in text
        assert "Nobody can lift this." in text
        assert 'href="#id_dose_mg"' in text
        assert 'value="451"' in text

    @pytest.mark.parametrize(
        "typed",
        [
            "1_000",
            "1e3",
            "１８０",
            "١٨٠",
            "+180",
            "-180",
            "180.0",
            "180mg",
            "0180",
            "0",
            "1,000",
            "\u00a0180",
            "",
            "99999",
        ],
    )
    def test_has_numbers_that_are_read_as_they_are(self, desk: Desk, typed: str) -> None:
        numbers = ["dose_mg", "daily_max_mg", "interval_minutes", "observation_minutes"]

        answer = desk.read(desk.open(**dict.fromkeys(numbers, typed)))

        assert sorted(answer.context["form"].errors) == sorted(numbers)
        assert answer.context["review"] is None

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"ends_on": "2026-12-08"}, "ends_on"),
            ({"ends_on": "31/12/9999"}, "ends_on"),
            ({"starts": "later"}, "starts_on"),
            ({"routes": ["mouth"]}, "routes"),
            ({"sites": []}, "sites"),
            ({"sessions_per_day": "3"}, "sessions_per_day"),
            ({"basis": "  "}, "basis"),
        ],
    )
    def test_is_told_at_the_field(self, desk: Desk, changes: dict[str, Any], field: str) -> None:
        errors = desk.read(desk.open(**changes)).context["form"].errors

        assert field in errors
        assert "valid" not in str(errors[field])

    @pytest.mark.parametrize(("days", "status"), [(27, 302), (28, 200)])
    def test_ends_within_28_days(self, desk: Desk, days: int, status: int) -> None:
        last = london_date(now()) + timedelta(days=days)

        assert desk.sign(desk.open(ends_on=f"{last:%d/%m/%Y}")).status_code == status

    def test_has_no_form_while_something_bars_it_already(self, room, desk: Desk) -> None:
        withdraw_consent(
            person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.doctor, at=now()
        )

        text = desk.client.get(desk.address("sign_order")).content.decode()

        assert "You cannot sign yet: 1 reason" in text
        assert "id_dose_mg" not in text

    def test_keeps_what_was_written_when_it_is_changed(self, desk: Desk) -> None:
        page = desk.open(dose_mg="195")

        text = desk.client.post(desk.address("sign_order"), page | {"step": "change"}).content.decode()

        assert 'value="195"' in text
        assert "Read it before signing" in text


class TestADoseOnTheForm:
    def test_is_never_filled_in(self, desk: Desk) -> None:
        form = desk.client.get(desk.address("sign_order")).context["form"]

        asked = [
            name for name in form.fields if name not in ("key", "seal", "premises", "acknowledged", "ends_on")
        ]
        assert [form[name].value() or None for name in asked] == [None] * len(asked)
        assert "Now 180 mg. Limit 450 mg." in str(form["dose_mg"].help_text)


class TestSomebodyElse:
    def test_of_another_clinic_has_no_page_like_a_missing_person(self, desk: Desk) -> None:
        desk.person = a_treatment_room().patient

        assert [desk.client.get(desk.address("sign_order")).status_code, desk.sign({}).status_code] == [
            404,
            404,
        ]

    @pytest.mark.parametrize("role", [Role.NURSE, Role.PRESCRIBER, Role.CLINICAL_LEAD, Role.CASE_WORKER])
    def test_than_a_doctor_may_not_sign(self, room, at_a_desk: SitDown, role: Role) -> None:
        desk = at_a_desk(room, a_member_of_staff(room.clinic, role, name="Somebody Else"))

        assert desk.client.get(desk.address("sign_order")).status_code == 403
        assert desk.client.get(desk.address("see_orders")).status_code == (
            403 if role is Role.CASE_WORKER else 200
        )

    def test_who_looked_is_in_the_audit_trail(self, room, desk: Desk) -> None:
        desk.open()

        look = AuditEvent.objects.get(event="dosing.signing_page_seen")
        assert (look.actor, look.person) == (room.doctor, room.patient.id)


class TestAnOrderWhoseDoctorLeft:
    def test_is_replaced_by_another_doctor(self, room, at_a_desk: SitDown) -> None:
        desk = at_a_desk(room, a_second_doctor(room))
        close_account(user=room.doctor, clinic=room.clinic, by=room.cd_lead, at=now())

        assert "Suspended" in desk.client.get(desk.address("see_orders")).content.decode()
        assert desk.sign(desk.open()).status_code == 302
        assert "Suspended" not in desk.client.get(desk.address("see_orders")).content.decode()
