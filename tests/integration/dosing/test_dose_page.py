"""The pages of one dose, as a browser sends them."""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import SimpleCookie

import pytest
from django.test import Client
from django.urls import reverse

from dosing.models import Acknowledgement, Injection, Preparation, WastedDose
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import User
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import note
from tests.factories.dose_pages import (
    filled_injection,
    filled_preparation,
    inject_address,
    prepare_address,
)
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    TreatmentRoom,
    a_treatment_room,
    an_order,
    another,
)

Enter = Callable[[User], Client]


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def enter(room: TreatmentRoom, sign_in_at_terminal) -> Enter:
    """Return a function that signs somebody in at the room's terminal."""

    def signed_in_as(user: User) -> Client:
        enrol_totp(user=user, secret=None, by=None, at=now())
        client: Client = sign_in_at_terminal(Client(), user, room.terminal, room.terminal_secret)
        return client

    return signed_in_as


@pytest.fixture
def screen(enter: Enter, room: TreatmentRoom) -> Client:
    return enter(room.nurse)


class TestADoseWithANote:
    @pytest.fixture
    def room(self, db: None) -> TreatmentRoom:
        return a_treatment_room(dose_mg=300)

    @pytest.fixture
    def address(self, room) -> str:
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=310, daily_max_mg=620)
        return prepare_address(room)

    def test_is_drawn_up_once_its_note_is_ticked(self, room, screen, address: str) -> None:
        page = filled_preparation(screen, address, room)

        first = screen.post(address, page)
        second = screen.post(address, page | {"acknowledged": ["high_single"]})

        assert 'name="acknowledged" value="high_single"' in first.content.decode()
        assert second.status_code == 302
        assert Preparation.objects.latest("prepared_at").dose_mg == 310

    def test_is_not_drawn_up_on_a_tick_of_other_words(
        self, room, screen, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as earlier:
            earlier.setattr(
                "dosing.rules.doses.note", lambda code, words, of: note(code, f"Not that: {words}", of)
            )
            page = filled_preparation(screen, address, room) | {"acknowledged": ["high_single"]}

        first = screen.post(address, page)
        form = first.context["form"]
        again = page | {"seal": form["seal"].value()}
        unticked = screen.post(address, again | {"acknowledged": []})
        ticked = screen.post(address, again)

        assert "Tick that you have read: 310 mg is over 300 mg in one dose." in first.content.decode()
        assert form["acknowledged"].value() == []
        assert unticked.status_code == 200
        assert ticked.status_code == 302
        tick = Acknowledgement.objects.get()
        assert tick.message == "310 mg is over 300 mg in one dose."

    def test_gets_its_first_answer_when_sent_again(self, room, screen, address: str) -> None:
        page = filled_preparation(screen, address, room) | {"acknowledged": ["high_single"]}

        answers = [screen.post(address, page).status_code for _ in range(2)]

        assert answers == [302, 302]
        assert Preparation.objects.filter(dose_mg=310).count() == 1


class TestAnInjection:
    def test_leads_to_the_readings_and_leaves_no_name_in_a_cookie(self, room, screen) -> None:
        address = inject_address(room)

        answer = screen.post(address, filled_injection(screen, address))

        assert answer.url == reverse("dosing:record_reading", args=address.split("/")[2:5:2])
        cookies: SimpleCookie = screen.cookies
        assert room.patient.family_name.split()[0] not in str(cookies)
        assert set(cookies) <= {"sessionid", "csrftoken", "hat_terminal"}

    def test_of_part_of_it_is_stored_as_what_went_in(self, room, screen) -> None:
        address = inject_address(room)

        screen.post(address, filled_injection(screen, address, went_in="part", given_mg="9"))

        injection = Injection.objects.get()
        assert (injection.given_mg, injection.wasted_mg) == (9, 11)

    @pytest.mark.parametrize("typed", ["", "15", "0", "9.5", "٩", "9 mg", "-1"])
    def test_of_part_of_it_asks_for_whole_milligrams(self, room, screen, typed: str) -> None:
        address = inject_address(room)

        answer = screen.post(address, filled_injection(screen, address, went_in="part", given_mg=typed))

        assert "given_mg" in answer.context["form"].errors
        assert Injection.objects.count() == 0

    def test_with_an_amount_beside_the_button_for_all_asks_which(self, room, screen) -> None:
        address = inject_address(room)

        answer = screen.post(address, filled_injection(screen, address, given_mg="9"))

        assert "Only part: record it" in answer.content.decode()
        assert Injection.objects.count() == 0

    def test_says_whether_the_syringe_came_back(self, room, screen) -> None:
        address = inject_address(room)

        screen.post(address, filled_injection(screen, address, went_in="all_syringe_missing"))

        assert Injection.objects.get().syringe_returned is False


class TestADrawnDoseThatIsNotInjected:
    def test_is_wasted_by_two_and_leads_back_to_the_check(self, room, screen) -> None:
        inject = inject_address(room)
        address = inject.replace("/inject/", "/waste/")
        form = screen.get(address).context["form"]

        answer = screen.post(
            address,
            {
                "seal": form["seal"].value(),
                "reason": "declined",
                "witness": str(room.second_nurse.id),
                "waster_pin": NURSE_PIN,
                "witness_pin": SECOND_PIN,
            },
        )

        assert answer.url == inject.replace("/inject/", "/check/")
        assert WastedDose.objects.get().reason == "declined"
        assert Injection.objects.count() == 0


class TestAPageOfOneNurse:
    def test_is_refused_from_another_and_stores_nothing(self, room, screen, enter: Enter) -> None:
        address = prepare_address(room)
        page = filled_preparation(screen, address, room)
        other = enter(room.second_nurse)

        answer = other.post(
            address,
            page | {"witness": str(room.nurse.id), "preparer_pin": SECOND_PIN, "witness_pin": NURSE_PIN},
        )

        assert "opened by somebody else" in answer.content.decode()
        assert Preparation.objects.count() == 0

    def test_of_one_person_is_refused_for_another(self, room, screen) -> None:
        other = another(room)
        theirs = inject_address(other)
        prepare, inject = prepare_address(room), inject_address(another(room))
        first = filled_preparation(screen, prepare, room)
        second = filled_injection(screen, inject)

        answers = [
            screen.post(theirs, second),
            screen.post(theirs.replace("/inject/", "/prepare/"), first),
        ]

        for answer in answers:
            assert "opened by somebody else" in answer.content.decode()
        assert Preparation.objects.filter(patient=room.patient).count() == Injection.objects.count() == 0

    def test_of_an_injection_is_refused_from_another(self, room, screen, enter: Enter) -> None:
        address = inject_address(room)
        page = filled_injection(screen, address)

        answer = enter(room.second_nurse).post(address, page | {"preparer_pin": NURSE_PIN})

        assert "opened by somebody else" in answer.content.decode()
        assert Injection.objects.count() == 0

    def test_of_a_waste_is_refused_from_another(self, room, screen, enter: Enter) -> None:
        address = inject_address(room).replace("/inject/", "/waste/")
        page = {
            "seal": screen.get(address).context["form"]["seal"].value(),
            "reason": "declined",
            "witness": str(room.nurse.id),
            "waster_pin": SECOND_PIN,
            "witness_pin": NURSE_PIN,
        }

        answer = enter(room.second_nurse).post(address, page)

        assert "opened by somebody else" in answer.content.decode()
        assert WastedDose.objects.count() == 0

    def test_sent_by_another_is_a_look_in_the_trail(self, room, screen, enter: Enter) -> None:
        address = prepare_address(room)
        page = filled_preparation(screen, address, room)

        enter(room.second_nurse).post(address, page)

        looks = AuditEvent.objects.filter(event="dosing.preparation_page_seen", person=room.patient.id)
        assert set(looks.values_list("actor", flat=True)) == {room.nurse.id, room.second_nurse.id}


class TestAPageSentAgain:
    def test_gets_its_first_answer_after_the_order_changed(self, room, screen) -> None:
        address = inject_address(room)
        page = filled_injection(screen, address)
        screen.post(address, page)
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=14)

        assert screen.post(address, page).status_code == 302
        assert Injection.objects.count() == 1

    def test_with_a_wrong_pin_is_told_of_the_pin_alone(self, room, screen) -> None:
        address = prepare_address(room)
        page = filled_preparation(screen, address, room)

        answer = screen.post(address, page | {"preparer_pin": "111213"})

        assert answer.context["form"].errors.keys() == {"preparer_pin"}
        assert screen.post(address, page).status_code == 302

    def test_under_the_key_of_another_dose_gives_nothing_away(self, room, screen) -> None:
        address = prepare_address(room)
        first = filled_preparation(screen, address, room)
        screen.post(address, first)
        other = another(room)
        theirs = prepare_address(other)

        answer = screen.post(theirs, filled_preparation(screen, theirs, other, key=first["key"]))

        assert "already used for something else" in answer.content.decode()
        assert room.patient.full_name not in answer.content.decode()
        assert Preparation.objects.get().patient == room.patient


class TestAPersonOfAnotherClinic:
    def test_has_no_page_here(self, room, screen) -> None:
        elsewhere = a_treatment_room()
        session = elsewhere.checked().session_id
        for name in ("prepare_dose", "record_injection", "waste_dose", "record_reading", "record_check"):
            address = reverse(f"dosing:{name}", args=[room.clinic.code, session])
            assert [screen.get(address).status_code, screen.post(address).status_code] == [404, 404], name
