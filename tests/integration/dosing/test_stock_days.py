"""Random days of the stock, and transfers against each other: the balance is right at every line."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dosing.actions.register import RegisterRefused
from dosing.actions.two_people import StockRefused
from dosing.models import Batch, Order, RegisterEntry, RegisterHead, RegisterLine, Transfer
from dosing.queries.register import verify_register
from dosing.rules.quarantine import QuarantineReason
from hat_clinic.core.clock import now
from tests.factories import OrderFactory
from tests.factories.register import a_whole_injection, receive
from tests.factories.stock import (
    a_note,
    a_requisition,
    a_stock_room,
    adjust,
    an_authority,
    deliver,
    destroy,
    put_apart,
    send,
    take_in,
)
from tests.factories.treatment import TreatmentRoom

# HAT_PROVE_N sets how many transfers each side sends; the tests run with few.
EACH = int(os.environ.get("HAT_PROVE_N", "4"))
ACTS = ("receive", "supply", "send", "take_in", "quarantine", "destroy", "add", "take_away", "note")


def all_at_once(works: list[Callable[[], None]]) -> list[BaseException]:
    """Run each piece of work in a thread of its own, all released together; return what failed."""
    barrier, failures = threading.Barrier(len(works)), []

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


class Day:
    """One ledger and what is expected of it: the balance after every line, and where its ampoules are.

    Each act is expected to go through exactly when the ampoules are there; `balances` is the balance at every line.
    """

    def __init__(self) -> None:
        self.room, self.there = a_stock_room(ampoules=5), a_stock_room(ampoules=5)
        receive(self.room.line, 3, batch_number="DM24117", expires_on=self.room.batch.expires_on, at=now())
        self.requisition = a_requisition(self.room, 9999)
        self.authority = an_authority(self.room)
        self.cabinet, self.quarantined = 8, 0
        self.on_the_way: list[Transfer] = []
        self.there_has = 5
        self.balances = [5, 8]

    def wrong_line(self) -> RegisterEntry:
        """The line that adjustments stand beside: written by nobody of the room."""
        return RegisterEntry.objects.get(line=self.room.line, seq=2)

    def do(self, act: str, ampoules: int) -> None:
        """Do one act, and count what it must have changed; what is not there must be refused."""
        is_there = self.is_there(act, ampoules)
        try:
            getattr(self, act)(ampoules)
        except (StockRefused, RegisterRefused) as refusal:
            assert not is_there, f"{act} of {ampoules}: {refusal}"
            return
        assert is_there, f"{act} of {ampoules} went through"
        change = {"receive": 1, "add": 1, "supply": -1, "take_away": -1, "send": -1, "quarantine": -1}
        self.cabinet += change.get(act, 0) * ampoules
        self.quarantined += {"quarantine": 1, "destroy": -1}.get(act, 0) * ampoules
        if act not in ("quarantine", "take_in"):
            self.balances.append(self.cabinet + self.quarantined)

    def is_there(self, act: str, ampoules: int) -> bool:
        if act in ("supply", "take_away", "send", "quarantine"):
            return ampoules <= self.cabinet
        return ampoules <= self.quarantined if act == "destroy" else True

    def receive(self, ampoules: int) -> None:
        expires_on = self.room.batch.expires_on
        deliver(self.room, self.requisition, ampoules, batch="DM24117", expires_on=expires_on)

    def supply(self, ampoules: int) -> None:
        drawn = ampoules * 10
        batch = Batch.objects.select_related("line__premises").get(id=self.room.batch.id)
        if ampoules > batch.ampoules - batch.quarantined:
            # A dose is refused when it is drawn up; the tables alone are asked elsewhere.
            raise RegisterRefused("not drawn up")
        a_whole_injection(
            batch,
            order=order_of(self.room),
            ampoules=ampoules,
            drawn_mg=drawn,
            given_mg=drawn - 1,
            wasted_mg=1,
            allowed_mg=drawn,
        )
        connection.check_constraints()

    def send(self, ampoules: int) -> None:
        self.on_the_way.append(send(self.room, self.there.line, ampoules))

    def take_in(self, _: int) -> None:
        if self.on_the_way:
            transfer = self.on_the_way.pop()
            take_in(self.there, transfer, transfer.ampoules)
            self.there_has += transfer.ampoules

    def quarantine(self, ampoules: int) -> None:
        put_apart(self.room, ampoules, reason=QuarantineReason.BROKEN)

    def destroy(self, ampoules: int) -> None:
        destroy(self.room, ampoules, authority=self.authority)

    def add(self, ampoules: int) -> None:
        adjust(self.room, self.wrong_line(), ampoules)

    def take_away(self, ampoules: int) -> None:
        if self.cabinet < ampoules <= self.cabinet + self.quarantined:
            raise RegisterRefused("what is in quarantine stays")
        adjust(self.room, self.wrong_line(), -ampoules)

    def note(self, _: int) -> None:
        a_note(self.room, self.wrong_line())


def order_of(room: TreatmentRoom) -> Order:
    """Return an order of somebody new at the room's premises, in force at the time of the tests' doses."""
    return OrderFactory(premises=room.premises, protocol=room.order.protocol, licence=room.order.licence)


@pytest.mark.django_db
class TestARandomDay:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 4)), min_size=1, max_size=12))
    def test_has_the_right_balance_at_every_line_and_batches_that_sum_to_it(
        self, acts: list[tuple[str, int]]
    ) -> None:
        day = Day()

        for act, ampoules in acts:
            day.do(act, ampoules)

        entries = RegisterEntry.objects.filter(line=day.room.line).order_by("seq")
        batch = Batch.objects.get(id=day.room.batch.id)
        assert list(entries.values_list("balance", flat=True)) == day.balances
        assert all(entry.balance == before.balance + entry.ampoules for before, entry in pairwise(entries))
        assert (batch.ampoules, batch.quarantined) == (day.cabinet + day.quarantined, day.quarantined)
        assert sum(day.room.line.batches.values_list("ampoules", flat=True)) == day.balances[-1]
        assert RegisterHead.objects.get(line=day.there.line).balance == day.there_has
        assert verify_register(day.room.line.id).ok
        assert verify_register(day.there.line.id).ok


@pytest.mark.race
class TestTransfersAgainstEachOther:
    def test_lose_nothing_and_double_nothing(self, own_database: str) -> None:
        here, there = a_stock_room(ampoules=200), a_stock_room(ampoules=200)
        seen: Counter[str] = Counter()

        def carry(sender: TreatmentRoom, receiver: TreatmentRoom) -> Callable[[], None]:
            def work() -> None:
                for _ in range(EACH):
                    transfer = send(sender, receiver.line, 1)
                    take_in(receiver, transfer, 1)
                    seen[sender.clinic.code] += 1

            return work

        failures = all_at_once(
            [carry(here, there), carry(there, here), carry(here, there), carry(there, here)]
        )

        assert failures == []
        assert sum(seen.values()) == 4 * EACH
        lines: list[RegisterLine] = [here.line, there.line]
        balances = [RegisterHead.objects.get(line=line).balance for line in lines]
        assert balances == [200, 200]
        assert Transfer.objects.filter(receipt__isnull=True).count() == 0
        assert Transfer.objects.count() == 4 * EACH
        for line in lines:
            assert verify_register(line.id).ok
            assert sum(line.batches.values_list("ampoules", flat=True)) == 200

    def test_of_one_transfer_take_it_in_once(self, own_database: str) -> None:
        here, there = a_stock_room(ampoules=50), a_stock_room(ampoules=50)
        transfer = send(here, there.line, 5)

        failures = all_at_once([lambda: take_in(there, transfer, 5)] * 4)

        assert [type(failure) for failure in failures] == [StockRefused] * 3
        assert RegisterHead.objects.get(line=there.line).balance == 55
