"""Counting the stock blind, by two people."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dosing.models import (
    BalanceCheck,
    BalanceResult,
    Discrepancy,
    RegisterLine,
    Signature,
    StockCount,
)
from dosing.queries.days import (
    as_rules_read_it,
    facts_now,
    get_clinic_day,
    get_last_check,
)
from dosing.queries.register import LockedLine, lock_line
from dosing.rules.closing import may_count_for_closing
from dosing.rules.days import (
    ROUNDS,
    CheckKind,
    CheckResult,
    Count,
    CountState,
    compare,
    count_state,
    may_count,
    may_set_aside,
    next_round,
)
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission, Role
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act


@dataclass(frozen=True, slots=True)
class CountSigned:
    """The answer to a signed count: where the counting of its ledger stands after it. No figure is in it."""

    count_id: uuid.UUID
    state: CountState
    has_moved: bool = False


class CountRefused(Refused):
    """The count was not stored; `decision` holds every reason."""


def count_stock(
    *,
    clinic: Clinic,
    line_id: uuid.UUID,
    counted: Count,
    counter_id: uuid.UUID,
    pin: str,
    key: uuid.UUID,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
    kind: CheckKind = CheckKind.OPENING,
) -> CountSigned:
    """Store what one person counted of one ledger, signed with their own PIN; the second count is compared.

    `by` is who is active at the terminal, `counter_id` who counts and signs: the same person, or the second
    counter right there. The ledger is locked, so that two counts at once are the first and the second, and no
    line is written while they are compared. The balance is the one at the second count. When lines were written
    since the first, nothing is compared and both count anew. Counts that differ are made once more; when they
    still differ a discrepancy is opened. The same key with the same content returns the first answer. Raises
    PinRefused for the PIN, CountRefused for everything else. Source: clinical rules 42, 47 and 7.11.
    """
    counter = _find_counter(counter_id, clinic=clinic, at=at)
    if counter is None:
        decision = _no("not_a_counter", "That person may not count here. Choose somebody of the list.")
        _note_refusal("dosing.stock_counted", decision, clinic=clinic, by=by, at=at)
        raise CountRefused(decision)
    prove_pin(user=counter, pin=pin, terminal_id=terminal_id, at=at)
    answer = one_act(lambda: _count_once(clinic, line_id, kind, counted, counter, key, by))
    if isinstance(answer, Decision):
        raise CountRefused(answer)
    return answer


def set_count_aside(
    *,
    clinic: Clinic,
    line_id: uuid.UUID,
    by: User,
    at: datetime,
    kind: CheckKind = CheckKind.OPENING,
) -> None:
    """End a check whose second counter does not come, so that two people can begin anew.

    The first count stays written and is never compared. Raises CountRefused when no count waits.
    """
    decision = one_act(lambda: _set_aside_once(clinic, line_id, kind, by))
    if not decision.is_allowed:
        raise CountRefused(decision)


def _find_counter(counter_id: uuid.UUID, *, clinic: Clinic, at: datetime) -> User | None:
    people = list_people_who_may(Permission.COUNT_STOCK, clinic=clinic, at=at)
    return next((person for person in people if person.id == counter_id), None)


def _count_once(
    clinic: Clinic,
    line_id: uuid.UUID,
    kind: CheckKind,
    counted: Count,
    counter: User,
    key: uuid.UUID,
    by: User,
) -> CountSigned | Decision:
    locked = _lock(clinic, line_id)
    at = now()  # the lock may have been long in coming: the count is of now
    content = _content_of(line_id, kind, counted, counter)
    first = StockCount.objects.select_related("signature", "balance_check").filter(key=key).first()
    if first is not None:
        if first.signature.content_sha256 == content:
            return _answer(first)
        decision = _no("key_reused", "This page was already used for another count. Open the count again.")
    elif locked is None:
        decision = _no("no_such_register", "That register is not kept here. Open the count again.")
    else:
        check = get_last_check(line_id=line_id, on=london_date(at), kind=kind)
        last = facts_now(check)
        decision = _may_count_now(line_id, kind, at) | may_count(
            last, counter_id=counter.id, counter_name=counter.full_name
        )
        if decision.is_allowed:
            if check is None or count_state(last) is not CountState.FIRST_IS_IN:
                check = _begin(line_id, kind, check, next_round(last), counter, at)
            return _sign(clinic, check, counted, counter, content, locked, key, by, at)
    _note_refusal("dosing.stock_counted", decision, clinic=clinic, by=by, at=at)
    return decision


def _lock(clinic: Clinic, line_id: uuid.UUID) -> LockedLine | None:
    """Lock a ledger of this clinic; None for a ledger of nobody or of another clinic."""
    if not RegisterLine.objects.filter(id=line_id, premises__clinic=clinic).exists():
        return None
    return lock_line(line_id=line_id)


def _may_count_now(line_id: uuid.UUID, kind: CheckKind, at: datetime) -> Decision:
    """Ask whether the day may be counted for its closing; an opening count needs no day."""
    if kind is CheckKind.OPENING:
        return Decision()
    premises_id = RegisterLine.objects.values_list("premises_id", flat=True).get(id=line_id)
    day = get_clinic_day(premises_id=premises_id, on=london_date(at))
    return may_count_for_closing(
        is_open=day is not None, is_closed=day is not None and hasattr(day, "closing")
    )


def _begin(
    line_id: uuid.UUID,
    kind: CheckKind,
    before: BalanceCheck | None,
    this_round: int,
    counter: User,
    at: datetime,
) -> BalanceCheck:
    return BalanceCheck.objects.create(
        line_id=line_id,
        on=london_date(at),
        kind=kind,
        number=before.number + 1 if before else 1,
        round=this_round,
        started_at=at,
        started_by=counter,
    )


def _sign(
    clinic: Clinic,
    check: BalanceCheck,
    counted: Count,
    counter: User,
    content: str,
    locked: LockedLine,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> CountSigned:
    before = check.counts.first()
    count = StockCount.objects.create(
        balance_check=check,
        position=1 if before is None else 2,
        counted_by=counter,
        full_boxes=counted.full_boxes,
        loose=counted.loose,
        ampoules=counted.ampoules,
        register_seq=locked.seq,
        key=key,
        signature=Signature.objects.create(
            signed_by=counter, signed_at=at, part=Signature.Part.COUNTER, content_sha256=content
        ),
    )
    record(
        "dosing.stock_counted",
        by=counter,
        at=at,
        clinic=clinic.id,
        thing=count,
        line=str(check.line_id),
        kind=check.kind,
        round=check.round,
        position=count.position,
        active=str(by.id),
    )
    if before is not None:
        _compare(clinic, check, before, count, locked, counter, at)
    return _answer(count)


def _compare(
    clinic: Clinic,
    check: BalanceCheck,
    first: StockCount,
    second: StockCount,
    locked: LockedLine,
    by: User,
    at: datetime,
) -> None:
    result = compare(
        Count(first.full_boxes, first.loose),
        Count(second.full_boxes, second.loose),
        expected=locked.balance,
        has_moved=first.register_seq != second.register_seq,
    )
    figures = (
        {}
        if result is CheckResult.MOVED
        else {"first": first.ampoules, "second": second.ampoules, "expected": locked.balance}
    )
    ended = _end(clinic, check, result, figures, by, at)
    if result is CheckResult.DIFFERS and check.round == ROUNDS:
        discrepancy = Discrepancy.objects.create(
            balance_result=ended, owner=Role.CD_LEAD.value, opened_at=at, opened_by=by
        )
        record(
            "dosing.discrepancy_opened",
            by=by,
            at=at,
            clinic=clinic.id,
            thing=discrepancy,
            line=str(check.line_id),
        )


def _end(
    clinic: Clinic,
    check: BalanceCheck,
    result: CheckResult,
    figures: dict[str, int],
    by: User,
    at: datetime,
) -> BalanceResult:
    ended = BalanceResult.objects.create(
        balance_check=check, result=result, compared_at=at, compared_by=by, **figures
    )
    record(
        "dosing.balance_checked",
        by=by,
        at=at,
        clinic=clinic.id,
        thing=check,
        line=str(check.line_id),
        round=check.round,
        result=result.value,
    )
    return ended


def _answer(count: StockCount) -> CountSigned:
    """Return where the count left its ledger: the same answer however often it is asked."""
    check = count.balance_check
    result = BalanceResult.objects.filter(balance_check=check).first()
    if count.position == 1 or result is None:
        return CountSigned(count.id, CountState.FIRST_IS_IN)
    ended = CheckResult(result.result)
    facts = as_rules_read_it(BalanceCheck.objects.select_related("result").get(id=check.id))
    return CountSigned(count.id, count_state(facts), has_moved=ended is CheckResult.MOVED)


def _content_of(line_id: uuid.UUID, kind: CheckKind, counted: Count, counter: User) -> str:
    content = {
        "line": str(line_id),
        "kind": kind.value,
        "full_boxes": counted.full_boxes,
        "loose": counted.loose,
        "counter": str(counter.id),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _set_aside_once(clinic: Clinic, line_id: uuid.UUID, kind: CheckKind, by: User) -> Decision:
    _lock(clinic, line_id)
    at = now()
    checks_here = RegisterLine.objects.filter(id=line_id, premises__clinic=clinic).exists()
    on = london_date(at)
    check = get_last_check(line_id=line_id, on=on, kind=kind) if checks_here else None
    decision = may_set_aside(as_rules_read_it(check))
    if check is not None and decision.is_allowed:
        _end(clinic, check, CheckResult.SET_ASIDE, {}, by, at)
    else:
        _note_refusal("dosing.balance_checked", decision, clinic=clinic, by=by, at=at)
    return decision


def _no(code: str, message: str) -> Decision:
    return Decision((block(code, message, "clinical rule 47"),))


def _note_refusal(event: str, decision: Decision, *, clinic: Clinic, by: User, at: datetime) -> None:
    codes = [finding.code for finding in decision]
    with transaction.atomic():
        record(event, by=by, at=at, clinic=clinic.id, refused=True, codes=codes)
