"""Many writers on one ledger at once: no fork, no lost line, the exact balance.

HAT_PROVE_N sets how many lines each writer adds, HAT_PROVE_THREADS how many write, HAT_PROVE_DOSES how many doses are
raced for; the tests run with few.
"""

from __future__ import annotations

import os
import threading
import uuid
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from dosing.actions.register import KeyAlreadyUsed, RegisterRefused
from dosing.models import Batch, PlannedSession, RegisterEntry, RegisterHead, RegisterLine
from dosing.queries.register import lock_line, verify_register
from hat_clinic.accounts.models import User
from tests.factories import TODAY, OrderFactory, PlannedSessionFactory, UserFactory
from tests.factories.days import ClinicDayFactory
from tests.factories.register import (
    a_stocked_batch,
    an_injection,
    an_open_register,
    its_line,
    its_movement,
    its_outcome,
    receive,
)

pytestmark = pytest.mark.race

THREADS = int(os.environ.get("HAT_PROVE_THREADS", "8"))
LINES_EACH = int(os.environ.get("HAT_PROVE_N", "6"))
# 320 attempts on 100 doses, or the same proportion of fewer.
DOSES = int(os.environ.get("HAT_PROVE_DOSES", "0")) or max(5, 3 * LINES_EACH)
ATTEMPTS = DOSES * 16 // 5


def all_at_once(works: list[Callable[[], None]]) -> list[BaseException]:
    """Run each piece of work in a thread with its own connection, all released together; return what failed."""
    barrier = threading.Barrier(len(works))
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            barrier.wait(timeout=30)
            work()
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def give_once(batch: Batch, session: PlannedSession, nurses: tuple[User, User]) -> None:
    """Record one whole injection of one ampoule in a transaction of its own."""
    giver, witness = nurses
    with transaction.atomic():
        injection = an_injection(
            batch,
            session=session,
            ampoules=1,
            drawn_mg=100,
            given_mg=90,
            wasted_mg=10,
            giver=giver,
            witness=witness,
        )
        its_movement(injection, its_line(injection))
        its_outcome(injection)


class TestManyWritersOfOneRegister:
    def test_make_no_fork_and_the_exact_balance(self, own_database: str) -> None:
        line = an_open_register()
        people = {"by": UserFactory(), "witness": UserFactory()}

        def write(number: int) -> None:
            for turn in range(LINES_EACH):
                receive(line, 1 + turn % 3, batch_number=f"B{number % 3}", **people)

        failures = all_at_once([lambda number=number: write(number) for number in range(THREADS)])

        written = THREADS * LINES_EACH
        expected = THREADS * sum(1 + turn % 3 for turn in range(LINES_EACH))
        entries = RegisterEntry.objects.filter(line=line)
        assert failures == []
        assert sorted(entries.values_list("seq", flat=True)) == list(range(1, written + 1))
        assert len(set(entries.values_list("previous_hash", flat=True))) == written
        assert RegisterHead.objects.get(line=line).balance == expected
        assert sum(line.batches.values_list("ampoules", flat=True)) == expected
        verdict = verify_register(line.id)
        assert (verdict.ok, verdict.count) == (True, written)

    def test_of_the_same_key_write_one_line(self, own_database: str) -> None:
        line = an_open_register()
        again = {"key": uuid.uuid4(), "by": UserFactory(), "witness": UserFactory()}

        failures = all_at_once([lambda: receive(line, 5, **again)] * THREADS)

        assert failures == []
        assert RegisterHead.objects.get(line=line).balance == 5
        assert line.entries.count() == 1

    def test_of_the_same_key_in_two_registers_write_one_line(self, own_database: str) -> None:
        lines = [an_open_register() for _ in range(4)]
        again = {"key": uuid.uuid4(), "by": UserFactory(), "witness": UserFactory()}

        failures = all_at_once([lambda line=line: receive(line, 5, **again) for line in lines])

        assert RegisterEntry.objects.count() == 1
        assert len(failures) == 3
        assert {type(failure) for failure in failures} <= {KeyAlreadyUsed, RegisterRefused}

    def test_give_as_many_doses_as_there_are_and_not_one_more(self, own_database: str) -> None:
        batch = a_stocked_batch(DOSES)
        ClinicDayFactory(premises=batch.line.premises, on=TODAY)
        sessions = [
            PlannedSessionFactory(order=OrderFactory(premises=batch.line.premises)) for _ in range(ATTEMPTS)
        ]
        nurses = (UserFactory(), UserFactory())
        outcomes: Counter[str] = Counter()

        def give(number: int) -> None:
            for session in sessions[number::THREADS]:
                try:
                    give_once(batch, session, nurses)
                except RegisterRefused as refusal:
                    outcomes[str(refusal)] += 1
                else:
                    outcomes["given"] += 1

        failures = all_at_once([lambda number=number: give(number) for number in range(THREADS)])

        batch.refresh_from_db()
        assert failures == []
        assert outcomes == {
            "given": DOSES,
            "The register has 0 ampoules; this line would take 1 out.": ATTEMPTS - DOSES,
        }
        assert batch.ampoules == RegisterHead.objects.get(line=batch.line).balance == 0
        assert verify_register(batch.line_id).ok


class TestTheLockOfARegister:
    def test_lets_the_next_writer_wait_until_the_transaction_ends(self, own_database: str) -> None:
        line = an_open_register()
        people = {"by": UserFactory(), "witness": UserFactory()}
        receive(line, 5, **people)
        seen: list[int] = []
        is_locked, may_end = threading.Event(), threading.Event()

        def hold() -> None:
            with transaction.atomic():
                locked = lock_line(line_id=line.id)
                assert locked is not None
                seen.append(locked.balance)
                is_locked.set()
                may_end.wait(timeout=30)
                seen.append(RegisterHead.objects.get(line=line).balance)
            connection.close()

        holder = threading.Thread(target=hold)
        writer = threading.Thread(target=lambda: (receive(line, 7, **people), connection.close()))
        holder.start()
        assert is_locked.wait(timeout=30)
        writer.start()
        writer.join(timeout=0.5)
        was_waiting = writer.is_alive()
        may_end.set()
        holder.join()
        writer.join()

        assert was_waiting
        assert seen == [5, 5]
        assert RegisterHead.objects.get(line=line).balance == 12

    @pytest.mark.django_db
    def test_of_no_register_is_none(self) -> None:
        assert lock_line(line_id=uuid.uuid4()) is None

    def test_is_taken_only_inside_a_transaction(self, own_database: str) -> None:
        line = RegisterLine(id=uuid.uuid4())

        with pytest.raises(transaction.TransactionManagementError):
            lock_line(line_id=line.id)
