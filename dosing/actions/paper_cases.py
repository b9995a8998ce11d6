"""Contested lines of a paper pack: the case of each, how it is settled, and the register line that waits."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from dosing.actions.opened_holds import open_hold
from dosing.actions.paper_doses import write_register_line
from dosing.actions.register import RegisterRefused
from dosing.models import (
    Batch,
    Injection,
    PaperCase,
    PaperLine,
    PaperSettlement,
    PatientDay,
    SessionOutcome,
    Signature,
    Visit,
    WaitingEntry,
)
from dosing.queries.orders import lock_dosing_state
from dosing.queries.paper import get_session_mg
from dosing.queries.register import lock_line
from dosing.queries.sessions import as_stock
from dosing.queries.visits import get_live_outcome, get_open_draw
from dosing.rules.downtime import paper_reference
from dosing.rules.holds import EventReason, HoldSeverity
from dosing.rules.moments import exact_moment
from dosing.rules.paper import (
    ContestedFacts,
    OnLine,
    Stands,
    holds_the_person,
    may_settle,
)
from dosing.rules.paper_book import may_write_waiting
from dosing.rules.sessions import Outcome, Reason, Reduction, outcome_of
from dosing.rules.signatures import content_sha256
from dosing.rules.visits import VisitState
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act


class SettlementRefused(Refused):
    """The line is as contested as before; `decision` holds every reason."""


@dataclass(frozen=True, slots=True)
class Settled:
    """How a contested line is settled, and why. `outcome` and `reason` end a session that had the paper alone."""

    stands: Stands
    why: str
    outcome: Outcome | None = None
    reason: Reason | None = None


def open_case(
    *, clinic: Clinic, line: PaperLine, recorded: SessionOutcome | None, by: User, at: datetime
) -> PaperCase:
    """Open the case of a contested line, and hold its person where a doctor has to review the dose.

    In the caller's transaction. Source: clinical rules 7.11.
    """
    hold = None
    if line.what == OnLine.GIVEN and holds_the_person(line.conflicts):
        reference = paper_reference(line.pack.number, line.line)
        assert line.started_at is not None and line.patient_id is not None  # noqa: S101 - the table asks it of a dose
        hold = open_hold(
            clinic_id=clinic.id,
            patient_id=line.patient_id,
            severity=HoldSeverity.REVIEW,
            codes=[EventReason.CONTESTED.value],
            reason=f"{line.given_mg} mg on {exact_moment(line.started_at)}, line {reference} of the paper pack.",
            by=by,
            at=at,
        )
    case = PaperCase.objects.create(
        line=line, clinic=clinic, hold=hold, recorded=recorded, opened_at=at, opened_by=by
    )
    trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": line.patient_id}
    record("dosing.paper_case_opened", thing=case, codes=list(line.conflicts), **trail)
    return case


def settle_line(
    *,
    clinic: Clinic,
    line_id: uuid.UUID,
    settled: Settled,
    pin: str,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> PaperSettlement:
    """Say which of the two stands: the paper or the computer. Both rows stay, with the reason and the PIN beside them.

    Where the paper stands, its ending amends the other. Where the computer stands, the dose on paper counts no more;
    its register line stays until it is adjusted. What holds the person is lifted by a doctor all the same. Settled in
    the same words twice, it is settled once. Raises PinRefused for a PIN, SettlementRefused with every reason; the
    refusal is in the trail. Source: clinical rules 7.11.
    """
    prove_pin(user=by, pin=pin, terminal_id=terminal_id, at=at)
    answer = one_act(lambda: _settle_once(clinic, line_id, settled, by))
    if isinstance(answer, Decision):
        raise SettlementRefused(answer)
    return answer


def _settle_once(
    clinic: Clinic, line_id: uuid.UUID, settled: Settled, by: User
) -> PaperSettlement | Decision:
    patient_id = PaperLine.objects.values_list("patient_id", flat=True).get(id=line_id, case__clinic=clinic)
    if patient_id is not None:
        lock_dosing_state(patient_id=patient_id)
    at = now()
    case = PaperCase.objects.select_related(
        "line__session", "line__pack", "line__giver_signature", "line__witness_signature"
    ).get(line=line_id)
    line = case.line
    content = content_sha256(
        {"line": line_id, **{name: getattr(settled, name) for name in settled.__slots__}}, by.id
    )
    first = PaperSettlement.objects.select_related("signature").filter(case=case).first()
    if first is not None and first.signature.content_sha256 == content:
        return first
    injection = Injection.every.select_related("order").filter(paper_line=line).first()
    live = get_live_outcome(session_id=line.session_id) if line.session_id is not None else None
    facts = ContestedFacts(
        is_settled=first is not None,
        settler_signed=by.id
        in (
            line.giver_id,
            line.witness_id,
            line.giver_signature.signed_by_id,
            line.witness_signature.signed_by_id if line.witness_signature is not None else None,
        ),
        is_dose=injection is not None,
        recorded_dose=live is not None and live.injection_id is not None and not _is_of(live, injection),
        needs_ending=live is not None and _is_of(live, injection),
    )
    has_ending = settled.outcome is not None and settled.reason is not None
    decision = may_settle(facts, settled.stands, reason=settled.why, has_ending=has_ending)
    trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": line.patient_id}
    if not decision.is_allowed:
        record(
            "dosing.paper_line_settled",
            refused=True,
            codes=decision.refusal_codes,
            **trail,
        )
        return decision
    outcome = _amend(line, injection, live, settled, by=by, at=at)
    if settled.stands is Stands.COMPUTER and injection is not None:
        PatientDay.objects.filter(patient_id=injection.patient_id, on=injection.given_on).update(
            administered_mg=F("administered_mg") - injection.given_mg
        )
    settlement = PaperSettlement.objects.create(
        case=case,
        stands=settled.stands,
        reason=settled.why.strip(),
        outcome=outcome,
        signature=Signature.objects.create(
            signed_by=by, signed_at=at, part=Signature.Part.AMENDER, content_sha256=content
        ),
        settled_at=at,
        settled_by=by,
    )
    record("dosing.paper_line_settled", thing=settlement, stands=settled.stands.value, **trail)
    return settlement


def _is_of(live: SessionOutcome, injection: Injection | None) -> bool:
    return injection is not None and live.injection_id == injection.id


def _amend(
    line: PaperLine,
    injection: Injection | None,
    live: SessionOutcome | None,
    settled: Settled,
    *,
    by: User,
    at: datetime,
) -> SessionOutcome | None:
    """Amend the session's ending where the settlement asks for it, and return the new one; the first stays."""
    if line.session is None:
        return None
    written: dict[str, Any] = {"session": line.session, "amends": live, "recorded_by": by, "recorded_at": at}
    if settled.stands is Stands.COMPUTER:
        if live is None or not _is_of(live, injection):
            return None
        assert settled.outcome is not None and settled.reason is not None  # noqa: S101 - asked of the rule
        ended = SessionOutcome.objects.create(outcome=settled.outcome, reason=settled.reason, **written)
        Visit.objects.filter(session=line.session, outcome=live).update(
            outcome=ended, state=VisitState.NOT_GIVEN, ended_at=at, ended_by=by
        )
        return ended
    if injection is None:
        ending = line.written
        ended = SessionOutcome.objects.create(outcome=ending["outcome"], reason=ending["reason"], **written)
        Visit.objects.filter(session=line.session, state=VisitState.NOT_GIVEN).update(outcome=ended)
        return ended
    if live is not None and _is_of(live, injection):
        return None
    mg = get_session_mg(injection)
    ordered = injection.order.dose_mg
    outcome = outcome_of(mg, ordered)
    ended = SessionOutcome.objects.create(
        outcome=outcome,
        given_mg=mg,
        reduced_for=Reduction.OTHER if outcome is Outcome.GIVEN_REDUCED else "",
        injection=injection,
        **written,
    )
    if live is not None:
        Visit.objects.filter(session=line.session, outcome=live).update(outcome=ended)
    return ended


