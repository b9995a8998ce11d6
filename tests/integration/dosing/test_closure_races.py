"""Closing while a dose is drawn up, on real connections: never both, and two leads close a session once."""

from __future__ import annotations

import os
import time
import uuid

import pytest

from dosing.actions.closures import SessionsNotClosed
from dosing.models import Closure, Preparation, Visit
from hat_clinic.accounts.rules import Role
from tests.factories.closures import a_clinical_lead, close, seen, to_close
from tests.factories.treatment import a_member_of_staff, a_treatment_room
from tests.integration.dosing.test_injection_races import at_once

ROUNDS = int(os.environ.get("HAT_PROVE_N", "8"))


@pytest.mark.race
class TestClosing:
    def test_and_drawing_up_never_both(self, own_database: str) -> None:
        for turn in range(ROUNDS):
            self._race_once(wait=turn % 4 * 0.004)

    @staticmethod
    def _race_once(*, wait: float) -> None:
        """Let somebody who is checked in at that moment and the closing race, either of them a little later."""
        room = a_treatment_room()
        lead = a_clinical_lead(room)
        room.open_day()
        was_seen = seen(room, to_close(room, 0, 0), lead)

        def comes() -> None:
            time.sleep(wait)
            room.prepare(room.checked())

        def closes() -> None:
            time.sleep(0.008 - wait)
            close(room, 0, 0, by=lead, was_seen=was_seen)

        answers = at_once(comes, closes)

        drawn = Preparation.objects.filter(patient=room.patient).exists()
        closed = Closure.objects.filter(clinic=room.clinic).first()
        assert not (drawn and closed), answers
        # Whoever was in the room before it keeps a session open.
        early = (
            Visit.objects.filter(patient=room.patient, arrived_at__lt=closed.closed_at) if closed else None
        )
        assert not (early and early.exists()), answers

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
