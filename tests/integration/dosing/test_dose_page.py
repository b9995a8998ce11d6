"""The page for one dose, as a browser sends it."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dosing.models import Injection
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import User
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_treatment_room, an_order


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


class Screen:
    """One signed-in browser at one person's page."""

    def __init__(self, client: Client, room: TreatmentRoom) -> None:
        self.client, self.room = client, room
        self.url = reverse("dosing:record_injection", args=[room.clinic.code, room.patient.id])

    def open(self) -> dict[str, Any]:
        """Return what the opened page would send back, filled in for a dose of two ampoules."""
        form = self.client.get(self.url).context["form"]
        return {
            "key": str(form["key"].value()),
            "seal": form["seal"].value(),
            "given_mg": "180",
            "ampoules": "2",
            "batch": str(self.room.batch.id),
            "route": "iv",
            "site": "left_arm",
            "giver_pin": NURSE_PIN,
            "witness": str(self.room.second_nurse.id),
            "witness_pin": SECOND_PIN,
        }

    def send(self, **content: Any) -> HttpResponse:
        return self.client.post(self.url, content)


@pytest.fixture
def open_screen(room, sign_in):
    """Return a function that signs somebody in at a browser of their own."""

    def signed_in_as(user: User) -> Screen:
        enrol_totp(user=user, secret=None, by=None, at=now())
        return Screen(sign_in(Client(), user), room)

    return signed_in_as


@pytest.fixture
def screen(open_screen, room) -> Screen:
    return open_screen(room.nurse)


class TestADoseWithANote:
    def test_is_stored_once_its_note_is_ticked(self, room, screen) -> None:
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=310, daily_max_mg=620)
        page = screen.open() | {"given_mg": "310", "ampoules": "4"}

        first = screen.send(**page)
        second = screen.send(**page, acknowledged=["high_single"])

        assert Injection.objects.get().given_mg == 310
        assert 'type="checkbox" name="acknowledged" value="high_single"' in first.content.decode()
        assert second.status_code == 302

    def test_gets_its_first_answer_when_sent_again(self, room, screen) -> None:
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=310, daily_max_mg=620)
        page = screen.open() | {"given_mg": "310", "ampoules": "4", "acknowledged": ["high_single"]}

        answers = [screen.send(**page).status_code for _ in range(2)]

        assert answers == [302, 302]
        assert Injection.objects.count() == 1


class TestASavedDose:
    def test_leaves_no_name_in_a_cookie(self, room, screen) -> None:
        screen.send(**screen.open())

        cookies: SimpleCookie = screen.client.cookies
        assert room.patient.family_name.split()[0] not in str(cookies)
        assert set(cookies) <= {"sessionid", "csrftoken"}

    def test_says_so_on_the_board(self, room, screen) -> None:
        screen.send(**screen.open())

        board = screen.client.get(reverse("dosing:see_board", args=[room.clinic.code])).content.decode()
        assert f"Saved: the injection of {room.patient.full_name} is recorded." in board


class TestAPageOfOneNurse:
    def test_is_refused_from_another_and_stores_nothing(self, room, screen, open_screen) -> None:
        page = screen.open()
        other = open_screen(room.second_nurse)

        answer = other.send(
            **page | {"giver_pin": SECOND_PIN, "witness": str(room.nurse.id), "witness_pin": NURSE_PIN}
        )

        assert "opened by somebody else" in answer.content.decode()
        assert Injection.objects.count() == 0

    def test_sent_by_another_is_a_look_in_the_trail(self, room, screen, open_screen) -> None:
        page = screen.open()
        other = open_screen(room.second_nurse)

        other.send(**page)

        looks = AuditEvent.objects.filter(event="dosing.injection_page_seen", person=room.patient.id)
        assert set(looks.values_list("actor", flat=True)) == {room.nurse.id, room.second_nurse.id}
