"""What a prescription supplies, in the lines and the table that stand on paper: figures and words."""

from __future__ import annotations

from dataclasses import dataclass

from dosing.queries.order_pages import how_often
from dosing.rules.limits import Step
from dosing.rules.moments import day_in_words, days_in_words
from dosing.rules.prescriptions import NO_FIXED_ABODE, PHARMACEUTICAL_FORM, PrescriptionDraft, mg_in_both
from dosing.rules.supply import PrescribedOrder, Prescription, prescription_of
from dosing.rules.words import number_in_words
from hat_clinic.accounts.models import Slot
from patients.models import Person

Lines = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SuppliedPart:
    """One row of the table of instalments: which of them, on which days, of how much each and together."""

    numbers: str
    days: str
    each: str
    together: str


def doses_of_a_session(order: PrescribedOrder) -> str:
    """Return the doses of an order in a phrase, in figures alone."""
    often = how_often(order.sessions_per_day)
    if order.plan:
        return f"a plan of steps, each dose at most {order.dose_mg} mg, {often}"
    if order.slots:
        return ", ".join(f"{Slot(slot).label} {mg} mg" for slot, mg in order.slots)
    least = f"{order.least_mg} to " if order.least_mg is not None else ""
    return f"{least}{order.dose_mg} mg, {often}"


def what_is_supplied(order: PrescribedOrder, draft: PrescriptionDraft) -> Lines:
    """Return the lines of drug, quantity and instalments, in figures and in words. Source: clinical rule 7."""
    made = prescription_of(order, draft.first_on)
    most = "at most " if made.is_at_most else ""
    count = f"{made.instalments} ({number_in_words(made.instalments)})"
    # Where the amounts differ, the table of instalments says amount and interval of each part.
    amount = (
        (
            ("Amount of each instalment", f"{most}{mg_in_both(made.instalment_mg)}"),
            ("Interval", "one instalment every day"),
        )
        if len(made.parts) == 1
        else ()
    )
    return (
        ("Drug", order.product.label),
        ("Form", PHARMACEUTICAL_FORM),
        ("Strength", f"{mg_in_both(draft.strength_mg)} in each ampoule"),
        *_doses(order),
        ("Total quantity", f"{most}{mg_in_both(made.total_mg)}"),
        *amount,
        ("Number of instalments", count),
        ("First supply", day_in_words(made.first_on)),
        ("Last supply", day_in_words(made.last_on)),
    )


def _doses(order: PrescribedOrder) -> Lines:
    often = f"{how_often(order.sessions_per_day)}, by injection"
    day = ("Most in one day", mg_in_both(order.daily_max_mg))
    if order.plan:
        steps = ((f"Dose, from day {step.day}", _step(step)) for step in order.plan)
        return (*steps, ("Day 1", "the day of the first dose"), ("Doses", often), day)
    if order.least_mg is not None:
        return (("Dose", f"{dose_in_both(order)}, by injection"), day)
    return (("Dose", f"{dose_in_both(order)}, by injection"),)


def dose_in_both(order: PrescribedOrder) -> str:
    """Return the dose of an order in one phrase, in figures and in words; of a plan only what none of it passes."""
    often = how_often(order.sessions_per_day)
    most = mg_in_both(order.dose_mg)
    if order.plan:
        return f"a plan of steps, {often}, each dose as its step says and none over {most}"
    if order.slots:
        each = ", ".join(f"{Slot(slot).label} {mg_in_both(mg)}" for slot, mg in order.slots)
        return f"{each}, every day"
    if order.least_mg is not None:
        return f"from {mg_in_both(order.least_mg)} to {most}, {often}"
    return f"{most}, {often}"


def _step(step: Step) -> str:
    """Return one step with each of its doses in figures and in words."""
    if step.first_mg is None:
        return f"each dose at most {mg_in_both(step.max_mg)}"
    repeat = f", repeated once with {mg_in_both(step.repeat_mg)}" if step.repeat_mg is not None else ""
    return f"first {mg_in_both(step.first_mg)}{repeat}, then each dose at most {mg_in_both(step.max_mg)}"


def parts_of(made: Prescription) -> tuple[SuppliedPart, ...]:
    """Return the table of instalments where their amount changes; nothing where all are alike."""
    if len(made.parts) == 1:
        return ()
    rows, before = [], 0
    for part in made.parts:
        first, before = before + 1, before + part.instalments
        is_one = part.instalments == 1
        rows.append(
            SuppliedPart(
                numbers=f"{first}" if is_one else f"{first} to {before}",
                days=days_in_words(part.first_on, part.last_on),
                each=mg_in_both(part.instalment_mg),
                together=mg_in_both(part.total_mg),
            )
        )
    return tuple(rows)


def who_it_is_for(person: Person) -> Lines:
    """Return the lines that name somebody on paper."""
    number = person.nhs_number
    spaced = f"{number[:3]} {number[3:6]} {number[6:]}" if number else "not known"
    return (
        ("Name", person.full_name),
        ("Address", person.address or NO_FIXED_ABODE),
        ("Date of birth", day_in_words(person.born_on) if person.born_on else "not known"),
        ("NHS number", spaced),
    )
