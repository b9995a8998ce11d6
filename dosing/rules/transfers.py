"""Ampoules on their way from one premises to another: sent in one ledger, received in the other.

Each ledger tells of the day it parted with them or got them, so a transfer is two acts; between them the
ampoules are on the way and in nobody's balance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from dosing.rules.moments import day_in_words
from dosing.rules.stock import BatchFacts, Supply, in_the_future, is_usable_on
from hat_clinic.core.decisions import Decision, Finding, block, note


@dataclass(frozen=True, slots=True)
class LedgerFacts:
    """What a ledger is kept for, and where."""

    premises_id: UUID
    premises: str
    product: str
    strength_mg: int
    form: str
    supply: Supply


def may_send_stock(
    batch: BatchFacts,
    *,
    source: LedgerFacts,
    target: LedgerFacts | None,
    ampoules: int,
    sent_at: datetime,
    on: date,
    at: datetime,
) -> Decision:
    """Decide whether ampoules leave for the same ledger of other premises; `on` is the day they left.

    What was dispensed for a patient never becomes service stock, so it is not sent at all.
    Source: clinical rules 36, 39 and 49.
    """
    return Decision.of(
        (
            in_the_future(sent_at, at),
            block(
                "patients_own",
                "This was dispensed for one patient. It never becomes stock: it is used for them, or destroyed.",
                "clinical rule 49",
            )
            if source.supply is Supply.NAMED or (target is not None and target.supply is Supply.NAMED)
            else None,
            _no_ledger(source, target),
            block(
                "batch_expired",
                f"This batch ended on {day_in_words(batch.expires_on)}. Put it into quarantine instead.",
                "clinical rule 48",
            )
            if not is_usable_on(batch.expires_on, on)
            else None,
            block(
                "not_in_cabinet",
                f"{ampoules} ampoules were written, and fewer of this batch are in the cabinet that are not drawn "
                "up. Quarantined ampoules are not sent.",
                "clinical rule 42",
            )
            if ampoules > batch.in_cabinet
            else None,
        )
    )


def _no_ledger(source: LedgerFacts, target: LedgerFacts | None) -> Finding | None:
    if target is not None and target.premises_id == source.premises_id:
        message = f"They are at {source.premises} already. Choose a register of other premises."
        return block("same_premises", message, "clinical rule 36")
    same = target is not None and (target.product, target.strength_mg, target.form) == (
        source.product,
        source.strength_mg,
        source.form,
    )
    if target is None or not same:
        message = "No register of that class, strength and form is open there. It is opened first."
        return block("no_such_register", message, "clinical rule 36")
    return None


def may_receive_transfer(
    *,
    sent: int,
    ampoules: int,
    reason: str,
    sent_at: datetime,
    received_at: datetime,
    is_received: bool,
    at: datetime,
) -> Decision:
    """Decide whether a transfer is taken in. What has come is entered, also when it is less than was sent, or none.

    More than was sent is no transfer: what was sent is taken in, and the rest is an adjustment beside that line.
    What is missing is on the controlled-drug leads' lists from then on. Source: clinical rules 39 and 47.
    """
    return Decision.of(
        (
            in_the_future(received_at, at),
            block(
                "already_received",
                "This transfer is in the register already. Look at the list again.",
                "clinical rule 42",
            )
            if is_received
            else None,
            block(
                "before_it_was_sent",
                "It cannot have come before it was sent. Write the time again.",
                "clinical rule 39",
            )
            if received_at < sent_at
            else None,
            block(
                "more_than_sent",
                f"{sent} ampoules were sent, and {ampoules} were written. Count again; if more did come, write the "
                f"{sent} that were sent, and adjust the balance by the rest beside that line.",
                "clinical rule 42",
            )
            if ampoules > sent
            else None,
            block(
                "missing_without_reason",
                f"{sent} ampoules were sent, and {ampoules} were written. Count again; if that is right, write what "
                "is known of the others.",
                "clinical rule 47",
            )
            if ampoules < sent and not reason.strip()
            else None,
            note(
                "fewer_than_sent",
                f"{sent - ampoules} of {sent} ampoules are missing. Both controlled-drug leads see it until it is "
                "explained; suspected theft is told at once.",
                "clinical rule 47",
            )
            if ampoules < sent and reason.strip()
            else None,
        )
    )
