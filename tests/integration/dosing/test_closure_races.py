"""Closing while a dose is drawn up, on real connections: never both, and two leads close a session once."""

from __future__ import annotations

import uuid

import pytest

from dosing.actions.closures import SessionsNotClosed
from dosing.models import Closure, Preparation
from hat_clinic.accounts.rules import Role
from tests.factories.closures import a_clinical_lead, close, seen, to_close
from tests.factories.treatment import a_member_of_staff, a_treatment_room
from tests.integration.dosing.test_injection_races import at_once


@pytest.mark.race
class TestClosing:
    def test_and_drawing_up_never_both(self, own_database: str) -> None:
        for _ in range(3):
            self._race_once()

    @staticmethod
    def _race_once() -> None:
        room = a_treatment_room()
        lead = a_clinical_lead(room)
        room.open_day()
        visit = room.checked()
        was_seen = seen(room, to_close(room, 0, 0), lead)

        answers = at_once(
            lambda: room.prepare(visit),
            lambda: close(room, 0, 0, by=lead, was_seen=was_seen),
        )

        # Whoever is in the room keeps the session open, drawn up or not.
        assert Preparation.objects.filter(patient=room.patient).count() == 1, answers
        assert not Closure.objects.filter(clinic=room.clinic).exists()

    def test_twice_at_once_closes_once(self, own_database: str) -> None:
        room = a_treatment_room()
        leads = [a_clinical_lead(room), a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Bo Dahl")]
        sent = [(lead, seen(room, to_close(room, 0, 1), lead), uuid.uuid4()) for lead in leads * 2]

        answers = at_once(
            *(
                lambda by=by, told=told, key=key: close(room, by=by, was_seen=told, key=key)
                for by, told, key in sent
            )
        )

        assert sum(isinstance(answer, Closure) for answer in answers) == 1, answers
        assert sum(isinstance(answer, SessionsNotClosed) for answer in answers) == 3
        assert Closure.objects.filter(clinic=room.clinic).count() == 1
