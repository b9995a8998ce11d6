"""Drawing a dose up before a witness, and wasting one that is not injected: a committed step of its own each."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from dosing.actions.authorisations import acknowledge_notes, use_authorisations
from dosing.actions.register import RegisterRefused, append_entry
from dosing.models import (
    Batch,
    Order,
    PatientDay,
    Preparation,
    RecordedRequest,
    Signature,
    Visit,
    WastedDose,
)
from dosing.queries.authorisations import is_authorised_by
from dosing.queries.days import get_day_state
from dosing.queries.orders import lock_dosing_state
from dosing.queries.preparations import find_witness
from dosing.queries.register import lock_line
from dosing.queries.sessions import KnownAtTheHatch, SessionKey, as_stock, get_session_facts
from dosing.queries.visits import (
    get_further_facts,
    get_newest_reading,
    get_session_close,
    get_visit_facts,
    lock_visit,
)
from dosing.rules.days import may_supply
from dosing.rules.preparations import (
    PreparationAttempt,
    may_prepare,
    order_changed,
    syringe_expires_at,
    unread_as_shown,
    volume_ul,
)
from dosing.rules.register import EntryKind
from dosing.rules.sessions import allowed_mg
from dosing.rules.signatures import content_sha256
from dosing.rules.visits import VisitState, may_move
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date, now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act
from patients.queries import lock_person_for_dosing

PREPARED = "dosing.dose_prepared"
WASTED = "dosing.dose_wasted"


class PreparationRefused(Refused):
    """Nothing was drawn up and nothing stored; `decision` holds every reason."""


class KeyReused(Exception):
    """The same key came with other content: nothing was stored."""


@dataclass(frozen=True, slots=True)
class DoseToPrepare:
    """What preparer and witness put their PINs to. The order is the one that the page showed.

    `number` is which injection of the session the page was opened for; `reduction` why it is less than the full dose.
    `wasted_mg` is what the page showed as waste, which both watch go; None where nothing was shown.
    """

    session_id: uuid.UUID
    order_id: uuid.UUID
    batch_id: uuid.UUID
    dose_mg: int
    ampoules: int
    witness_id: uuid.UUID
    number: int = 1
    reduction: str = ""
    wasted_mg: int | None = None

    def sha256(self, preparer_id: uuid.UUID) -> str:
        """Return the hash of all of it with its preparer, in one canonical form."""
        return content_sha256({name: getattr(self, name) for name in self.__slots__}, preparer_id)


def prepare_dose(
    *,
    clinic: Clinic,
    dose: DoseToPrepare,
    preparer_pin: str,
    witness_pin: str,
    read: Mapping[str, str],
    key: uuid.UUID,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> uuid.UUID:
    """Store that a dose is drawn up before a witness, committed before anything is injected; return its id.

    Both PINs are proved first, each counted by itself; `read` are the notes that were ticked, by code, in the words
    that were shown. The dose is judged and timed by the database's clock once its locks are held. The same key with
    the same content returns the first answer and stores nothing. Raises PinRefused for a PIN, PreparationRefused with
    every reason, KeyReused when the key was used for something else; each refusal is in the trail. The register line
    is written with the injection or the waste.
    Source: clinical rules 21, 22 and 43; trust design 5 (a power cut never hides a drawn dose).
    """
    content = dose.sha256(by.id)
    witness = find_witness(dose.witness_id, clinic=clinic, by=by, at=at)
    if isinstance(witness, Decision):
        _note_refusal(PREPARED, dose.session_id, witness, clinic=clinic, by=by, at=at)
        raise PreparationRefused(witness)
    prove_pin(user=by, pin=preparer_pin, terminal_id=terminal_id, at=at)
    prove_pin(user=witness, pin=witness_pin, terminal_id=terminal_id, at=at)
    try:
        answer = one_act(lambda: _prepare_once(clinic, dose, content, read, key, terminal_id, by))
    except KeyReused:
        _note_codes(PREPARED, dose.session_id, ["key_reused"], clinic=clinic, by=by, at=at)
        raise
    if isinstance(answer, Decision):
        raise PreparationRefused(answer)
    return answer


def _prepare_once(
    clinic: Clinic,
    dose: DoseToPrepare,
    content: str,
    read: Mapping[str, str],
    key: uuid.UUID,
    terminal_id: uuid.UUID | None,
    by: User,
) -> uuid.UUID | Decision:
    patient_id = Visit.objects.values_list("patient_id", flat=True).get(
        session_id=dose.session_id, clinic=clinic
    )
    lock_dosing_state(patient_id=patient_id)
    lock_person_for_dosing(person_id=patient_id)
    first = RecordedRequest.objects.filter(key=key).first()
    if first is not None:
        if first.content_sha256 != content:
            raise KeyReused("This page was already used for something else. Go back to the board.")
        return uuid.UUID(first.answer["preparation_id"])
    batch = _lock_batch(dose.batch_id)
    at = now()  # the locks may have been long in coming: the dose is of now, not of when its page was read
    visit = lock_visit(session_id=dose.session_id)
    assert visit is not None  # noqa: S101 - found above, and visits are never deleted
    session = SessionKey(visit.session.service_date, visit.session.slot)
    known = get_session_facts(patient_id=patient_id, clinic=clinic, session=session, at=at)
    decision = _decide(dose, visit, known, batch, read, clinic=clinic, terminal_id=terminal_id, by=by, at=at)
    if not decision.is_allowed or batch is None or known.order is None or known.protocol is None:
        _note_refusal(PREPARED, dose.session_id, decision, clinic=clinic, by=by, at=at)
        return decision
    return _store(clinic, dose, content, visit, known, batch, decision, key, by, at)


def _sign_for(*, parts: dict[str, User], content: str, by: User, at: datetime) -> list[Signature]:
    """Store the signatures of an act in the caller's transaction; the act's own event names them."""
    return Signature.objects.bulk_create(
        Signature(signed_by=user, signed_at=at, part=part, content_sha256=content)
        for part, user in parts.items()
    )


def _lock_batch(batch_id: uuid.UUID) -> Batch | None:
    """Lock the register that a batch stands in, so that its count cannot move, and return the batch."""
    batches = Batch.objects.select_related("line").filter(id=batch_id)
    line_id = batches.values_list("line_id", flat=True).first()
    if line_id is not None:
        lock_line(line_id=line_id)
    return batches.first()


def _decide(
    dose: DoseToPrepare,
    visit: Visit,
    known: KnownAtTheHatch,
    batch: Batch | None,
    read: Mapping[str, str],
    *,
    clinic: Clinic,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> Decision:
    if known.order is not None and known.order.id != dose.order_id:
        shown = Order.objects.filter(id=dose.order_id, patient_id=visit.patient_id)
        changed = order_changed(
            was_mg=shown.values_list("dose_mg", flat=True).first(),
            is_mg=known.order.dose_mg,
            changed_at=known.order.starts_at,
        )
        return Decision((changed,))
    if batch is None or (known.order is not None and batch.line.premises_id != known.order.premises_id):
        message = "That batch is not kept at these premises. Choose one of the list."
        return Decision((block("batch_elsewhere", message, "clinical rule 21"),))
    turn = may_move(VisitState(visit.state), VisitState.PREPARED)
    attempt = PreparationAttempt(
        dose_mg=dose.dose_mg,
        ampoules=dose.ampoules,
        giver_is_witness=dose.witness_id == by.id,
        stock=as_stock(batch, patient_id=visit.patient_id),
        wasted_mg=dose.wasted_mg,
        number=dose.number,
        reduction=dose.reduction,
        authoriser_signs=is_authorised_by(visit.check_made_id, {by.id, dose.witness_id}),
    )
    visit_facts = (
        get_further_facts(visit=visit, known=known, at=at)
        if dose.number > 1
        else get_visit_facts(patient_id=visit.patient_id, visit=visit, at=at)
    )
    day = get_day_state(clinic=clinic, at=at, terminal_id=terminal_id)
    decision = may_prepare(known.facts, visit_facts, attempt) | may_supply(day.facts)
    if decision.is_allowed:
        decision |= turn
    return decision | unread_as_shown(decision, read)


def _store(
    clinic: Clinic,
    dose: DoseToPrepare,
    content: str,
    visit: Visit,
    known: KnownAtTheHatch,
    batch: Batch,
    decision: Decision,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> uuid.UUID:
    order, protocol, check = known.order, known.protocol, visit.check_made
    assert order is not None and protocol is not None and check is not None  # noqa: S101 - asked of the rule
    witness = User(id=dose.witness_id)
    signatures = _sign_for(
        parts={Signature.Part.GIVER: by, Signature.Part.WITNESS: witness}, content=content, by=by, at=at
    )
    drawn = dose.ampoules * batch.line.strength_mg
    allowed = allowed_mg(known.facts)
    _reserve(dose, visit, known, at)
    preparation = Preparation.objects.create(
        session_id=visit.session_id,
        patient_id=visit.patient_id,
        order=order,
        protocol=protocol,
        check_made=check,
        batch=batch,
        ampoules=dose.ampoules,
        drawn_mg=drawn,
        dose_mg=dose.dose_mg,
        wasted_mg=drawn - dose.dose_mg,
        allowed_mg=allowed,
        reduced_for=dose.reduction if dose.dose_mg < allowed else "",
        reading=get_newest_reading(visit=visit) if dose.number > 1 else None,
        volume_ul=volume_ul(dose_mg=dose.dose_mg, concentration_mg_per_ml=protocol.concentration_mg_per_ml),
        concentration_mg_per_ml=protocol.concentration_mg_per_ml,
        expires_at=syringe_expires_at(
            prepared_at=at, session_closes_at=get_session_close(clinic=clinic, planned=visit.session)
        ),
        prepared_at=at,
        prepared_by=by,
        witness_id=dose.witness_id,
        preparer_signature=signatures[0],
        witness_signature=signatures[1],
    )
    acknowledge_notes(preparation=preparation, decision=decision, by=by, at=at)
    use_authorisations(preparation=preparation, by=by, at=at)
    visit.state, visit.preparation, visit.with_staff = VisitState.PREPARED, preparation, by
    visit.save(update_fields=["state", "preparation", "with_staff"])
    RecordedRequest.objects.create(
        key=key,
        act=PREPARED,
        content_sha256=content,
        answer={"preparation_id": str(preparation.id)},
        recorded_by=by,
        recorded_at=at,
    )
    record(
        PREPARED,
        by=by,
        at=at,
        clinic=clinic.id,
        person=visit.patient_id,
        thing=preparation,
        witness=str(dose.witness_id),
    )
    return preparation.id


def _reserve(dose: DoseToPrepare, visit: Visit, known: KnownAtTheHatch, at: datetime) -> None:
    """Count the drawn dose in the day's authorised milligrams, which the table holds under the maximum."""
    order, protocol = known.order, known.protocol
    assert order is not None and protocol is not None  # noqa: S101 - the caller has asked the rule
    maximum = min(order.daily_max_mg, protocol.daily_block_mg)
    day, _ = PatientDay.objects.get_or_create(
        patient_id=visit.patient_id, on=london_date(at), defaults={"maximum_mg": maximum}
    )
    PatientDay.objects.filter(id=day.id).update(
        maximum_mg=maximum, authorised_mg=F("authorised_mg") + dose.dose_mg
    )


