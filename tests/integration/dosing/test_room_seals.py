"""A page of the room is of who opened it and of whom it was opened for: sent otherwise, it stores nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from dosing.models import Injection
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests import crawl
from tests.factories.room_pages import (
    ARRIVAL,
    CHECKING,
    EARLY,
    IDENTIFY,
    LIFT,
    NOT_GIVEN,
    READING,
    RELEASE,
    RoomPage,
)
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room, another
from tests.integration.dosing.conftest import Clock

Enter = Callable[[TreatmentRoom, User], Client]
PAGES = [IDENTIFY, ARRIVAL, NOT_GIVEN, CHECKING, READING, EARLY, LIFT]


@pytest.fixture
def enter(sign_in_at_terminal) -> Enter:
    """Return a function that signs somebody in at the room's terminal."""

    def signed_in_as(room: TreatmentRoom, user: User) -> Client:
        enrol_totp(user=user, secret=None, by=None, at=now())
        client: Client = sign_in_at_terminal(Client(), user, room.terminal, room.terminal_secret)
        return client

    return signed_in_as


def opener_and_colleague(page: RoomPage, room: TreatmentRoom) -> tuple[User, User]:
    """Return two people who may both send the page."""
    if page is LIFT:
        return room.doctor, a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Owen Reid")
    return room.nurse, room.second_nurse


def stored() -> dict[str, str]:
    """Return what the tables of the room and the register hold."""
    return {table: rows for table, rows in crawl.fingerprints().items() if table.startswith("dosing_")}


def changed(before: dict[str, str]) -> set[str]:
    return {table for table, rows in stored().items() if rows != before[table]}


def assert_refused(page: RoomPage, client: Client, address: str, sent: dict[str, str]) -> None:
    before = stored()

    said = client.post(address, sent, follow=True).content.decode()

    assert [words for words in page.refused if words not in said] == []
    assert changed(before) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES, ids=str)
class TestAPageOfTheRoom:
    def test_is_refused_from_a_colleague_and_saved_from_who_opened_it(
        self, page: RoomPage, enter: Enter
    ) -> None:
        room = a_treatment_room()
        opener, colleague = opener_and_colleague(page, room)
        thing = page.reach(room)
        client = enter(room, opener)
        sent = page.filled(client, room, thing)

        assert_refused(page, enter(room, colleague), page.address(room, thing), sent)

        before = stored()
        client.post(page.address(room, thing), sent)
        assert page.table in changed(before)

    def test_of_one_person_is_refused_for_another(self, page: RoomPage, enter: Enter) -> None:
        room = a_treatment_room()
        other = another(room)
        opener, _ = opener_and_colleague(page, room)
        client = enter(room, opener)
        sent = page.filled(client, room, page.reach(room))

        assert_refused(page, client, page.address(other, page.reach(other)), sent)

    def test_is_refused_without_its_seal(self, page: RoomPage, enter: Enter) -> None:
        room = a_treatment_room()
        opener, _ = opener_and_colleague(page, room)
        client = enter(room, opener)
        thing = page.reach(room)
        sent = page.filled(client, room, thing)

        assert_refused(page, client, page.address(room, thing), sent | {"seal": ""})


class TestTheButtonThatLetsSomebodyGo:
    @pytest.fixture
    def due_to_leave(self, clock: Clock) -> tuple[TreatmentRoom, TreatmentRoom]:
        """Two people whose observation is over, with a last reading of this minute."""
        room = a_treatment_room()
        both = room, another(room)
        sessions = [one.give().session_id for one in both]
        ended = max(Injection.objects.values_list("ended_at", flat=True))
        for minute in (2, 5, 10, 20, 30):
            clock.pass_by(seconds=(ended + timedelta(minutes=minute) - now()).total_seconds())
            for one, session_id in zip(both, sessions, strict=True):
                one.read(session_id, minute)
        return both

    def test_is_of_who_opened_the_page_and_of_one_person(
        self, due_to_leave: tuple[TreatmentRoom, TreatmentRoom], enter: Enter
    ) -> None:
        room, other = due_to_leave
        ours, theirs = (Injection.objects.get(patient=one.patient).session_id for one in due_to_leave)
        client = enter(room, room.nurse)
        sent = RELEASE.filled(client, room, ours)

        assert_refused(RELEASE, enter(room, room.second_nurse), RELEASE.address(room, ours), sent)
        assert_refused(RELEASE, client, RELEASE.address(other, theirs), sent)

        before = stored()
        client.post(RELEASE.address(room, ours), sent)
        assert changed(before) == {"dosing_release", "dosing_visit"}
