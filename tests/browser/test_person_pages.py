"""The people's pages in a real browser: every state at both widths, by keyboard, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from hat_clinic.demo.people import drawn_face, introduce_people
from patients.models import Assessment, Consent, Person, PersonPhoto
from patients.queries import has_consent
from patients.rules.consents import Purpose
from tests.browser.windows import Window
from tests.factories import EpisodeFactory, EpisodeStageFactory
from tests.factories.people import assess
from tests.factories.pictures import a_zip
from tests.factories.treatment import (
    TreatmentRoom,
    a_clinic,
    a_member_of_staff,
    a_patient_in_treatment,
)

pytestmark = pytest.mark.browser
ENLARGED_FOUR_TIMES = (341, 700)
State = Callable[[TreatmentRoom, Callable[[User], Window]], Window]


def path(room: TreatmentRoom, name: str, **more: object) -> str:
    parts: dict[str, object] = {"clinic_code": room.clinic.code, **more}
    if name != "pages:list_people":
        parts["patient_id"] = room.patient.id
    return reverse(name, kwargs=parts)


def case_worker(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CASE_WORKER, name="Hanif Rahman")


# --- states ----------------------------------------------------------------------------------------------
def list_of_people(room, open_for) -> Window:
    introduce_people(clinic=room.clinic, nurse=room.nurse, doctor=room.doctor, by=room.nurse, at=now())
    a_patient_in_treatment(room.clinic, by=room.doctor)
    return see(open_for(room.nurse), path(room, "pages:list_people"))


def list_of_nobody(room, open_for) -> Window:
    clinic = a_clinic()
    nurse = a_member_of_staff(clinic, Role.NURSE, name="Grace Okafor")
    window = see(open_for(nurse), reverse("pages:list_people", kwargs={"clinic_code": clinic.code}))
    assert "Nobody is in treatment here." in window.text
    return window


def person_for_a_doctor(room, open_for) -> Window:
    introduce_people(clinic=room.clinic, nurse=room.nurse, doctor=room.doctor, by=room.nurse, at=now())
    room.give()
    window = see(open_for(room.doctor), path(room, "pages:see_person"))
    window.page.get_by_text("What was found").click()
    assert "Hepatitis C treated" in window.text
    return window


def person_for_a_case_worker(room, open_for) -> Window:
    window = see(open_for(case_worker(room)), path(room, "pages:see_person"))
    assert " mg" not in window.text
    return window


def changing(room, open_for) -> Window:
    return see(open_for(room.nurse), path(room, "patients:change_person"))


def changing_with_errors(room, open_for) -> Window:
    window = changing(room, open_for)
    window.page.get_by_label("Given names").fill("")
    window.page.get_by_label("NHS number").fill("9990000019")
    window.press("Save the changes")
    assert len(window.reasons) == 2
    return window


def photo(room, open_for) -> Window:
    return see(open_for(room.nurse), path(room, "patients:add_photo"))


def photo_that_is_none(room, open_for) -> Window:
    window = photo(room, open_for)
    hand_in(window, a_zip())
    assert "not a JPEG or PNG photo" in window.reasons[0]
    return window


def consent_purposes(room, open_for) -> Window:
    return see(open_for(room.nurse), path(room, "patients:record_consent"))


def consent_with_errors(room, open_for) -> Window:
    window = see(open_for(room.nurse), path(room, "patients:record_consent") + "?purpose=sharing")
    window.press("Record: yes to sharing with an agency")
    assert len(window.reasons) == 2
    return window


def taking_back(room, open_for) -> Window:
    consent = Consent.objects.get(person=room.patient, purpose=Purpose.TREATMENT)
    return see(open_for(room.nurse), path(room, "patients:withdraw_consent", consent_id=consent.id))


def assessment(room, open_for) -> Window:
    return see(open_for(room.doctor), path(room, "patients:record_assessment"))


def assessment_with_errors(room, open_for) -> Window:
    window = assessment(room, open_for)
    window.press("Sign this assessment")
    assert len(window.reasons) == 18
    return window


def assessments_of_nobody_assessed(room, open_for) -> Window:
    episode = EpisodeFactory(clinic=room.clinic)
    there = {"clinic_code": room.clinic.code, "patient_id": episode.person_id}
    window = see(open_for(room.nurse), reverse("patients:see_assessments", kwargs=there))
    assert "No assessment is signed." in window.text
    return window


def assessments(room, open_for) -> Window:
    assess(room.episode, by=room.doctor, at=now(), follows=1, liver="Enzymes twice the normal.")
    window = see(open_for(room.doctor), path(room, "patients:see_assessments"))
    assert "Orders rest on this one" in window.text
    return window


def assessment_beside_the_one_before(room, open_for) -> Window:
    assess(room.episode, by=room.doctor, at=now(), follows=1, liver="Enzymes twice the normal.")
    third = assess(room.episode, by=room.doctor, at=now(), follows=2, veins="Left arm only.")
    window = see(open_for(room.doctor), path(room, "patients:see_assessment", assessment_id=third.id))
    assert "2 of 16 parts changed since number 2" in window.text
    return window


def stage(room, open_for) -> Window:
    room.give()
    EpisodeStageFactory(episode=room.episode, stage="titrating", since_on=room.episode.accepted_on)
    return see(open_for(room.doctor), path(room, "patients:set_stage"))


def stage_with_errors(room, open_for) -> Window:
    window = stage(room, open_for)
    window.press("Set the stage")
    assert len(window.reasons) == 3
    return window


STATES: tuple[State, ...] = (
    list_of_people,
    list_of_nobody,
    person_for_a_doctor,
    person_for_a_case_worker,
    changing,
    changing_with_errors,
    photo,
    photo_that_is_none,
    consent_purposes,
    consent_with_errors,
    taking_back,
    assessment,
    assessment_with_errors,
    assessments_of_nobody_assessed,
    assessments,
    assessment_beside_the_one_before,
    stage,
    stage_with_errors,
)


def see(window: Window, address: str) -> Window:
    window.go(address)
    return window


def hand_in(window: Window, content: bytes) -> None:
    window.page.locator("input[type=file]").set_input_files(
        {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": content}
    )
    window.press("Keep this photo")


class TestEveryState:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_is_clean_and_keeps_within_both_widths(self, room, open_window, state: State) -> None:
        window = state(room, open_window)
        wide = window.accessibility_faults(), window.overflow
        window.page.set_viewport_size(dict(zip(("width", "height"), ENLARGED_FOUR_TIMES, strict=True)))

        assert (wide, (window.accessibility_faults(), window.overflow)) == (([], []), ([], []))


class TestTheList:
    def test_finds_somebody_without_a_word_leaving_the_browser(self, room, open_window) -> None:
        Person.objects.filter(id=room.patient.id).update(family_name="Novák")
        a_patient_in_treatment(room.clinic, by=room.doctor)
        window = open_window(room.nurse)
        sent: list[str] = []
        window.go(path(room, "pages:list_people"))
        window.page.on("request", lambda request: sent.append(request.url))

        window.page.get_by_label("Find by name").fill("novak dan")

        rows = window.page.locator("#people tbody tr:visible")
        assert rows.count() == 1 and "Novák" in rows.first.inner_text()
        assert "1 of 2 people" in window.text
        # The browser asks for the site's icon when it likes.
        assert [url for url in sent if not url.endswith("/icon.svg")] == []
        assert "novak" not in window.page.url

        window.page.get_by_label("Find by name").fill("nobody")
        assert "Nobody here has that name." in window.text

    def test_is_whole_without_javascript(self, room, open_window) -> None:
        window = open_window(room.nurse, javascript=False)
        window.go(path(room, "pages:list_people"))

        assert window.page.locator("#people tbody tr").count() == 1
        assert not window.page.locator("#filter").is_visible()


class TestAPhoto:
    def test_is_shown_once_it_is_kept_and_hidden_once_it_is_taken_back(self, room, open_window) -> None:
        window = open_window(room.nurse)
        window.go(path(room, "patients:add_photo"))
        hand_in(window, drawn_face(3))

        shown = window.page.locator("img.hat-photo--large")
        assert shown.evaluate("image => image.complete && image.naturalWidth") == 400
        assert PersonPhoto.objects.filter(person=room.patient).count() == 1

        consent = Consent.objects.get(person=room.patient, purpose=Purpose.PHOTO)
        window.go(path(room, "patients:withdraw_consent", consent_id=consent.id))
        window.press("Take back: photo")

        assert window.page.locator("img.hat-photo--large").count() == 0
        assert window.page.locator(".hat-photo--none").first.inner_text() == "DM"


class TestByKeyboardAlone:
    def test_treatment_consent_is_taken_back_and_given_again(self, room, open_window) -> None:
        window = open_window(room.nurse)
        page = window.page
        window.go(path(room, "pages:see_person"))

        tab_to(window, re.compile("Take back consent: treatment"))
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert "No dose is given any more" in window.text
        tab_to(window, re.compile("Take back: treatment"))
        with page.expect_navigation():
            page.keyboard.press("Enter")

        assert not has_consent(person_id=room.patient.id, purpose=Purpose.TREATMENT, at=now())
        assert "Missing: consent to treatment" in window.text

    def test_the_assessment_is_signed(self, room, open_window) -> None:
        window = open_window(room.doctor)
        window.go(path(room, "patients:record_assessment"))
        keys = window.page.keyboard

        for _ in range(80):
            keys.press("Tab")
            where = window.page.evaluate(
                "[document.activeElement.tagName, document.activeElement.type, document.activeElement.name]"
            )
            kind, name = where[1], where[2]
            if kind in ("radio", "checkbox"):
                keys.press("Space")
            elif name in ("opioid_since_year", "opioid_days_of_28"):
                keys.type("2004" if name == "opioid_since_year" else "28")
            elif where[0] == "TEXTAREA":
                keys.type("Seen and asked today.")
            elif kind == "submit" and where[2] == "sign":
                with window.page.expect_navigation():
                    keys.press("Enter")
                break

        signed = Assessment.objects.filter(episode=room.episode).order_by("-number").first()
        assert signed is not None and signed.number == 2, window.text
        assert signed.veins == "Seen and asked today."


def tab_to(window: Window, name: re.Pattern[str]) -> None:
    """Press Tab until the link or button with these words has the focus."""
    for _ in range(60):
        window.page.keyboard.press("Tab")
        words = window.page.evaluate("document.activeElement.textContent.replace(/\\s+/g, ' ').trim()")
        if name.search(words):
            return
    raise AssertionError(f"Tab never came to {name.pattern}.")
