"""What the acts with the stock read: a batch as it stands, who may sign with whom, what was answered before."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Sum

from dosing.models import Batch, Preparation, RegisterEntry, RegisterLine
from dosing.queries.register import lock_line
from dosing.rules.orders import Product
from dosing.rules.stock import BatchFacts, Supply
from dosing.rules.transfers import LedgerFacts
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.decisions import Decision, block


def find_second(second_id: uuid.UUID, *, clinic: Clinic, by: User, at: datetime) -> User | Decision:
    """Return who signs second, or why not: somebody else, on the list of those who may count the stock.

    Source: clinical rule 22.
    """
    if second_id == by.id:
        message = f"{by.full_name} signs already. Choose somebody else to sign second."
        return Decision((block("same_person", message, "clinical rule 22"),))
    people = list_people_who_may(Permission.COUNT_STOCK, clinic=clinic, at=at)
    found = next((person for person in people if person.id == second_id), None)
    if found is not None:
        return found
    message = "That person may not sign for the stock here. Choose somebody of the list."
    return Decision((block("not_a_signer", message, "clinical rule 22"),))


def list_seconds(*, clinic: Clinic, besides: User, at: datetime) -> tuple[tuple[str, str], ...]:
    """Return who may sign second for the stock besides one person, as choices."""
    people = list_people_who_may(Permission.COUNT_STOCK, clinic=clinic, at=at)
    return tuple((str(person.id), person.full_name) for person in people if person.id != besides.id)


def get_batch(*, clinic: Clinic, batch_id: uuid.UUID) -> Batch | None:
    """Return one batch of a clinic with its ledger, or None."""
    batches = Batch.objects.select_related("line__premises", "patient")
    return batches.filter(id=batch_id, line__premises__clinic=clinic).first()


def lock_batch(*, clinic: Clinic, batch_id: uuid.UUID) -> Batch | None:
    """Lock the ledger that a clinic's batch stands in, so that its count cannot move, and return the batch."""
    batch = get_batch(clinic=clinic, batch_id=batch_id)
    if batch is not None:
        lock_line(line_id=batch.line_id)
        batch.refresh_from_db(fields=["ampoules", "quarantined"])
    return batch


def facts_of(batch: Batch) -> BatchFacts:
    """Return a batch as rules read it; one query for what is drawn up."""
    drawn = Preparation.objects.filter(batch=batch, injection__isnull=True, waste__isnull=True)
    return BatchFacts(
        ampoules=batch.ampoules,
        quarantined=batch.quarantined,
        drawn=drawn.aggregate(sum=Sum("ampoules"))["sum"] or 0,
        expires_on=batch.expires_on,
    )


def ledger_of(line: RegisterLine) -> LedgerFacts:
    """Return what a ledger is kept for, as rules read it."""
    return LedgerFacts(
        premises_id=line.premises_id,
        premises=line.premises.name,
        product=line.product,
        strength_mg=line.strength_mg,
        form=line.form,
        supply=Supply(line.supply),
    )


def title_of(line: RegisterLine) -> str:
    """Return what a ledger is called on the pages of the stock, such as "diamorphine 100 mg ampoules, Harbour House"."""
    whose = " (patients' own)" if line.supply == Supply.NAMED else ""
    return f"{Product(line.product).value} {line.strength_mg} mg ampoules{whose}, {line.premises.name}"


def get_entry(*, clinic: Clinic, key: uuid.UUID) -> RegisterEntry | None:
    """Return one line of a clinic's registers by its key, or None."""
    entries = RegisterEntry.objects.select_related("line__premises", "entered_by", "movement__batch")
    return entries.filter(key=key, line__premises__clinic=clinic).first()


def keeps_own_medicine(*, clinic: Clinic) -> bool:
    """Return whether a register of patients' own medicine is open in a clinic."""
    return RegisterLine.objects.filter(premises__clinic=clinic, supply=Supply.NAMED).exists()
