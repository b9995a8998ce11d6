"""The handover of one team to the next: the facts as they stood, signed, read by somebody else, and never in the way."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from dosing.actions.handovers import HandoverRefused
from dosing.actions.observation import record_early_leaving
from dosing.actions.visits import record_not_given
from dosing.models import Handover, HandoverAcknowledgement, HandoverNote, OrderPeriod
from dosing.queries.days import get_day_state
from dosing.queries.handovers import (
    get_handover,
    list_handover_facts,
    list_handovers,
    list_sessions_to_hand_over,
)
from dosing.queries.sessions import SessionKey
from dosing.queries.unread import UnreadHandover
from dosing.rules.handovers import Fact, FactKind
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.actions import PinRefused, set_pin
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.cases import a_case
from tests.factories.closures import a_clinical_lead, close
from tests.factories.emergencies import an_emergency
from tests.factories.handovers import HandoverFactory, HandoverNoteFactory, hand_over, read_it
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_treatment_room
from tests.integration.dosing.conftest import Clock
from tests.refusals import refused_by


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    """Somebody on 180 mg whose last dose was yesterday evening; it is ten on a Monday morning."""
    return a_treatment_room(dose_mg=180)


def facts(room: TreatmentRoom) -> dict[FactKind, list[str]]:
    chosen = list_sessions_to_hand_over(clinic=room.clinic, at=now())[0]
    found: dict[FactKind, list[str]] = {}
    for one in list_handover_facts(clinic=room.clinic, session=chosen.session, at=now()):
        assert isinstance(one, Fact)
        found.setdefault(one.kind, []).append(one.words)
    return found


class TestTheFacts:
    def test_are_of_the_session_that_is_open_or_was_last(self, room: TreatmentRoom, clock: Clock) -> None:
        today = now().date()
        begun = list_sessions_to_hand_over(clinic=room.clinic, at=now())
        assert [one.session for one in begun] == [SessionKey(today, "am")]
        clock.pass_by(hours=13)
        begun = list_sessions_to_hand_over(clinic=room.clinic, at=now())
        assert [one.session for one in begun] == [SessionKey(today, "pm"), SessionKey(today, "am")]

    def test_name_whoever_has_not_come(self, room: TreatmentRoom) -> None:
        assert facts(room) == {FactKind.NOT_GIVEN: ["has not come, and nothing is recorded"]}

    def test_name_an_ending_without_a_dose(self, room: TreatmentRoom) -> None:
        record_not_given(
            clinic=room.clinic,
            patient_id=room.patient.id,
            session=room.session(),
            outcome=Outcome.EXCUSED,
            reason=Reason.CUSTODY,
            by=room.nurse,
            at=now(),
        )
        assert facts(room) == {FactKind.NOT_GIVEN: ["excused: custody"]}

    def test_follow_somebody_through_the_room(self, room: TreatmentRoom, clock: Clock) -> None:
        room.open_day()
        visit = room.checked()
        assert facts(room) == {FactKind.IN_ROOM: ["came at 10:00"]}
        drawn = room.prepare(visit)
        assert facts(room) == {FactKind.DRAWN: ["180 mg drawn up at 10:00"]}
        given = room.inject(drawn, syringe_returned=False)
        told = facts(room)
        assert told[FactKind.OBSERVED] == ["until 10:20, next reading due 10:02"]
        assert told[FactKind.SYRINGE] == ["after the injection that ended at 10:00"]
        clock.pass_by(minutes=2)
        room.read(given.session_id, 2, breaths=10)
        assert facts(room)[FactKind.OBSERVED][0].endswith("escalation A")
        record_early_leaving(
            clinic=room.clinic, session_id=given.session_id, reason="Had to go.", by=room.nurse, at=now()
        )
        assert facts(room)[FactKind.LEFT_EARLY] == ["at 10:02: Had to go."]

    def test_name_holds_cases_and_closed_sessions(self, room: TreatmentRoom, clock: Clock) -> None:
        a_case(room)
        close(room, 1, 1, by=a_clinical_lead(room))
        room.check(room.identify(), oxygen=91)
        told = facts(room)
        assert told[FactKind.HOLD][0].startswith("On hold since 2 February at 10:00 for")
        assert told[FactKind.CASE] == ["1 open: the controlled-drug lead works on it"]
        clock.pass_by(hours=2)
        assert facts(room)[FactKind.CLOSED] == ["Closed: heating failed. Reopens Tuesday morning."]

    def test_cost_the_same_statements_on_an_empty_and_on_a_full_day(self, room: TreatmentRoom) -> None:
        session = room.session()
        with CaptureQueriesContext(connection) as before:
            list_handover_facts(clinic=room.clinic, session=session, at=now())
        room.check(room.identify(), oxygen=91)
        with CaptureQueriesContext(connection) as after:
            list_handover_facts(clinic=room.clinic, session=session, at=now())
        assert len(after) == len(before)

    def test_name_an_emergency_that_goes_on_since_the_day_before(
        self, room: TreatmentRoom, clock: Clock
    ) -> None:
        room.identify()
        an_emergency(room)
        clock.pass_by(hours=24)

        assert facts(room)[FactKind.EMERGENCY] == ["began at 10:00"]


class TestHandingOver:
    def test_freezes_the_facts_with_what_was_written(self, room: TreatmentRoom) -> None:
        handover = hand_over(room, words="Quiet morning.", notes={room.patient.id: " Call his sister. "})
        room.check(room.identify(), oxygen=91)
        page = get_handover(clinic=room.clinic, handover_id=handover.id)

        assert page is not None
        assert page.groups[0][1][0].words == "has not come, and nothing is recorded"
        assert page.notes == ((room.patient.full_name, "Call his sister."),)
        assert (page.words, page.read) == ("Quiet morning.", "")
        assert page.people == (room.patient.id,)
        event = AuditEvent.objects.get(event="dosing.handover_signed")
        assert (event.outcome, event.actor, event.detail["notes"]) == ("done", room.nurse, 1)

    def test_is_under_the_signers_own_pin(self, room: TreatmentRoom) -> None:
        with pytest.raises(PinRefused):
            hand_over(room, pin=SECOND_PIN)
        assert not Handover.objects.exists()

    def test_is_refused_on_facts_that_changed_or_about_somebody_else(self, room: TreatmentRoom) -> None:
        for changes in ({"seen": "0" * 64}, {"notes": {uuid.uuid4(): "x"}}):
            with pytest.raises(HandoverRefused, match="Something changed since you opened this page"):
                hand_over(room, **changes)

    def test_is_once_unless_somebody_adds_to_it(self, room: TreatmentRoom) -> None:
        first = hand_over(room)
        assert hand_over(room) == first
        with pytest.raises(HandoverRefused, match="handed this session over since you opened"):
            hand_over(room, words="More.")
        assert Handover.objects.count() == 1
        added = hand_over(room, words="More.", number=2)
        assert hand_over(room, words="More.", number=2) == added
        assert hand_over(room) == first
        assert [one.title for one in list_handovers(clinic=room.clinic)] == [
            "Monday 2 February, morning, addition 1",
            "Monday 2 February, morning",
        ]
        unread = get_day_state(clinic=room.clinic, at=now()).unread
        assert unread == UnreadHandover(first.id, "Monday 2 February, morning")
        read_it(room, first)
        unread = get_day_state(clinic=room.clinic, at=now()).unread
        assert unread == UnreadHandover(added.id, "Monday 2 February, morning, addition 1")

    def test_is_a_nurses(self, room: TreatmentRoom) -> None:
        set_pin(user=room.doctor, pin="384756", by=room.doctor, at=now())
        with pytest.raises(HandoverRefused, match="Only a nurse"):
            hand_over(room, by=room.doctor, pin="384756")


class TestReading:
    def test_takes_the_banner_off_the_board(self, room: TreatmentRoom) -> None:
        assert get_day_state(clinic=room.clinic, at=now()).unread is None
        handover = hand_over(room)
        unread = get_day_state(clinic=room.clinic, at=now()).unread
        assert unread == UnreadHandover(handover.id, "Monday 2 February, morning")
        read = read_it(room, handover)
        assert get_day_state(clinic=room.clinic, at=now()).unread is None
        assert read_it(room, handover) == read
        (shown,) = list_handovers(clinic=room.clinic)
        assert shown.read.startswith(room.second_nurse.full_name)

    def test_is_somebody_elses(self, room: TreatmentRoom) -> None:
        handover = hand_over(room)
        with pytest.raises(HandoverRefused, match="You signed this handover yourself"):
            read_it(room, handover, by=room.nurse, pin=NURSE_PIN)
        assert not HandoverAcknowledgement.objects.exists()

    def test_is_asked_for_until_it_is_done_though_a_later_one_was_read(self, room: TreatmentRoom) -> None:
        handover = hand_over(room)
        later = HandoverFactory(clinic=room.clinic, slot="pm", signed_at=now(), signed_by=room.nurse)
        read_it(room, later)

        unread = get_day_state(clinic=room.clinic, at=now()).unread
        assert unread == UnreadHandover(handover.id, "Monday 2 February, morning")

    def test_is_done_once_and_anybody_after_is_told_by_whom(self, room: TreatmentRoom) -> None:
        handover = HandoverFactory(clinic=room.clinic)
        read_it(room, handover)
        with pytest.raises(HandoverRefused, match=f"{room.second_nurse.full_name} has read it already"):
            read_it(room, handover, by=room.nurse, pin=NURSE_PIN)

    def test_is_of_this_clinic(self, room: TreatmentRoom) -> None:
        with pytest.raises(HandoverRefused, match="not of this clinic"):
            read_it(room, HandoverFactory())

    def test_never_bars_a_dose(self, room: TreatmentRoom) -> None:
        hand_over(room)
        room.give()


class TestThePages:
    def test_at_the_terminal_sign_and_read(self, room: TreatmentRoom, at_terminal: Any) -> None:
        nurse = at_terminal(room, room.nurse).client
        here = {"clinic_code": room.clinic.code}
        page = nurse.get(reverse("dosing:sign_handover", kwargs=here))
        assert "Hand over Monday 2 February, morning" in text(page)
        note = f"note_{room.patient.id}"
        sent = {
            "seal": page.context["form"]["seal"].value(),
            note: "Call him.",
            "words": "",
            "pin": NURSE_PIN,
        }
        assert "Type your signing PIN." in text(
            nurse.post(reverse("dosing:sign_handover", kwargs=here), sent | {"pin": ""})
        )
        assert "That PIN was not right" in text(
            nurse.post(reverse("dosing:sign_handover", kwargs=here), sent | {"pin": "111222"})
        )
        assert "opened by somebody else" in text(
            nurse.post(reverse("dosing:sign_handover", kwargs=here), sent | {"seal": "x"})
        )
        done = nurse.post(reverse("dosing:sign_handover", kwargs=here), sent, follow=True)
        assert "Saved: the session is handed over." in text(done)
        assert HandoverNote.objects.get().words == "Call him."
        handover = Handover.objects.get()
        where = reverse("dosing:acknowledge_handover", kwargs={**here, "handover_id": handover.id})
        assert "You signed this handover yourself." in text(nurse.get(where))

        other = at_terminal(room, room.second_nurse).client
        board = text(other.get(reverse("dosing:see_board", kwargs=here)))
        assert "Handover of Monday 2 February, morning not yet read." in board
        page = other.get(where)
        sent = {"seal": page.context["form"]["seal"].value(), "pin": "111222"}
        assert "That PIN was not right" in text(other.post(where, sent))
        assert "opened by somebody else" in text(other.post(where, {"seal": "x", "pin": SECOND_PIN}))
        done = other.post(where, sent | {"pin": SECOND_PIN}, follow=True)
        assert "Saved: the handover is read." in text(done)
        assert "not yet read" not in text(done)
        assert "It is read already." in text(other.get(where))

    def test_that_changed_meanwhile_are_shown_anew(self, room: TreatmentRoom, at_terminal: Any) -> None:
        nurse = at_terminal(room, room.nurse).client
        where = reverse("dosing:sign_handover", kwargs={"clinic_code": room.clinic.code})
        page = nurse.get(where)
        sent = {"seal": page.context["form"]["seal"].value(), "words": "Kept.", "pin": NURSE_PIN}
        room.identify()
        again = nurse.post(where, sent)
        assert "Something changed since you opened this page" in text(again)
        assert again.context["form"]["words"].value() == "Kept."
        sent["seal"] = again.context["form"]["seal"].value()
        assert nurse.post(where, sent).status_code == 302

    def test_keep_a_line_about_somebody_whose_fact_has_gone(
        self, room: TreatmentRoom, at_terminal: Any
    ) -> None:
        nurse = at_terminal(room, room.nurse).client
        where = reverse("dosing:sign_handover", kwargs={"clinic_code": room.clinic.code})
        note = f"note_{room.patient.id}"
        seal = nurse.get(where).context["form"]["seal"].value()
        # Their order ended before the session: nothing is to be said of them any more.
        period = OrderPeriod.objects.get()
        OrderPeriod.objects.update(during=DateTimeTZRange(period.during.lower, now() - timedelta(hours=2)))
        again = nurse.post(where, {"seal": seal, note: "Kept.", "words": "", "pin": NURSE_PIN})
        assert "Something changed since you opened this page" in text(again)
        assert again.context["form"][note].value() == "Kept."
        sent = {"seal": again.context["form"]["seal"].value(), note: "Kept.", "words": "", "pin": NURSE_PIN}
        assert nurse.post(where, sent).status_code == 302
        assert HandoverNote.objects.get().words == "Kept."

    def test_hand_over_a_session_before_the_last_and_add_to_one(
        self, room: TreatmentRoom, at_terminal: Any, clock: Clock
    ) -> None:
        nurse = at_terminal(room, room.nurse).client
        where = reverse("dosing:sign_handover", kwargs={"clinic_code": room.clinic.code})
        clock.pass_by(minutes=1)
        seal = nurse.get(where).context["form"]["seal"].value()
        assert nurse.post(where, {"seal": seal, "words": "", "pin": NURSE_PIN}).status_code == 302
        page = nurse.get(where)
        assert "Hand over Monday 2 February, morning, addition 1" in text(page)
        assert "This session was handed over before." in text(page)
        assert "No session of today has begun." in text(nurse.get(where + "?slot=eve"))
        assert "Hand over Monday 2 February, morning" in text(nurse.get(where + "?slot=am"))

    def test_are_looked_up_by_date(self, room: TreatmentRoom, at_a_desk: Any) -> None:
        desk = at_a_desk(room, room.doctor)
        here = {"clinic_code": room.clinic.code}
        listed = reverse("dosing:see_handovers", kwargs=here)
        assert "No session was handed over yet." in text(desk.client.get(listed))
        handover = hand_over(room)
        assert "Monday 2 February, morning" in text(desk.client.get(listed))
        page = reverse("dosing:see_handover", kwargs={**here, "handover_id": handover.id})
        assert "nobody yet" in text(desk.client.get(page))
        elsewhere = reverse("dosing:see_handover", kwargs={**here, "handover_id": HandoverFactory().id})
        assert desk.client.get(elsewhere).status_code == 404


@pytest.mark.django_db
class TestTheTables:
    def test_hold_one_handover_of_a_session(self) -> None:
        first = HandoverFactory()
        HandoverFactory(clinic=first.clinic, slot="pm")
        HandoverFactory(clinic=first.clinic, number=2)
        with refused_by("handover_is_numbered_from_one"):
            HandoverFactory(number=0)
        HandoverFactory(clinic=first.clinic, service_date=first.service_date + timedelta(days=1))
        with refused_by("a_session_is_handed_over_once"):
            HandoverFactory(clinic=first.clinic)

    def test_hold_one_line_about_a_person_that_says_something(self) -> None:
        first = HandoverNoteFactory()
        HandoverNoteFactory(handover=first.handover)
        with refused_by("one_handover_note_per_person"):
            HandoverNoteFactory(handover=first.handover, patient=first.patient)
        with refused_by("handover_note_says_something"):
            HandoverNoteFactory(words="")


def text(answer: Any) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())
