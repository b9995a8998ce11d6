"""What a prescription states, in which wording, and when one may be printed.

A prescription is made from a signed order and adds no number of its own but the strength, which its prescriber writes.
Source: clinical rule 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from dosing.rules.moments import day_in_words
from dosing.rules.supply import PrescribedOrder, Prescription, Standing, prescription_of
from dosing.rules.wordings import UNVERIFIED, wordings_of
from dosing.rules.words import number_in_words
from hat_clinic.core.decisions import Decision, Finding, block, note, stop

# The longest that the instalment form runs. Source: clinical rule 7.
INSTALMENT_FORM_DAYS: Final = 14
# The latest first supply, counted from the date on the prescription. Source: clinical rule 7.
VALID_FOR_DAYS: Final = 28
# More days than this ask for a reason. Source: clinical rule 7.
USUAL_SUPPLY_DAYS: Final = 30
# What somebody without an address has in its place, here as in the register.
NO_FIXED_ABODE: Final = "no fixed abode"
# How the product is supplied. The strength is its prescriber's to write.
PHARMACEUTICAL_FORM: Final = "powder for solution for injection, ampoules"


class PrescriptionForm(StrEnum):
    """The paper that a prescription is written for."""

    FP10MDA = "fp10mda"
    CLINIC = "clinic"

    @property
    def label(self) -> str:
        """The form in the clinic's words."""
        return {"fp10mda": "FP10MDA, for instalments", "clinic": "the clinic’s own form"}[self.value]


@dataclass(frozen=True, slots=True)
class PrescriptionDraft:
    """What is about to be printed: the paper, the strength in mg, the first day of supply, phrases by id, a reason."""

    form: PrescriptionForm
    strength_mg: int
    first_on: date
    wordings: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EarlierPrescription:
    """One that was printed before: its number, when it was dated, and the days that it covers, both included."""

    number: str
    dated_on: date
    first_on: date
    last_on: date

    def shares_a_day_with(self, other: EarlierPrescription | Prescription) -> bool:
        """Tell whether both cover one day at least."""
        return self.first_on <= other.last_on and other.first_on <= self.last_on


@dataclass(frozen=True, slots=True)
class PrescriptionFacts:
    """What is known when a prescription is printed; it is dated `today`, a Europe/London day.

    `licence_last_on` is the last whole day of the printing doctor's licence for these premises and this product,
    or None. `address_is_known` is true for an address and for somebody known to have none.
    """

    today: date
    order: PrescribedOrder | None
    printer_is_doctor: bool
    licence_last_on: date | None
    person_is_in_treatment: bool
    has_treatment_consent: bool
    address_is_known: bool
    earlier: tuple[EarlierPrescription, ...] = ()


def mg_in_both(number: int) -> str:
    """Return milligrams in figures and in words. Source: clinical rule 7."""
    return f"{number} mg ({number_in_words(number)} milligrams)"


def may_begin_prescription(facts: PrescriptionFacts) -> Decision:
    """Decide what is known before anything is chosen: who prints, for whom, and from which order.

    Source: clinical rules 1, 2, 5, 7 and 7.11 (treatment consent; a suspended order).
    """
    return Decision.of(
        (
            _if(
                not facts.person_is_in_treatment,
                block("not_in_treatment", "This person is not in treatment here.", "clinical rule 4"),
            ),
            _printer(facts),
            _if(
                not facts.has_treatment_consent,
                block(
                    "no_consent",
                    "No treatment consent of this person stands. Record it before you prescribe.",
                    "clinical rules 7.11",
                ),
            ),
            _standing(facts.order),
            _if(
                not facts.address_is_known,
                note(
                    "no_address",
                    f"No address is recorded. The prescription says “{NO_FIXED_ABODE}”.",
                    "clinical rule 7",
                ),
            ),
        )
    )


