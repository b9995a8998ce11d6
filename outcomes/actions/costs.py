"""Every write about what the programme cost."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.models import ProgrammeCost
from outcomes.queries.costs import compare_with_standing, list_heads, said_of, standing_costs
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.costs import STRUCK, CostSaid, may_record_cost, must_have_amount
from outcomes.rules.costs_file import COLUMN_OF, FILE, Compared, in_reading_order, read_costs
from outcomes.rules.support import Correction

SENT_BEFORE = "This form was sent before with other answers. Open a new one and write it there."


class CostsRefused(Refused):
    """No line was stored; `decision` holds every reason."""


class CostKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


class CostAmended(Exception):
    """Somebody else corrected this line first: nothing was stored."""


class CostsFileRefused(Exception):
    """Nothing was stored; `problems` holds every one, by line and column."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


class CostsFileDiffers(Exception):
    """Nothing was stored: the file says other amounts than what stands; `compared` tells each."""

    def __init__(self, compared: Compared) -> None:
        super().__init__(f"{len(compared.different)} differences")
        self.compared = compared


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Which differences are to be stored, by their key, and why."""

    key: str
    why: Correction


@dataclass(frozen=True, slots=True)
class CostsImported:
    """How many lines a file holds, how many of them stood already as they are, and how many corrected one."""

    lines: int
    already_there: int
    corrected: int


def record_costs(
    *,
    clinic: Clinic,
    month: date,
    payer: str,
    pence: Mapping[str, int],
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> tuple[ProgrammeCost, ...]:
    """Store what one payer spent in one month, a line for each category that has an amount: all of them, or none.

    The same key with the same content from the same person stores nothing new. Raises CostsRefused with every reason
    (the refusal is in the trail), also where there is no amount, and CostKeyReused.
    """

    def work() -> tuple[ProgrammeCost, ...] | Decision:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        said = [
            CostSaid(month=month, payer=payer, category=category, pence=amount)
            for category, amount in pence.items()
        ]
        rows = [_row(clinic, one, key=uuid.uuid5(key, one.category), by=by, at=at) for one in said]
        stored = _stored_under(key, rows)
        if stored:
            return stored
        today = london_date(at)
        decision = _decide(clinic, said, today)
        if not decision.is_allowed:
            record(
                "outcomes.costs_recorded",
                by=by,
                at=at,
                clinic=clinic.id,
                refused=True,
                codes=decision.refusal_codes,
                month=f"{month:%Y-%m}",
            )
            return decision
        for row in rows:
            row.save(force_insert=True)
        record(
            "outcomes.costs_recorded",
            by=by,
            at=at,
            clinic=clinic.id,
            month=f"{month:%Y-%m}",
            lines=[str(row.id) for row in rows],
        )
        return tuple(rows)

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise CostsRefused(answer)
    return answer


def amend_cost(
    *,
    clinic: Clinic,
    cost: uuid.UUID,
    said: CostSaid,
    correction: Correction,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> ProgrammeCost:
    """Store a correction of one line as a new row that names it, once; the first row stays as it is.

    The month of a line never changes. A correction that strikes the line out keeps what the first row said. Raises
    what record_costs raises, and CostAmended when somebody else corrected the line before.
    """

    def work() -> ProgrammeCost | Decision:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        first = ProgrammeCost.objects.get(id=cost, clinic=clinic)
        now_said = said_of(first) if correction.strikes else replace(said, month=first.month)
        row = _row(clinic, now_said, key=key, by=by, at=at, amends=first, correction=correction.value)
        stored = ProgrammeCost.objects.filter(key=key).first()
        if stored is not None:
            if _content(stored) != _content(row):
                raise CostKeyReused(SENT_BEFORE)
            return stored
        if ProgrammeCost.objects.filter(amends=first).exists():
            raise CostAmended("This line was corrected meanwhile. Open the newest line and correct that one.")
        decision = Decision()
        if not correction.strikes:
            decision = may_record_cost(
                now_said, today=london_date(at), taken=_taken(clinic, now_said, but=first)
            )
        trail: dict[str, Any] = {
            "by": by,
            "at": at,
            "clinic": clinic.id,
            "amends": str(first.id),
            "correction": correction.value,
        }
        if not decision.is_allowed:
            record("outcomes.cost_amended", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        row.save(force_insert=True)
        record("outcomes.cost_amended", thing=row, **trail)
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise CostsRefused(answer)
    return answer


def import_costs(
    *, clinic: Clinic, data: bytes, confirmed: Confirmed | None = None, by: User, at: datetime
) -> CostsImported:
    """Store every line of a file, once; a file sent again stores nothing new.

    Where it says another amount than what stands, or tells of a line that was struck out, nothing is stored until
    exactly these differences are confirmed with a reason; each is then a correction that names the line it is about.
    The trail keeps how many there were and the file's fingerprint. Raises CostsFileRefused with every problem by line
    and column, and CostsFileDiffers with every difference; then nothing is stored.
    """

    def work() -> CostsImported | CostsFileRefused | CostsFileDiffers:
        Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
        today = london_date(at)
        lines, unreadable = read_costs(data, today=today)
        heads = list_heads(clinic)
        compared, unclear = compare_with_standing(lines, heads)
        problems = [*unreadable, *unclear]
        for one in lines:
            decision = may_record_cost(one.said, today=today, taken=None)
            problems += (
                Problem(FILE, one.line, COLUMN_OF.get(finding.code, "payer"), finding.message)
                for finding in decision.refusals
            )
        trail: dict[str, Any] = {
            "by": by,
            "at": at,
            "clinic": clinic.id,
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        if problems:
            record("outcomes.costs_imported", refused=True, problems=len(problems), **trail)
            return CostsFileRefused(in_reading_order(problems))
        if compared.key and (confirmed is None or confirmed.key != compared.key):
            record("outcomes.costs_imported", refused=True, differences=len(compared.different), **trail)
            return CostsFileDiffers(compared)
        for line in compared.new:
            _row(clinic, line.said, key=uuid.uuid4(), by=by, at=at).save(force_insert=True)
        if confirmed:
            for other in compared.different:
                _row(
                    clinic,
                    other.said,
                    key=uuid.uuid4(),
                    by=by,
                    at=at,
                    amends=_about(heads[other.said.place], is_struck=other.stands is None),
                    correction=confirmed.why.value,
                ).save(force_insert=True)
        done = CostsImported(len(lines), compared.already_there, len(compared.different))
        record(
            "outcomes.costs_imported",
            lines=done.lines,
            already_there=done.already_there,
            corrected=done.corrected,
            **trail,
        )
        return done

    answer = one_act(work)
    if isinstance(answer, Exception):
        raise answer
    return answer


def _about(rows: Sequence[ProgrammeCost], *, is_struck: bool) -> ProgrammeCost:
    """Return the line that a difference is about: the one that stands, or the one struck out last."""
    return [row for row in rows if (row.correction in STRUCK) == is_struck][-1]


def _decide(clinic: Clinic, said: Sequence[CostSaid], today: date) -> Decision:
    decision = must_have_amount(len(said))
    for one in said:
        decision |= may_record_cost(one, today=today, taken=_taken(clinic, one))
    return decision


def _taken(clinic: Clinic, said: CostSaid, *, but: ProgrammeCost | None = None) -> CostSaid | None:
    """Return another line that counts of the same month, payer and category."""
    others = standing_costs(clinic).filter(month=said.month, category=said.category)
    if but is not None:
        others = others.exclude(id=but.id)
    found = (one for one in map(said_of, others) if one.place == said.place)
    return next(found, None)


def _row(
    clinic: Clinic,
    said: CostSaid,
    *,
    key: uuid.UUID,
    by: User,
    at: datetime,
    amends: ProgrammeCost | None = None,
    correction: str = "",
) -> ProgrammeCost:
    """Make the row that would be stored."""
    return ProgrammeCost(
        clinic=clinic,
        month=said.month,
        payer=said.payer,
        category=said.category,
        amount_pence=said.pence,
        key=key,
        recorded_by=by,
        recorded_at=at,
        amends=amends,
        correction=correction,
    )


def _stored_under(key: uuid.UUID, rows: Sequence[ProgrammeCost]) -> tuple[ProgrammeCost, ...]:
    """Return what was stored under the key of a form, which made one key for each category."""
    keys = [uuid.uuid5(key, category) for category in ProgrammeCost.Category.values]
    stored = tuple(ProgrammeCost.objects.filter(key__in=keys))
    if stored and sorted(map(_content, stored), key=str) != sorted(map(_content, rows), key=str):
        raise CostKeyReused(SENT_BEFORE)
    return stored


def _content(row: ProgrammeCost) -> tuple[Any, ...]:
    return (
        row.clinic_id,
        row.month,
        row.payer,
        row.category,
        row.amount_pence,
        row.recorded_by_id,
        row.amends_id,
        row.correction,
    )
