"""Reading the controlled-drug register: its page, its chain, and the lock that its writers take."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.db.models import Prefetch, QuerySet

from dosing.models import Amendment, RegisterEntry, RegisterLine, RegisterVerification
from dosing.queries.chain import verify_line
from dosing.queries.days import is_balance_hidden
from dosing.rules.moments import moment_in_words
from dosing.rules.orders import Product
from dosing.rules.register import ChainVerdict, EntryKind, days_late
from dosing.rules.stock import Supply
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import LONDON

PAGE_LINES = 50


class NoSuchRegister(Exception):
    """This clinic has no ledger with that id."""


@dataclass(frozen=True, slots=True)
class LockedLine:
    """Where a ledger stood when its lock was taken: the last line's number and the balance in ampoules."""

    seq: int
    balance: int


def lock_line(*, line_id: uuid.UUID) -> LockedLine | None:
    """Take a ledger's one lock until the transaction ends; None when there is no such ledger.

    `register_append` takes the same lock itself. Take it earlier to choose a batch by counts that cannot
    move: after the person's dosing state, before anything is written, two ledgers in the order of their ids.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "A lock is held until a transaction ends; there is none."
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT last_seq, last_balance FROM register_lock(%s)", [line_id])
        seq, balance = cursor.fetchone()
    return None if seq is None else LockedLine(seq=seq, balance=balance)


# --- is it whole? ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NamedLine:
    """One ledger by what it is kept for, as its page head says."""

    id: uuid.UUID
    clinic_code: str
    premises: str
    product: str
    strength_mg: int
    form: str
    supply: str = ""

    @property
    def title(self) -> str:
        """Such as "diamorphine 100 mg, ampoule, powder for injection, Harbour Street"."""
        whose = f", {self.supply}" if self.supply else ""
        return f"{self.product} {self.strength_mg} mg, {self.form}{whose}, {self.premises}"


def list_registers() -> list[NamedLine]:
    """Return every ledger of every clinic, in a fixed order."""
    lines = RegisterLine.objects.select_related("premises__clinic")
    return [
        name_line(line)
        for line in lines.order_by(
            "premises__clinic__code", "premises__name", "product", "strength_mg", "form"
        )
    ]


def find_register(typed: str) -> RegisterLine | None:
    """Return the ledger whose id somebody typed, with its premises and clinic; None when it is none of ours."""
    try:
        wanted = uuid.UUID(typed)
    except ValueError:
        return None
    return RegisterLine.objects.select_related("premises__clinic").filter(id=wanted).first()


def verify_register(line_id: uuid.UUID) -> ChainVerdict:
    """Compare every line of one ledger with its hash, line before and balance, and the last with the head.

    Without checkpoints: `dosing.queries.verification` compares those too, by night. What that last found not whole
    is not whole here either.
    """
    verdict = verify_line(line_id).verdict
    last = RegisterVerification.objects.filter(line=line_id).order_by("-verified_at", "-id").first()
    if not verdict.ok or last is None or last.result != RegisterVerification.Result.TAMPERED:
        return verdict
    return ChainVerdict(ok=False, count=verdict.count, first_bad_seq=last.first_bad_seq, reason=last.reason)


# --- the page --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One register line as it is printed. Times are in Europe/London; ampoules in or out, never both.

    `notes` are what was written beside it later, each with its line, author and date.
    """

    seq: int
    key: uuid.UUID
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    party: str
    prescriber: str
    note: str
    ampoules_in: int | None
    ampoules_out: int | None
    milligrams: str
    entered_by: str
    witness: str
    balance: int
    days_late: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """All that one page of a ledger prints: its head, balance, wholeness and the lines, newest first.

    `older_before` is the number to go on from when the period has more lines. `people` are the patients
    shown. While the stock is counted `is_hidden` is true for whoever may count: then there is no balance and
    there are no lines, because they add up to it.
    """

    line: NamedLine
    premises_address: str
    balance: int | None
    verdict: ChainVerdict
    other_lines: tuple[NamedLine, ...]
    since: date
    until: date
    count: int
    lines: tuple[PrintedLine, ...]
    older_before: int | None
    people: tuple[uuid.UUID, ...]
    is_hidden: bool = False

    @property
    def shown(self) -> tuple[int, int] | None:
        """Return the lowest and the highest number shown, or None when nothing is."""
        return (self.lines[-1].seq, self.lines[0].seq) if self.lines else None


