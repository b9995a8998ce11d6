"""The red button and the emergency screen over HTTP: signed in, locked, and with nobody there."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dosing.actions.observation import record_early_leaving
from dosing.models import Emergency, EmergencyCard, EmergencyLine, EmergencySignature
from dosing.queries.emergencies import get_standing_emergency
from dosing.rules.emergencies import LineKind
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.presence import SIGNED_IN_AT, TERMINAL_COOKIE
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON, now
from tests.factories.emergencies import a_card, an_emergency, tapped
from tests.factories.treatment import (
    NURSE_PIN,
    TreatmentRoom,
    a_member_of_staff,
    a_patient_in_treatment,
    a_treatment_room,
)
from tests.integration.dosing.conftest import Clock

START = "/emergency/"


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    room = a_treatment_room(dose_mg=180)
    room.give()
    return room


@pytest.fixture
def nurse(room, sign_in_at_terminal) -> Client:
    enrol_totp(user=room.nurse, secret=None, by=None, at=now())
    return sign_in_at_terminal(Client(), room.nurse, room.terminal, room.terminal_secret)


@pytest.fixture
def nobody(room) -> Client:
    """A browser that is the terminal, with nobody signed in."""
    client = Client()
    client.cookies[TERMINAL_COOKIE] = room.terminal_secret
    return client


def begin(client: Client, room: TreatmentRoom, **changes: Any) -> Any:
    return client.post(START, {"key": uuid.uuid4(), "patient": room.patient.id} | changes)


def screen(emergency: Emergency, name: str = "handle_emergency") -> str:
    return reverse(f"dosing:{name}", args=[emergency.id])


def press(client: Client, emergency: Emergency, kind: str) -> Any:
    """Press a button of the page as it is shown."""
    page = client.get(screen(emergency)).context["page"]
    keys = {tap.kind.value: tap.key for tap in page.taps}
    tap = f"{kind}:{keys.get(kind, uuid.uuid4())}"
    return client.post(screen(emergency, "write_emergency"), {"tap": tap})


class TestTheRedButton:
    def test_is_on_the_screens_of_a_terminal_locked_or_not(self, room, nurse, nobody) -> None:
        board = nurse.get(reverse("dosing:see_board", args=[room.clinic.code])).content.decode()
        faces = nobody.get(reverse("choose_person")).content.decode()

        assert START in board
        assert START in faces

    def test_asks_who_and_names_those_who_are_here_first(self, room, nurse, nobody) -> None:
        for client, names_others in ((nurse, True), (nobody, False)):
            page = client.get(START).context["page"]
            assert [one.patient_id for one in page.here] == [room.patient.id]
            assert "injected" in page.here[0].words
            assert all(names_others is ("born" not in one.name) for one in page.others)

    def test_names_nobody_who_is_not_in_the_room_while_it_is_locked(self, room, nurse, nobody) -> None:
        outside = a_patient_in_treatment(room.clinic, by=room.doctor).person
        session_id = room.patient.visits.latest("arrived_at").session_id
        record_early_leaving(
            clinic=room.clinic, session_id=session_id, reason="against advice", by=room.nurse, at=now()
        )
        names = {room.patient.full_name, outside.full_name}

        locked = nobody.get(START)
        assert not any(name in locked.content.decode() for name in names)
        found = {
            one.patient_id: one.name for one in (*locked.context["page"].here, *locked.context["page"].others)
        }
        assert f"born {outside.born_on:%Y}" in found[outside.id]
        assert all(name in nurse.get(START).content.decode() for name in names)
        assert begin(nobody, room, patient=outside.id).status_code == 302

    def test_is_on_the_office_pages_that_a_terminal_shows(self, room, nurse) -> None:
        emergency = an_emergency(room)
        address = reverse("dosing:see_emergency", args=[room.clinic.code, emergency.id])
        assert f'href="{START}"' in nurse.get(address).content.decode()

    def test_is_answered_where_the_sign_in_is_over_and_names_nobody(self, room, nurse) -> None:
        session = nurse.session
        session[SIGNED_IN_AT] = time.time() - 12 * 3600 - 1
        session.save()

        begin(nurse, room)
        emergency = Emergency.objects.get()
        press(nurse, emergency, "oxygen")

        assert emergency.begun_by is None
        assert EmergencyLine.objects.get().written_by is None
        board = nurse.get(reverse("dosing:see_board", args=[room.clinic.code]))
        assert board["Location"] == reverse("choose_person")

    def test_locks_like_every_other_page_while_somebody_is_named(self, room, nurse, nobody) -> None:
        emergency = an_emergency(room)
        pages = [START, screen(emergency, "give_naloxone"), screen(emergency, "correct_emergency")]
        for there in pages:
            assert "data-hat-lock" in nurse.get(there).content.decode()
            unnamed = nobody.get(there).content.decode()
            assert "data-hat-nobody" in unnamed
            assert "data-hat-lock" not in unnamed

    def test_begins_with_one_press_and_two_presses_are_one(self, room, nurse) -> None:
        answer = begin(nurse, room)
        begin(nurse, room)

        emergency = Emergency.objects.get()
        assert answer["Location"] == screen(emergency)
        assert emergency.begun_by == room.nurse

    def test_needs_no_pin_while_the_terminal_is_locked(self, room, nurse) -> None:
        nurse.post(reverse("lock_terminal"))
        assert nurse.get(START).status_code == 200
        begin(nurse, room)
        emergency = Emergency.objects.get()
        press(nurse, emergency, "oxygen")

        assert emergency.begun_by is None
        assert EmergencyLine.objects.get().written_by is None
        assert nurse.get(reverse("dosing:see_board", args=[room.clinic.code])).status_code == 302

    def test_works_with_nobody_signed_in_and_is_in_the_trail(self, room, nobody) -> None:
        begin(nobody, room)

        assert Emergency.objects.get().terminal == room.terminal
        assert AuditEvent.objects.filter(
            event="dosing.emergency_start_seen", person=room.patient.id
        ).count() in (0, 1)

    @pytest.mark.parametrize("sent", [{"patient": "nobody"}, {"key": ""}])
    def test_that_is_not_read_begins_nothing(self, room, nurse, sent: dict[str, str]) -> None:
        assert begin(nurse, room, **sent).status_code == 200
        assert not Emergency.objects.exists()

    def test_of_a_stranger_is_a_page_that_is_not_there(self, room, nurse) -> None:
        assert begin(nurse, room, patient=uuid.uuid4()).status_code == 404
        assert nurse.get(reverse("dosing:handle_emergency", args=[uuid.uuid4()])).status_code == 404


class TestTheScreen:
    def test_writes_each_of_the_nine_and_shows_its_time(self, room, nurse) -> None:
        a_card(room, by=a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Irina Wells"))
        emergency = an_emergency(room)
        for kind in [tap.kind.value for tap in nurse.get(screen(emergency)).context["page"].taps]:
            assert press(nurse, emergency, kind)["Location"] == screen(emergency)

        page = nurse.get(screen(emergency)).context["page"]
        assert EmergencyLine.objects.count() == 9
        assert all(tap.is_done for tap in page.taps)
        assert page.since_naloxone_s is not None
        assert "14 Harbour Street" in page.to_tell
        assert "180 mg diamorphine" in page.to_tell
        assert not page.ending.is_allowed

    def test_asks_for_dose_and_route_where_no_card_is_approved(self, room, nurse) -> None:
        emergency = an_emergency(room)
        there = screen(emergency, "give_naloxone")
        assert press(nurse, emergency, "naloxone")["Location"] == there
        sent = {"key": uuid.uuid4(), "micrograms": "800", "route": "nasal", "wall": ""}

        assert nurse.post(there, sent | {"micrograms": "1e3"}).status_code == 200
        assert nurse.post(there, sent | {"wall": "half past"}).status_code == 200
        assert not EmergencyLine.objects.exists()
        assert nurse.post(there, sent)["Location"] == screen(emergency)
        line = EmergencyLine.objects.get()
        assert (line.micrograms, line.route) == (800, "nasal")

    def test_puts_a_time_right_beside_the_line(self, room, nurse) -> None:
        emergency = an_emergency(room)
        line = tapped(room, emergency, LineKind.OXYGEN)
        there = screen(emergency, "correct_emergency")
        wall = f"{now() - timedelta(minutes=1):%H:%M:%S}"
        sent = {"key": uuid.uuid4(), "line": str(line.id), "wall": wall, "words": "A minute before."}

        assert nurse.post(there, sent | {"words": ""}).status_code == 200
        assert nurse.post(there, sent)["Location"] == screen(emergency)
        assert EmergencyLine.objects.get(kind=LineKind.NOTE).corrects == line

    def test_takes_a_time_a_minute_ahead_for_now_and_one_far_ahead_for_none(self, room, nurse) -> None:
        emergency = an_emergency(room)
        there = screen(emergency, "give_naloxone")
        local = now().astimezone(LONDON)
        sent = {"key": uuid.uuid4(), "micrograms": "400", "route": "im"}

        far = nurse.post(there, sent | {"wall": f"{local + timedelta(minutes=9):%H:%M}"})
        assert "until now" in far.content.decode()
        ahead = {"wall": f"{local + timedelta(minutes=1):%H:%M}"}
        assert nurse.post(there, sent | ahead).status_code == 302

        line = EmergencyLine.objects.get()
        assert now() - line.happened_at < timedelta(minutes=2)

    def test_ends_with_the_ambulance_and_says_why_it_does_not_end_otherwise(self, room, nurse) -> None:
        emergency = an_emergency(room)
        answer = press(nurse, emergency, "recovered")
        assert "not tapped yet" in nurse.get(screen(emergency)).content.decode()
        assert get_standing_emergency(patient_id=room.patient.id) == emergency

        answer = press(nurse, emergency, "handed_over")
        assert answer["Location"] == reverse("dosing:see_emergency", args=[room.clinic.code, emergency.id])
        assert nurse.get(screen(emergency)).status_code == 302

    @pytest.mark.parametrize(
        "tap", ["", "oxygen", "oxygen:", "note:00000000-0000-4000-8000-000000000001", "x:y"]
    )
    def test_writes_nothing_that_is_no_button(self, room, nurse, tap: str) -> None:
        emergency = an_emergency(room)
        nurse.post(screen(emergency, "write_emergency"), {"tap": tap})
        assert not EmergencyLine.objects.exists()

    def test_goes_back_to_the_lock_where_nobody_is_named(self, room, nobody) -> None:
        emergency = an_emergency(room, is_unsigned=True)
        assert press(nobody, emergency, "handed_over")["Location"] == reverse("unlock_terminal")
        for name in ("handle_emergency", "give_naloxone", "correct_emergency"):
            assert nobody.get(screen(emergency, name))["Location"] == reverse("unlock_terminal")

    def test_is_where_a_reading_of_emergency_value_leads(self, room, nurse) -> None:
        session_id = room.patient.visits.latest("arrived_at").session_id
        address = reverse("dosing:record_reading", args=[room.clinic.code, session_id])
        seal = nurse.get(address).context["reading_seal"]
        sent = {"seal": seal, "sedation": "4", "breaths": "12", "oxygen": "97", "pulse": "70"}
        answer = nurse.post(address, sent)

        assert answer["Location"] == screen(Emergency.objects.get())


class TestEveryScreen:
    def test_tells_of_it_until_it_is_over_and_signed(self, room, nurse, nobody) -> None:
        board = reverse("dosing:see_board", args=[room.clinic.code])
        emergency = an_emergency(room, is_unsigned=True)
        name = room.patient.full_name
        assert "Not signed" in nurse.get(board).content.decode()
        locked = nobody.get(reverse("choose_person")).content.decode()
        assert "EMERGENCY since" in locked
        assert name not in locked

        press(nurse, emergency, "handed_over")
        assert "Not signed" in nurse.get(board).content.decode()
        there = reverse("dosing:sign_emergency", args=[room.clinic.code, emergency.id])
        form = nurse.get(there).context["form"].initial
        wrong = nurse.post(there, {**form, "pin": "000000"})
        assert wrong.status_code == 200
        assert not EmergencySignature.objects.exists()
        assert nurse.post(there, {**form, "seal": "x", "pin": NURSE_PIN}).status_code == 200
        tapped(room, emergency, LineKind.NOTE, words="Vomited once.", is_unsigned=True)
        late = nurse.post(there, {**form, "pin": NURSE_PIN})
        assert "Something was written since" in late.content.decode()
        assert "Vomited once." in late.content.decode()
        assert not EmergencySignature.objects.exists()
        data = late.context["form"].data
        form = {"key": data["key"], "seal": data["seal"]}
        assert nurse.post(there, {**form, "pin": NURSE_PIN}).status_code == 302
        assert "Not signed" not in nurse.get(board).content.decode()
        log = nurse.get(reverse("dosing:see_emergency", args=[room.clinic.code, emergency.id]))
        assert f"Signed by {room.nurse.full_name}" in log.content.decode()


class TestTheIncidents:
    def test_are_opened_by_the_emergency_and_by_naloxone_and_listed_for_the_lead(self, room, sign_in) -> None:
        lead = a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Irina Wells")
        enrol_totp(user=lead, secret=None, by=None, at=now())
        client = sign_in(Client(), lead)
        there = reverse("dosing:see_incidents", args=[room.clinic.code])
        assert "No incident is open" in client.get(there).content.decode()
        emergency = an_emergency(room, is_unsigned=True)
        tapped(room, emergency, LineKind.NALOXONE)
        tapped(room, emergency, LineKind.NALOXONE)

        page = client.get(there)

        assert {row.category for row in page.context["rows"]} == {"emergency", "naloxone given"}
        assert len(page.context["rows"]) == 2
        assert room.patient.full_name in page.content.decode()
        log = client.get(reverse("dosing:see_emergency", args=[room.clinic.code, emergency.id]))
        assert "Incidents opened: emergency" in log.content.decode()
        assert AuditEvent.objects.filter(event="dosing.incident_opened").count() == 2


class TestTheCard:
    def test_is_written_and_approved_by_the_clinical_lead(self, room, sign_in) -> None:
        lead = a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Irina Wells")
        enrol_totp(user=lead, secret=None, by=None, at=now())
        client = sign_in(Client(), lead)
        there = reverse("dosing:approve_emergency_card", args=[room.clinic.code])
        form = client.get(there).context["form"].initial
        sent = {
            **form,
            "micrograms": "400",
            "route": "im",
            "look_again": "Look again at 2 minutes.",
            "to_tell": "14 Harbour Street.",
        }

        assert client.post(there, {**sent, "micrograms": ""}).status_code == 200
        assert client.post(there, {**sent, "seal": "x"}).status_code == 200
        assert not EmergencyCard.objects.exists()
        assert client.post(there, sent).status_code == 302
        assert "naloxone 400 µg into muscle" in client.get(there).content.decode()