def write_waiting_line(*, clinic: Clinic, line_id: uuid.UUID, by: User, at: datetime) -> WaitingEntry:
    """Write the register's line of a paper dose that was beyond the book, once the book has the ampoules.

    Written twice, it is written once. Raises SettlementRefused while the book has too few; the refusal is in the trail.
    Source: clinical rules 42 and 7.11 (adjustment first).
    """
    try:
        answer = one_act(lambda: _write_once(clinic, line_id, by))
    except RegisterRefused:
        with transaction.atomic():
            record(
                "dosing.paper_register_line_written",
                by=by,
                at=at,
                clinic=clinic.id,
                refused=True,
                codes=["register_refused"],
            )
        raise
    if isinstance(answer, Decision):
        raise SettlementRefused(answer)
    return answer


def _write_once(clinic: Clinic, line_id: uuid.UUID, by: User) -> WaitingEntry | Decision:
    line = PaperLine.objects.select_related("pack").get(id=line_id, case__clinic=clinic)
    assert line.patient_id is not None  # noqa: S101 - the table asks it of a dose
    lock_dosing_state(patient_id=line.patient_id)
    injection = Injection.every.select_related("batch__line").get(paper_line=line)
    lock_line(line_id=injection.batch.line_id)
    at = now()
    first = WaitingEntry.objects.filter(line=line).first()
    if first is not None:
        return first
    trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": line.patient_id}
    batch = Batch.objects.select_related("line").get(id=injection.batch_id)
    decision = may_write_waiting(
        free=as_stock(batch, patient_id=line.patient_id).ampoules,
        needed=injection.ampoules,
        is_drawn=get_open_draw(patient_id=line.patient_id) is not None,
        is_set_aside=not Injection.objects.filter(id=injection.id).exists(),
    )
    if not decision.is_allowed:
        codes = decision.refusal_codes
        record("dosing.paper_register_line_written", refused=True, codes=codes, **trail)
        return decision
    entry_id = write_register_line(clinic=clinic, line=line, by=by, at=at)
    waiting = WaitingEntry.objects.create(line=line, entry_id=entry_id, written_at=at, written_by=by)
    record("dosing.paper_register_line_written", thing=waiting, **trail)
    return waiting
