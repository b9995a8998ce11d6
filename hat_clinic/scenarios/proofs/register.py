"""The promises about the controlled-drug register, each tried many times in a scratch database."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg2
from django.db import connections

from dosing.actions.checkpoints import make_checkpoints
from dosing.models import RegisterHead
from dosing.queries.chain import verify_line
from dosing.queries.checkpoints import list_checkpoints
from dosing.queries.verification import verify_registers
from dosing.rules.chain import verify_lines
from dosing.rules.checkpoints import SignedCheckpoint
from dosing.rules.register import ChainedEntry, ChainVerdict
from hat_clinic.core.clock import now
from hat_clinic.scenarios.proofs.attacks import ATTACKS, STATE, list_successes
from hat_clinic.scenarios.proofs.ledgers import a_ledger, as_text, head_of, rehashed
from hat_clinic.scenarios.proofs.measures import Figure
from hat_clinic.scenarios.proofs.places import Place, a_place, fill, receive
from hat_clinic.scenarios.proofs.rewrites import REWRITINGS, read_entries, rewrite, write
from hat_clinic.scenarios.scratch import as_owner, own_copy
from hat_clinic.settings import database_from

TITLE = "The controlled-drug register: what was measured"
SECONDS_PROMISED = 2.0
REMARKS = "Positive controls stand beside what they control: chain alone, each rewriting is not seen.\n"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How often each promise is tried."""

    writers: int
    lines_each: int
    altered_lines: int
    clean_ledgers: int
    rollbacks: int
    long_ledger: int


FULL = Sizes(
    writers=16, lines_each=100, altered_lines=1000, clean_ledgers=1000, rollbacks=10, long_ledger=100_000
)
FEW = Sizes(writers=4, lines_each=3, altered_lines=4, clean_ledgers=5, rollbacks=2, long_ledger=40)


def prove(*, template: str, sizes: Sizes, seed: int) -> Iterator[Figure]:
    """Yield one figure after another, each from a scratch database of its own or from ledgers in memory."""
    yield _writers(template, sizes)
    yield _attacks(template)
    yield from _rewritings(template)
    yield _rollbacks(template, sizes)
    yield _altered_fields(sizes, seed)
    yield _clean_ledgers(sizes, seed)
    yield _speed(template, sizes)


def _writers(template: str, sizes: Sizes) -> Figure:
    with own_copy(template):
        place = a_place()
        failures = _all_at_once(sizes.writers, lambda number: _write(place, number, sizes.lines_each))
        written = sizes.writers * sizes.lines_each
        balance = sizes.writers * sum(1 + turn % 3 for turn in range(sizes.lines_each))
        entries = read_entries(place.line.id)
        head = RegisterHead.objects.get(line=place.line)
        forks = written - len({entry.previous_hash for entry in entries})
        is_kept = (
            not failures
            and len(entries) == written == head.seq
            and (forks, head.balance) == (0, balance)
            and verify_line(place.line.id).verdict.ok
        )
    return Figure(
        "Many writers of one register",
        "`receive_stock` in threads with connections of their own, let go together",
        f"{sizes.writers} writers × {sizes.lines_each} lines",
        f"{forks} forks, balance {head.balance} of {balance}, {len(failures)} failures",
        is_kept,
    )


def _write(place: Place, number: int, lines: int) -> None:
    for turn in range(lines):
        receive(place, 1 + turn % 3, batch=f"B{number % 3}")


def _all_at_once(count: int, work: Callable[[int], None]) -> list[BaseException]:
    barrier, failures = threading.Barrier(count), list[BaseException]()

    def run(number: int) -> None:
        try:
            barrier.wait(timeout=60)
            work(number)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def _attacks(template: str) -> Figure:
    with own_copy(template), as_owner() as owner:
        place = a_place()
        receive(place, 10)
        make_checkpoints(by=place.lead, at=now())
        before, succeeded = _state(owner), []
        for is_in_a_transaction in (True, False):
            with closing(_plain_connection()) as application:
                application.autocommit = not is_in_a_transaction
                succeeded += list_successes(application)
        has_changed = _state(owner) != before
    return Figure(
        "Statements against the register as the application's login",
        "every one inside a transaction and outside of one: UPDATE, DELETE, TRUNCATE, COPY, LOCK, triggers, roles, "
        "functions, search path",
        f"{len(ATTACKS)} statements × 2",
        f"{len(succeeded)} succeeded, {'something' if has_changed else 'nothing'} changed",
        not succeeded and not has_changed,
    )


def _state(owner: Any) -> Any:
    owner.execute(STATE)
    return owner.fetchone()


def _plain_connection() -> Any:
    url = database_from("DATABASE_URL")
    return psycopg2.connect(
        dbname=connections["default"].settings_dict["NAME"],
        user=url["USER"],
        password=url["PASSWORD"] or None,
        host=url["HOST"],
        port=url["PORT"] or None,
    )


@contextmanager
def _signed_ledger(template: str, lines: int = 8) -> Iterator[tuple[Place, list[SignedCheckpoint], Any]]:
    """Give a ledger with a checkpoint of its last line that is kept elsewhere, and none in the database."""
    with own_copy(template), as_owner() as owner:
        place = a_place()
        for number in range(lines):
            receive(place, 10 + number)
        make_checkpoints(by=place.lead, at=now())
        kept = list_checkpoints()
        owner.execute("ALTER TABLE dosing_checkpoint DISABLE TRIGGER USER")
        owner.execute("DELETE FROM dosing_checkpoint")
        yield place, kept, owner


