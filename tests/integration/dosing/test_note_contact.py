"""A contact after missed sessions: who notes it, what it takes off the worklist, and that it is kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from dosing.actions.contacts import ContactRefused, note_contact
from dosing.models import Contact
from dosing.queries.worklist import Row, get_worklist
from dosing.rules.checks import Sedation
from dosing.rules.contacts import How, Reached
from dosing.rules.worklist import Group, Matter
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.order_pages import Desk
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room, an_order
from tests.integration.dosing.conftest import Clock
from tests.refusals import refused_by

SitDown = Callable[..., Desk]


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    """Somebody whose last dose was at six in the evening, 24 hours ago: one session missed, one open."""
    room = a_treatment_room(dose_mg=180)
    last = room.patient.injections.latest("started_at").ended_at
    clock.pass_by(hours=24, seconds=-(now() - last).total_seconds())
    return room


def rows(room: TreatmentRoom, *matters: Matter) -> list[Row]:
    worklist = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now())
    return [row for row in worklist.rows if row.matter in matters]


def note(room: TreatmentRoom, reached: Reached = Reached.PERSON, **changes: Any) -> uuid.UUID:
    content: dict[str, Any] = {
        "clinic": room.clinic,
        "episode": room.episode,
        "reached": reached,
        "how": How.PHONE,
        "words": "At a funeral, comes tomorrow.",
        "key": uuid.uuid4(),
        "by": room.nurse,
        "at": now(),
    }
    return note_contact(**content | changes)


class TestTwoSessionsMissed:
    def test_ask_for_a_contact_the_same_day(self, room: TreatmentRoom, clock: Clock) -> None:
        before = rows(room, Matter.CONTACT)
        clock.pass_by(hours=6)

        (row,) = rows(room, Matter.CONTACT)
        assert before == []
        assert (row.group, row.tag, row.is_to_contact) == (Group.TODAY, "Contact today", True)
        assert row.facts == "2 sessions missed in a row. Not heard of in the last 21 days."

    @pytest.mark.parametrize("reached", [Reached.PERSON, Reached.SEEN])
    def test_ask_no_more_once_they_were_heard_of_until_two_more_are_missed(
        self, room: TreatmentRoom, clock: Clock, reached: Reached
    ) -> None:
        clock.pass_by(hours=6)
        note(room, reached)
        heard = rows(room, Matter.CONTACT)
        clock.pass_by(hours=12)
        one_more = rows(room, Matter.CONTACT)
        clock.pass_by(hours=12)

        assert heard == one_more == []
        assert "Last heard of on" in rows(room, Matter.CONTACT)[0].facts

    @pytest.mark.parametrize("reached", [Reached.NOBODY, Reached.PHARMACY])
    def test_ask_still_where_nobody_told_of_them(
        self, room: TreatmentRoom, clock: Clock, reached: Reached
    ) -> None:
        clock.pass_by(hours=6)
        note(room, reached)

        (row,) = rows(room, Matter.CONTACT)
        assert ("Tried in vain 0 min ago." in row.facts) is (reached is Reached.NOBODY)

    def test_ask_no_more_once_they_were_identified_at_the_hatch(
        self, room: TreatmentRoom, clock: Clock
    ) -> None:
        clock.pass_by(hours=6)
        room.identify()

        assert rows(room, Matter.CONTACT) == []


class TestThreeDaysMissed:
    def test_alert_until_the_pharmacy_was_told(self, room: TreatmentRoom, clock: Clock) -> None:
        # The third whole day without a dose ends at midnight, 78 hours after the dose.
        clock.pass_by(hours=54, seconds=-2)
        before = rows(room, Matter.DAYS_MISSED)
        clock.pass_by(seconds=2)
        (row,) = rows(room, Matter.DAYS_MISSED)
        note(room, Reached.PHARMACY)

        assert before == []
        assert (row.group, row.is_to_contact) == (Group.NOW, True)
        assert row.facts.startswith("3 whole days missed in a row. Tell the pharmacy that dispenses for them")
        assert rows(room, Matter.DAYS_MISSED) == []


class TestAnEvent:
    def test_waits_until_a_new_order_is_signed(self, clock: Clock) -> None:
        room = a_treatment_room()
        given = room.give()
        clock.pass_by(minutes=2)
        room.read(given.session_id, 2, sedation=Sedation.DRIFTS_OFF)
        clock.pass_by(minutes=1)

        (row,) = rows(room, Matter.EVENT)
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=14)
        clock.pass_by(seconds=1)

        assert (row.group, row.is_to_sign) == (Group.TODAY, True)
        assert "Nothing above 15 mg is given until a doctor has reviewed it" in row.facts
        assert "had to be roused" in row.facts
        assert rows(room, Matter.EVENT) == []


class TestAContact:
    def test_is_stored_once_however_often_it_is_sent(self, room: TreatmentRoom) -> None:
        key = uuid.uuid4()

        assert note(room, key=key) == note(room, key=key)
        contact = Contact.objects.get()
        assert (contact.noted_by, contact.reached, contact.how) == (room.nurse, "person", "phone")
        event = AuditEvent.objects.get(event="dosing.contact_noted")
        assert (event.person, event.object_id) == (room.patient.id, str(contact.id))

    @pytest.mark.parametrize(
        ("changes", "code"), [({"words": " "}, "no_words"), ({"words": "Something else."}, "key_reused")]
    )
    def test_is_refused_in_the_trail(self, room: TreatmentRoom, changes: dict, code: str) -> None:
        key = uuid.uuid4()
        if code == "key_reused":
            note(room, key=key)
        kept = Contact.objects.count()

        with pytest.raises(ContactRefused) as refusal:
            note(room, key=key, **changes)
        assert [finding.code for finding in refusal.value.decision.refusals] == [code]
        assert Contact.objects.count() == kept
        event = AuditEvent.objects.get(event="dosing.contact_noted", outcome="refused")
        assert event.detail["codes"] == [code]

    @pytest.mark.parametrize("changes", [{"words": ""}, {"how": "pigeon"}, {"reached": "ghost"}])
    def test_says_whom_how_and_what(self, room: TreatmentRoom, changes: dict) -> None:
        content: dict[str, Any] = {
            "clinic": room.clinic,
            "patient": room.patient,
            "episode": room.episode,
            "reached": Reached.PERSON,
            "how": How.VISIT,
            "words": "At home.",
            "noted_by": room.nurse,
            "noted_at": now(),
        }
        assert Contact.objects.create(**content).pk

        with refused_by("contact_says_whom_how_and_what"):
            Contact.objects.create(**content | changes)


class TestThePage:
    @pytest.mark.parametrize("role", [Role.NURSE, Role.DOCTOR, Role.PRESCRIBER, Role.CASE_WORKER])
    def test_is_filled_in_by_whoever_works_with_them(
        self, room: TreatmentRoom, at_a_desk: SitDown, role: Role
    ) -> None:
        desk = at_a_desk(room, a_member_of_staff(room.clinic, role, name="Sol Oduya"))
        form = desk.client.get(desk.address("note_contact")).context["form"]
        sent = {
            "key": str(form["key"].value()),
            "seal": form["seal"].value(),
            "reached": "seen",
            "how": "visit",
            "words": "Mother saw him at noon.",
        }

        answer = desk.client.post(desk.address("note_contact"), sent)
        assert answer.status_code == 302
        page = desk.client.get(desk.address("note_contact")).content.decode()
        assert "Mother saw him at noon." in page and "Sol Oduya" in page
        assert "180 mg" not in page

    def test_opened_by_somebody_else_or_left_empty_is_refused(
        self, room: TreatmentRoom, at_a_desk: SitDown
    ) -> None:
        mine, theirs = at_a_desk(room, room.nurse), at_a_desk(room, room.doctor)
        seal = theirs.client.get(theirs.address("note_contact")).context["form"]["seal"].value()
        sent = {"key": str(uuid.uuid4()), "seal": seal, "reached": "seen", "how": "visit", "words": "Well."}

        stolen = mine.client.post(mine.address("note_contact"), sent).content.decode()
        empty = mine.client.post(mine.address("note_contact"), {}).content.decode()
        assert "opened by somebody else" in stolen
        assert "Choose whom you reached." in empty and "Write what was said, or what was tried." in empty
        assert not Contact.objects.exists()

    def test_tells_the_action_s_own_refusal(self, room: TreatmentRoom, at_a_desk: SitDown) -> None:
        desk = at_a_desk(room, room.nurse)
        form = desk.client.get(desk.address("note_contact")).context["form"]
        sent = {
            "key": str(form["key"].value()),
            "seal": form["seal"].value(),
            "reached": "nobody",
            "how": "phone",
            "words": "No answer.",
        }
        desk.client.post(desk.address("note_contact"), sent)

        again = desk.client.post(desk.address("note_contact"), sent | {"words": "Answered."}).content.decode()
        assert "already used for something else" in again
        assert "Tried" not in again and Contact.objects.count() == 1

    def test_is_not_there_for_a_stranger(self, room: TreatmentRoom, at_a_desk: SitDown) -> None:
        desk, elsewhere = at_a_desk(room, room.nurse), a_treatment_room()

        assert desk.client.get(desk.address("note_contact", elsewhere.patient)).status_code == 404

    def test_says_how_many_were_missed(self, room: TreatmentRoom, at_a_desk: SitDown, clock: Clock) -> None:
        clock.pass_by(hours=6, minutes=1)
        page = at_a_desk(room, room.nurse)

        words = page.client.get(page.address("note_contact")).content.decode()
        assert "2 sessions missed in a row, 1 whole day" in words
        assert "not in the last 21 days" in words
