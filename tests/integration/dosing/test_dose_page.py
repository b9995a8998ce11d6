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
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    TreatmentRoom,
    a_patient_in_treatment,
    a_treatment_room,
    an_order,
)


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
def open_screen(room, sign_in_at_terminal):
    """Return a function that signs somebody in at the room's terminal."""

    def signed_in_as(user: User) -> Screen:
        enrol_totp(user=user, secret=None, by=None, at=now())
        client = sign_in_at_terminal(Client(), user, room.terminal, room.terminal_secret)
        return Screen(client, room)

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
        assert set(cookies) <= {"sessionid", "csrftoken", "hat_terminal"}

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


class TestAPageSentAgain:
    def test_gets_its_first_answer_after_the_order_changed_and_the_batch_ran_out(self, screen) -> None:
        room = screen.room
        page = screen.open() | {"ampoules": "50"}
        screen.send(**page)
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=100)

        assert screen.send(**page).status_code == 302
        assert Injection.objects.count() == 1

    def test_with_a_wrong_pin_is_told_of_the_pin_alone(self, screen) -> None:
        page = screen.open()
        screen.send(**page)

        answer = screen.send(**page | {"giver_pin": "111213"})

        assert answer.context["form"].errors.keys() == {"giver_pin"}

    def test_under_the_key_of_another_nurse_gives_nothing_away(self, room, screen, open_screen) -> None:
        first = screen.open()
        screen.send(**first)
        other = open_screen(room.second_nurse)
        episode = a_patient_in_treatment(room.clinic, by=room.doctor)
        an_order(episode, room.premises, doctor=room.doctor)
        other.url = reverse("dosing:record_injection", args=[room.clinic.code, episode.person_id])

        answer = other.send(
            **other.open()
            | {"key": first["key"], "giver_pin": SECOND_PIN}
            | {"witness": str(room.nurse.id), "witness_pin": NURSE_PIN}
        )

        assert "already used for something else" in answer.content.decode()
        assert room.patient.full_name not in answer.content.decode()
        assert Injection.objects.get().giver == room.nurse


class TestAPersonOfAnotherClinic:
    def test_has_no_page_here(self, screen) -> None:
        elsewhere = a_treatment_room()
        screen.url = reverse("dosing:record_injection", args=[screen.room.clinic.code, elsewhere.patient.id])

        assert [screen.client.get(screen.url).status_code, screen.send().status_code] == [404, 404]
