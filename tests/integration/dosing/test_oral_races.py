"""Two at the same moment, on real connections: one day's milligrams, and one order in force."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from dosing.actions import oral_doses
from dosing.models import OralDose, OralOrder, OralOrderPeriod
from hat_clinic.core.clock import now
from tests.factories.oral import an_oral_order, give, oral_seen
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, a_treatment_room
from tests.integration.dosing.test_injection_races import at_once


@pytest.mark.race
class TestTwoNursesAtTheSameMoment:
    def test_give_no_more_than_the_day(self, own_database: str) -> None:
        room = a_treatment_room()
        order = an_oral_order(room)

        def one_try(nurse: Any, pin: str) -> Any:
            return lambda: give(room, order, by=nurse, pin=pin)

        answers = at_once(
            *(one_try(*who) for who in ((room.nurse, NURSE_PIN), (room.second_nurse, SECOND_PIN)) * 3)
        )

        kinds = sorted(type(answer).__name__ for answer in answers)
        assert kinds == ["OralDose"] + ["OralRefused"] * 5, answers
        assert OralDose.objects.count() == 1

    def test_are_kept_apart_by_the_table_where_the_lock_fails(
        self, own_database: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        room = a_treatment_room()
        order = an_oral_order(room)
        monkeypatch.setattr(oral_doses, "lock_for_oral", lambda patient_id: None)

        def one_try(nurse: Any, pin: str) -> Any:
            return lambda: give(room, order, by=nurse, pin=pin, mg=30)

        at_once(*(one_try(*who) for who in ((room.nurse, NURSE_PIN), (room.second_nurse, SECOND_PIN)) * 3))

        assert OralDose.objects.count() == 1

    def test_give_one_answer_to_one_page_sent_many_times(self, own_database: str) -> None:
        room = a_treatment_room()
        order, key = an_oral_order(room), uuid.uuid4()

        answers = at_once(*(lambda: give(room, order, mg=10, key=key) for _ in range(6)))

        assert len({str(answer) for answer in answers}) == 1, answers
        assert OralDose.objects.count() == 1


@pytest.mark.race
class TestTwoPrescribersAtTheSameMoment:
    def test_put_one_order_in_force_and_the_other_is_told(self, own_database: str) -> None:
        room = a_treatment_room()
        an_oral_order(room)
        seen = oral_seen(room)

        answers = at_once(*(lambda: an_oral_order(room, daily_mg=50, seen=seen) for _ in range(6)))

        kinds = sorted(type(answer).__name__ for answer in answers)
        assert kinds == ["OralOrder"] + ["OralRefused"] * 5, answers
        assert OralOrderPeriod.objects.filter(during__contains=now()).count() == 1

    def test_give_one_answer_to_one_page_sent_many_times(self, own_database: str) -> None:
        room = a_treatment_room()
        key, seen = uuid.uuid4(), oral_seen(room)
        ends_at = now() + timedelta(days=13)

        answers = at_once(
            *(lambda: an_oral_order(room, key=key, seen=seen, ends_at=ends_at) for _ in range(6))
        )

        assert len({str(answer) for answer in answers}) == 1, answers
        assert OralOrder.objects.count() == 1
