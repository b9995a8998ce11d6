"""The board names the weight of the heaviest alert of somebody, whether they are due or here already."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from dosing.actions.visits import note_arrival
from dosing.queries.board import get_board
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.core.clock import london_date, now
from patients.rules.alerts import Severity
from tests.factories.around import AlertFactory
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.integration.patients.pages import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


def put(room: TreatmentRoom, severity: Severity, **changes: object) -> None:
    AlertFactory(
        person=room.patient,
        clinic=room.clinic,
        severity=severity.value,
        **{"words": "Bites when woken.", "starts_on": london_date(now()), **changes},
    )


def named(room: TreatmentRoom) -> str:
    (tile,) = get_board(clinic=room.clinic, at=now()).tiles
    return tile.alert


@pytest.mark.parametrize("is_here", [False, True], ids=["due", "arrived"])
class TestATile:
    def come(self, room: TreatmentRoom, is_here: bool) -> None:
        if is_here:
            at = now()
            who = {"patient_id": room.patient.id, "session": room.session()}
            note_arrival(clinic=room.clinic, by=room.nurse, at=at, **who)

    def test_names_the_heaviest_alert_alone(self, room: TreatmentRoom, is_here: bool) -> None:
        self.come(room, is_here)
        for severity in (Severity.NOTE, Severity.CAUTION):
            put(room, severity)
        assert named(room) == ""
        put(room, Severity.WARNING)
        assert named(room) == "Warning"
        put(room, Severity.DANGER)
        put(room, Severity.WARNING)
        assert named(room) == "Danger"

    def test_names_none_that_does_not_stand(self, room: TreatmentRoom, is_here: bool) -> None:
        self.come(room, is_here)
        today = london_date(now())
        yesterday = today - timedelta(days=1)
        put(room, Severity.DANGER, starts_on=today + timedelta(days=1))
        put(room, Severity.DANGER, starts_on=yesterday, ends_on=yesterday)
        put(room, Severity.DANGER, ended_at=now(), ended_by=room.nurse)
        assert named(room) == ""
        put(room, Severity.WARNING, starts_on=yesterday, ends_on=today)
        assert named(room) == "Warning"

    def test_says_its_weight_and_never_its_words(self, room: TreatmentRoom, sign_in, is_here: bool) -> None:
        self.come(room, is_here)
        put(room, Severity.DANGER)
        enrol_totp(user=room.nurse, secret=None, by=None, at=now())
        nurse = sign_in(Client(), room.nurse)

        page = words(nurse.get(reverse("dosing:see_board", args=[room.clinic.code])))

        assert "Danger: see the alert" in page
        assert "Bites" not in page
