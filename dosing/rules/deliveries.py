"""Ordering stock on a requisition, and taking a delivery in against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dosing.rules.moments import day_in_words
from dosing.rules.stock import in_the_future, is_usable_on
from hat_clinic.core.decisions import Decision, Finding, block, note


@dataclass(frozen=True, slots=True)
class Delivered:
    """What is taken in: ampoules of one batch with its last day of use, and the moment they came."""

    ampoules: int
    expires_on: date
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class OrderedStock:
    """What a requisition asked for and what has come against it so far, in ampoules, and when it was written.

    `is_closed`: nothing more was expected of it.
    """

    ampoules: int
    delivered: int
    ordered_at: datetime
    is_closed: bool = False

    @property
    def outstanding(self) -> int:
        """Ampoules that are still to come."""
        return max(0, self.ampoules - self.delivered)


def may_order_stock(*, is_recorded: bool) -> Decision:
    """Decide whether a requisition may be recorded: its number stands once in a ledger. Source: clinical rule 38."""
    if not is_recorded:
        return Decision()
    message = "A requisition of that number is recorded for this register. Take its delivery in."
    return Decision((block("requisition_exists", message, "clinical rule 38"),))


def may_receive_stock(delivered: Delivered, ordered: OrderedStock, *, today: date, at: datetime) -> Decision:
    """Decide whether a delivery may be entered against a requisition.

    What has not happened yet is not entered. Partial deliveries are usual; more than was ordered, what comes after
    the requisition was closed, and ampoules that are out of date when they come, are accepted once the note is read,
    because they are here. A late entry is accepted and marked. Source: clinical rules 38 and 39.
    """
    makes = ordered.delivered + delivered.ampoules
    return Decision.of(
        (
            in_the_future(delivered.arrived_at, at),
            note(
                "over_delivery",
                f"With this delivery {makes} ampoules have come on this requisition, and {ordered.ampoules} were "
                "ordered. Count again, and tell the supplier.",
                "clinical rule 38",
            )
            if makes > ordered.ampoules
            else None,
            note(
                "requisition_closed",
                "This requisition was closed, because nothing more was expected. It is taken in all the same: tell "
                "the controlled-drug lead.",
                "clinical rule 38",
            )
            if ordered.is_closed
            else None,
            _expired(delivered, today),
        )
    )


def _expired(delivered: Delivered, today: date) -> Finding | None:
    if is_usable_on(delivered.expires_on, today):
        return None
    return note(
        "expired_on_arrival",
        f"This batch ended on {day_in_words(delivered.expires_on)}. It is entered, and goes to quarantine next.",
        "clinical rule 48",
    )


def may_close_requisition(ordered: OrderedStock, *, reason: str) -> Decision:
    """Decide whether a requisition is closed, of which not all will come. Source: clinical rule 38."""
    return Decision.of(
        (
            block("no_reason", "Write why no more is expected.", "clinical rule 38")
            if not reason.strip()
            else None,
            block(
                "requisition_is_closed",
                "This requisition is closed already. Look at the list again.",
                "clinical rule 38",
            )
            if ordered.is_closed
            else None,
            block(
                "nothing_outstanding",
                "All that was ordered has come, so nothing is left to close.",
                "clinical rule 38",
            )
            if not ordered.outstanding
            else None,
        )
    )


def may_receive_own(delivered: Delivered, *, has_order: bool, today: date, at: datetime) -> Decision:
    """Decide whether medicine that a pharmacy dispensed for one patient may be taken into the patients' own ledger.

    What is out of date when it comes is entered once the note is read. Source: clinical rules 39, 48 and 49.
    """
    return Decision.of(
        (
            in_the_future(delivered.arrived_at, at),
            note(
                "no_order",
                "No order of this person is in force, so nothing of it can be given now.",
                "clinical rule 49",
            )
            if not has_order
            else None,
            _expired(delivered, today),
        )
    )
