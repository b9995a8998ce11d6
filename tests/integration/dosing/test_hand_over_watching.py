"""While one is in need, one tap hands the others who are observed to a colleague."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dosing.actions.emergencies import EmergencyRefused, NoSuchEmergency
from dosing.actions.watching import hand_over_watching
from dosing.models import Emergency, EmergencyLine, Visit
from dosing.queries.watching import get_handing_over
from dosing.rules.emergencies import LineKind
from hat_clinic.accounts.presence import TERMINAL_COOKIE
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.emergencies import an_emergency, tapped
from tests.factories.treatment import TreatmentRoom, a_patient_in_treatment, a_treatment_room
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_observation import codes


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    """Somebody who is observed; the emergency is another person's."""
    room = a_treatment_room(dose_mg=180)
    room.give()
    return room


@pytest.fixture
def emergency(room: TreatmentRoom) -> Emergency:
    other = a_patient_in_treatment(room.clinic, by=room.doctor)
    return an_emergency(replace(room, patient=other.person))


def handed(room: TreatmentRoom, emergency: Emergency, **changes: Any) -> EmergencyLine:
    sent: dict[str, Any] = {
        "clinic": room.clinic,
        "emergency_id": emergency.id,
        "to_id": room.second_nurse.id,
        "terminal_id": room.terminal.id,
        "key": uuid.uuid4(),
        "by": room.nurse,
        "at": now(),
    }
    return hand_over_watching(**(sent | changes))


def watcher(room: TreatmentRoom) -> Any:
    return Visit.objects.filter(patient=room.patient).latest("arrived_at").with_staff


class TestHandingOver:
    def test_makes_the_colleague_the_one_who_watches_and_writes_it_down(self, room, emergency) -> None:
        assert watcher(room) == room.nurse

        line = handed(room, emergency)

        assert watcher(room) == room.second_nurse
        assert (line.kind, line.written_by) == (LineKind.NOTE, room.nurse)
        assert room.second_nurse.full_name in line.words
        assert room.patient.full_name not in line.words
        event = AuditEvent.objects.get(event="dosing.watching_handed_over", person=room.patient.id)
        assert event.detail["to"] == str(room.second_nurse.id)

    def test_twice_with_one_key_is_one(self, room, emergency) -> None:
        key = uuid.uuid4()
        assert handed(room, emergency, key=key) == handed(room, emergency, key=key)
        assert AuditEvent.objects.filter(event="dosing.watching_handed_over").count() == 1

    def test_is_for_those_who_take_readings_here(self, room, emergency) -> None:
        with pytest.raises(EmergencyRefused) as refusal:
            handed(room, emergency, to_id=uuid.uuid4())

        assert codes(refusal) == {"may_not_watch"}
        assert watcher(room) == room.nurse
        assert AuditEvent.objects.get(event="dosing.watching_handed_over").outcome == "refused"

    def test_is_over_with_the_emergency(self, room, emergency) -> None:
        tapped(room, emergency, LineKind.HANDED_OVER)
        with pytest.raises(EmergencyRefused) as refusal:
            handed(room, emergency)
        assert codes(refusal) == {"emergency_over"}

    def test_leaves_the_one_in_need_where_they_are(self, room) -> None:
        own = an_emergency(room)
        with pytest.raises(EmergencyRefused) as refusal:
            handed(room, own)
        assert codes(refusal) == {"nobody_observed"}

    def test_in_another_clinic_is_not_there(self, room, emergency) -> None:
        with pytest.raises(NoSuchEmergency):
            handed(a_treatment_room(), emergency)


class TestTheButton:
    def test_is_one_tap_without_a_pin_at_a_locked_terminal(self, room, emergency) -> None:
        client = Client()
        client.cookies[TERMINAL_COOKIE] = room.terminal_secret
        screen = reverse("dosing:handle_emergency", args=[emergency.id])
        there = reverse("dosing:hand_over_watching", args=[emergency.id])
        page = client.get(screen)
        offered = page.context["handing_over"]
        (one,) = [each for each in (*offered.here, *offered.others) if each.user_id == room.second_nurse.id]
        assert room.nurse.full_name in [each.name for each in offered.here]
        assert "Hand these to" in page.content.decode()

        assert client.post(there, {"to": "nobody"})["Location"] == screen
        assert client.post(there, {"to": f"{uuid.uuid4()}:{uuid.uuid4()}"})["Location"] == screen
        assert watcher(room) == room.nurse
        assert client.post(there, {"to": f"{one.user_id}:{one.key}"})["Location"] == screen

        assert watcher(room) == room.second_nurse
        assert EmergencyLine.objects.get().written_by is None
        assert "handed to" in client.get(screen).content.decode()

    def test_offers_nobody_to_themselves(self, room, emergency) -> None:
        offered = get_handing_over(clinic=room.clinic, by=room.nurse, at=now())
        names = {each.name for each in (*offered.here, *offered.others)}
        assert room.nurse.full_name not in names
        assert room.second_nurse.full_name in names

    def test_is_not_there_where_nobody_else_is_observed(self, room) -> None:
        client = Client()
        client.cookies[TERMINAL_COOKIE] = room.terminal_secret
        own = an_emergency(room)
        body = client.get(reverse("dosing:handle_emergency", args=[own.id])).content.decode()
        assert "Hand these to" not in body