def _rewritings(template: str) -> Iterator[Figure]:
    caught, unseen = 0, 0
    for rewriting in REWRITINGS.values():
        with _signed_ledger(template) as (place, kept, owner):
            rewrite(owner, place.line.id, rewriting)
            unseen += verify_line(place.line.id).verdict.ok
            caught += verify_registers(kept=kept).bad == 1
    kinds = ", ".join(REWRITINGS)
    total = len(REWRITINGS)
    yield Figure(
        "Rewritings by the owner of the database, all hashes made anew",
        f"{kinds}; triggers off, stored checkpoints deleted, compared with one kept elsewhere",
        str(total),
        f"{caught} caught",
        caught == total,
    )
    yield Figure(
        "Positive control of those",
        "the same, chain alone",
        str(total),
        f"{unseen} not seen",
        unseen == total,
    )


def _rollbacks(template: str, sizes: Sizes) -> Figure:
    """Put an older state back; in every other case go on from it with as many lines as were lost."""
    reported = 0
    for number in range(sizes.rollbacks):
        with _signed_ledger(template) as (place, kept, owner):
            entries, left = read_entries(place.line.id), 1 + number % 7
            write(owner, place.line.id, entries[:left])
            if number % 2:
                goes_on = [replace(entry, reference="afterwards") for entry in entries[left:]]
                write(owner, place.line.id, rehashed([*entries[:left], *goes_on]))
            reported += verify_registers(kept=kept).bad == 1
    return Figure(
        "Old states put back, and gone on from in every other case",
        "compared with a checkpoint kept elsewhere",
        str(sizes.rollbacks),
        f"{reported} reported",
        reported == sizes.rollbacks,
    )


def _altered_fields(sizes: Sizes, seed: int) -> Figure:
    entries = a_ledger(sizes.altered_lines, seed=seed)
    texts, head = [as_text(entry) for entry in entries], head_of(entries)
    tried, caught = 0, 0
    for place, entry in enumerate(entries):
        for field in fields(ChainedEntry):
            forged = as_text(replace(entry, **{field.name: _other(getattr(entry, field.name))}))
            verdict, _ = verify_lines([*texts[:place], forged, *texts[place + 1 :]], head=head)
            tried += 1
            caught += not verdict.ok and verdict.first_bad_seq == place + 1
    return Figure(
        "Every field of every line altered in turn",
        f"{len(fields(ChainedEntry))} fields, ledger in memory of both kinds of line and awkward text, the verifier "
        "that `verify_register` runs",
        f"{sizes.altered_lines} lines, {tried} alterations",
        f"{caught} caught at the right line",
        caught == tried,
    )


def _other(value: Any) -> Any:
    match value:
        case None:
            return UUID(int=7)
        case UUID():
            return UUID(int=value.int ^ 1)
        case datetime():
            return value + timedelta(microseconds=1)
        case int():
            return value + 1
        case _:
            return f"{value}x"


def _clean_ledgers(sizes: Sizes, seed: int) -> Figure:
    chance = random.Random(seed)  # noqa: S311 - which ledgers are made, no secret
    alarms = 0
    for _ in range(sizes.clean_ledgers):
        entries = a_ledger(chance.randint(1, 60), seed=chance.getrandbits(32))
        verdict, _marks = verify_lines([as_text(entry) for entry in entries], head=head_of(entries))
        alarms += not verdict.ok
    return Figure(
        "False alarms on clean ledgers",
        "ledgers in memory of 1 to 60 lines",
        f"{sizes.clean_ledgers} ledgers",
        f"{alarms} false alarms",
        not alarms,
    )


def _speed(template: str, sizes: Sizes) -> Figure:
    with own_copy(template):
        place = a_place()
        fill(place, sizes.long_ledger)
        make_checkpoints(by=place.lead, at=now())
        tries = [_verify_once() for _ in range(3)]
    verdict = tries[0].verdict
    clock, busy = [one.seconds for one in tries], [one.busy_seconds for one in tries]
    return Figure(
        "Verification of a long ledger",
        "`verify_registers` as the command runs it: read from PostgreSQL, hashed, compared with the signed checkpoint; "
        "processor time of the program and of the database's process, because rivals for the cores stretch the clock",
        f"{verdict.count} lines, 3 times",
        f"{min(busy):.2f} to {max(busy):.2f} s of processor time; {min(clock):.2f} to {max(clock):.2f} s by the clock "
        f"at load {os.getloadavg()[0]:.1f}; {'whole' if verdict.ok else 'NOT WHOLE'}",
        verdict.ok and verdict.count == sizes.long_ledger and max(busy) <= SECONDS_PROMISED,
    )


@dataclass(frozen=True, slots=True)
class _Try:
    verdict: ChainVerdict
    seconds: float
    busy_seconds: float


def _verify_once() -> _Try:
    """Verify the one ledger, by the clock and by the time that the program and its database worked."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (server,) = cursor.fetchone()
    begun, worked, served = time.perf_counter(), time.process_time(), _busy(server)
    verdict = verify_registers().lines[0].verdict
    return _Try(
        verdict,
        time.perf_counter() - begun,
        time.process_time() - worked + _busy(server) - served,
    )


def _busy(process: int) -> float:
    """Return how many seconds a process of this machine has worked; 0 for one of another machine."""
    try:
        told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
