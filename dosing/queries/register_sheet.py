"""The register on paper: the lines of a period in the order they were written, with the head the law asks for."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.template.loader import render_to_string

from dosing.models import BalanceResult, RegisterEntry, RegisterLine
from dosing.queries.checkpoints import list_paper_codes
from dosing.queries.days import is_balance_hidden
from dosing.queries.register import (
    NamedLine,
    NoSuchRegister,
    PrintedLine,
    name_line,
    print_line,
    verify_register,
    with_all_printed,
)
from dosing.rules.days import CheckKind, CheckResult
from dosing.rules.moments import exact_moment
from dosing.rules.register import ChainVerdict, EntryKind
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import LONDON
from hat_clinic.core.printing import print_sheet, static_file

STYLE_SHEET = "hat/register-sheet.css"
# What one file may hold, so that one print does not keep a treatment room waiting; a longer period is printed in parts.
PART_LINES = 1000


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row of the paper: a line of the register, or, without a number, a balance check between two lines."""

    at: datetime
    line: PrintedLine | None = None
    collected: str = ""
    check: str = ""
    counters: str = ""
    balance: int | None = None


@dataclass(frozen=True, slots=True)
class RegisterSheet:
    """All that a printed part of a ledger says.

    `forward` is the balance before the first line, `forward_seq` its line (0: none). `next_after` is the number from
    which the next part goes on. While the stock is counted `is_hidden` is true for whoever may count, and there is
    nothing to print.
    """

    line: NamedLine
    line_id: uuid.UUID
    address: str
    clinic: str
    is_invented: bool
    since: date
    until: date
    rows: tuple[SheetRow, ...]
    forward: int
    forward_seq: int
    ampoules_in: int
    ampoules_out: int
    count: int
    next_after: int | None
    people: tuple[uuid.UUID, ...]
    verdict: ChainVerdict
    code: str | None
    printed: str
    is_hidden: bool = False

    @property
    def numbers(self) -> tuple[int, int] | None:
        """Return the lowest and the highest line number, or None when no line is on it."""
        found = [row.line.seq for row in self.rows if row.line is not None]
        return (found[0], found[-1]) if found else None

    @property
    def balance(self) -> int:
        """The balance at the end of this part, in ampoules."""
        return self.forward + self.ampoules_in - self.ampoules_out


def get_register_sheet(
    *,
    clinic: Clinic,
    line_id: uuid.UUID | None,
    since: date,
    until: date,
    after: int,
    may_count: bool,
    printer: User,
    at: datetime,
) -> RegisterSheet | None:
    """Return a part of a clinic's ledger: up to 1,000 lines written on the London days since to until, oldest first.

    `after` goes on above a line number, 0 from the first. Without `line_id` the clinic's first ledger; None when it
    has none. A nurse who may count sees nothing of it during a count. Raises NoSuchRegister for a ledger that is not
    this clinic's. Source: clinical rules 38, 39, 40, 44 and 47.
    """
    lines = list(
        RegisterLine.objects.filter(premises__clinic=clinic)
        .select_related("premises__clinic")
        .order_by("premises__name", "product", "strength_mg", "form")
    )
    if line_id is not None and all(line.id != line_id for line in lines):
        raise NoSuchRegister
    if not lines:
        return None
    line = next((line for line in lines if line.id == line_id), lines[0])
    is_hidden = may_count and is_balance_hidden(line_id=line.id, at=at)
    from_at, until_at = _midnight(since), _midnight(until + timedelta(days=1))
    of_period = RegisterEntry.objects.filter(
        line=line, recorded_at__gte=from_at, recorded_at__lt=until_at, seq__gt=after
    )
    entries = [] if is_hidden else _entries(of_period)
    shown = entries[:PART_LINES]
    has_more = len(entries) > PART_LINES
    before = _before(line, from_at, after, shown)
    sums = {"in": 0, "out": 0}
    for entry in shown:
        sums["in" if entry.ampoules > 0 else "out"] += abs(entry.ampoules)
    checked_from = before.recorded_at if after and before else from_at
    checked_until = shown[-1].recorded_at if has_more else until_at
    checks = [] if is_hidden else _checks(line, checked_from, checked_until)
    return RegisterSheet(
        line=name_line(line),
        line_id=line.id,
        address=line.premises.address,
        clinic=clinic.name,
        is_invented=clinic.has_invented_people,
        since=since,
        until=until,
        rows=tuple(sorted([*map(_row, shown), *checks], key=lambda row: row.at)),
        forward=before.balance if before and not is_hidden else 0,
        forward_seq=before.seq if before and not is_hidden else 0,
        ampoules_in=sums["in"],
        ampoules_out=sums["out"],
        count=0 if is_hidden else of_period.count(),
        next_after=shown[-1].seq if has_more else None,
        people=tuple(sorted({entry.patient_id for entry in shown if entry.patient_id is not None})),
        verdict=verify_register(line.id),
        code=next((one.code for one in list_paper_codes(clinic=clinic, line_id=line.id, at=at)), None),
        printed=f"Printed {exact_moment(at)} by {printer.full_name}",
        is_hidden=is_hidden,
    )