def may_print_prescription(draft: PrescriptionDraft, facts: PrescriptionFacts) -> Decision:
    """Decide whether a prescription may be printed from an order, with every reason for and against it.

    Source: clinical rules 1, 5, 7 and 7.11.
    """
    begun = may_begin_prescription(facts) | _wording(draft)
    if facts.order is None:
        return begun
    days = _days_of_supply(draft, facts.today, facts.order)
    if not facts.order.first_on <= draft.first_on <= facts.order.last_on:
        return begun | days
    made = prescription_of(facts.order, draft.first_on)
    return (
        begun
        | days
        | _length(draft, made)
        | _at_most(made, facts.order)
        | _licence_lasts(made, facts)
        | _twice(draft, made, facts)
    )


def may_print_again(
    facts: PrescriptionFacts, *, order_version: int, is_own: bool, replaced_by: str
) -> Decision:
    """Decide whether the paper of a stored prescription may be opened once more.

    Only by the doctor whose name is on it, while the order that it was made from is in force, and not after another
    one took its days. Source: clinical rules 1, 5 and 7.11.
    """
    is_other_order = facts.order is not None and facts.order.version != order_version
    return may_begin_prescription(facts) | Decision.of(
        (
            _if(
                is_other_order,
                block(
                    "order_replaced",
                    f"Order {order_version}, from which it was printed, is not in force any more.",
                    "clinical rule 5",
                ),
            ),
            _if(
                not is_own,
                block(
                    "not_its_prescriber",
                    "Only the doctor whose name is on it can print it again.",
                    "clinical rule 1",
                ),
            ),
            _if(
                bool(replaced_by),
                block(
                    "replaced",
                    f"Prescription {replaced_by} took its place. Print that one.",
                    "clinical rules 7.11",
                ),
            ),
        )
    )


def _if(found: bool, finding: Finding) -> Finding | None:
    return finding if found else None


def _printer(facts: PrescriptionFacts) -> Finding | None:
    if not facts.printer_is_doctor:
        message = "Only a doctor prescribes diamorphine. A doctor licensed for these premises prints this."
        return block("not_a_doctor", message, "clinical rule 2")
    if facts.order is not None and facts.licence_last_on is None:
        message = (
            "No licence of yours for this drug at these premises is in force. A licensed doctor prints this."
        )
        return block("no_licence", message, "clinical rule 1")
    return None


def _standing(order: PrescribedOrder | None) -> Finding | None:
    if order is None:
        message = "No order is in force. A licensed doctor signs one first."
        return block("no_order", message, "clinical rule 5")
    if order.standing is Standing.PLANNED:
        message = f"Order {order.version} is not in force yet. Print the prescription once it is."
        return block("order_planned", message, "clinical rule 5")
    if order.standing is Standing.ENDED:
        message = f"Order {order.version} has ended. A licensed doctor signs the next one first."
        return block("order_ended", message, "clinical rule 5")
    if order.standing is Standing.SUSPENDED:
        message = (
            f"Order {order.version} is suspended: the doctor who signed it has left or lost the licence. "
            "A licensed doctor signs the next one first."
        )
        return block("order_suspended", message, "clinical rules 7.11")
    return None


def _wording(draft: PrescriptionDraft) -> Decision:
    known = wordings_of(draft.wordings)
    return Decision.of(
        (
            _if(
                len(known) != len(set(draft.wordings)),
                block("wording_unknown", "Choose the wording from the list.", "clinical rule 7"),
            ),
            _if(
                draft.form is PrescriptionForm.FP10MDA and not known,
                block(
                    "wording_missing",
                    "A prescription in instalments says how they are supplied. Choose at least one wording.",
                    "clinical rule 7",
                ),
            ),
            _if(
                any(not wording.is_verified for wording in known),
                note("wording_unverified", UNVERIFIED, "clinical rule 7"),
            ),
        )
    )


