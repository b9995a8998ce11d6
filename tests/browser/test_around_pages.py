"""The pages around a person, of statements, openings, the programme's end and the checklist: every state, every size."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from patients.actions.endings import end_treatment
from patients.models import Disclosure
from patients.rules.consents import Purpose
from tests.browser.sizes import faults_at_every_size
from tests.browser.windows import Window, with_sign_in
from tests.factories import AgencyFactory, EpisodeFactory
from tests.factories.around import (
    WHY,
    AlertFactory,
    ContactDetailFactory,
    DisclosureFactory,
    OpeningReviewFactory,
    RecordOpeningFactory,
    RelationshipFactory,
    end_the_programme,
    plan_for,
)
from tests.factories.people import consent_to
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room

pytestmark = pytest.mark.browser
Open = Callable[..., Window]


def member(room: TreatmentRoom, role: Role) -> User:
    return with_sign_in(a_member_of_staff(room.clinic, role, name="Rowan Ashdown-Featherstone"))


def at(open_window: Open, room: TreatmentRoom, user: User, page: str) -> Window:
    window = open_window(user)
    window.go(f"/clinics/{room.clinic.code}/{page}")
    return window


def of_person(open_window: Open, room: TreatmentRoom, page: str, user: User | None = None) -> Window:
    return at(open_window, room, user or with_sign_in(room.nurse), f"people/{room.patient.id}/{page}")


def a_full_room() -> TreatmentRoom:
    """Return a room whose person has everything around them."""
    room = a_treatment_room(dose_mg=180)
    today = london_date(now())
    for severity, words in (("danger", "Do not visit alone."), ("note", "Prefers mornings.")):
        AlertFactory(
            person=room.patient,
            clinic=room.clinic,
            severity=severity,
            words=words,
            starts_on=today,
            set_by=room.nurse,
        )
    ContactDetailFactory(person=room.patient)
    RelationshipFactory(person=room.patient, clinic=room.clinic, colleague=room.doctor)
    plan_for(room.episode, by=room.doctor)
    return room


# --- every state of every page -------------------------------------------------------------------------------
def person_with_everything(open_window: Open) -> Window:
    window = of_person(open_window, a_full_room(), "")
    assert "Do not visit alone." in window.text
    return window


def alerts(open_window: Open) -> Window:
    return of_person(open_window, a_full_room(), "set-alert/")


def alert_with_errors(open_window: Open) -> Window:
    window = of_person(open_window, a_treatment_room(), "set-alert/")
    window.press("Set the alert")
    assert window.summary_heading == "No alert was set"
    return window


def contacts(open_window: Open) -> Window:
    return of_person(open_window, a_full_room(), "add-contact/")


def contact_with_errors(open_window: Open) -> Window:
    window = of_person(open_window, a_treatment_room(), "add-contact/")
    window.press("Add this way to reach them")
    assert window.summary_heading == "Nothing was added"
    return window


def relationships(open_window: Open) -> Window:
    return of_person(open_window, a_full_room(), "add-relationship/")


def relationship_with_errors(open_window: Open) -> Window:
    window = of_person(open_window, a_treatment_room(), "add-relationship/")
    window.press("They work with this person")
    assert window.summary_heading == "Nothing was stored"
    return window


def a_plan_that_is_whole(open_window: Open) -> Window:
    return of_person(open_window, a_full_room(), "plan-leaving/")


def a_plan_that_says_nothing(open_window: Open) -> Window:
    room = a_treatment_room()
    end_the_programme(room.clinic, by=room.doctor, days=30)
    window = of_person(open_window, room, "plan-leaving/")
    window.press("Save the plan")
    assert window.summary_heading == "Nothing was saved"
    return window


def the_end_of_a_treatment(open_window: Open) -> Window:
    room = a_treatment_room()
    window = of_person(open_window, room, "end-treatment/", with_sign_in(room.doctor))
    assert "They go without a whole plan" in window.text
    return window


def a_statement_on_a_consent(open_window: Open) -> Window:
    room = a_treatment_room(dose_mg=180)
    room.give()
    consent_to(
        Purpose.DOSES, room.episode, by=room.nurse, at=now(), agency=AgencyFactory(name="Northside custody")
    )
    DisclosureFactory(person=room.patient, clinic=room.clinic)
    return of_person(open_window, room, "give-statement/")


def a_statement_without_a_reason(open_window: Open) -> Window:
    window = of_person(open_window, a_treatment_room(), "give-statement/")
    window.page.get_by_label("A hospital or an ambulance").check()
    window.page.get_by_label("Name of the place, and who asked").fill("General Hospital, Dr Ray")
    window.press("Print in an emergency")
    assert window.summary_heading == "Nothing was printed"
    return window


def a_stored_statement(open_window: Open) -> Window:
    room = a_treatment_room()
    stored = DisclosureFactory(person=room.patient, clinic=room.clinic)
    return of_person(open_window, room, f"statements/{stored.pk}/")


def opening_with_errors(open_window: Open) -> Window:
    room = a_treatment_room()
    window = at(open_window, room, with_sign_in(room.nurse), "open-record/")
    window.press("Open the record for one hour")
    assert window.summary_heading == "The record stays closed"
    return window


def an_opened_record(open_window: Open) -> Window:
    room, elsewhere = a_treatment_room(), a_full_room()
    window = at(open_window, room, with_sign_in(room.nurse), "open-record/")
    window.page.get_by_label("Family name").fill(elsewhere.patient.family_name)
    window.page.get_by_label("Date of birth").fill(f"{elsewhere.patient.born_on:%d/%m/%Y}")
    window.page.get_by_label("An emergency, here or elsewhere").check()
    window.page.get_by_label("What happened, in your own words").fill(WHY)
    window.press("Open the record for one hour")
    assert "Opened by you with a reason" in window.text
    return window


def somebody_who_left(open_window: Open) -> Window:
    room = a_treatment_room()
    nurse = with_sign_in(room.nurse)
    RelationshipFactory(person=room.patient, clinic=room.clinic, colleague=nurse, part="aftercare")
    end_treatment(episode=room.episode, reason="completed", without_plan=True, by=room.doctor, at=now())
    window = at(open_window, room, nurse, "people/")
    window.follow(window.page.get_by_role("link", name=room.patient.full_name))
    assert "The treatment here has ended." in window.text
    return window


def openings_and_none(open_window: Open) -> Window:
    room = a_treatment_room()
    return at(open_window, room, member(room, Role.PRIVACY_OFFICER), "record-openings/")


def openings(open_window: Open) -> Window:
    room = a_treatment_room()
    RecordOpeningFactory(clinic=room.clinic)
    OpeningReviewFactory(opening__clinic=room.clinic)
    return at(open_window, room, member(room, Role.PRIVACY_OFFICER), "record-openings/")


def a_review_with_errors(open_window: Open) -> Window:
    room = a_treatment_room()
    opening = RecordOpeningFactory(clinic=room.clinic)
    window = at(
        open_window,
        room,
        member(room, Role.PRIVACY_OFFICER),
        f"record-openings/{opening.pk}/review-opening/",
    )
    window.press("Close with this finding")
    assert window.summary_heading == "Nothing was closed"
    return window


def the_programme(open_window: Open) -> Window:
    room = a_treatment_room()
    return at(open_window, room, member(room, Role.MANAGER), "end-of-programme/")


def the_programme_that_ends(open_window: Open) -> Window:
    room = a_treatment_room()
    end_the_programme(room.clinic, by=room.doctor, days=60)
    window = at(open_window, room, member(room, Role.MANAGER), "end-of-programme/")
    window.press("Decide this")
    assert window.summary_heading == "Nothing was decided"
    return window


def the_worklist_before_the_end(open_window: Open) -> Window:
    room = a_treatment_room()
    end_the_programme(room.clinic, by=room.doctor, days=60)
    window = at(open_window, room, with_sign_in(room.doctor), "worklist/")
    assert "No whole plan for leaving" in window.text
    return window


def the_board_before_the_end(open_window: Open) -> Window:
    room = a_treatment_room()
    end_the_programme(room.clinic, by=room.doctor, days=60)
    window = open_window(room.nurse)
    window.go_to_board(room)
    assert "last day of doses" in window.text
    return window


def the_board_with_alerts(open_window: Open) -> Window:
    room = a_full_room()
    window = open_window(room.nurse)
    window.go_to_board(room)
    assert "Danger: see the alert" in window.text and "Do not visit" not in window.text
    return window


def a_checklist(open_window: Open) -> Window:
    room = a_treatment_room()
    type(room.clinic).objects.filter(pk=room.clinic.pk).update(preset="middlesbrough")
    window = at(open_window, room, member(room, Role.MANAGER), "checklist/")
    assert "Not verified" in window.text
    return window


def another_record_of_the_same_names(open_window: Open) -> Window:
    room = a_treatment_room()
    EpisodeFactory(
        clinic=room.clinic,
        accepted_on=london_date(now()) - timedelta(days=9),
        person__given_names="Ann",
        person__family_name="Other",
        person__born_on=room.patient.born_on,
    )
    window = of_person(open_window, room, "change-person/")
    window.page.get_by_label("Given names").fill("Ann")
    window.page.get_by_label("Family name").fill("Other")
    window.press("Save the changes")
    assert "it is somebody else" in window.text
    return window


STATES = (
    person_with_everything,
    alerts,
    alert_with_errors,
    contacts,
    contact_with_errors,
    relationships,
    relationship_with_errors,
    a_plan_that_is_whole,
    a_plan_that_says_nothing,
    the_end_of_a_treatment,
    a_statement_on_a_consent,
    a_statement_without_a_reason,
    a_stored_statement,
    opening_with_errors,
    an_opened_record,
    somebody_who_left,
    openings_and_none,
    openings,
    a_review_with_errors,
    the_programme,
    the_programme_that_ends,
    the_worklist_before_the_end,
    the_board_before_the_end,
    the_board_with_alerts,
    a_checklist,
    another_record_of_the_same_names,
)


class TestEveryState:
    @pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
    def test_has_no_fault_at_any_size(self, open_window: Open, state: Callable[[Open], Window]) -> None:
        window = state(open_window)
        pictures = os.environ.get("HAT_SHOTS", "")
        assert faults_at_every_size(window, pictures=pictures, name=state.__name__) == []


class TestAStatement:
    def test_is_printed_in_two_taps_from_the_persons_page(self, open_window: Open) -> None:
        room = a_treatment_room(dose_mg=180)
        room.give()
        agency = AgencyFactory(name="Southside custody", kind="police")
        consent_to(Purpose.DOSES, room.episode, by=room.nurse, at=now(), agency=agency)
        window = of_person(open_window, room, "")

        window.follow(window.page.get_by_role("link", name="Last-dose statement"))
        with window.page.expect_response(lambda answer: "print-statement" in answer.url) as paper:
            window.page.get_by_role("button", name="Southside custody").click()

        assert paper.value.headers["content-type"] == "application/pdf"
        assert Disclosure.objects.get(person=room.patient).consent.agency == agency
