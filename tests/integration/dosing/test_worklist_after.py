"""Who left early and whose syringe did not come back waits on the worklist until it was followed up."""

from __future__ import annotations

import uuid

import pytest

from dosing.actions.contacts import note_contact
from dosing.actions.observation import record_early_leaving
from dosing.queries.worklist import get_worklist
from dosing.queries.worklist_row import Row
from dosing.rules.contacts import How, Reached
from dosing.rules.worklist import Group, Matter
from hat_clinic.core.clock import now
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.integration.dosing.conftest import Clock


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    return a_treatment_room(dose_mg=180)


def row(room: TreatmentRoom, matter: Matter) -> Row | None:
    rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows
    return next((row for row in rows if row.matter is matter), None)


def hear(room: TreatmentRoom, reached: Reached) -> None:
    note_contact(
        clinic=room.clinic,
        episode=room.episode,
        reached=reached,
        how=How.PHONE,
        words="Well, at home.",
        key=uuid.uuid4(),
        by=room.nurse,
        at=now(),
    )


def leave_early(room: TreatmentRoom, clock: Clock) -> None:
    given = room.give()
    clock.pass_by(minutes=3)
    record_early_leaving(
        clinic=room.clinic, session_id=given.session_id, reason="Had to go.", by=room.nurse, at=now()
    )
    clock.pass_by(minutes=1)


class TestLeavingEarly:
    def test_waits_until_somebody_reached_them(self, room: TreatmentRoom, clock: Clock) -> None:
        leave_early(room, clock)
        found = row(room, Matter.LEFT_EARLY)
        assert found is not None
        assert (found.group, found.patient_id, found.is_to_contact) == (Group.NOW, room.patient.id, True)
        assert found.facts.startswith("“Had to go.” Recorded by ")
        hear(room, Reached.NOBODY)
        assert row(room, Matter.LEFT_EARLY) is not None
        hear(room, Reached.SEEN)
        assert row(room, Matter.LEFT_EARLY) is None

    def test_waits_until_they_are_seen_here_again(self, room: TreatmentRoom, clock: Clock) -> None:
        leave_early(room, clock)
        clock.pass_by(hours=5)
        room.identify()
        assert row(room, Matter.LEFT_EARLY) is None


class TestASyringe:
    @pytest.mark.parametrize("is_back", [True, False], ids=["back", "missing"])
    def test_waits_where_it_did_not_come_back(self, room: TreatmentRoom, clock: Clock, is_back: bool) -> None:
        room.inject(room.prepare(), syringe_returned=is_back)
        found = row(room, Matter.SYRINGE)
        assert (found is None) == is_back
        if found is None:
            return
        assert found.facts.startswith("After 180 mg on 2 February 2026 at 10:00")
        clock.pass_by(minutes=1)
        hear(room, Reached.PERSON)
        assert row(room, Matter.SYRINGE) is None
