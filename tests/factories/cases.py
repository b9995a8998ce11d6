"""Discrepancy cases opened by counting, the closing of a day, and single rows of them and of legal holds."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from factory import LazyFunction, SubFactory
from factory.django import DjangoModelFactory

from dosing.actions.cases import classify_case
from dosing.actions.closing import close_day
from dosing.models import CaseEvent, DayClosing, Discrepancy, LegalHold, LegalHoldLift
from dosing.rules.cases import Classification
from dosing.rules.days import CheckKind
from hat_clinic.core.clock import now
from tests.factories.accounts import ClinicFactory, UserFactory
from tests.factories.days import ClinicDayFactory, DiscrepancyFactory, a_count, both_count
from tests.factories.moments import NINE
from tests.factories.treatment import TreatmentRoom

EVERYTHING_LISTED = frozenset({"without_outcome", "still_to_come", "open_draws", "observed"})


class CaseEventFactory(DjangoModelFactory[CaseEvent]):
    class Meta:
        model = CaseEvent

    discrepancy = SubFactory(DiscrepancyFactory)
    number = 1
    kind = "note"
    words = "Looked behind the safe."
    key = LazyFunction(uuid.uuid4)
    recorded_at = NINE
    recorded_by = SubFactory(UserFactory)


class DayClosingFactory(DjangoModelFactory[DayClosing]):
    """The closing of a day at premises that keep no register."""

    class Meta:
        model = DayClosing

    day = SubFactory(ClinicDayFactory)
    without_outcome = 0
    still_to_come = 0
    open_draws = 0
    observed = 0
    closed_at = NINE
    closed_by = SubFactory(UserFactory)


class LegalHoldFactory(DjangoModelFactory[LegalHold]):
    """A hold on the whole clinic."""

    class Meta:
        model = LegalHold

    clinic = SubFactory(ClinicFactory)
    reason = "Inquest 12/26."
    set_at = NINE
    set_by = SubFactory(UserFactory)


class LegalHoldLiftFactory(DjangoModelFactory[LegalHoldLift]):
    class Meta:
        model = LegalHoldLift

    hold = SubFactory(LegalHoldFactory)
    reason = "The inquest is over."
    lifted_at = NINE
    lifted_by = SubFactory(UserFactory)


def a_case(room: TreatmentRoom, *, off_by: int = 1) -> Discrepancy:
    """Count a room's stock twice by two, wrongly both times, so that a case is open.

    As its opening count; where that has ended already, as its closing count.
    """
    room.line.refresh_from_db()
    wrong = room.line.head.balance - off_by
    has_opened = room.line.balance_checks.exists()
    for _ in range(2):
        (both_count_at_closing if has_opened else both_count)(room, wrong, wrong)
    return Discrepancy.objects.get(balance_result__balance_check__line=room.line)


def both_count_at_closing(room: TreatmentRoom, first: int, second: int) -> Any:
    """Sign a first and a second closing count by the room's two nurses."""
    a_count(room, first, kind=CheckKind.CLOSING)
    return a_count(room, second, counter=room.second_nurse, kind=CheckKind.CLOSING)


def classified(room: TreatmentRoom, case: Discrepancy, **changes: Any) -> CaseEvent:
    """Have the controlled-drug lead classify a case: a counting error."""
    arguments: dict[str, Any] = {
        "clinic": room.clinic,
        "case_id": case.id,
        "classification": Classification.COUNTING,
        "words": "The box in the corner was left out.",
        "seen_with_id": None,
        "key": uuid.uuid4(),
        "by": room.cd_lead,
        "at": now(),
    }
    return classify_case(**arguments | changes)


def a_closed_day(room: TreatmentRoom, at: datetime | None = None) -> DayClosing:
    """Open a room's day, count rightly for its closing, and close it with every note read."""
    room.open_day()
    room.line.refresh_from_db()
    balance = room.line.head.balance
    both_count_at_closing(room, balance, balance)
    return close_day(
        clinic=room.clinic,
        premises_id=room.premises.id,
        acknowledged=EVERYTHING_LISTED,
        by=room.nurse,
        at=at or now(),
    )
