"""Closing the day."""

from __future__ import annotations

import uuid
from datetime import datetime

from dosing.models import ClinicDay, DayClosing
from dosing.queries.closing import get_closing_facts
from dosing.queries.days import get_clinic_day, lines_of
from dosing.queries.register import lock_line
from dosing.rules.closing import may_close_day
from hat_clinic.accounts.models import Clinic, Premises, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision, Level, Refused, block
from hat_clinic.core.transactions import one_act

CLOSED = "dosing.day_closed"
LISTED = ("without_outcome", "still_to_come", "open_draws", "observed")


class DayNotClosed(Refused):
    """The day was not closed; `decision` holds every reason."""


def close_day(
    *, clinic: Clinic, premises_id: uuid.UUID, acknowledged: frozenset[str], by: User, at: datetime
) -> DayClosing:
    """Close the Europe/London day of one premises, once: counted by two, with no difference left unclassified.

    The premises and every ledger are locked, so that no line is written between the count and the closing. A day
    that is closed stays as it was closed and is returned. `acknowledged` holds the codes of the notes that were
    read; how many sessions had no ending is stored, and nothing is made up for them. There is no reopening: what is
    supplied afterwards is in the next opening count. Raises DayNotClosed with every reason.
    Source: clinical rules 47 and 7.11.
    """
    answer = one_act(lambda: _close_once(clinic, premises_id, acknowledged, by, at))
    if isinstance(answer, Decision):
        raise DayNotClosed(answer)
    return answer


def _close_once(
    clinic: Clinic, premises_id: uuid.UUID, acknowledged: frozenset[str], by: User, at: datetime
) -> DayClosing | Decision:
    premises = Premises.objects.select_for_update(no_key=True).filter(id=premises_id, clinic=clinic).first()
    if premises is None:
        message = "Those premises are not this clinic's. Open the page again."
        none = Decision((block("no_such_premises", message, "clinical rule 47"),))
        return _refused(none, clinic=clinic, by=by, at=at)
    for line_id in sorted(line.id for line in lines_of(premises.id)):
        lock_line(line_id=line_id)
    at = now()  # the locks may have been long in coming: the closing is of now
    day = get_clinic_day(premises_id=premises.id, on=london_date(at))
    if day is not None and hasattr(day, "closing"):
        return day.closing
    facts = get_closing_facts(clinic=clinic, day=day, premises_id=premises.id, at=at)
    decision = may_close_day(facts)
    if decision.is_allowed:
        decision |= _unread(decision, acknowledged)
    if day is None or not decision.is_allowed:
        return _refused(decision, clinic=clinic, by=by, at=at)
    return _store(clinic, day, {name: getattr(facts, name) for name in LISTED}, by, at)


def _store(clinic: Clinic, day: ClinicDay, listed: dict[str, int], by: User, at: datetime) -> DayClosing:
    closing = DayClosing.objects.create(day=day, closed_at=at, closed_by=by, **listed)
    record(
        CLOSED,
        by=by,
        at=at,
        clinic=clinic.id,
        thing=closing,
        premises=str(day.premises_id),
        without_outcome=closing.without_outcome,
        still_to_come=closing.still_to_come,
        open_draws=closing.open_draws,
        observed=closing.observed,
    )
    return closing


def _refused(decision: Decision, *, clinic: Clinic, by: User, at: datetime) -> Decision:
    codes = decision.refusal_codes
    record(CLOSED, by=by, at=at, clinic=clinic.id, refused=True, codes=codes)
    return decision


def _unread(decision: Decision, acknowledged: frozenset[str]) -> Decision:
    return Decision(
        tuple(
            block(f"unread_{note.code}", f"Tick that you have read: {note.message}", note.source)
            for note in decision
            if note.level is Level.WARN and note.code not in acknowledged
        )
    )
