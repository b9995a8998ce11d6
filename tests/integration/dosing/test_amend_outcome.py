"""The ending of a session without a dose put right: both lines stand, and every count reads the later one."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from dosing.actions.corrections import amend_outcome
from dosing.actions.observation import NoSuchVisit
from dosing.actions.putting_right import CorrectionRefused, SignedWhy
from dosing.actions.visits import record_not_given
from dosing.models import Correction, Hold, SessionOutcome, Visit
from dosing.queries.sessions import SessionKey
from dosing.rules.corrections import CorrectedFor
from dosing.rules.sessions import Outcome, Reason
from dosing.rules.timeline.facts import Mark
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.treatment import NURSE_PIN, TreatmentRoom, a_treatment_room
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_observation import codes
from tests.integration.dosing.test_see_timeline import seen


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    return a_treatment_room(dose_mg=180)


def missed(room: TreatmentRoom) -> SessionOutcome:
    visit = room.identify()
    session = visit.session
    return record_not_given(
        clinic=room.clinic,
        patient_id=room.patient.id,
        session=SessionKey(session.service_date, session.slot),
        outcome=Outcome.MISSED,
        reason=Reason.UNKNOWN,
        by=room.nurse,
        at=now(),
    )


def amend(room: TreatmentRoom, first: SessionOutcome, **changes: Any) -> SessionOutcome:
    signed: dict[str, Any] = {
        "reason": CorrectedFor.WRONG_KEY,
        "words": "",
        "pin": NURSE_PIN,
        "terminal_id": room.terminal.id,
        "key": changes.pop("key", uuid.uuid4()),
    }
    content: dict[str, Any] = {
        "clinic": room.clinic,
        "outcome": Outcome.WITHHELD,
        "reason": Reason.DECLINED,
        "by": room.nurse,
    }
    return amend_outcome(outcome_id=first.id, why=SignedWhy(**signed), at=now(), **(content | changes))


class TestAnEndingPutRight:
    def test_stands_beside_the_first_and_is_the_one_that_counts(self, room: TreatmentRoom) -> None:
        first = missed(room)

        second = amend(room, first)

        assert SessionOutcome.objects.get(id=first.id).outcome == Outcome.MISSED
        live = SessionOutcome.objects.get(session_id=first.session_id, amended_by__isnull=True)
        assert (live, live.amends, live.reason) == (second, first, Reason.DECLINED)
        assert Visit.objects.get(session_id=first.session_id).outcome == second
        assert Correction.objects.get(outcome=second).corrected_by == room.nurse
        assert AuditEvent.objects.get(event="dosing.outcome_amended").detail["amends"] == str(first.id)
        assert not Hold.objects.exists()

    def test_sent_twice_is_once(self, room: TreatmentRoom) -> None:
        first, key = missed(room), uuid.uuid4()

        assert amend(room, first, key=key) == amend(room, first, key=key)

    def test_does_not_branch(self, room: TreatmentRoom) -> None:
        first = missed(room)
        second = amend(room, first)

        with pytest.raises(CorrectionRefused) as refused:
            amend(room, first, outcome=Outcome.EXCUSED, reason=Reason.ILL)
        third = amend(room, second, outcome=Outcome.EXCUSED, reason=Reason.ILL)

        assert codes(refused) == {"amended_meanwhile"}
        assert SessionOutcome.objects.get(session_id=first.session_id, amended_by__isnull=True) == third

    def test_says_something_else(self, room: TreatmentRoom) -> None:
        first = missed(room)

        with pytest.raises(CorrectionRefused) as refused:
            amend(room, first, outcome=Outcome.MISSED, reason=Reason.UNKNOWN)

        assert codes(refused) == {"nothing_changed"}

    def test_is_not_of_a_session_with_a_dose(self, room: TreatmentRoom) -> None:
        given = SessionOutcome.objects.get(session_id=room.give().session_id)

        with pytest.raises(CorrectionRefused) as refused:
            amend(room, given)

        assert codes(refused) == {"out_of_turn"}

    def test_of_another_clinic_is_not_there(self, room: TreatmentRoom) -> None:
        with pytest.raises(NoSuchVisit):
            amend(room, missed(room), clinic=a_treatment_room().clinic)


class TestTheLineOfTime:
    def test_shows_both_lines(self, room: TreatmentRoom) -> None:
        first = missed(room)
        amend(room, first)

        shown = seen(room).known.sessions[-1]

        assert (shown.mark, shown.reason) == (Mark.WITHHELD, "declined")
        (note,) = shown.notes
        assert note.startswith("First line: Missed: unknown. Put right at ")
        assert note.endswith(f"by {room.nurse.full_name}: Wrong key.")
