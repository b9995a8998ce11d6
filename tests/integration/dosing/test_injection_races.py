"""Two nurses at the same moment, on real connections: one dose."""

from __future__ import annotations

import os
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from dosing.actions import sessions
from dosing.models import (
    Injection,
    RegisterHead,
)
from hat_clinic.core.transactions import one_act
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    a_patient_in_treatment,
    a_treatment_room,
    an_order,
)
from tests.owner import as_owner


@pytest.fixture
def meet_at_the_act(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that lets so many rivals go into the act together, their PINs proved.

    Proving one nurse's PIN locks it, and would send rivals who share it in one after the other.
    """

    def meet(rivals: int) -> None:
        barrier = threading.Barrier(rivals)

        def together(work: Callable[[], Any]) -> Any:
            barrier.wait(timeout=60)
            return one_act(work)

        monkeypatch.setattr(sessions, "one_act", together)

    return meet


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run each work in a thread and a connection of its own, all let go at the same moment."""
    barrier = threading.Barrier(len(works))
    answers: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=30)
            answers[place] = work()
        except Exception as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


@pytest.mark.race
class TestTwoNursesAtTheSameMoment:
    """Real connections, real commits; HAT_PROVE_N raises the number of raced sessions."""

    def test_store_one_dose_of_eight_tries(
        self, own_database: str, meet_at_the_act: Callable[[int], None]
    ) -> None:
        meet_at_the_act(8)
        raced = int(os.environ.get("HAT_PROVE_N", "5"))
        room = a_treatment_room(ampoules=4 * raced + 10, places=raced + 1)
        nurses = [
            (room.nurse, NURSE_PIN, room.second_nurse, SECOND_PIN),
            (room.second_nurse, SECOND_PIN, room.nurse, NURSE_PIN),
        ]
        for _ in range(raced):
            episode = a_patient_in_treatment(room.clinic, by=room.doctor)
            order = an_order(episode, room.premises, doctor=room.doctor)

            def one_try(place: int, episode=episode, order=order) -> Callable[[], Any]:
                giver, pin, witness, witness_pin = nurses[place % 2]
                return lambda: room.give(
                    by=giver,
                    giver_pin=pin,
                    witness_pin=witness_pin,
                    witness_id=witness.id,
                    patient_id=episode.person_id,
                    order_id=order.id,
                )

            answers = at_once(*(one_try(place) for place in range(8)))

            kinds = Counter(type(answer).__name__ for answer in answers)
            assert kinds == {"InjectionRecorded": 1, "InjectionRefused": 7}, answers
            assert Injection.objects.filter(patient_id=episode.person_id).count() == 1
        assert RegisterHead.objects.get(line=room.line).balance == 4 * raced + 10 - 2 * raced

    def test_store_two_where_lock_and_constraints_are_taken_away(
        self, own_database: str, meet_at_the_act: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The positive control: the race is a race, and only lock and constraints decide it."""
        meet_at_the_act(8)
        room = a_treatment_room()
        with as_owner(own_database) as cursor:
            cursor.execute("ALTER TABLE dosing_injection DROP CONSTRAINT minimum_interval_between_sessions")
            cursor.execute(
                "ALTER TABLE dosing_injection DROP CONSTRAINT one_injection_of_a_number_per_session"
            )
            cursor.execute("DROP INDEX one_first_outcome_per_session")
            cursor.execute(
                "ALTER TABLE dosing_sessionoutcome DISABLE TRIGGER outcome_agrees_with_its_injection"
            )
        monkeypatch.setattr(sessions, "lock_dosing_state", lambda *, patient_id: True)
        monkeypatch.setattr(sessions, "lock_line", lambda *, line_id: None)
        doubled = 0
        for _ in range(10):
            episode = a_patient_in_treatment(room.clinic, by=room.doctor)
            order = an_order(episode, room.premises, doctor=room.doctor)

            def one_try(episode=episode, order=order) -> Any:
                return room.give(patient_id=episode.person_id, order_id=order.id)

            at_once(*(one_try for _ in range(8)))
            doubled += Injection.objects.filter(patient_id=episode.person_id).count() > 1

        assert doubled > 0

    def test_give_twenty_identical_posts_one_answer(
        self, own_database: str, meet_at_the_act: Callable[[int], None]
    ) -> None:
        meet_at_the_act(20)
        room = a_treatment_room()
        key = uuid.uuid4()
        given = room.given()
        content = {name: getattr(given, name) for name in given.__slots__}

        answers = at_once(*(lambda: room.give(key=key, **content) for _ in range(20)))

        assert len({str(answer) for answer in answers}) == 1, answers
        assert Injection.objects.count() == 1

    def test_never_give_on_an_order_that_was_replaced(self, own_database: str) -> None:
        room = a_treatment_room()
        given = room.given()

        answers = at_once(
            lambda: room.give(order_id=given.order_id),
            lambda: an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=100),
        )

        injections = list(Injection.objects.all())
        recorded = [answer for answer in answers if type(answer).__name__ == "InjectionRecorded"]
        assert len(injections) == len(recorded)
        for injection in injections:
            assert (
                injection.order.period.during.lower
                <= injection.started_at
                < injection.order.period.during.upper
            )