# --- wasting -----------------------------------------------------------------------------------------------


def waste_dose(
    *,
    clinic: Clinic,
    preparation_id: uuid.UUID,
    reason: str,
    witness_id: uuid.UUID,
    waster_pin: str,
    witness_pin: str,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> WastedDose:
    """End a drawn dose that is not injected: wasted by two, with its register line, in one transaction.

    The person goes back to the check, or to being watched after the injection before. Wasting it twice returns the
    first. Raises PinRefused for a PIN, PreparationRefused with every reason, RegisterRefused when the register would
    not take the line; each refusal is in the trail.
    Source: clinical rules 22, 43 and 7.11 (not given: wasted by two).
    """
    witness = find_witness(witness_id, clinic=clinic, by=by, at=at)
    session_id = Preparation.objects.values_list("session_id", flat=True).get(
        id=preparation_id, session__clinic=clinic
    )
    if isinstance(witness, Decision):
        _note_refusal(WASTED, session_id, witness, clinic=clinic, by=by, at=at)
        raise PreparationRefused(witness)
    prove_pin(user=by, pin=waster_pin, terminal_id=terminal_id, at=at)
    prove_pin(user=witness, pin=witness_pin, terminal_id=terminal_id, at=at)
    try:
        answer = one_act(lambda: _waste_once(clinic, preparation_id, reason, witness, by))
    except RegisterRefused:
        _note_codes(WASTED, session_id, ["register_refused"], clinic=clinic, by=by, at=at)
        raise
    if isinstance(answer, Decision):
        raise PreparationRefused(answer)
    return answer


def _waste_once(
    clinic: Clinic, preparation_id: uuid.UUID, reason: str, witness: User, by: User
) -> WastedDose | Decision:
    patient_id = Preparation.objects.values_list("patient_id", flat=True).get(id=preparation_id)
    lock_dosing_state(patient_id=patient_id)
    preparation = Preparation.objects.select_related("batch", "order", "patient").get(id=preparation_id)
    first = WastedDose.objects.filter(preparation=preparation).first()
    if first is not None:
        return first
    lock_line(line_id=preparation.batch.line_id)
    at = now()
    visit = lock_visit(session_id=preparation.session_id)
    assert visit is not None  # noqa: S101 - a drawn dose has its visit
    # Who was watched after an injection while it was drawn up is watched again.
    back = VisitState.OBSERVED if visit.injected_at is not None else VisitState.IDENTIFIED
    turn = may_move(VisitState(visit.state), back)
    if not turn.is_allowed or visit.preparation_id != preparation.id:
        _note_refusal(WASTED, preparation.session_id, turn, clinic=clinic, by=by, at=at)
        message = "This dose has its ending already. Go back to the board to see it."
        return Decision((block("already_recorded", message, "clinical rule 24"),))
    content = content_sha256({"preparation": preparation.id, "reason": reason}, by.id)
    signatures = _sign_for(
        parts={Signature.Part.GIVER: by, Signature.Part.WITNESS: witness}, content=content, by=by, at=at
    )
    entry = append_entry(
        line_id=preparation.batch.line_id,
        batch_id=preparation.batch_id,
        clinic_id=clinic.id,
        kind=EntryKind.WASTED,
        ampoules=-preparation.ampoules,
        drawn_mg=preparation.drawn_mg,
        given_mg=0,
        wasted_mg=preparation.drawn_mg,
        party_name=preparation.patient.full_name,
        party_address=preparation.patient.address or "no fixed abode",
        patient_id=preparation.patient_id,
        order_id=preparation.order_id,
        prescriber_id=preparation.order.signed_by_id,
        reference="drawn up and not injected",
        witness_id=witness.id,
        occurred_at=at,
        key=uuid.uuid5(preparation.id, "waste"),
        by=by,
        at=at,
    )
    waste = WastedDose.objects.create(
        preparation=preparation,
        reason=reason,
        wasted_at=at,
        wasted_by=by,
        witness=witness,
        waster_signature=signatures[0],
        witness_signature=signatures[1],
        register_entry_id=entry.id,
    )
    PatientDay.objects.filter(patient_id=patient_id, on=london_date(preparation.prepared_at)).update(
        authorised_mg=F("authorised_mg") - preparation.dose_mg
    )
    visit.state, visit.preparation, visit.with_staff = back, None, by
    visit.save(update_fields=["state", "preparation", "with_staff"])
    record(
        WASTED,
        by=by,
        at=at,
        clinic=clinic.id,
        person=patient_id,
        thing=preparation,
        reason=reason,
        witness=str(witness.id),
        register_seq=entry.seq,
    )
    return waste


def _note_refusal(
    event: str, session_id: uuid.UUID, decision: Decision, *, clinic: Clinic, by: User, at: datetime
) -> None:
    codes = [finding.code for finding in decision]
    _note_codes(event, session_id, codes, clinic=clinic, by=by, at=at)


def _note_codes(
    event: str, session_id: uuid.UUID, codes: list[str], *, clinic: Clinic, by: User, at: datetime
) -> None:
    patient_id = Visit.objects.values_list("patient_id", flat=True).filter(session_id=session_id).first()
    with transaction.atomic():
        record(
            event,
            by=by,
            at=at,
            clinic=clinic.id,
            person=patient_id,
            refused=True,
            codes=codes,
        )
