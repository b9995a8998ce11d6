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
from psycopg2.extensions import cursor as Cursor

from dosing.actions import injections
from dosing.actions.preparations import waste_dose
from dosing.models import Injection, RegisterHead, WastedDose
from hat_clinic.core.clock import now
from hat_clinic.core.transactions import one_act
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    TreatmentRoom,
    a_treatment_room,
    an_order,
    another,
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

        monkeypatch.setattr(injections, "one_act", together)

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
        for _ in range(raced):
            here = another(room)
            drawn = here.prepare()
            nurses = [(here.nurse, ""), (here.second_nurse, NURSE_PIN)]

            def one_try(place: int, here=here, drawn=drawn, nurses=nurses) -> Callable[[], Any]:
                by, preparer_pin = nurses[place % 2]
                return lambda: here.inject(drawn, by=by, preparer_pin=preparer_pin)

            answers = at_once(*(one_try(place) for place in range(8)))

            kinds = Counter(type(answer).__name__ for answer in answers)
            assert kinds == {"InjectionRecorded": 1, "InjectionRefused": 7}, answers
            assert Injection.objects.filter(patient=here.patient).count() == 1
        assert RegisterHead.objects.get(line=room.line).balance == 4 * raced + 10 - 2 * raced

    def test_store_two_where_lock_and_constraints_are_taken_away(
        self, own_database: str, meet_at_the_act: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The positive control: the race is a race, and only lock and constraints decide it."""
        meet_at_the_act(8)
        room = a_treatment_room(ampoules=200)
        with as_owner(own_database) as cursor:
            for name in (
                "minimum_interval_between_sessions",
                "one_injection_of_a_number_per_session",
                *(
                    name
                    for column in ("preparation_id", "giver_signature_id", "witness_signature_id")
                    for name in _unique_of(cursor, "dosing_injection", column)
                ),
            ):
                cursor.execute(f'ALTER TABLE dosing_injection DROP CONSTRAINT "{name}"')
            cursor.execute("DROP INDEX one_first_outcome_per_session")
            cursor.execute(
                "ALTER TABLE dosing_sessionoutcome DISABLE TRIGGER outcome_agrees_with_its_injection"
            )
            for trigger in ("injection_is_prepared", "injection_within_its_session"):
                cursor.execute(f"ALTER TABLE dosing_injection DISABLE TRIGGER {trigger}")
        monkeypatch.setattr(injections, "lock_person_and_dosing_state", lambda *, patient_id: None)
        doubled = 0
        for _ in range(10):
            here = another(room)
            drawn = here.prepare()
            at_once(*(lambda here=here, drawn=drawn: here.inject(drawn) for _ in range(8)))
            doubled += Injection.objects.filter(patient=here.patient).count() > 1

        assert doubled > 0

    def test_give_twenty_identical_posts_one_answer(
        self, own_database: str, meet_at_the_act: Callable[[int], None]
    ) -> None:
        meet_at_the_act(20)
        room = a_treatment_room()
        drawn, key = room.prepare(), uuid.uuid4()

        answers = at_once(*(lambda: room.inject(drawn, key=key) for _ in range(20)))

        assert len({str(answer) for answer in answers}) == 1, answers
        assert Injection.objects.count() == 1

    def test_never_give_on_an_order_that_was_replaced(self, own_database: str) -> None:
        room = a_treatment_room()
        drawn = room.prepare()

        answers = at_once(
            lambda: room.inject(drawn),
            lambda: an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=100),
        )

        injections_stored = list(Injection.objects.all())
        recorded = [answer for answer in answers if type(answer).__name__ == "InjectionRecorded"]
        assert len(injections_stored) == len(recorded)
        for injection in injections_stored:
            assert injection.started_at in injection.order.period.during

    def test_end_a_drawn_dose_once_as_an_injection_or_as_waste(self, own_database: str) -> None:
        room = a_treatment_room()
        drawn = room.prepare()

        at_once(lambda: room.inject(drawn), lambda: waste(room, drawn))

        endings = [Injection.objects.count(), WastedDose.objects.count()]
        assert sorted(endings) == [0, 1]
        assert RegisterHead.objects.get(line=room.line).balance == 48


def waste(room: TreatmentRoom, drawn: uuid.UUID) -> WastedDose:
    """Waste a drawn dose before the second nurse."""
    return waste_dose(
        clinic=room.clinic,
        preparation_id=drawn,
        reason="refused",
        witness_id=room.second_nurse.id,
        waster_pin=NURSE_PIN,
        witness_pin=SECOND_PIN,
        terminal_id=room.terminal.id,
        by=room.nurse,
        at=now(),
    )


def _unique_of(cursor: Cursor, table: str, column: str) -> list[str]:
    cursor.execute(
        "SELECT c.conname FROM pg_constraint c JOIN pg_attribute a"
        " ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)"
        " WHERE c.contype = 'u' AND c.conrelid = %s::regclass AND a.attname = %s",
        [table, column],
    )
    return [name for (name,) in cursor.fetchall()]
