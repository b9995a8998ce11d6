"""Criteria, questions, drafts, files, releases and letters: every page in every state, and their real buttons."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from referrals.actions import accept_referral
from referrals.models import Referral
from referrals.rules.asking import Answer, Flag
from tests.browser.windows import Window
from tests.factories.referrals import WRITTEN, a_draft, a_referral, approved_criteria, some_criteria
from tests.factories.treatment import TreatmentRoom, a_member_of_staff

pytestmark = pytest.mark.browser
Open = Callable[..., Window]
Made = tuple[User, str]
ENLARGED_FOUR_TIMES = {"width": 341, "height": 700}
HEADER = "given_names,family_name,born_on,agreed,contact"


def at(room: TreatmentRoom, path: str) -> str:
    return f"/clinics/{room.clinic.code}/{path}"


def a_referrer(room: TreatmentRoom, name: str = "Rowan Ashdown-Featherstone") -> User:
    return a_member_of_staff(room.clinic, Role.REFERRER, name=name)


def a_lead(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Dr Sam Reid")


def told_of(room: TreatmentRoom, *, days: int = 5) -> Referral:
    """Return the first of two referrals about somebody who is expected out of prison."""
    person = replace(
        WRITTEN,
        release_on=london_date(now()) + timedelta(days=days),
        flags=WRITTEN.flags | {Flag.CONCERNS_HOSPITAL: Answer.YES},
    )
    first = a_referral(room.clinic, by=a_referrer(room), person=person)
    a_referral(room.clinic, by=a_referrer(room, "Ash Carter"), person=WRITTEN)
    return first


def drafts(room: TreatmentRoom) -> Made:
    by = a_referrer(room)
    a_draft(room.clinic, by=by)
    return by, "own-referrals/"


def a_draft_again(room: TreatmentRoom) -> Made:
    by = a_referrer(room)
    return by, f"own-referrals/refer-person/{a_draft(room.clinic, by=by)}/"


def a_file(room: TreatmentRoom) -> Made:
    return a_referrer(room), "own-referrals/import/"


def a_file_of_an_agency(room: TreatmentRoom) -> Made:
    a_referrer(room)
    return room.doctor, "referrals/import/"


def no_agency(room: TreatmentRoom) -> Made:
    return room.doctor, "referrals/import/"


def an_own_one_to_write_about(room: TreatmentRoom) -> Made:
    referral = told_of(room)
    assert referral.sent_by is not None
    return referral.sent_by, f"own-referrals/{referral.id}/write/"


def an_own_release(room: TreatmentRoom) -> Made:
    referral = told_of(room)
    assert referral.sent_by is not None
    return referral.sent_by, f"own-referrals/{referral.id}/release/"


def an_own_letter(room: TreatmentRoom) -> Made:
    referral = told_of(room)
    assert referral.sent_by is not None
    return referral.sent_by, f"own-referrals/{referral.id}/letter/"


def an_own_one(room: TreatmentRoom) -> Made:
    referral = told_of(room)
    assert referral.sent_by is not None
    return referral.sent_by, f"own-referrals/{referral.id}/"


def a_question(room: TreatmentRoom) -> Made:
    return room.nurse, f"referrals/{told_of(room).id}/ask/"


def a_letter(room: TreatmentRoom) -> Made:
    return room.doctor, f"referrals/{told_of(room).id}/letter/"


def one_against_the_criteria(room: TreatmentRoom) -> Made:
    approved_criteria(room.clinic, by=a_lead(room), example="riott", services_concerned=4)
    return room.doctor, f"referrals/{told_of(room).id}/"


def one_to_accept_against_the_criteria(room: TreatmentRoom) -> Made:
    by, path = one_against_the_criteria(room)
    return by, f"{path}accept/"


def a_number_to_note(room: TreatmentRoom) -> Made:
    by, path = one_against_the_criteria(room)
    return by, f"{path}criteria/injecting/"


def an_answer_to_note(room: TreatmentRoom) -> Made:
    return room.nurse, f"referrals/{told_of(room).id}/criteria/capacity/"


def nobody_against_the_criteria(room: TreatmentRoom) -> Made:
    return room.doctor, "referrals/against-criteria/"


def somebody_against_the_criteria(room: TreatmentRoom) -> Made:
    approved_criteria(room.clinic, by=a_lead(room))
    referral = told_of(room)
    accept_referral(
        referral=referral,
        assessed_on=london_date(now()),
        override_reason="The court asks for an answer this week, and everybody who knows him agrees.",
        by=room.doctor,
        at=now(),
    )
    return room.doctor, "referrals/against-criteria/"


def the_line(room: TreatmentRoom) -> Made:
    told_of(room)
    a_referral(room.clinic, by=a_referrer(room, "Kim Fry"))
    return room.doctor, "referrals/"


def no_criteria(room: TreatmentRoom) -> Made:
    return a_lead(room), "criteria/"


def criteria(room: TreatmentRoom) -> Made:
    lead = a_lead(room)
    some_criteria(room.clinic, by=lead, example="germany")
    approved_criteria(room.clinic, by=lead, example="riott")
    some_criteria(room.clinic, by=lead)
    return lead, "criteria/"


def new_criteria(room: TreatmentRoom) -> Made:
    return a_lead(room), "criteria/write/?from=riott"


def criteria_to_approve(room: TreatmentRoom) -> Made:
    lead = a_lead(room)
    return lead, f"criteria/{some_criteria(room.clinic, by=room.doctor).id}/approve/"


def nobody_released(room: TreatmentRoom) -> Made:
    return room.nurse, "releases/"


def releases(room: TreatmentRoom) -> Made:
    told_of(room)
    return room.nurse, "releases/"


def one_release(room: TreatmentRoom) -> Made:
    return room.nurse, f"releases/{told_of(room).id}/"


STATES = (
    drafts,
    a_draft_again,
    a_file,
    a_file_of_an_agency,
    no_agency,
    an_own_one,
    an_own_one_to_write_about,
    an_own_release,
    an_own_letter,
    a_question,
    a_letter,
    one_against_the_criteria,
    one_to_accept_against_the_criteria,
    a_number_to_note,
    an_answer_to_note,
    nobody_against_the_criteria,
    somebody_against_the_criteria,
    the_line,
    no_criteria,
    criteria,
    new_criteria,
    criteria_to_approve,
    nobody_released,
    releases,
    one_release,
)


def shoot(window: Window, name: str) -> None:
    """Keep a picture of the page where HAT_SHOTS names a folder."""
    folder = os.environ.get("HAT_SHOTS")
    if folder:
        window.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


class TestEveryStateOfComingIn:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_that_axe_finds_and_fits_the_window_at_any_size(
        self, room: TreatmentRoom, open_window: Open, state: Callable[[TreatmentRoom], Made]
    ) -> None:
        by, path = state(room)
        window = open_window(by)
        window.go(at(room, path))
        shoot(window, state.__name__)
        assert (window.overflow, window.accessibility_faults()) == ([], [])

        window.page.set_viewport_size(ENLARGED_FOUR_TIMES)
        shoot(window, f"{state.__name__}_narrow")
        assert (window.overflow, window.accessibility_faults()) == ([], [])


class TestAFileOfReferrals:
    def test_shows_what_is_wrong_without_javascript_and_is_then_sent(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        window = open_window(a_referrer(room), javascript=False)
        window.go(at(room, "own-referrals/import/"))
        for number, row in enumerate(("Robin,Dale,1986-02-30,yes,1", "Robin,Dale,1986-05-04,yes,1")):
            window.page.get_by_label("The CSV file").set_input_files(
                {"name": "people.csv", "mimeType": "text/csv", "buffer": f"{HEADER}\n{row}".encode()}
            )
            window.press("Check and send all")
            if number == 0:
                shoot(window, "import_problems")
                assert "Nothing was brought in: 1 thing to put right" in window.text

        assert "1 person is referred." in window.text


class TestADraft:
    def test_unfolds_what_is_asked_of_an_oral_opioid(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(a_referrer(room))
        window.go(at(room, "own-referrals/refer-person/"))
        for treatment in ("Methadone", "Detox"):
            window.page.get_by_role("group", name=f"{treatment}: tried?").get_by_label("Yes").check()

        shoot(window, "treatments_unfolded")
        assert window.page.locator("#id_tried_methadone_mg").is_visible()
        assert window.page.locator("#id_tried_detox_mg").count() == 0
        assert window.accessibility_faults() == []
        window.page.set_viewport_size(ENLARGED_FOUR_TIMES)
        assert (window.overflow, window.accessibility_faults()) == ([], [])

    def test_is_saved_half_filled_and_gone_on_with(self, room: TreatmentRoom, open_window: Open) -> None:
        window = open_window(a_referrer(room))
        window.go(at(room, "own-referrals/refer-person/"))
        window.page.get_by_label("Given names").fill("Robin")
        window.press("Save and leave")
        assert "Nothing was sent." in window.text

        window.follow(window.page.get_by_role("link", name="Go on with R."))
        assert window.page.get_by_label("Given names").input_value() == "Robin"
        window.go(at(room, "own-referrals/refer-person/"))
        assert window.page.get_by_label("Given names").input_value() == ""


class TestAQuestion:
    def test_goes_to_the_agency_and_the_answer_comes_back(
        self, room: TreatmentRoom, open_window: Open
    ) -> None:
        referral = told_of(room)
        clinic = open_window(room.nurse)
        clinic.go(at(room, f"referrals/{referral.id}/"))
        clinic.follow(clinic.page.get_by_role("link", name="Ask the agency…"))
        clinic.page.get_by_label("How can we reach the person now?").check()
        clinic.press("Ask the agency")

        agency = open_window(referral.sent_by)
        agency.go(at(room, f"own-referrals/{referral.id}/"))
        shoot(agency, "question_for_the_agency")
        agency.follow(agency.page.get_by_role("link", name="Answer the question"))
        agency.page.get_by_label("What do you tell the clinic?").fill("At the shelter, after eight.")
        agency.press("Send to the clinic")

        clinic.page.reload()
        shoot(clinic, "answer_of_the_agency")
        assert "At the shelter, after eight." in clinic.text