def _days_of_supply(draft: PrescriptionDraft, today: date, order: PrescribedOrder) -> Decision:
    latest = today + timedelta(days=VALID_FOR_DAYS)
    return Decision.of(
        (
            _if(
                not order.first_on <= draft.first_on <= order.last_on,
                block(
                    "outside_order",
                    f"The first supply must be on a day of order {order.version}: from {day_in_words(order.first_on)} to "
                    f"{day_in_words(order.last_on)}.",
                    "clinical rule 7",
                ),
            ),
            _if(
                draft.first_on < today,
                block(
                    "first_supply_past",
                    f"The first supply cannot be before the date on the prescription, {day_in_words(today)}.",
                    "clinical rule 7",
                ),
            ),
            _if(
                draft.first_on > latest,
                block(
                    "first_supply_late",
                    f"The first supply must be within {VALID_FOR_DAYS} days of the date on the prescription: by "
                    f"{day_in_words(latest)}.",
                    "clinical rule 7",
                ),
            ),
        )
    )


def _length(draft: PrescriptionDraft, made: Prescription) -> Decision:
    days = made.instalments
    over = days > USUAL_SUPPLY_DAYS
    return Decision.of(
        (
            _if(
                draft.form is PrescriptionForm.FP10MDA and days > INSTALMENT_FORM_DAYS,
                block(
                    "instalments_too_long",
                    f"{days} days are more than an FP10MDA may run, {INSTALMENT_FORM_DAYS} days. Choose a later first "
                    "day, or an order that ends earlier.",
                    "clinical rule 7",
                ),
            ),
            _if(
                over and not draft.reason.strip(),
                stop(
                    "long_supply_reason",
                    f"{days} days are more than {USUAL_SUPPLY_DAYS} days of supply. You can print it, as a licensed "
                    "doctor, with a reason that stays with the prescription. Write the reason.",
                    "clinical rule 7",
                ),
            ),
            _if(
                over and bool(draft.reason.strip()),
                note(
                    "long_supply",
                    f"{days} days are more than {USUAL_SUPPLY_DAYS} days of supply. Your reason stays with the "
                    "prescription.",
                    "clinical rule 7",
                ),
            ),
        )
    )


def why_at_most(order: PrescribedOrder) -> str:
    """Return why less than the prescribed quantity may be given, empty where all of it is the dose.

    Source: clinical rules 4, 7 and 7.11.
    """
    if order.plan:
        return (
            "It is the most that can be supplied. A step of the plan is taken only once the last dose was tolerated, "
            "so each day counts with the highest step that it can reach. Less may be given."
        )
    if order.least_mg is not None:
        return "It is the most that can be supplied. Each day counts with the most of the range. Less may be given."
    return ""


def _at_most(made: Prescription, order: PrescribedOrder) -> Decision:
    if not made.is_at_most:
        return Decision()
    message = f"The total is {made.total_mg} mg. {why_at_most(order)}"
    return Decision((note("at_most", message, "clinical rule 7"),))


def _licence_lasts(made: Prescription, facts: PrescriptionFacts) -> Decision:
    ends = facts.licence_last_on
    if ends is None or made.last_on <= ends:
        return Decision()
    message = (
        f"The prescription runs to {day_in_words(made.last_on)}, past the last day of your licence, "
        f"{day_in_words(ends)}. A doctor whose licence runs longer prints it."
    )
    return Decision((block("outlives_licence", message, "clinical rule 1"),))


def _twice(draft: PrescriptionDraft, made: Prescription, facts: PrescriptionFacts) -> Decision:
    shared = [earlier for earlier in facts.earlier if earlier.shares_a_day_with(made)]
    if not shared:
        return Decision()
    which = " and ".join(f"{earlier.number} of {day_in_words(earlier.dated_on)}" for earlier in shared)
    days = "a day" if made.instalments == 1 else "days"
    message = f"Prescription {which} covers {days} of this one already."
    if not draft.reason.strip():
        ask = "You can print it with a reason, such as that the first paper was destroyed unsigned. Write the reason."
        return Decision((stop("printed_before", f"{message} {ask}", "clinical rules 7.11"),))
    return Decision(
        (note("printed_again", f"{message} Only one may be supplied from.", "clinical rules 7.11"),)
    )
