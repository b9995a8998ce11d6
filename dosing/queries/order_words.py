"""The doses of an order in words: one dose, a range, a dose for each session, or the steps of a plan."""

from __future__ import annotations

from dosing.models import Order
from dosing.queries.history import steps_of
from dosing.rules.limits import OrderKind, Step
from dosing.rules.orders import OrderDraft, OrderTerms
from dosing.rules.words import number_in_words
from hat_clinic.accounts.models import Slot

Line = tuple[str, str]


def lines_of_draft(draft: OrderDraft, terms: OrderTerms) -> tuple[Line, ...]:
    """Return what an order about to be signed says beside its highest dose, a line each."""
    return (
        *_doses(draft.kind, draft.dose_mg, draft.least_mg, draft.slots, draft.plan),
        _injections(draft.injections_per_session),
        *_rest(terms.gap_cap_percent, terms.hold_criteria, terms.oral_plan),
    )


def lines_of_order(order: Order) -> tuple[Line, ...]:
    """Return what a signed order says beside its highest dose, a line each."""
    slots = tuple(order.slots.order_by("slot").values_list("slot", "dose_mg"))
    return (
        *_doses(OrderKind(order.kind), order.dose_mg, order.least_mg, slots, steps_of(order)),
        _injections(order.injections_per_session),
        *_rest(order.gap_cap_percent, order.hold_criteria, order.oral_plan),
    )


def _doses(
    kind: OrderKind,
    dose_mg: int,
    least_mg: int | None,
    slots: tuple[tuple[str, int], ...],
    plan: tuple[Step, ...],
) -> tuple[Line, ...]:
    if kind is OrderKind.TITRATION:
        return tuple((f"Plan, from day {step.day}", _step(step)) for step in plan)
    if slots:
        return tuple((f"{Slot(slot).label.capitalize()} session", f"{mg} mg") for slot, mg in slots)
    if least_mg is not None:
        return (("Range", f"{least_mg} to {dose_mg} mg each session"),)
    return ()


def _injections(most: int) -> Line:
    if most == 1:
        return ("Injections a session", "one")
    return ("Injections a session", f"up to {number_in_words(most)}, within the dose of the session")


def _step(step: Step) -> str:
    if step.first_mg is None:
        return f"each dose at most {step.max_mg} mg, once the last dose was tolerated"
    repeat = f", repeated once with {step.repeat_mg} mg" if step.repeat_mg is not None else ""
    return f"first {step.first_mg} mg{repeat}, then each dose at most {step.max_mg} mg"


def _rest(gap_cap_percent: int | None, hold_criteria: str, oral_plan: str) -> tuple[Line, ...]:
    ladder = "the clinic's ladder"
    lines = [
        (
            "After missed sessions",
            f"{ladder}, and never over {gap_cap_percent} %" if gap_cap_percent is not None else ladder,
        )
    ]
    if hold_criteria:
        lines.append(("Held back", hold_criteria))
    if oral_plan:
        lines.append(("Oral opioid beside it", oral_plan))
    return tuple(lines)