def get_register_page(
    *,
    clinic: Clinic,
    line_id: uuid.UUID | None,
    since: date,
    until: date,
    before: int | None,
    may_count: bool,
    at: datetime,
) -> RegisterPage | None:
    """Return a page of a clinic's ledger: the lines written on the London days since to until, newest first.

    Without `line_id` the clinic's first ledger; None when it has none. `before` goes on below a line number.
    `may_count` says that whoever looks may count the stock: while it is counted they see neither balance nor
    lines. Six queries, one more for them, whatever the number of lines. Raises NoSuchRegister for a ledger
    that is not this clinic's. Source: clinical rules 39, 44 and 47.
    """
    lines = list(
        RegisterLine.objects.filter(premises__clinic=clinic)
        .select_related("premises__clinic", "head")
        .order_by("premises__name", "product", "strength_mg", "form")
    )
    if line_id is not None and all(line.id != line_id for line in lines):
        raise NoSuchRegister
    if not lines:
        return None
    line = next((line for line in lines if line.id == line_id), lines[0])
    of_period = RegisterEntry.objects.filter(
        line=line,
        recorded_at__gte=datetime.combine(since, time.min, LONDON),
        recorded_at__lt=datetime.combine(until + timedelta(days=1), time.min, LONDON),
    )
    is_hidden = may_count and is_balance_hidden(line_id=line.id, at=at)
    page = [] if is_hidden else _page_of(of_period, before)
    shown = page[:PAGE_LINES]
    return RegisterPage(
        line=name_line(line),
        premises_address=line.premises.address,
        balance=None if is_hidden else line.head.balance,
        verdict=verify_register(line.id),
        other_lines=tuple(name_line(other) for other in lines if other.id != line.id),
        since=since,
        until=until,
        count=of_period.count(),
        lines=tuple(print_line(entry) for entry in shown),
        older_before=shown[-1].seq if len(page) > PAGE_LINES else None,
        people=tuple(sorted({entry.patient_id for entry in shown if entry.patient_id is not None})),
        is_hidden=is_hidden,
    )


def _page_of(of_period: QuerySet[RegisterEntry], before: int | None) -> list[RegisterEntry]:
    if before is not None:
        of_period = of_period.filter(seq__lt=before)
    return list(with_all_printed(of_period).order_by("-seq")[: PAGE_LINES + 1])


def with_all_printed(entries: QuerySet[RegisterEntry]) -> QuerySet[RegisterEntry]:
    """Return lines with everything that `print_line` prints of them, in two statements however many they are."""
    beside = Amendment.objects.select_related("written_by", "entry").order_by("entry_id")
    return entries.select_related("entered_by", "witness", "prescriber", "movement__batch").prefetch_related(
        Prefetch("amendments", queryset=beside)
    )


def name_line(line: RegisterLine) -> NamedLine:
    """Return what a ledger is kept for; its premises and clinic are read with it."""
    return NamedLine(
        id=line.id,
        clinic_code=line.premises.clinic.code,
        premises=line.premises.name,
        product=Product(line.product).value,
        strength_mg=line.strength_mg,
        form=line.get_form_display(),
        supply=Supply(line.supply).label if line.supply == Supply.NAMED else "",
    )


def print_line(entry: RegisterEntry) -> PrintedLine:
    """Return one line as it is printed, on screen and on paper; its movement, people and amendments are loaded."""
    milligrams = ""
    if entry.drawn_mg is not None:
        milligrams = f"{entry.given_mg} given" + (f", {entry.wasted_mg} wasted" if entry.wasted_mg else "")
    return PrintedLine(
        seq=entry.seq,
        key=entry.key,
        kind=EntryKind(entry.kind).label,
        occurred_at=entry.occurred_at,
        recorded_at=entry.recorded_at,
        party=f"{entry.party_name}, {entry.party_address}",
        prescriber=entry.prescriber.full_name if entry.prescriber else "",
        note=_note_of(entry),
        ampoules_in=entry.ampoules if entry.ampoules > 0 else None,
        ampoules_out=-entry.ampoules if entry.ampoules < 0 else None,
        milligrams=milligrams,
        entered_by=entry.entered_by.full_name,
        witness=entry.witness.full_name if entry.witness else "",
        balance=entry.balance,
        days_late=days_late(occurred_at=entry.occurred_at, recorded_at=entry.recorded_at),
        notes=tuple(
            f"Line {amendment.entry.seq}, {moment_in_words(amendment.written_at)}, "
            f"{amendment.written_by.full_name}: {_change(amendment)}{amendment.reason}"
            for amendment in entry.amendments.all()
        ),
    )


def _note_of(entry: RegisterEntry) -> str:
    if entry.kind == EntryKind.SUPPLIED:
        return "Administered on the premises"
    if entry.kind != EntryKind.OBTAINED:
        return entry.reference[:1].upper() + entry.reference[1:]
    return _batch_of("Prescription" if entry.patient_id else "Requisition", entry)


def _batch_of(word: str, entry: RegisterEntry) -> str:
    batch = entry.movement.batch
    return f"{word} {entry.reference}, batch {batch.number}, exp {batch.expires_on:%d/%m/%Y}"


def _change(amendment: Amendment) -> str:
    ampoules = amendment.entry.ampoules
    return f"{ampoules:+d} ampoule{'' if abs(ampoules) == 1 else 's'}. " if ampoules else ""
