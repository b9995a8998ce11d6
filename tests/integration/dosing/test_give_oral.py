"""An oral dose at the terminal: given once, by a nurse with their own PIN, not too soon and not over the day."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from dosing.actions.holds import lift_hold
from dosing.actions.oral import OralRefused
from dosing.actions.preparations import PreparationRefused
from dosing.models import Emergency, Hold, OralDose, RegisterEntry, Signature
from dosing.queries.oral import list_oral_doses
from dosing.rules.checks import Sedation
from dosing.rules.emergencies import LineKind
from hat_clinic.accounts.actions import PinRefused, enrol_totp
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from patients.actions import withdraw_consent
from patients.rules.consents import Purpose
from tests.factories.emergencies import tapped
from tests.factories.oral import OralCup, an_oral_order, give
from tests.factories.treatment import (
    SECOND_PIN,
    TreatmentRoom,
    a_member_of_staff,
    a_treatment_room,
    an_order,
    another,
)
from tests.integration.dosing.conftest import Clock

Stand = Callable[..., OralCup]


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def stand(sign_in_at_terminal) -> Stand:
    def at(room: TreatmentRoom, user: User | None = None) -> OralCup:
        user = user or room.nurse
        enrol_totp(user=user, secret=None, by=None, at=now())
        return OralCup(sign_in_at_terminal(Client(), user, room.terminal, room.terminal_secret), room)

    return at


def reviewed(room: TreatmentRoom) -> None:
    """The emergency ends, and a doctor licensed here looks at what happened and lets doses go on."""
    for emergency in Emergency.objects.filter(patient=room.patient):
        tapped(room, emergency, LineKind.HANDED_OVER)
    for hold in Hold.objects.filter(patient=room.patient, lifted_at__isnull=True):
        lift_hold(clinic=room.clinic, hold_id=hold.id, reason="Spoke with her.", by=room.doctor, at=now())


class TestAnOralDose:
    def test_is_stored_with_its_nurses_signature_and_no_register_line(self, room, stand: Stand) -> None:
        order = an_oral_order(room)
        lines = RegisterEntry.objects.count()
        cup = stand(room)

        answer = cup.send(cup.open(order, sedation="2"))

        assert answer.headers["Location"] == cup.address
        dose = OralDose.objects.get()
        assert (dose.mg, dose.sedation, dose.breaths, dose.supervised_by) == (40, "2", None, room.nurse)
        assert dose.signature.part == Signature.Part.GIVER
        assert RegisterEntry.objects.count() == lines
        event = AuditEvent.objects.get(event="dosing.oral_given")
        assert (event.person, event.outcome) == (room.patient.id, "done")
        text = cup.client.get(cup.address).content.decode()
        assert "Saved: Methadone 1 mg/ml oral solution, 40 mg." in text
        assert "Left of today: <strong>0 mg</strong>" in text

    def test_has_nothing_filled_in(self, room, stand: Stand) -> None:
        an_oral_order(room)

        form = stand(room).client.get(stand(room).address).context["form"]

        assert [form[name].value() for name in ("born", "sedation", "breaths", "mg", "pin")] == [None] * 5

    def test_sent_twice_is_given_once(self, room, stand: Stand) -> None:
        order = an_oral_order(room)
        cup = stand(room)
        page = cup.open(order)

        assert [cup.send(page).status_code for _ in range(2)] == [302, 302]
        assert OralDose.objects.count() == 1

    def test_under_the_key_of_another_is_refused(self, room) -> None:
        order, key = an_oral_order(room), uuid.uuid4()
        give(room, order, mg=10, key=key)

        with pytest.raises(OralRefused, match="already used"):
            give(room, order, mg=20, key=key)
        assert OralDose.objects.count() == 1

    def test_may_come_in_parts_and_not_pass_the_day(self, room) -> None:
        order = an_oral_order(room)
        give(room, order, mg=15)

        with pytest.raises(OralRefused, match="26 mg is over what is left of today: 25 mg of 40 mg"):
            give(room, order, mg=26)
        give(room, order, mg=25)

        assert [dose.mg for dose in list_oral_doses(patient_id=room.patient.id, since=order.starts_at)] == [
            15,
            25,
        ]
        assert list_oral_doses(patient_id=room.patient.id, since=now() + timedelta(hours=1)) == ()

    def test_to_a_person_nobody_recognised_is_refused(self, room, stand: Stand) -> None:
        order = an_oral_order(room)
        cup = stand(room)

        answer = cup.send(cup.open(order, born="1980-01-01")).content.decode()

        assert "That is not this person&#x27;s date of birth." in answer
        assert not OralDose.objects.exists()
        assert AuditEvent.objects.get(event="dosing.oral_given").detail["codes"] == ["not_identified"]

    def test_to_a_person_whom_two_of_the_staff_know_is_given(self, room, stand: Stand) -> None:
        order = an_oral_order(room)
        cup = stand(room)

        cup.send(cup.open(order, born="known"))

        assert OralDose.objects.count() == 1

    def test_to_somebody_drowsy_is_refused(self, room) -> None:
        with pytest.raises(OralRefused, match="Sedation POSS 3"):
            give(room, an_oral_order(room), sedation=Sedation.DRIFTS_OFF)

    def test_over_slow_breathing_is_refused(self, room, stand: Stand) -> None:
        order = an_oral_order(room)
        cup = stand(room)

        slow = cup.send(cup.open(order, breaths="low", breaths_exact="7")).content.decode()
        untold = cup.send(cup.open(order, breaths="high", breaths_exact="7"))
        cup.send(cup.open(order, breaths="high", breaths_exact="24"))

        assert "Breathing 7 a minute, under 12." in slow
        assert "breaths_exact" in untold.context["form"].errors
        assert OralDose.objects.get().breaths == 24

    def test_with_a_wrong_pin_or_another_nurses_is_refused(self, room, stand: Stand) -> None:
        order = an_oral_order(room)
        cup = stand(room)

        assert "pin" in cup.send(cup.open(order, pin=SECOND_PIN)).context["form"].errors
        with pytest.raises(PinRefused):
            give(room, order, pin=SECOND_PIN)
        assert not OralDose.objects.exists()

    def test_from_a_page_of_another_nurse_is_refused(self, room, stand: Stand) -> None:
        order = an_oral_order(room)
        page = stand(room).open(order, pin=SECOND_PIN)

        answer = stand(room, room.second_nurse).send(page).content.decode()

        assert "opened by somebody else" in answer
        assert not OralDose.objects.exists()

    @pytest.mark.parametrize("mg", ["", "0", "4.5", "+4", "1e1", "1_0", "40 mg", "٤٠", "040"])
    def test_of_anything_but_whole_milligrams_is_refused(self, room, stand: Stand, mg: str) -> None:
        cup = stand(room)

        assert "mg" in cup.send(cup.open(an_oral_order(room), mg=mg)).context["form"].errors

    @pytest.mark.parametrize("born", ["", "yesterday"])
    def test_asks_who_it_is(self, room, stand: Stand, born: str) -> None:
        cup = stand(room)

        assert "born" in cup.send(cup.open(an_oral_order(room), born=born)).context["form"].errors

    def test_on_an_order_that_was_replaced_is_refused_with_what_stands(self, room, stand: Stand) -> None:
        first = an_oral_order(room)
        cup = stand(room)
        page = cup.open(first)
        an_oral_order(room, daily_mg=60)

        answer = cup.send(page).content.decode()

        assert "That order is not in force any more." in answer
        assert "60 mg a day (order 2): signed by Dr Priya Nair" in answer
        assert not OralDose.objects.exists()

    def test_without_an_order_has_no_form_and_is_refused(self, room, stand: Stand) -> None:
        cup = stand(room)

        assert "No order of oral medicine is in force." in cup.client.get(cup.address).content.decode()
        other = another(room)
        with pytest.raises(OralRefused, match="No order of an oral opioid is in force"):
            give(room, an_oral_order(other))

    def test_after_consent_was_taken_back_is_refused(self, room, stand: Stand) -> None:
        order = an_oral_order(room)
        withdraw_consent(
            person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.doctor, at=now()
        )

        with pytest.raises(OralRefused, match="No consent to treatment stands"):
            give(room, order)
        cup = stand(room)
        assert "Not given now: 1 reason" in cup.client.get(cup.address).content.decode()

    def test_of_a_prescriber_who_has_left_is_refused(self, room) -> None:
        order = an_oral_order(room)
        User.objects.filter(id=room.doctor.id).update(is_active=False)

        with pytest.raises(OralRefused, match="it is suspended"):
            give(room, order)

    def test_while_a_dose_is_drawn_up_is_refused(self, room) -> None:
        order = an_oral_order(room)
        room.prepare()

        with pytest.raises(OralRefused, match="has no ending"):
            give(room, order)

    def test_to_somebody_of_another_clinic_has_no_page(self, room, stand: Stand) -> None:
        cup = stand(room)
        other = a_treatment_room()

        assert (
            cup.client.get(cup.address.replace(str(room.patient.pk), str(other.patient.pk))).status_code
            == 404
        )

    def test_of_two_orders_asks_which(self, room, stand: Stand) -> None:
        order = an_oral_order(room)
        an_oral_order(room, drug="morphine", daily_mg=200)
        cup = stand(room)

        missing = cup.send(cup.open(order, order=""))
        cup.send(cup.open(order))

        assert "order" in missing.context["form"].errors
        assert OralDose.objects.get().drug == "methadone"


class TestTheWayToAnOralDose:
    def test_leads_from_the_person_their_orders_and_the_observation(self, room, stand: Stand) -> None:
        cup = stand(room)
        session_id = room.give().session_id
        pages = (
            f"/clinics/{room.clinic.code}/people/{room.patient.id}/",
            f"/clinics/{room.clinic.code}/people/{room.patient.id}/orders/",
            f"/clinics/{room.clinic.code}/sessions/{session_id}/observe/",
        )
        before = [cup.address in cup.client.get(page).content.decode() for page in pages]
        an_oral_order(room)

        after = [cup.address in cup.client.get(page).content.decode() for page in pages]

        assert (before, after) == ([False] * 3, [True] * 3)


class TestAnOralDoseAfterAnInjection:
    def test_is_refused_at_29_minutes_and_saved_at_30(self, clock: Clock) -> None:
        room = a_treatment_room()
        order = an_oral_order(room)
        room.give()

        clock.pass_by(minutes=29)
        with pytest.raises(OralRefused, match="ended 29 minutes ago, less than 30"):
            give(room, order)
        assert not OralDose.objects.exists()
        clock.pass_by(minutes=1)
        dose = give(room, order, sedation=Sedation.SLIGHTLY_DROWSY)

        assert dose.session is not None

    def test_after_an_emergency_is_held_until_a_licensed_doctor_signs(self, clock: Clock) -> None:
        room = a_treatment_room()
        order = an_oral_order(room)
        given = room.give()
        clock.pass_by(minutes=2)
        room.read(given.session_id, 2, sedation=Sedation.HARD_TO_ROUSE)

        clock.pass_by(hours=3)
        with pytest.raises(OralRefused, match="An emergency with naloxone"):
            give(room, order)
        clock.pass_by(minutes=1)
        again = an_oral_order(room)
        with pytest.raises(OralRefused, match="until a doctor licensed here has reviewed it"):
            give(room, again)
        reviewed(room)
        assert give(room, again).mg == 40

    def test_after_an_emergency_is_not_lifted_by_a_prescriber_without_a_licence(self, clock: Clock) -> None:
        room = a_treatment_room()
        given = room.give()
        clock.pass_by(minutes=2)
        room.read(given.session_id, 2, breaths=7)
        clock.pass_by(hours=3)

        prescriber = a_member_of_staff(room.clinic, Role.PRESCRIBER, name="Sol Oduya")
        order = an_oral_order(room, by=prescriber)
        with pytest.raises(OralRefused, match="An emergency with naloxone"):
            give(room, order)
        clock.pass_by(minutes=1)
        an_order(room.episode, room.premises, doctor=room.doctor)
        reviewed(room)
        assert give(room, order).mg == 40

    def test_is_new_the_next_day_in_london_also_where_the_clocks_change(self, clock: Clock) -> None:
        room = a_treatment_room()
        order = an_oral_order(room)
        give(room, order)
        clock.pass_by(hours=13, minutes=59)  # 23:59
        with pytest.raises(OralRefused, match="over what is left of today"):
            give(room, order)

        clock.pass_by(minutes=1)

        assert give(room, order).given_on == order.starts_at.date() + timedelta(days=1)


class TestAnInjectionAfterAnOralDose:
    def test_is_stopped_for_half_an_hour(self, clock: Clock) -> None:
        room = a_treatment_room()
        give(room, an_oral_order(room))
        clock.pass_by(minutes=29)
        room.open_day()
        visit = room.checked()

        with pytest.raises(PreparationRefused, match="An injection waits until 10:30"):
            room.prepare(visit)
        clock.pass_by(minutes=1)

        assert room.prepare(visit)

    def test_is_told_of_it_at_the_check(self, room, stand: Stand) -> None:
        give(room, an_oral_order(room))
        visit = room.identify()

        page = stand(room).client.get(f"/clinics/{room.clinic.code}/sessions/{visit.session_id}/check/")

        assert "An injection waits until" in page.content.decode()
