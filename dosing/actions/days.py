"""Opening the day, on counts that agree or on a reason."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import date, datetime

from django.db import transaction

from dosing.actions.counts import CountRefused, CountSigned, count_stock, set_count_aside
from dosing.models import (
    ClinicDay,
    Signature,
)
from dosing.queries.days import (
    get_clinic_day,
    list_count_states,
)
from dosing.rules.days import (
    OpenedHow,
    may_open_day,
)
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, Premises, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act

__all__ = [
    "CountRefused",
    "CountSigned",
    "DayNotOpened",
    "count_stock",
    "open_day",
    "open_day_unchecked",
    "set_count_aside",
]

REASON_LENGTH = 300


class DayNotOpened(Refused):
    """The day was not opened; `decision` holds every reason."""


def open_day(*, clinic: Clinic, premises_id: uuid.UUID, by: User, at: datetime) -> ClinicDay:
    """Open the Europe/London day of one premises on counts of every ledger that agree.

    The day of the database's clock, once its lock is held. A day that is open stays as it was opened and is
    returned. Raises DayNotOpened with the reason. Source: clinical rules 47 and 7.11.
    """
    answer = one_act(lambda: _open_once(clinic, premises_id, by))
    if isinstance(answer, Decision):
        raise DayNotOpened(answer)
    return answer


def open_day_unchecked(
    *,
    clinic: Clinic,
    premises_id: uuid.UUID,
    reason: str,
    pin: str,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> ClinicDay:
    """Open the day on the controlled-drug lead's reason and PIN: with no check done, or one that still differs.

    A day that is open stays as it was opened and is returned. Raises PinRefused for the PIN, DayNotOpened for a
    person who is not the controlled-drug lead here and for a reason that is missing or too long.
    Source: clinical rules 7.11.
    """
    decision = _may_open_unchecked(reason, clinic=clinic, by=by, at=at)
    if not decision.is_allowed:
        _note_refusal("dosing.day_opened", decision, clinic=clinic, by=by, at=at)
        raise DayNotOpened(decision)
    prove_pin(user=by, pin=pin, terminal_id=terminal_id, at=at)
    answer = one_act(lambda: _open_once(clinic, premises_id, by, reason=reason.strip()))
    if isinstance(answer, Decision):
        raise DayNotOpened(answer)
    return answer


def _may_open_unchecked(reason: str, *, clinic: Clinic, by: User, at: datetime) -> Decision:
    allowed = {
        person.id for person in list_people_who_may(Permission.OPEN_DAY_UNCHECKED, clinic=clinic, at=at)
    }
    if by.id not in allowed:
        return _no("not_the_lead", "Only the controlled-drug lead can open the day without a balance check.")
    if not reason.strip():
        return _no("no_reason", "Write why the day is opened without a balance check that agrees.")
    if len(reason.strip()) > REASON_LENGTH:
        return _no("reason_too_long", f"Write the reason in at most {REASON_LENGTH} characters.")
    return Decision()


def _open_once(
    clinic: Clinic, premises_id: uuid.UUID, by: User, *, reason: str | None = None
) -> ClinicDay | Decision:
    """Open the day, on counts that agree or on a reason that is given."""
    premises = Premises.objects.select_for_update(no_key=True).filter(id=premises_id, clinic=clinic).first()
    at = now()
    today = london_date(at)
    if premises is None:
        decision = _no("no_such_premises", "Those premises are not this clinic's. Open the page again.")
        _note_refusal("dosing.day_opened", decision, clinic=clinic, by=by, at=at)
        return decision
    day = get_clinic_day(premises_id=premises.id, on=today)
    if day is not None:
        return day
    if reason is None:
        decision = may_open_day(list_count_states(premises_id=premises.id, on=today))
        if not decision.is_allowed:
            _note_refusal("dosing.day_opened", decision, clinic=clinic, by=by, at=at)
            return decision
    return _store_day(clinic, premises, today, by, at, reason)


def _store_day(
    clinic: Clinic, premises: Premises, today: date, by: User, at: datetime, reason: str | None
) -> ClinicDay:
    how = OpenedHow.CHECKED if reason is None else OpenedHow.UNCHECKED
    day = ClinicDay.objects.create(
        premises=premises,
        on=today,
        how=how,
        reason=reason or "",
        signature=None if reason is None else _signature_of(premises, today, reason, by, at),
        opened_at=at,
        opened_by=by,
    )
    record(
        "dosing.day_opened",
        by=by,
        at=at,
        clinic=clinic.id,
        thing=day,
        premises=str(premises.id),
        how=how.value,
    )
    return day


def _signature_of(premises: Premises, today: date, reason: str, by: User, at: datetime) -> Signature:
    content = {"premises": str(premises.id), "on": today.isoformat(), "reason": reason, "by": str(by.id)}
    return Signature.objects.create(
        signed_by=by,
        signed_at=at,
        part=Signature.Part.OPENER,
        content_sha256=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest(),
    )


def _no(code: str, message: str) -> Decision:
    return Decision((block(code, message, "clinical rule 47"),))


def _note_refusal(event: str, decision: Decision, *, clinic: Clinic, by: User, at: datetime) -> None:
    codes = [finding.code for finding in decision]
    with transaction.atomic():
        record(event, by=by, at=at, clinic=clinic.id, refused=True, codes=codes)
