"""Two doctors at a gap at the same moment, on real connections: one decision stands and the other is told."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from dosing.actions import gaps
from dosing.actions.gaps import GapNotDecided, SentGap, decide_gap
from dosing.models import GapDecision
from dosing.queries.gaps import get_gap_facts
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.integration.dosing.test_injection_races import at_once
from tests.integration.dosing.test_sign_order import a_second_doctor


def seen_by(room: TreatmentRoom, doctor: User) -> tuple[str, str]:
    known = get_gap_facts(clinic=room.clinic, episode=room.episode, decider=doctor, at=now())
    return known.seen, known.newest_id


def decide(
    room: TreatmentRoom, *, by: User, key: uuid.UUID, seen: tuple[str, str], mg: int = 80
) -> uuid.UUID:
    return decide_gap(
        clinic=room.clinic,
        episode=room.episode,
        ceiling_mg=mg,
        reason="Seen at home, and well.",
        page=SentGap(key=key, seen=seen[0], newest=seen[1]),
        by=by,
        at=now(),
    )


@pytest.mark.race
class TestTwoDoctorsAtTheSameMoment:
    def test_leave_one_decision_and_the_other_is_told(self, own_database: str) -> None:
        room = a_treatment_room(dose_mg=180, at=now() - timedelta(days=2))
        other = a_second_doctor(room)
        for mg in (60, 70, 80):
            tries = [(by, seen_by(room, by)) for by in (room.doctor, other) * 3]
            before = GapDecision.objects.count()

            def one_try(by: User, seen: tuple[str, str], mg: int = mg) -> Any:
                return lambda: decide(room, by=by, key=uuid.uuid4(), seen=seen, mg=mg)

            answers = at_once(*(one_try(by, seen) for by, seen in tries))

            kinds = sorted(type(answer).__name__ for answer in answers)
            assert kinds == ["GapNotDecided"] * 5 + ["UUID"], answers
            told = [str(answer) for answer in answers if isinstance(answer, GapNotDecided)]
            assert all(f"at most {mg} mg" in words for words in told)
            assert GapDecision.objects.count() == before + 1

    def test_leave_one_of_a_button_that_was_pressed_many_times(self, own_database: str) -> None:
        room = a_treatment_room(dose_mg=180, at=now() - timedelta(days=2))
        key, seen = uuid.uuid4(), seen_by(room, room.doctor)

        answers = at_once(*(lambda: decide(room, by=room.doctor, key=key, seen=seen) for _ in range(6)))

        assert len(set(answers)) == 1 and GapDecision.objects.count() == 1

    def test_would_leave_many_without_the_lock(self, own_database: str, monkeypatch) -> None:
        room = a_treatment_room(dose_mg=180, at=now() - timedelta(days=2))
        other = a_second_doctor(room)
        monkeypatch.setattr(gaps, "lock_dosing_state", lambda **_: True)

        def one_try(by: User, seen: tuple[str, str]) -> Any:
            return lambda: decide(room, by=by, key=uuid.uuid4(), seen=seen)

        most = 0
        for _ in range(30):
            tries = [(by, seen_by(room, by)) for by in (room.doctor, other) * 3]
            before = GapDecision.objects.count()
            at_once(*(one_try(by, seen) for by, seen in tries))
            most = max(most, GapDecision.objects.count() - before)
            if most > 1:
                break
        assert most > 1
