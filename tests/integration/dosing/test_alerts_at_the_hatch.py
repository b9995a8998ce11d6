"""The alerts of somebody who comes are told where it is asked who they are, and bar nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.urls import reverse

from dosing.queries.hatch import get_identity_page
from hat_clinic.core.clock import london_date, now
from tests.factories.around import AlertFactory
from tests.factories.treatment import a_treatment_room
from tests.integration.dosing.conftest import Clock
from tests.integration.patients.pages import words


class TestTheQuestionWhoItIs:
    def test_comes_with_the_alerts_that_stand(self, clock: Clock, at_terminal: Callable[..., Any]) -> None:
        room = a_treatment_room()
        today = london_date(now())
        before = get_identity_page(clinic=room.clinic, patient_id=room.patient.id, at=now())
        alert = {"person": room.patient, "clinic": room.clinic, "starts_on": today}
        AlertFactory(**alert, severity="danger", words="Has a knife on them.")
        AlertFactory(**alert, words="It is over.", ended_at=now(), ended_by=room.nurse)
        AlertFactory(
            **alert | {"starts_on": today - timedelta(days=2)},
            words="Old.",
            ends_on=today - timedelta(days=1),
        )
        path = reverse("dosing:identify_person", args=[room.clinic.code, room.patient.id])

        page = words(at_terminal(room, room.nurse).client.get(path))

        assert "Danger Has a knife on them." in page
        assert "It is over." not in page and "Old." not in page
        after = get_identity_page(clinic=room.clinic, patient_id=room.patient.id, at=now())
        assert before is not None and after is not None
        assert after.decision == before.decision
