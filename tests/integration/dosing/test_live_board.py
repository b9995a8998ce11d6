"""The board asks for itself: what it is answered, and what such an answer leaves in the trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.emergencies import an_emergency
from tests.factories.treatment import TreatmentRoom, a_treatment_room, another
from tests.integration.dosing.conftest import Clock
from tests.statements import count_statements

POLL = {"x-poll": "1", "hx-request": "true"}
NOTHING_NEW = 304


@dataclass
class Screen:
    """A nurse's browser with the board open; `mark` is the one of its last answer."""

    room: TreatmentRoom
    client: Client
    mark: str = ""

    @property
    def address(self) -> str:
        return reverse("dosing:see_board", args=[self.room.clinic.code])

    def open_page(self) -> Any:
        answer = self.client.get(self.address)
        self.mark = answer["ETag"]
        return answer

    def ask(self, mark: str | None = None) -> Any:
        """Ask as the page does by itself, with the mark of its last answer."""
        sent = POLL | {"if-none-match": self.mark if mark is None else mark}
        answer = self.client.get(self.address, headers=sent)
        self.mark = answer["ETag"]
        return answer


def looks() -> int:
    return AuditEvent.objects.filter(event="dosing.board_seen").count()


@pytest.fixture
def stand(sign_in) -> Any:
    def at(room: TreatmentRoom, user: Any = None) -> Screen:
        user = user or room.nurse
        enrol_totp(user=user, secret=None, by=None, at=now())
        return Screen(room, sign_in(Client(), user))

    return at


@pytest.fixture
def screen(db: None, stand) -> Screen:
    screen: Screen = stand(a_treatment_room(places=10))
    screen.open_page()
    return screen


class TestAPageThatAsks:
    def test_is_told_that_nothing_changed_without_a_look(self, screen: Screen) -> None:
        before = looks()
        answer = screen.ask()

        assert (answer.status_code, answer.content) == (NOTHING_NEW, b"")
        assert answer["Cache-Control"] == "no-store, private"
        assert looks() == before

    def test_is_given_the_living_parts_alone(self, screen: Screen) -> None:
        screen.room.identify()
        answer = screen.ask()
        text = answer.content.decode()

        assert answer.status_code == 200
        assert [part in text for part in ("live-board", "live-day", "live-alerts")] == [True] * 3
        assert "<html" not in text
        assert screen.ask().status_code == NOTHING_NEW

    def test_leaves_no_look_where_the_same_people_moved(self, screen: Screen) -> None:
        screen.room.identify()
        before = looks()

        assert screen.ask().status_code == 200
        assert looks() == before

    def test_leaves_a_look_at_everybody_once_somebody_came(self, screen: Screen) -> None:
        another(screen.room)
        before = looks()

        assert screen.ask().status_code == 200
        assert looks() == before + 2

    def test_is_told_of_an_emergency(self, screen: Screen) -> None:
        screen.room.identify()
        screen.ask()
        an_emergency(screen.room)

        assert "EMERGENCY since" in screen.ask().content.decode()

    def test_is_told_that_a_reading_is_overdue_and_nothing_before(self, stand, clock: Clock) -> None:
        screen = stand(a_treatment_room())
        screen.room.give()
        screen.open_page()
        clock.pass_by(minutes=3)
        on_time = screen.ask()
        clock.pass_by(seconds=1)

        assert on_time.status_code == NOTHING_NEW
        assert "OVERDUE" in screen.ask().content.decode()

    def test_takes_no_more_statements_than_the_page(self, screen: Screen) -> None:
        answers = count_statements(screen.client, "GET", screen.address)
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in POLL.items()}
        screen.client.defaults |= headers

        assert count_statements(screen.client, "GET", screen.address) <= answers


class TestAMark:
    def test_of_another_person_is_worth_nothing(self, screen: Screen, stand) -> None:
        other = stand(screen.room, screen.room.second_nurse)
        before = looks()

        assert other.ask(screen.mark).status_code == 200
        assert looks() == before + 1

    @pytest.mark.parametrize("mark", ["", "*", '"x.y"', '""'])
    def test_that_was_not_given_is_worth_nothing(self, screen: Screen, mark: str) -> None:
        before = looks()

        assert screen.ask(mark).status_code == 200
        assert looks() == before + 1

    def test_that_a_proxy_weakened_is_the_same(self, screen: Screen) -> None:
        assert screen.ask(f"W/{screen.mark}").status_code == NOTHING_NEW

    def test_does_not_spare_a_page_that_a_person_opens(self, screen: Screen) -> None:
        before = looks()
        answer = screen.client.get(screen.address, headers={"if-none-match": screen.mark})

        assert answer.status_code == 200
        assert "<html" in answer.content.decode()
        assert looks() == before + 1
