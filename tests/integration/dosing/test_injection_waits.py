"""A dose that waited for its turn is judged by the rows and the time of its turn, not of its page."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction

from dosing.models import Batch, Injection
from dosing.queries.orders import lock_dosing_state
from dosing.queries.register import lock_line
from hat_clinic.core.clock import now
from tests.factories.register import receive
from tests.factories.treatment import a_treatment_room, another

pytestmark = pytest.mark.race


def held_up(hold: Callable[[], Any], *works: Callable[[], Any]) -> tuple[list[Any], datetime]:
    """Run the works, each with a connection of its own, against a lock that is let go once all wait for it.

    Returns what each answered or raised, and the time when the lock was still held.
    """
    answers: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            answers[place] = work()
        except Exception as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    with transaction.atomic():
        hold()
        for thread in threads:
            thread.start()
        until = time.monotonic() + 20
        while waiting() < len(works) and time.monotonic() < until:
            time.sleep(0.02)
        let_go_at = now()
    for thread in threads:
        thread.join(timeout=60)
    return answers, let_go_at


def waiting() -> int:
    """Count the connections to this database that wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees the first count for ever
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        (count,) = cursor.fetchone()
    return int(count)


class TestADoseThatWaited:
    def test_finds_the_last_ampoules_of_its_batch_gone(self, own_database: str) -> None:
        room = a_treatment_room()
        receive(room.line, 2, batch_number="LAST")
        last = Batch.objects.get(number="LAST")
        people = [another(room) for _ in range(2)]
        visits = [here.checked() for here in people]
        room.open_day()

        answers, _ = held_up(
            lambda: lock_line(line_id=room.line.id),
            *(
                lambda here=here, visit=visit: here.prepare(visit, batch_id=last.id)
                for here, visit in zip(people, visits, strict=True)
            ),
        )

        kinds = Counter(type(answer).__name__ for answer in answers)
        assert kinds == {"UUID": 1, "PreparationRefused": 1}, answers
        assert "has none of this batch that is not drawn up already" in " ".join(
            str(answer) for answer in answers
        )

    def test_is_given_at_the_time_of_its_turn(self, own_database: str) -> None:
        room = a_treatment_room()
        drawn = room.prepare()

        _, let_go_at = held_up(
            lambda: lock_dosing_state(patient_id=room.patient.id), lambda: room.inject(drawn)
        )

        injection = Injection.objects.get()
        assert injection.started_at >= let_go_at
        assert injection.register_entry.occurred_at == injection.started_at
