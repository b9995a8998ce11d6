"""Rows of the worklist about titration plans: a step whose day has come, or that waits."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from dosing.models import Injection, Order, OrderStep
from dosing.queries.history import list_dose_histories
from dosing.rules.limits import OrderKind, Step
from dosing.rules.steps import StepDue, step_due
from hat_clinic.core.clock import london_date
from patients.models import Episode


def list_steps_due(
    episodes: Sequence[Episode], orders: dict[uuid.UUID, Order], *, at: datetime
) -> Iterable[tuple[Episode, StepDue]]:
    """Return whose plan has a step that comes today or waits; `orders` holds the live order by person.

    Six statements for any number of people, none where nobody is on a plan. Source: clinical rules 8 and 9.
    """
    plans = {
        person: order for person, order in orders.items() if OrderKind(order.kind) is OrderKind.TITRATION
    }
    theirs = [episode for episode in episodes if episode.person_id in plans]
    if not theirs:
        return
    steps: dict[uuid.UUID, list[Step]] = defaultdict(list)
    for step in OrderStep.objects.filter(order__in=plans.values()).order_by("order", "day"):
        steps[step.order_id].append(
            Step(day=step.day, max_mg=step.max_mg, first_mg=step.first_mg, repeat_mg=step.repeat_mg)
        )
    on_them: set[tuple[uuid.UUID, datetime]] = set()
    began_on: dict[uuid.UUID, date] = {}
    given = Injection.objects.filter(order__in=plans.values()).order_by("started_at")
    for order_id, started_at, given_on in given.values_list("order_id", "started_at", "given_on"):
        on_them.add((order_id, started_at))
        began_on.setdefault(order_id, given_on)
    histories = list_dose_histories(theirs, at=at)
    for episode in theirs:
        order = plans[episode.person_id]
        doses = (dose for dose in histories[episode.id].doses if (order.id, dose.started_at) in on_them)
        due = step_due(tuple(steps[order.id]), doses, today=london_date(at), began_on=began_on.get(order.id))
        if due is not None:
            yield episode, due
