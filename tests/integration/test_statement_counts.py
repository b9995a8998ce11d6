"""The pages that are opened all day ask the database little, and no more when there are more people."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.core.clock import now
from tests.factories.treatment import TreatmentRoom, a_patient_in_treatment, a_treatment_room, an_order
from tests.statements import count_statements, list_statements, statements

pytestmark = pytest.mark.django_db


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
            counts.append(count_statements(nurse, "GET", url))
            assert len(nurse.get(url).context["board"].tiles) == people

        assert counts[0] == counts[1]


class TestCounting:
    def test_leaves_transactions_out(self) -> None:
        with statements() as found, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")

        assert [sql for sql, _ in found.sent] == ["SELECT 1"]

    def test_lists_what_a_request_asked(self, client: Any) -> None:
        asked = list_statements(client, "GET", reverse("account_login"))

        assert len(asked) == str(asked).count("\n") + 1 if asked.sent else str(asked) == ""

    def test_of_another_answer_than_expected_means_nothing(self, client: Any) -> None:
        with pytest.raises(AssertionError, match="302"):
            count_statements(client, "GET", "/")
