"""Counting the stock of a treatment room and opening its day, by the real actions; and single rows of it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from factory import LazyFunction, SelfAttribute, SubFactory
from factory.django import DjangoModelFactory

from dosing.actions.days import CountSigned, count_stock, open_day
from dosing.models import BalanceCheck, BalanceResult, ClinicDay, Discrepancy, StockCount
from dosing.rules.days import BOX, CheckKind, Count
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now
from tests.factories.accounts import PremisesFactory, UserFactory
from tests.factories.dosing import RegisterLineFactory, SignatureFactory
from tests.factories.moments import NINE, TODAY
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom


class ClinicDayFactory(DjangoModelFactory[ClinicDay]):
    class Meta:
        model = ClinicDay

    premises = SubFactory(PremisesFactory)
    on = TODAY
    how = "unchecked"
    reason = "The second nurse is ill."
    signature = SubFactory(SignatureFactory)
    opened_at = NINE
    opened_by = SubFactory(UserFactory)


class BalanceCheckFactory(DjangoModelFactory[BalanceCheck]):
    class Meta:
        model = BalanceCheck

    line = SubFactory(RegisterLineFactory)
    on = TODAY
    kind = "opening"
    number = 1
    round = 1
    started_at = NINE
    started_by = SubFactory(UserFactory)


class StockCountFactory(DjangoModelFactory[StockCount]):
    """A count of two boxes and two loose ampoules, of a ledger that has no line yet."""

    class Meta:
        model = StockCount

    balance_check = SubFactory(BalanceCheckFactory)
    position = 1
    counted_by = SubFactory(UserFactory)
    full_boxes = 2
    loose = 2
    ampoules = 12
    register_seq = 0
    key = LazyFunction(uuid.uuid4)
    signature = SubFactory(SignatureFactory, signed_by=SelfAttribute("..counted_by"))


class BalanceResultFactory(DjangoModelFactory[BalanceResult]):
    """Two counts of twelve in an empty ledger: they differ."""

    class Meta:
        model = BalanceResult

    balance_check = SubFactory(BalanceCheckFactory)
    result = "differs"
    first = 12
    second = 12
    expected = 0
    compared_at = NINE
    compared_by = SubFactory(UserFactory)

    @classmethod
    def _create(cls, model_class: type[BalanceResult], *args: Any, **kwargs: Any) -> BalanceResult:
        """Give the check its two counts, where a test did not."""
        if not kwargs["balance_check"].counts.exists():
            for position in (1, 2):
                StockCountFactory(balance_check=kwargs["balance_check"], position=position)
        return super()._create(model_class, *args, **kwargs)


class DiscrepancyFactory(DjangoModelFactory[Discrepancy]):
    class Meta:
        model = Discrepancy

    balance_result = SubFactory(BalanceResultFactory)
    owner = "cd_lead"
    opened_at = NINE
    opened_by = SubFactory(UserFactory)


def a_count(
    room: TreatmentRoom,
    ampoules: int,
    *,
    counter: User | None = None,
    pin: str | None = None,
    line_id: uuid.UUID | None = None,
    key: uuid.UUID | None = None,
    by: User | None = None,
    at: datetime | None = None,
    kind: CheckKind = CheckKind.OPENING,
) -> CountSigned:
    """Sign one count of a room's ledger, in full boxes and the rest loose; without a counter the first nurse's."""
    counter = counter or room.nurse
    pins = {room.nurse.id: NURSE_PIN, room.second_nurse.id: SECOND_PIN}
    return count_stock(
        clinic=room.clinic,
        line_id=line_id or room.line.id,
        counted=Count(*divmod(ampoules, BOX)),
        counter_id=counter.id,
        pin=pin or pins.get(counter.id, "000000"),
        key=key or uuid.uuid4(),
        terminal_id=room.terminal.id,
        by=by or counter,
        at=at or now(),
        kind=kind,
    )


def both_count(room: TreatmentRoom, first: int, second: int) -> CountSigned:
    """Sign a first and a second count by the room's two nurses."""
    a_count(room, first)
    return a_count(room, second, counter=room.second_nurse)


def an_open_day(room: TreatmentRoom) -> ClinicDay:
    """Count a room's stock by two, rightly, and open its day."""
    room.line.refresh_from_db()
    balance = room.line.head.balance
    both_count(room, balance, balance)
    return open_day(clinic=room.clinic, premises_id=room.premises.id, by=room.nurse, at=now())
