"""The pages of closed sessions: nothing is closed before the list is read, and both acts stay visible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from dosing.models import Closure, Reopening
from hat_clinic.accounts.models import User
from hat_clinic.audit.models import AuditEvent
from tests.factories.closures import a_clinical_lead, close
from tests.factories.order_pages import Desk
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_closures import the_sessions


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    return a_treatment_room(dose_mg=180)


@pytest.fixture
def lead(room: TreatmentRoom) -> User:
    return a_clinical_lead(room)


@pytest.fixture
def desk(room: TreatmentRoom, lead: User, at_a_desk: Callable[..., Desk]) -> Desk:
    return at_a_desk(room, lead)


def address(room: TreatmentRoom, name: str, **ids: Any) -> str:
    return reverse(f"dosing:{name}", kwargs={"clinic_code": room.clinic.code, **ids})


def words(answer: Any) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


def chosen(room: TreatmentRoom, first: int = 1, last: int = 2) -> dict[str, str]:
    sessions = [f"{on.isoformat()} {slot}" for on, slot in the_sessions(room)]
    return {
        "first": sessions[first],
        "last": sessions[last],
        "reason": "premises",
        "words": "Heating failed.",
        "look": "",
    }


def carried(answer: Any, **changes: Any) -> dict[str, Any]:
    form = answer.context["form"]
    sent = {name: form[name].value() for name in ("key", "seal", "first", "last", "reason", "words")}
    return sent | {"acknowledged": ["no_oral_order"], "close": ""} | changes


class TestClosing:
    def test_lists_who_is_affected_before_anything_is_closed(self, room: TreatmentRoom, desk: Desk) -> None:
        answer = desk.client.post(address(room, "close_sessions"), chosen(room))
        told = words(answer)

        assert "Close 2 sessions?" in told
        assert f"{room.patient.full_name} 2 sessions No oral order" in told
        assert "Row 2 : at most 75 %" in told.replace("\xa0", " ").replace("Row 2:", "Row 2 :")
        assert "1 person of these has no oral order in force" in told
        assert not Closure.objects.exists()
        assert AuditEvent.objects.filter(event="dosing.closure_seen", person=room.patient.id).exists()

    def test_closes_and_goes_on_to_whom_to_tell(self, room: TreatmentRoom, desk: Desk) -> None:
        answer = desk.client.post(address(room, "close_sessions"), chosen(room))
        done = desk.client.post(address(room, "close_sessions"), carried(answer), follow=True)

        assert Closure.objects.get().words == "Heating failed."
        told = words(done)
        assert "Closed: Heating failed. Reopens Tuesday afternoon." in told
        assert "1 still to be told" in told

    def test_says_what_is_not_ticked_and_keeps_the_page(self, room: TreatmentRoom, desk: Desk) -> None:
        answer = desk.client.post(address(room, "close_sessions"), chosen(room))
        again = desk.client.post(address(room, "close_sessions"), carried(answer, acknowledged=[]))

        assert "Tick that you have read: 1 person of these" in words(again)
        assert not Closure.objects.exists()
        desk.client.post(address(room, "close_sessions"), carried(again))
        assert Closure.objects.count() == 1

    def test_refuses_a_page_made_for_other_sessions(self, room: TreatmentRoom, desk: Desk) -> None:
        answer = desk.client.post(address(room, "close_sessions"), chosen(room))
        sent = carried(answer) | {"last": chosen(room, last=4)["last"]}
        again = desk.client.post(address(room, "close_sessions"), sent)

        assert "opened by somebody else or for other sessions" in words(again)
        assert not Closure.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"first": ""}, "Choose the first session that is closed."),
            ({"first": "2026-02-01 am"}, "Choose a session of the list."),
            ({"reason": ""}, "Choose why they are closed."),
            ({"words": "  "}, "Write in a few words why they are closed."),
        ],
    )
    def test_asks_for_each_part(
        self, room: TreatmentRoom, desk: Desk, changes: dict[str, str], said: str
    ) -> None:
        assert said in words(desk.client.post(address(room, "close_sessions"), chosen(room) | changes))

    def test_tells_what_stands_against_it(self, room: TreatmentRoom, desk: Desk) -> None:
        room.checked()
        told = words(desk.client.post(address(room, "close_sessions"), chosen(room, 0, 1)))

        assert "In the session now: 1" in told
        assert "These sessions cannot be closed: 1 reason" in told

    def test_asks_for_the_password_afresh(
        self, room: TreatmentRoom, lead: User, at_a_desk: Callable[..., Desk]
    ) -> None:
        desk = at_a_desk(room, lead, is_fresh=False)
        answer = desk.client.post(address(room, "close_sessions"), chosen(room))
        sent = desk.client.post(address(room, "close_sessions"), carried(answer))

        assert "/confirm-" in sent.headers["Location"]
        assert not Closure.objects.exists()


class TestReopening:
    def test_is_chosen_from_what_is_left(self, room: TreatmentRoom, lead: User, desk: Desk) -> None:
        closure = close(room, 0, 2, by=lead)
        page = address(room, "reopen_sessions", closure_id=closure.id)
        form = desk.client.get(page).context["form"]
        values = [value for value, _ in form.fields["session"].choices]
        assert len(values) == 4
        sent = {name: form[name].value() for name in ("key", "seal")}
        done = desk.client.post(page, sent | {"session": values[2], "words": "Works again."}, follow=True)

        assert Reopening.objects.get().words == "Works again."
        told = words(done)
        assert "Closed: heating failed. Reopens today, afternoon." in told
        assert "with Monday 2 February, afternoon" in told
        listed = words(desk.client.get(address(room, "see_closures")))
        assert "Reopened with Monday 2 February, afternoon: Works again. (Ann Cole" in listed

    def test_needs_its_own_page_and_a_reason(self, room: TreatmentRoom, lead: User, desk: Desk) -> None:
        closure, other = close(room, 0, 1, by=lead), close(room, 3, 4, by=lead)
        page = address(room, "reopen_sessions", closure_id=closure.id)
        form = desk.client.get(page).context["form"]
        values = [value for value, _ in form.fields["session"].choices]
        elsewhere = desk.client.get(address(room, "reopen_sessions", closure_id=other.id)).context["form"]
        sent = {"key": form["key"].value(), "session": values[1], "words": "Works."}

        assert "Write why it reopens." in words(
            desk.client.post(page, sent | {"words": "", "seal": form["seal"].value()})
        )
        assert "opened by somebody else" in words(
            desk.client.post(page, sent | {"seal": elsewhere["seal"].value()})
        )
        assert not Reopening.objects.exists()

    def test_has_nothing_left_once_all_is_over(
        self, room: TreatmentRoom, lead: User, at_a_desk: Callable[..., Desk], clock: Clock
    ) -> None:
        closure = close(room, 0, 0, by=lead)
        clock.pass_by(hours=2)
        desk = at_a_desk(room, lead)
        told = words(desk.client.get(address(room, "reopen_sessions", closure_id=closure.id)))
        assert "Nothing is left of this closure to reopen." in told

    def test_takes_no_session_that_is_held_again(self, room: TreatmentRoom, lead: User, desk: Desk) -> None:
        closure = close(room, 0, 1, by=lead)
        page = address(room, "reopen_sessions", closure_id=closure.id)
        form = desk.client.get(page).context["form"]
        values = [value for value, _ in form.fields["session"].choices]
        sent = {name: form[name].value() for name in ("key", "seal")}
        desk.client.post(page, sent | {"session": values[1], "words": "Works."})
        again = desk.client.post(page, sent | {"session": values[2], "words": "Works."})
        assert "Choose a session of the list." in words(again)


class TestLooking:
    def test_is_empty_at_first(self, room: TreatmentRoom, desk: Desk) -> None:
        assert "No session was closed yet." in words(desk.client.get(address(room, "see_closures")))

    def test_is_not_for_another_clinic(self, room: TreatmentRoom, lead: User, desk: Desk) -> None:
        elsewhere = a_treatment_room()
        closure = close(elsewhere, by=a_clinical_lead(elsewhere))
        for name in ("see_closure", "reopen_sessions"):
            assert desk.client.get(address(room, name, closure_id=closure.id)).status_code == 404

    def test_of_the_board_says_so_plainly(self, room: TreatmentRoom, lead: User, desk: Desk) -> None:
        close(room, 0, 1, by=lead)
        told = words(desk.client.get(address(room, "see_board")))
        assert "Closed: heating failed. Reopens Tuesday morning. Nothing is drawn up." in told

    def test_of_the_hatch_says_so_plainly(
        self, room: TreatmentRoom, lead: User, at_terminal: Callable[..., Any]
    ) -> None:
        close(room, 0, 1, by=lead)
        nurse = at_terminal(room, room.nurse)
        page = address(room, "identify_person", patient_id=room.patient.id)
        assert "Closed: heating failed. Reopens Tuesday morning." in words(nurse.client.get(page))
        visit = room.checked()
        page = address(room, "prepare_dose", session_id=visit.session_id)
        assert "Nothing is drawn up in a closed session: the clinical lead reopens it first." in words(
            nurse.client.get(page)
        )
