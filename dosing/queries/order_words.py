"""The doses of an order in words: one dose, a range, a dose for each session, or the steps of a plan."""

from __future__ import annotations

from collections.abc import Callable

from dosing.models import Order
from dosing.queries.history import steps_of
from dosing.queries.missed import SLOT_ORDER
from dosing.rules.limits import OrderKind, Step
from dosing.rules.orders import OrderDraft, OrderTerms
from dosing.rules.words import number_in_words
from hat_clinic.accounts.models import Slot

Line = tuple[str, str]
Say = Callable[[int], str]
NEXT_STEP = ("Next step", "only once the last dose was tolerated; days count from the first dose")


def in_figures(mg: int) -> str:
    """Return milligrams in figures, as they stand on a screen; on paper the words stand beside them."""
    return f"{mg} mg"


def lines_of_draft(draft: OrderDraft, terms: OrderTerms) -> tuple[Line, ...]:
    """Return what an order about to be signed says beside its highest dose, a line each."""
    return (
        *_doses(draft.kind, draft.dose_mg, draft.least_mg, draft.slots, draft.plan, in_figures),
        _injections(draft.injections_per_session),
        *_rest(terms.gap_cap_percent, terms.hold_criteria, terms.oral_plan),
    )


def lines_of_order(order: Order, *, say: Say = in_figures) -> tuple[Line, ...]:
    """Return what a signed order says beside its highest dose, a line each; `say` says milligrams."""
    return (
        *_doses(OrderKind(order.kind), order.dose_mg, order.least_mg, slots_of(order), steps_of(order), say),
        _injections(order.injections_per_session),
        *_rest(order.gap_cap_percent, order.hold_criteria, order.oral_plan),
    )


def most_of(order: Order) -> str:
    """Return "at most " for an order whose dose is the highest of several, nothing for one dose."""
    is_one = order.kind == OrderKind.MAINTENANCE and order.least_mg is None and order.day_mg is None
    return "" if is_one else "at most "


def most_of_draft(draft: OrderDraft) -> str:
    """Return the same of an order that is about to be signed."""
    return "at most " if draft.plan or draft.slots or draft.least_mg is not None else ""


def slots_of(order: Order) -> tuple[tuple[str, int], ...]:
    """Return the dose of each session of the day where they differ, in the order of the day; else nothing."""
    doses = dict(order.slots.values_list("slot", "dose_mg"))
    return tuple((slot.value, doses[slot.value]) for slot in SLOT_ORDER if slot.value in doses)


def _doses(
    kind: OrderKind,
    dose_mg: int,
    least_mg: int | None,
    slots: tuple[tuple[str, int], ...],
    plan: tuple[Step, ...],
    say: Say,
) -> tuple[Line, ...]:
    if kind is OrderKind.TITRATION:
        steps = tuple((f"Plan, from day {step.day}", _step(step, say)) for step in plan)
        return (*steps, NEXT_STEP) if len(plan) > 1 else steps
    if slots:
        return tuple((f"{Slot(slot).label.capitalize()} session", say(mg)) for slot, mg in slots)
    if least_mg is not None:
        return (("Range", f"{say(least_mg)} to {say(dose_mg)} each session"),)
    return ()


def _injections(most: int) -> Line:
    if most == 1:
        return ("Injections a session", "one")
    return ("Injections a session", f"up to {number_in_words(most)}, within the dose of the session")


def _step(step: Step, say: Say) -> str:
    if step.first_mg is None:
        return f"each dose at most {say(step.max_mg)}"
    repeat = f", repeated once with {say(step.repeat_mg)}" if step.repeat_mg is not None else ""
    return f"first {say(step.first_mg)}{repeat}, then each dose at most {say(step.max_mg)}"


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
