"""The pages of cases, balance checks and closing the day, through the browser's address."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dosing.actions.cases import tell_of_case
from dosing.models import CaseEvent, DayClosing, StockCount
from dosing.rules.cases import Classification, Destination
from hat_clinic.accounts.actions import enrol_totp, set_pin
from hat_clinic.accounts.models import User
from hat_clinic.accounts.queries import has_second_factor
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import LONDON, now
from tests.factories.cases import a_case, a_closed_day, both_count_at_closing, classified
from tests.factories.register import receive
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    TreatmentRoom,
    a_clinic,
    a_member_of_staff,
    a_treatment_room,
)

pytestmark = pytest.mark.django_db
STOCK = 7137


@pytest.fixture
def room() -> TreatmentRoom:
    room = a_treatment_room(ampoules=STOCK)
    set_pin(user=room.cd_lead, pin="384756", by=room.cd_lead, at=now())
    room.open_day()
    return room


@pytest.fixture
def enter(room, sign_in_at_terminal) -> Callable[[User], Client]:
    def give(user: User) -> Client:
        if not has_second_factor(user=user):
            enrol_totp(user=user, secret=None, by=None, at=now())
        return sign_in_at_terminal(Client(), user, room.terminal, room.terminal_secret)

    return give


def address(room: TreatmentRoom, name: str, **more: Any) -> str:
    return reverse(f"dosing:{name}", kwargs={"clinic_code": room.clinic.code, **more})


def hidden(response: HttpResponse) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', response.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def words(response: HttpResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def send(client: Client, path: str, **content: Any) -> HttpResponse:
    """Open a page, fill its form in and send it, and follow where it leads."""
    return client.post(path, {**hidden(client.get(path)), **content}, follow=True)


class TestACase:
    def test_goes_from_open_to_closed_by_the_buttons(self, room, enter) -> None:
        case = a_case(room)
        lead = enter(room.cd_lead)
        here = {"case_id": case.id}
        seen = words(lead.get(address(room, "see_case", **here)))
        assert "Open, not classified" in seen
        assert "Not closed yet" in seen
        assert "unverified" in seen

        send(lead, address(room, "note_case", **here), words="Looked behind the safe.")
        send(
            lead,
            address(room, "classify_case", **here),
            classification="loss",
            seen_with=str(room.nurse.id),
            words="Not found.",
        )
        assert "Not told yet" in words(
            send(lead, address(room, "close_case", **here), words="Nothing more can be done.")
        )
        told_at = now().astimezone(LONDON)
        for destination in ("officer", "manager"):
            tell_of_case(
                clinic=room.clinic,
                case_id=case.id,
                destination=Destination(destination),
                whom="Ana Roy",
                told_at=told_at,
                reference="CD-17",
                words="",
                key=uuid.uuid4(),
                by=room.cd_lead,
                at=now(),
            )
        closed = send(lead, address(room, "close_case", **here), words="Nothing more can be done.")

        assert "Saved: the case is closed." in words(closed)
        assert [event.kind for event in case.events.order_by("number")] == [
            "note",
            "classified",
            "told",
            "told",
            "closed",
        ]
        assert "Closed: Less than the register says, not explained." in words(
            lead.get(address(room, "see_case", **here))
        )

    def test_is_told_with_the_clock_of_the_clinic(self, room, enter) -> None:
        case = a_case(room)
        lead = enter(room.cd_lead)
        path = address(room, "tell_of_case", case_id=case.id)
        early = send(
            lead, path, destination="officer", whom="Ana Roy", told_on="01/01/2026", told_time="09:45"
        )
        wrong = send(lead, path, destination="officer", whom="", told_on="1.1.26", told_time="9.45")

        assert "That is more than a day before the case was opened." in words(early)
        for sentence in (
            "Write whom you told.",
            "Write the day as day/month/year",
            "Write the time as hours:minutes",
        ):
            assert sentence in words(wrong)
        assert not CaseEvent.objects.exists()

    def test_keeps_what_was_typed_when_it_is_refused(self, room, enter) -> None:
        case = a_case(room)
        lead = enter(room.cd_lead)
        answer = send(
            lead, address(room, "classify_case", case_id=case.id), words="Behind the safe.", seen_with=""
        )

        assert "Choose what the difference turned out to be." in words(answer)
        assert "Behind the safe." in answer.content.decode()

    @pytest.mark.parametrize("act", ["note_case", "tell_of_case", "classify_case", "close_case"])
    def test_takes_no_page_of_somebody_else_or_of_another_case(self, room, enter, act: str) -> None:
        case = a_case(room)
        lead, manager = enter(room.cd_lead), a_member_of_staff(room.clinic, Role.CD_LEAD, name="Lena Hart")
        page = hidden(enter(manager).get(address(room, act, case_id=case.id)))
        content = {
            "words": "Found.",
            "classification": "found",
            "destination": "officer",
            "whom": "Ana Roy",
            "told_on": "01/12/2026",
            "told_time": "09:45",
        }
        answer = lead.post(address(room, act, case_id=case.id), page | content)

        assert "opened by somebody else or for another case" in words(answer)
        assert not CaseEvent.objects.exists()

    def test_and_everything_about_it_is_recorded_as_looked_at(self, room, enter) -> None:
        case = a_case(room)
        inspector = a_member_of_staff(room.clinic, Role.INSPECTOR, name="Owen Pryce")
        client = enter(inspector)
        page = client.get(address(room, "see_case", case_id=case.id))
        client.get(address(room, "see_cases"))
        client.get(address(room, "see_checks"), {"since": "31/02/2026"})

        assert [
            event.event
            for event in AuditEvent.objects.filter(
                actor=inspector, is_look=True, event__startswith="dosing."
            ).order_by("id")
        ] == ["dosing.case_seen", "dosing.cases_seen", "dosing.checks_seen"]
        assert "Add a note" not in words(page)
        assert "Classify" not in words(page)
        assert client.get(address(room, "see_case", case_id=uuid.uuid4())).status_code == 404

    def test_list_says_overdue_in_words_and_where_there_is_none(self, room, enter) -> None:
        lead = enter(room.cd_lead)
        assert "No case is open." in words(lead.get(address(room, "see_cases")))
        case = a_case(room)
        assert "To tell" in words(lead.get(address(room, "see_cases")))
        classified(room, case, classification=Classification.THEFT)

        text = words(lead.get(address(room, "see_cases")))
        assert "Overdue" in text
        assert "Police controlled-drug liaison officer" in text


class TestClosingTheDay:
    def test_is_done_by_two_who_count_and_one_who_presses(self, room, enter) -> None:
        grace, tom = enter(room.nurse), enter(room.second_nurse)
        before = grace.get(address(room, "close_day"))
        boxes = {"full_boxes": str(STOCK // 5), "loose": str(STOCK % 5)}
        first = send(grace, address(room, "count_closing"), **boxes, pin=NURSE_PIN)
        send(tom, address(room, "count_closing"), **boxes, pin=SECOND_PIN)
        page = grace.get(address(room, "close_day"))
        codes = re.findall(r'name="acknowledged" value="(\w+)"', page.content.decode()) or re.findall(
            r'value="(\w+)"[^>]*name="acknowledged"', page.content.decode()
        )
        unread = send(grace, address(room, "close_day"))
        closed = send(grace, address(room, "close_day"), acknowledged=codes)

        assert "The closing count is not finished" in words(before)
        assert str(STOCK) not in words(first)
        assert codes
        assert "Tick that you have read" in words(unread)
        assert "the day is closed" in words(closed)
        assert DayClosing.objects.get().closed_by == room.nurse
        assert "The day is closed" in words(grace.get(address(room, "open_day")))
        assert "Day closed" in words(grace.get(address(room, "see_board")))
        assert grace.get(address(room, "count_closing")).status_code == 302

    def test_names_whoever_has_no_ending_only_to_who_sees_the_board(self, room, enter) -> None:
        nurse, lead = (enter(one).get(address(room, "close_day")) for one in (room.nurse, room.cd_lead))

        assert room.patient.full_name in words(nurse)
        assert room.patient.full_name not in words(lead)
        assert "Without an ending today: " in words(lead)

    def test_is_barred_while_a_difference_is_not_classified(self, room, enter) -> None:
        a_case(room)
        page = enter(room.cd_lead).get(address(room, "close_day"))

        assert "A balance difference is not yet classified." in words(page)
        assert "hat-button--barred" in page.content.decode()
        assert "Go to the cases" in words(page)

    def test_takes_no_page_of_somebody_else(self, room, enter) -> None:
        both_count_at_closing(room, STOCK, STOCK)
        page = hidden(enter(room.second_nurse).get(address(room, "close_day")))
        answer = enter(room.nurse).post(address(room, "close_day"), page, follow=True)

        assert "opened by somebody else" in words(answer)
        assert not DayClosing.objects.exists()

    def test_that_was_refused_between_says_why(self, room, enter) -> None:
        both_count_at_closing(room, STOCK, STOCK)
        grace = enter(room.nurse)
        page = hidden(grace.get(address(room, "close_day")))
        receive(room.line, 5)
        answer = grace.post(address(room, "close_day"), page)

        assert "The closing count is not finished" in words(answer)

    def test_of_a_day_that_is_not_open_says_so(self, sign_in) -> None:
        shut = a_treatment_room(ampoules=5)
        manager = a_member_of_staff(shut.clinic, Role.MANAGER, name="Morag Bain")
        enrol_totp(user=manager, secret=None, by=None, at=now())
        page = sign_in(Client(), manager).get(address(shut, "close_day"))

        assert "This day was not opened, so there is nothing to close." in words(page)

    def test_of_a_clinic_without_premises_says_so(self, sign_in) -> None:
        clinic = a_clinic()
        manager = a_member_of_staff(clinic, Role.MANAGER, name="Morag Bain")
        enrol_totp(user=manager, secret=None, by=None, at=now())
        client = sign_in(Client(), manager)
        path = reverse("dosing:close_day", kwargs={"clinic_code": clinic.code})

        assert "This clinic has no premises." in words(client.get(path))
        assert client.post(path).status_code == 302

    def test_a_first_count_can_be_set_aside(self, room, enter) -> None:
        grace = enter(room.nurse)
        send(grace, address(room, "count_closing"), full_boxes="1", loose="2", pin=NURSE_PIN)
        seal = hidden(grace.get(address(room, "count_closing")))["seal"]
        for sent, said in (({"seal": "x"}, "opened by somebody else"), ({"seal": seal}, "was set aside")):
            answer = grace.post(address(room, "set_closing_count_aside"), sent, follow=True)
            assert said in words(answer)
        answer = grace.post(address(room, "set_closing_count_aside"), {"seal": seal}, follow=True)

        assert "No count is waiting" in words(answer)
        assert StockCount.objects.filter(balance_check__kind="closing").count() == 1

    def test_once_it_is_closed_is_not_done_again(self, room, enter) -> None:
        a_closed_day(room)
        page = enter(room.nurse).get(address(room, "close_day"))

        assert "A closed day is not opened again." in words(page)
        assert 'value="Close the day"' not in page.content.decode()
