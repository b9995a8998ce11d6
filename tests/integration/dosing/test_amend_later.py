"""What the clinical lead puts right once the day is over: at a desk, in words, with the password, both lines shown."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dosing.actions.visits import record_not_given
from dosing.models import Correction, Hold, PreInjectionCheck, Reading, SessionOutcome
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.factories.room_pages import CHECK, READINGS
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room
from tests.integration.dosing.conftest import Clock, Desk
from tests.integration.dosing.test_set_oxygen_target import SitDown


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def lead(room: TreatmentRoom) -> User:
    return a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Dr Ines Lead")


def address(room: TreatmentRoom, thing: Any, name: str = "amend_later") -> str:
    return reverse(f"dosing:{name}", args=[room.clinic.code, thing])


def filled(client: Client, where: str, **answers: str) -> dict[str, str]:
    form = client.get(where).context["form"]
    sealed = {"key": str(form["key"].value()), "seal": form["seal"].value()}
    return sealed | {"reason": "wrong_key", "words": "Read back from the paper sheet."} | answers


class TestTheDayAfter:
    def test_a_reading_is_put_right_and_what_it_asks_for_is_done(
        self, room: TreatmentRoom, lead: User, clock: Clock, at_a_desk: SitDown
    ) -> None:
        given = room.give()
        clock.pass_by(minutes=2)
        first = room.read(given.session_id, 2)
        clock.pass_by(hours=24)
        desk = at_a_desk(room, lead)
        where = address(room, first.id)

        answer = desk.client.post(where, filled(desk.client, where, **READINGS | {"sedation": "3"}))

        lines = address(room, given.session_id, "see_past_lines")
        assert answer.headers["Location"] == lines
        second = Reading.objects.get(amends=first)
        assert (second.taken_by, second.taken_at, second.escalation) == (lead, first.taken_at, "A")
        assert Hold.objects.get(reading=second).severity == "review"
        shown = desk.client.get(lines).content.decode()
        assert "POSS 1, breathing 14" in shown and "POSS 3, breathing 14" in shown
        assert "by Dr Ines Lead: Wrong key (Read back from the paper sheet.)" in shown

    def test_a_check_and_an_ending_are_put_right(
        self, room: TreatmentRoom, lead: User, clock: Clock, at_a_desk: SitDown
    ) -> None:
        visit = room.identify()
        room.check(visit)
        first = PreInjectionCheck.objects.get()
        ended = record_not_given(
            clinic=room.clinic,
            patient_id=room.patient.id,
            session=room.session(),
            outcome=Outcome.WITHHELD,
            reason=Reason.ILL,
            by=room.nurse,
            at=now(),
        )
        clock.pass_by(hours=24)
        desk = at_a_desk(room, lead)
        for thing, said in ((first.id, CHECK | {"breaths": "12"}), (ended.id, {"ended": "missed/unknown"})):
            where = address(room, thing)
            assert desk.client.post(where, filled(desk.client, where, **said)).status_code == 302

        assert PreInjectionCheck.objects.get(amends=first).breaths == 12
        live = SessionOutcome.objects.get(session_id=visit.session_id, amended_by__isnull=True)
        assert (live.outcome, live.recorded_by) == ("missed", lead)
        shown = desk.client.get(address(room, visit.session_id, "see_past_lines")).content.decode()
        assert "Withheld: ill" in shown and "Missed: unknown" in shown
        table = desk.client.get(
            reverse("dosing:see_timeline", args=[room.clinic.code, room.patient.id]) + "?as=table"
        ).content.decode()
        assert address(room, visit.session_id, "see_past_lines") in table

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"words": " "}, "Write in words why it is put right."),
            ({"pulse": "75"}, "The new line says the same as the first."),
            ({"seal": "none"}, "opened by somebody else"),
        ],
        ids=["words", "same", "seal"],
    )
    def test_is_refused_in_words(
        self,
        room: TreatmentRoom,
        lead: User,
        clock: Clock,
        at_a_desk: SitDown,
        changes: dict[str, str],
        says: str,
    ) -> None:
        first = room.read(room.give().session_id, None, pulse=75)
        clock.pass_by(hours=24)
        desk = at_a_desk(room, lead)
        where = address(room, first.id)

        answer = desk.client.post(where, filled(desk.client, where, **READINGS | changes))

        assert says in answer.content.decode() and not Correction.objects.exists()

    def test_somebody_who_was_faster_is_told(
        self, room: TreatmentRoom, lead: User, clock: Clock, at_a_desk: SitDown
    ) -> None:
        first = room.read(room.give().session_id, None, pulse=75)
        clock.pass_by(hours=24)
        desk = at_a_desk(room, lead)
        where = address(room, first.id)
        late = filled(desk.client, where, **READINGS | {"pulse": "65"})
        desk.client.post(where, filled(desk.client, where, **READINGS))

        assert desk.client.post(where, late).status_code == 409
        assert Correction.objects.count() == 1

    def test_the_password_is_asked_for_again(
        self, room: TreatmentRoom, lead: User, clock: Clock, at_a_desk: SitDown
    ) -> None:
        first = room.read(room.give().session_id, None)
        clock.pass_by(hours=24)
        desk = at_a_desk(room, lead, is_fresh=False)
        where = address(room, first.id)

        answer = desk.client.post(where, filled(desk.client, where, **READINGS | {"pulse": "75"}))

        assert "/confirm-password/" in answer.headers["Location"] and not Correction.objects.exists()


class TestOnTheDay:
    def test_the_nurses_put_it_right(self, room: TreatmentRoom, lead: User, at_a_desk: SitDown) -> None:
        first = room.read(room.give().session_id, None)
        desk: Desk = at_a_desk(room, lead)
        where = address(room, first.id)

        answer = desk.client.post(where, filled(desk.client, where, **READINGS | {"pulse": "75"}))

        assert "the nurses put it right at the terminal" in answer.content.decode()
        assert not Correction.objects.exists()

    def test_what_nobody_wrote_is_not_there(
        self, room: TreatmentRoom, lead: User, at_a_desk: SitDown
    ) -> None:
        desk = at_a_desk(room, lead)

        for name in ("amend_later", "see_past_lines"):
            assert desk.client.get(address(room, uuid.uuid4(), name)).status_code == 404
