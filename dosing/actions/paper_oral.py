"""Entering an oral dose that stood on paper, and settling one that is contested. Nothing that happened is refused."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from dosing.actions.opened_holds import open_hold
from dosing.actions.oral_doses import lock_for_oral
from dosing.actions.orders import USED_ALREADY
from dosing.models import DowntimePack, OralDose, OralSettlement, RecordedRequest, Signature
from dosing.queries.oral import oral_in_words
from dosing.queries.paper import Signing
from dosing.queries.paper_oral import (
    KnownOfPaperOral,
    find_oral_signing,
    get_known_of_oral,
    may_be_entered_oral,
)
from dosing.rules.downtime import paper_reference
from dosing.rules.holds import EventReason, HoldSeverity
from dosing.rules.moments import exact_moment
from dosing.rules.oral_corrections import unwell_at_oral
from dosing.rules.paper import Stands, codes_of, conflicts_of
from dosing.rules.paper_oral import ContestedOral, OralOnPaper, may_settle_oral
from dosing.rules.signatures import content_sha256
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act

ENTERED = "dosing.paper_oral_entered"


class PaperOralRefused(Refused):
    """Nothing was stored: it cannot be a reading of the paper, or the page says something else already."""


class OralSettlementRefused(Refused):
    """The dose is as contested as before; `decision` holds every reason."""


@dataclass(frozen=True, slots=True)
class OralPin:
    """Who signs at the terminal for an oral dose on paper; `away_reason` says why, where that is not who gave it."""

    signer_id: uuid.UUID
    pin: str
    terminal_id: uuid.UUID | None
    away_reason: str = ""


def enter_oral(
    *,
    clinic: Clinic,
    pack: DowntimePack,
    line: int,
    patient_id: uuid.UUID,
    dose: OralOnPaper,
    pin: OralPin,
    key: uuid.UUID,
    by: User,
    at: datetime,
    seen: frozenset[str] | None = None,
) -> OralDose:
    """Store one oral dose as the paper has it, with the paper's time and the time of its entry.

    Every rule is asked as of the paper's time. What it breaks makes the dose contested: it counts as given, holds the
    person until a doctor has reviewed it (with a new check, where they were drowsy or breathed slowly), and waits for
    the clinical lead. The same key with the same content returns
    the first. `seen` are the codes that the page showed before anybody signed. Raises PinRefused, or PaperOralRefused
    with every reason; the refusal is in the trail. Source: clinical rules 31, 46 and 7.11.
    """
    decision = may_be_entered_oral(clinic=clinic, patient_id=patient_id, dose=dose, at=at)
    signing = find_oral_signing(
        clinic=clinic, signer_id=pin.signer_id, giver_id=dose.giver_id, away_reason=pin.away_reason, at=at
    )
    if isinstance(signing, Decision):
        decision |= signing
    if not decision.is_allowed or isinstance(signing, Decision):
        with transaction.atomic():
            _told(ENTERED, decision, clinic=clinic, patient_id=patient_id, by=by, at=at)
        raise PaperOralRefused(decision)
    prove_pin(user=signing.giver, pin=pin.pin, terminal_id=pin.terminal_id, at=at)
    answer = one_act(lambda: _enter_once(clinic, pack, line, patient_id, dose, signing, key, seen, by))
    if isinstance(answer, Decision):
        raise PaperOralRefused(answer)
    return answer


def _enter_once(
    clinic: Clinic,
    pack: DowntimePack,
    line: int,
    patient_id: uuid.UUID,
    dose: OralOnPaper,
    signing: Signing,
    key: uuid.UUID,
    seen: frozenset[str] | None,
    by: User,
) -> OralDose | Decision:
    lock_for_oral(patient_id)
    content = content_sha256(
        {name: getattr(dose, name) for name in dose.__slots__} | {"pack": pack.id, "patient": patient_id},
        signing.giver.id,
    )
    first = RecordedRequest.objects.filter(key=key).first()
    at = now()
    if first is not None:
        if first.act == ENTERED and first.content_sha256 == content:
            return OralDose.written.get(id=first.answer["oral_dose_id"])
        refusal = Decision((block("key_reused", USED_ALREADY, "clinical rule 5"),))
        return _told(ENTERED, refusal, clinic=clinic, patient_id=patient_id, by=by, at=at)
    known = get_known_of_oral(clinic=clinic, pack=pack, patient_id=patient_id, dose=dose, signing=signing)
    if seen is not None and seen != frozenset(codes_of(known.decision)):
        message = "What the rules say changed meanwhile. Nothing was saved. Read it below, and sign again."
        refusal = Decision((block("rules_changed", message, "clinical rule 46"),))
        return _told(ENTERED, refusal, clinic=clinic, patient_id=patient_id, by=by, at=at)
    stored = _store(pack, dose, known, signing, content, key, by=by, at=at)
    record(
        ENTERED,
        by=by,
        at=at,
        clinic=clinic.id,
        person=patient_id,
        thing=stored,
        codes=stored.conflicts,
        giver=str(stored.supervised_by_id),
    )
    if stored.conflicts:
        unwell = unwell_at_oral(dose.sedation, dose.breaths)
        open_hold(
            clinic_id=clinic.id,
            patient_id=patient_id,
            severity=HoldSeverity.HOLD if unwell else HoldSeverity.REVIEW,
            codes=[*unwell, EventReason.CONTESTED.value],
            reason=f"{oral_in_words(stored.drug, stored.mg)} on {exact_moment(stored.given_at)}, line "
            f"{paper_reference(pack.number, line)} of the paper pack.",
            by=by,
            at=at,
        )
    return stored


def _store(
    pack: DowntimePack,
    dose: OralOnPaper,
    known: KnownOfPaperOral,
    signing: Signing,
    content: str,
    key: uuid.UUID,
    *,
    by: User,
    at: datetime,
) -> OralDose:
    stored: OralDose = OralDose.written.create(
        order=known.order,
        patient_id=known.order.patient_id,
        drug=known.order.drug,
        protocol=known.protocol,
        session=known.known.session,
        decision=known.known.decision,
        mg=dose.mg,
        sedation=dose.sedation or "",
        breaths=dose.breaths,
        given_at=dose.given_at,
        given_on=london_date(dose.given_at),
        supervised_by_id=dose.giver_id,
        signature=Signature.objects.create(
            signed_by=signing.giver, signed_at=at, part=Signature.Part.GIVER, content_sha256=content
        ),
        key=key,
        recorded_at=at,
        pack=pack,
        conflicts=list(conflicts_of(known.decision)),
        away_reason=signing.away_reason,
    )
    RecordedRequest.objects.create(
        key=key,
        act=ENTERED,
        content_sha256=content,
        answer={"oral_dose_id": str(stored.id)},
        recorded_by=by,
        recorded_at=at,
    )
    return stored


def settle_oral(
    *,
    clinic: Clinic,
    dose_id: uuid.UUID,
    stands: Stands | None,
    why: str,
    pin: str,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> OralSettlement:
    """Say whether a contested oral dose of this clinic stands. The dose stays; set aside, it counts no more.

    What holds the person is lifted by a doctor all the same. Settled in the same words twice, it is settled once.
    Raises PinRefused, or OralSettlementRefused with every reason; the refusal is in the trail.
    Source: clinical rules 7.11.
    """
    prove_pin(user=by, pin=pin, terminal_id=terminal_id, at=at)
    answer = one_act(lambda: _settle_once(clinic, dose_id, stands, why.strip(), by))
    if isinstance(answer, Decision):
        raise OralSettlementRefused(answer)
    return answer


def _settle_once(
    clinic: Clinic, dose_id: uuid.UUID, stands: Stands | None, why: str, by: User
) -> OralSettlement | Decision:
    dose = OralDose.written.select_related("signature").get(id=dose_id, pack__clinic=clinic)
    lock_for_oral(dose.patient_id)
    at = now()
    content = content_sha256({"dose": dose_id, "stands": stands, "why": why}, by.id)
    first = OralSettlement.objects.select_related("signature").filter(dose=dose).first()
    if first is not None and first.signature.content_sha256 == content:
        return first
    facts = ContestedOral(
        is_contested=bool(dose.conflicts),
        is_settled=first is not None,
        settler_signed=by.id in (dose.supervised_by_id, dose.signature.signed_by_id),
    )
    decision = may_settle_oral(facts, stands, reason=why)
    trail: dict[str, Any] = {"clinic": clinic, "patient_id": dose.patient_id, "by": by, "at": at}
    if not decision.is_allowed or stands is None:
        return _told("dosing.paper_oral_settled", decision, **trail)
    settlement = OralSettlement.objects.create(
        dose=dose,
        stands=stands,
        reason=why,
        signature=Signature.objects.create(
            signed_by=by, signed_at=at, part=Signature.Part.AMENDER, content_sha256=content
        ),
        settled_at=at,
        settled_by=by,
    )
    record(
        "dosing.paper_oral_settled",
        by=by,
        at=at,
        clinic=clinic.id,
        person=dose.patient_id,
        thing=settlement,
        stands=stands.value,
    )
    return settlement


def _told(
    event: str, decision: Decision, *, clinic: Clinic, patient_id: uuid.UUID, by: User, at: datetime
) -> Decision:
    codes = decision.refusal_codes
    record(event, by=by, at=at, clinic=clinic.id, person=patient_id, refused=True, codes=codes)
    return decision
