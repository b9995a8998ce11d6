"""The controlled-drug lead's page of the stock: what is to be seen to, and the choices of its forms."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, QuerySet, Sum

from dosing.models import (
    Batch,
    PatientReturn,
    RegisterEntry,
    RegisterLine,
    Requisition,
    Transfer,
    TransferReceipt,
    WitnessAuthority,
)
from dosing.queries.days import is_balance_hidden
from dosing.queries.stock import title_of
from dosing.rules.deliveries import OrderedStock
from dosing.rules.moments import day_in_words, moment_in_words
from dosing.rules.register import EntryKind, days_late
from dosing.rules.stock import Supply, is_usable_on
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import london_date

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class KeptLedger:
    """One ledger of the clinic by its name; while it is counted nothing of its stock is told."""

    id: uuid.UUID
    title: str
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class OpenRequisition:
    """What was ordered and has not all come."""

    id: uuid.UUID
    number: str
    supplier: str
    ledger: str
    ordered: int
    outstanding: int
    since: str


@dataclass(frozen=True, slots=True)
class BatchToSeeTo:
    """A batch past its last day that is still in the cabinet, or ampoules that wait for destruction."""

    number: str
    ledger: str
    expires_on: date
    is_expired: bool
    quarantined: int


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """A transfer that has not come, or of which ampoules are missing."""

    id: uuid.UUID
    ledger: str
    other: str
    batch: str
    ampoules: int
    since: str
    is_coming: bool
    missing: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LateLine:
    """A line written later than the day after, beside which no note stands yet."""

    key: uuid.UUID
    seq: int
    ledger: str
    kind: str
    days: int


@dataclass(frozen=True, slots=True)
class KeptReturn:
    """What somebody brought back and waits to be destroyed; whose it was is not told here."""

    id: uuid.UUID
    what: str
    taken: str


@dataclass(frozen=True, slots=True)
class StockPage:
    """All that the page of the stock prints."""

    ledgers: tuple[KeptLedger, ...]
    requisitions: tuple[OpenRequisition, ...]
    batches: tuple[BatchToSeeTo, ...]
    transfers: tuple[OnTheWay, ...]
    late_lines: tuple[LateLine, ...]
    returns: tuple[KeptReturn, ...]
    authorities: tuple[tuple[str, str], ...]

    @property
    def is_quiet(self) -> bool:
        """True when nothing waits for anybody."""
        return not (self.requisitions or self.batches or self.transfers or self.late_lines or self.returns)


@dataclass(frozen=True, slots=True)
class ExpectedPage:
    """What has been ordered or sent here and has not all come."""

    requisitions: tuple[OpenRequisition, ...]
    transfers: tuple[OnTheWay, ...]


@dataclass(frozen=True, slots=True)
class OfferedBatches:
    """Batches to choose one of, and whose medicine is among them."""

    choices: Choices
    people: tuple[uuid.UUID, ...]


def get_stock_page(*, clinic: Clinic, at: datetime) -> StockPage:
    """Return what the controlled-drug lead sees to. While a ledger is counted its amounts are left out.

    Source: clinical rules 39, 47 and 48.
    """
    lines = list(_ledgers(clinic))
    hidden = {line.id for line in lines if is_balance_hidden(line_id=line.id, at=at)}
    return StockPage(
        ledgers=tuple(KeptLedger(line.id, title_of(line), line.id in hidden) for line in lines),
        requisitions=_requisitions(clinic),
        batches=_batches_to_see_to(clinic, hidden, london_date(at)),
        transfers=(*_transfers(clinic), *_short_transfers(clinic)),
        late_lines=_late_lines(clinic),
        returns=tuple(
            KeptReturn(
                returned.id,
                f"{returned.drug}: {returned.quantity} {returned.unit}",
                f"{moment_in_words(returned.taken_at)}, {returned.taken_by.full_name}",
            )
            for returned in PatientReturn.objects.select_related("taken_by")
            .filter(clinic=clinic, destruction__isnull=True)
            .order_by("taken_at")
        ),
        authorities=list_authorities(clinic=clinic, on=london_date(at)),
    )


def list_authorities(*, clinic: Clinic, on: date) -> Choices:
    """Return who may witness a destruction on a day, or could lately, with what their letter says.

    One that has ended stays on the list for a while, because a destruction may be entered late.
    """
    found = WitnessAuthority.objects.filter(clinic=clinic, ends_on__gte=on - timedelta(days=28))
    return tuple(
        (
            str(authority.id),
            f"{authority.name}, {authority.granted_by} {authority.number}: "
            f"{day_in_words(authority.starts_on)} to {day_in_words(authority.ends_on)}",
        )
        for authority in found.order_by("name", "starts_on")
    )


def list_ledger_choices(*, clinic: Clinic, supply: Supply) -> Choices:
    """Return the ledgers of one kind as choices."""
    return tuple((str(line.id), title_of(line)) for line in _ledgers(clinic).filter(supply=supply))


def list_batch_choices(*, clinic: Clinic, quarantined: bool, service_only: bool = False) -> OfferedBatches:
    """Return the batches with ampoules, in quarantine or at all, as choices; how many there are is not told.

    One that was dispensed for somebody says for whom.
    """
    batches = Batch.objects.select_related("line__premises", "patient").filter(line__premises__clinic=clinic)
    batches = (
        batches.filter(quarantined__gt=0) if quarantined else batches.filter(ampoules__gt=F("quarantined"))
    )
    if service_only:
        batches = batches.filter(line__supply=Supply.SERVICE)
    found = list(batches.order_by("expires_on", "number", "id"))
    return OfferedBatches(
        choices=tuple((str(batch.id), _batch_in_words(batch)) for batch in found),
        people=tuple(sorted({batch.patient_id for batch in found if batch.patient_id})),
    )


def _batch_in_words(batch: Batch) -> str:
    whose = f", for {batch.patient.full_name}" if batch.patient else ""
    return f"Batch {batch.number}, use by {day_in_words(batch.expires_on)}: {title_of(batch.line)}{whose}"


def list_target_choices(*, clinic: Clinic) -> Choices:
    """Return the ledgers of service stock that ampoules may be sent to, as choices: the same at other premises."""
    ours = list(_ledgers(clinic).filter(supply=Supply.SERVICE))
    lines = RegisterLine.objects.select_related("premises").filter(supply=Supply.SERVICE)
    return tuple(
        (str(line.id), title_of(line))
        for line in lines.order_by("premises__name", "product", "strength_mg", "id")
        if any(
            (line.product, line.strength_mg, line.form) == (our.product, our.strength_mg, our.form)
            and line.premises_id != our.premises_id
            for our in ours
        )
    )


def get_expected_page(*, clinic: Clinic) -> ExpectedPage:
    """Return what is to be taken in when it comes. Source: clinical rule 38."""
    return ExpectedPage(
        requisitions=_requisitions(clinic),
        transfers=tuple(row for row in _transfers(clinic) if row.is_coming),
    )


def get_requisition(*, clinic: Clinic, requisition_id: uuid.UUID) -> tuple[Requisition, OrderedStock] | None:
    """Return a requisition of a clinic with what has come on it, or None."""
    found = _with_delivered(clinic).filter(id=requisition_id).first()
    return None if found is None else (found, _as_ordered(found))


def get_transfer_to(
    *, clinic: Clinic, transfer_id: uuid.UUID, also_received: bool = False
) -> Transfer | None:
    """Return a transfer that was sent to a clinic and has not been taken in, or None.

    With `also_received` one that has: a page sent twice gets its first answer.
    """
    transfers = Transfer.objects.select_related("entry__line__premises", "batch", "target__premises")
    transfers = transfers if also_received else transfers.filter(receipt__isnull=True)
    return transfers.filter(id=transfer_id, target__premises__clinic=clinic).first()


def get_return(*, clinic: Clinic, return_id: uuid.UUID, also_destroyed: bool = False) -> PatientReturn | None:
    """Return what somebody brought back and nobody has destroyed, or None.

    With `also_destroyed` what is: a page sent twice gets its first answer.
    """
    returns = PatientReturn.objects.filter(id=return_id, clinic=clinic)
    return (returns if also_destroyed else returns.filter(destruction__isnull=True)).first()


def _ledgers(clinic: Clinic) -> QuerySet[RegisterLine]:
    lines = RegisterLine.objects.select_related("premises").filter(premises__clinic=clinic)
    return lines.order_by("premises__name", "supply", "product", "strength_mg", "id")


def _with_delivered(clinic: Clinic) -> QuerySet[Requisition]:
    return (
        Requisition.objects.select_related("line__premises", "ordered_by", "closing")
        .filter(line__premises__clinic=clinic)
        .annotate(come=Sum("deliveries__entry__ampoules"))
        .order_by("ordered_at", "id")
    )


def _as_ordered(requisition: Requisition) -> OrderedStock:
    come: int = getattr(requisition, "come", None) or 0
    is_closed = hasattr(requisition, "closing")
    return OrderedStock(requisition.ampoules, come, requisition.ordered_at, is_closed=is_closed)


def _requisitions(clinic: Clinic) -> tuple[OpenRequisition, ...]:
    return tuple(
        OpenRequisition(
            id=requisition.id,
            number=requisition.number,
            supplier=requisition.supplier_name,
            ledger=title_of(requisition.line),
            ordered=requisition.ampoules,
            outstanding=_as_ordered(requisition).outstanding,
            since=f"{moment_in_words(requisition.ordered_at)}, {requisition.ordered_by.full_name}",
        )
        for requisition in _with_delivered(clinic).filter(closing__isnull=True)
        if _as_ordered(requisition).outstanding
    )


def _batches_to_see_to(clinic: Clinic, hidden: set[uuid.UUID], today: date) -> tuple[BatchToSeeTo, ...]:
    batches = (
        Batch.objects.select_related("line__premises")
        .filter(line__premises__clinic=clinic, ampoules__gt=0)
        .exclude(line__in=hidden)
        .order_by("expires_on", "number")
    )
    return tuple(
        BatchToSeeTo(
            number=batch.number,
            ledger=title_of(batch.line),
            expires_on=batch.expires_on,
            is_expired=not is_usable_on(batch.expires_on, today) and batch.quarantined < batch.ampoules,
            quarantined=batch.quarantined,
        )
        for batch in batches
        if batch.quarantined or not is_usable_on(batch.expires_on, today)
    )


def _transfers(clinic: Clinic) -> tuple[OnTheWay, ...]:
    found = Transfer.objects.select_related("entry__line__premises", "target__premises", "batch").filter(
        receipt__isnull=True
    )
    coming = found.filter(target__premises__clinic=clinic)
    gone = found.filter(entry__line__premises__clinic=clinic).exclude(target__premises__clinic=clinic)
    return tuple(
        OnTheWay(
            id=transfer.id,
            ledger=title_of(transfer.target),
            other=transfer.entry.line.premises.name if is_coming else transfer.target.premises.name,
            batch=transfer.batch.number,
            ampoules=transfer.ampoules,
            since=moment_in_words(transfer.entry.occurred_at),
            is_coming=is_coming,
        )
        for is_coming, transfers in ((True, coming), (False, gone))
        for transfer in transfers.order_by("entry__occurred_at")
    )


def _short_transfers(clinic: Clinic) -> tuple[OnTheWay, ...]:
    """Return transfers of which ampoules are missing, until a note or an adjustment stands beside their receipt."""
    receipts = TransferReceipt.objects.select_related(
        "transfer__entry__line__premises", "transfer__target__premises", "transfer__batch"
    ).filter(missing__gt=0, entry__amendments__isnull=True)
    here = receipts.filter(transfer__target__premises__clinic=clinic)
    sent = receipts.filter(transfer__entry__line__premises__clinic=clinic)
    return tuple(
        OnTheWay(
            id=receipt.transfer.id,
            ledger=title_of(receipt.transfer.target),
            other=receipt.transfer.entry.line.premises.name,
            batch=receipt.transfer.batch.number,
            ampoules=receipt.transfer.ampoules,
            since=moment_in_words(receipt.transfer.entry.occurred_at),
            is_coming=False,
            missing=receipt.missing,
            reason=receipt.reason,
        )
        for receipt in (here | sent).distinct().order_by("transfer__entry__occurred_at")
    )


def _late_lines(clinic: Clinic) -> tuple[LateLine, ...]:
    entries = (
        RegisterEntry.objects.select_related("line__premises")
        .filter(
            line__premises__clinic=clinic,
            amendments__isnull=True,
            recorded_at__gt=F("occurred_at") + timedelta(days=1),
        )
        .order_by("recorded_at")
    )
    return tuple(
        LateLine(entry.key, entry.seq, title_of(entry.line), EntryKind(entry.kind).label, days)
        for entry in entries
        if (days := days_late(occurred_at=entry.occurred_at, recorded_at=entry.recorded_at))
    )
