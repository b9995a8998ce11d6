"""The pages that are opened all day ask the database little, and no more when there are more people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.core.clock import now
from tests.factories.dose_pages import filled_injection, inject_address
from tests.factories.treatment import TreatmentRoom, a_patient_in_treatment, a_treatment_room, an_order
from tests.statements import count_statements, list_statements, statements

pytestmark = pytest.mark.django_db

# What is promised of the board at any number of people, and of an injection.
BOARD_STATEMENTS = 8
INJECTION_STATEMENTS = 14


def fill(room: TreatmentRoom, people: int) -> None:
    """Take in people with an order until the board shows so many."""
    at = now()
    with_order = room.clinic.episodes.count()
    for _ in range(people - with_order):
        episode = a_patient_in_treatment(room.clinic, by=room.doctor, at=at)
        an_order(episode, room.premises, doctor=room.doctor, at=at)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room(places=100)


@pytest.fixture
def nurse(room, sign_in) -> Client:
    enrol_totp(user=room.nurse, secret=None, by=None, at=now())
    return sign_in(Client(), room.nurse)


class TestTheBoard:
    def test_takes_the_same_statements_for_two_people_and_for_sixty(self, room, nurse) -> None:
        url = reverse("dosing:see_board", args=[room.clinic.code])
        counts = []
        for people in (2, 60):
            fill(room, people)
            # Filling takes a while: a click long after the last one also writes the session's row.
            board = nurse.get(url).context["board"]
            counts.append(count_statements(nurse, "GET", url))
            assert len(board.tiles) + sum(board.folded.values()) == people

        assert counts[0] == counts[1] <= BOARD_STATEMENTS

    def test_takes_no_more_where_people_were_given_and_missed_doses(self, sign_in) -> None:
        room = a_treatment_room(dose_mg=180, at=now() - timedelta(days=2))
        enrol_totp(user=room.nurse, secret=None, by=None, at=now())
        nurse = sign_in(Client(), room.nurse)
        url = reverse("dosing:see_board", args=[room.clinic.code])

        assert count_statements(nurse, "GET", url) <= BOARD_STATEMENTS
        assert [tile.tag for tile in nurse.get(url).context["board"].tiles] == ["Doctor decides first"]


class TestAnInjection:
    def test_takes_no_more_statements_than_it_may(self, room, sign_in_at_terminal) -> None:
        enrol_totp(user=room.nurse, secret=None, by=None, at=now())
        nurse = sign_in_at_terminal(Client(), room.nurse, room.terminal, room.terminal_secret)
        address = inject_address(room)
        sent = filled_injection(nurse, address)

        assert count_statements(nurse, "POST", address, sent, status=302) <= INJECTION_STATEMENTS


class TestCounting:
    def test_leaves_transactions_out(self) -> None:
        with statements() as found, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")

        assert [sql for sql, _ in found.sent] == ["SELECT 1"]

    def test_lists_what_a_request_asked(self, room, nurse) -> None:
        asked = list_statements(nurse, "GET", reverse("dosing:see_board", args=[room.clinic.code]))

        assert "django_session" in str(asked).splitlines()[0]
        assert [sql for sql, _ in asked.sent if sql.startswith("INSERT INTO audit_auditevent")]

    def test_of_another_answer_than_expected_means_nothing(self, client: Any) -> None:
        with pytest.raises(AssertionError, match="302"):
            count_statements(client, "GET", "/")