def list_parts(*, line_id: uuid.UUID, since: date, until: date) -> tuple[int, ...]:
    """Return the numbers after which each part of a period begins, one for each 1,000 lines; empty for one part."""
    of_period = RegisterEntry.objects.filter(
        line_id=line_id,
        recorded_at__gte=_midnight(since),
        recorded_at__lt=_midnight(until + timedelta(days=1)),
    )
    count = of_period.count()
    if count <= PART_LINES:
        return ()
    numbers = of_period.order_by("seq").values_list("seq", flat=True)
    return (0, *(numbers[start - 1] for start in range(PART_LINES, count, PART_LINES)))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, LONDON)


def _entries(of_period: QuerySet[RegisterEntry]) -> list[RegisterEntry]:
    return list(with_all_printed(of_period).order_by("seq")[: PART_LINES + 1])


def _before(
    line: RegisterLine, from_at: datetime, after: int, shown: list[RegisterEntry]
) -> RegisterEntry | None:
    """Return the line before the first one shown; where none is shown, the last one before the period."""
    earlier = RegisterEntry.objects.filter(line=line)
    if shown:
        return earlier.filter(seq=shown[0].seq - 1).first()
    return earlier.filter(Q(recorded_at__lt=from_at) | Q(seq__lte=after)).order_by("-seq").first()


def _row(entry: RegisterEntry) -> SheetRow:
    line = print_line(entry)
    is_supply = entry.kind == EntryKind.SUPPLIED
    return SheetRow(
        at=entry.recorded_at,
        line=line,
        collected="Administered on the premises" if is_supply else "",
        balance=line.balance,
    )


def _checks(line: RegisterLine, from_at: datetime, until_at: datetime) -> list[SheetRow]:
    """Return the balance checks that ended in a stretch of time; those that compared nothing are left out."""
    results = (
        BalanceResult.objects.select_related("balance_check")
        .prefetch_related("balance_check__counts__counted_by")
        .filter(
            balance_check__line=line,
            compared_at__gte=from_at,
            compared_at__lt=until_at,
            result__in=[CheckResult.AGREES, CheckResult.DIFFERS],
        )
    )
    rows = []
    for result in results:
        check = result.balance_check
        counts = sorted(check.counts.all(), key=lambda count: count.position)
        says = "Agrees." if result.result == CheckResult.AGREES else "DIFFERS."
        kind = CheckKind(check.kind).value.capitalize()
        rows.append(
            SheetRow(
                at=result.compared_at,
                check=f"{kind}, counted by two, blind: {result.first} and {result.second}. "
                f"The register: {result.expected}. {says}",
                counters=" / ".join(count.counted_by.full_name for count in counts),
                balance=result.expected,
            )
        )
    return rows


def print_register_sheet(sheet: RegisterSheet, *, at: datetime) -> bytes:
    """Return a part of the register as a tagged PDF."""
    context = {
        "sheet": sheet,
        "title": f"Controlled-drug register: {sheet.line.title}",
        "stylesheet": static_file(STYLE_SHEET).as_uri(),
        "created": at.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
    }
    html = render_to_string("dosing/sheets/register.html", context)
    return print_sheet(html, stylesheet=STYLE_SHEET, identifier=sheet.line_id.bytes)
