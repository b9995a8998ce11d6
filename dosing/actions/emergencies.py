"""An emergency as it goes on: the red button, the taps, the end, and the names that are put to it afterwards."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dosing.actions.events import begin, follow_line
from dosing.actions.observation import end_watch
from dosing.models import (
    DosingState,
    Emergency,
    EmergencyCard,
    EmergencyLine,
    EmergencySignature,
    Signature,
    Visit,
)
from dosing.queries.emergencies import facts_of, is_known_here
from dosing.queries.orders import lock_dosing_state
from dosing.rules.emergencies import (
    CardDraft,
    LineKind,
    NaloxoneGiven,
    may_approve_card,
    may_sign,
    may_write_line,
)
from dosing.rules.observation import LEFT_IN_AN_EMERGENCY, TAKEN_TO_HOSPITAL
from dosing.rules.signatures import content_sha256
from dosing.rules.visits import VisitState
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act


class NoSuchEmergency(Exception):
    """There is no such emergency, or no such person, in this clinic: nothing was stored."""


class EmergencyRefused(Refused):
    """Nothing was written; `decision` holds every reason."""


class CardRefused(Refused):
    """The card was not approved; `decision` holds every reason."""


@dataclass(frozen=True, slots=True)
class LineToWrite:
    """What one tap says. `happened_at` is None for now; `naloxone` is for naloxone alone, `corrects_id` for a note."""

    kind: LineKind
    happened_at: datetime | None = None
    naloxone: NaloxoneGiven | None = None
    words: str = ""
    corrects_id: uuid.UUID | None = None


def start_emergency(
    *,
    clinic: Clinic,
    patient_id: uuid.UUID,
    terminal_id: uuid.UUID | None,
    key: uuid.UUID,
    by: User | None,
    at: datetime,
) -> Emergency:
    """Begin an emergency of somebody in treatment or seen here, or return the one that stands: two presses are one.

    The page has one key for all its faces: a wrong face and then the right one are two emergencies. Nobody needs to be
    named (`by` None) at a terminal that is locked: those present sign afterwards. Raises NoSuchEmergency for a
    stranger; nothing else refuses it. Source: clinical rule 28.
    """
    own_key = uuid.uuid5(key, str(patient_id))

    def work() -> Emergency:
        first = Emergency.objects.filter(key=own_key, clinic=clinic).first()
        if first is not None:
            return first
        if not is_known_here(clinic=clinic, patient_id=patient_id):
            raise NoSuchEmergency("This person is not in treatment here, and has never been here.")
        DosingState.objects.get_or_create(patient_id=patient_id)
        lock_dosing_state(patient_id=patient_id)
        return begin(
            clinic=clinic,
            patient_id=patient_id,
            reading=None,
            terminal_id=terminal_id,
            key=own_key,
            by=by,
            at=now(),
        )

    return one_act(work)


def write_emergency(
    *,
    clinic: Clinic,
    emergency_id: uuid.UUID,
    line: LineToWrite,
    terminal_id: uuid.UUID | None,
    key: uuid.UUID,
    by: User | None,
    at: datetime,
) -> EmergencyLine:
    """Write one line of an emergency, timed by the database's clock unless it tells of before.

    The same key with the same content is one line; a button pressed again has a new key and is a new line. Naloxone
    suspends the order and starts two hours of watching; handing over and leaving end the visit. Raises
    EmergencyRefused with every reason, NoSuchEmergency. Source: clinical rules 28, 29 and 7.11.
    """

    def work() -> EmergencyLine | Decision:
        emergency = _locked(clinic, emergency_id)
        moment = now()
        first = EmergencyLine.objects.filter(key=key).first()
        decision = Decision()
        if first is not None:
            if _says(first, emergency, line):
                return first
            message = "This button was already used for something else. Tap again."
            decision = Decision((block("key_reused", message, "trust design 5"),))
        happened_at = line.happened_at or moment
        decision |= may_write_line(
            facts_of(emergency),
            kind=line.kind,
            happened_at=happened_at,
            naloxone=line.naloxone,
            words=line.words,
            at=moment,
        )
        trail: dict[str, Any] = {"by": by, "at": moment, "clinic": clinic.id, "person": emergency.patient_id}
        if line.corrects_id is not None and not emergency.lines.filter(id=line.corrects_id).exists():
            raise NoSuchEmergency("There is no such line in this emergency.")
        if not decision.is_allowed:
            codes = decision.refusal_codes
            record(
                "dosing.emergency_written",
                refused=True,
                thing=emergency,
                codes=codes,
                kind=line.kind.value,
                **trail,
            )
            return decision
        written = EmergencyLine.objects.create(
            emergency=emergency,
            kind=line.kind,
            micrograms=line.naloxone.micrograms if line.naloxone else None,
            route=line.naloxone.route if line.naloxone else "",
            words=line.words.strip(),
            corrects_id=line.corrects_id,
            terminal_id=terminal_id,
            key=key,
            happened_at=happened_at,
            written_at=moment,
            written_by=by,
        )
        record(
            "dosing.emergency_written", thing=written, kind=line.kind.value, is_unsigned=by is None, **trail
        )
        follow_line(emergency=emergency, line=written, naloxone=line.naloxone, by=by, at=moment)
        if by is not None:
            _end_visit(emergency, by=by, at=moment)
        return written

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise EmergencyRefused(answer)
    return answer


def _locked(clinic: Clinic, emergency_id: uuid.UUID) -> Emergency:
    emergency = Emergency.objects.filter(id=emergency_id, clinic=clinic).first()
    if emergency is None:
        raise NoSuchEmergency("There is no such emergency.")
    lock_dosing_state(patient_id=emergency.patient_id)
    return emergency


def _says(first: EmergencyLine, emergency: Emergency, line: LineToWrite) -> bool:
    naloxone = (line.naloxone.micrograms, line.naloxone.route) if line.naloxone else (None, "")
    return (
        first.emergency_id == emergency.id
        and first.kind == line.kind
        and (first.micrograms, first.route) == naloxone
        and first.words == line.words.strip()
        and first.corrects_id == line.corrects_id
        and line.happened_at in (None, first.happened_at)
    )


def _end_visit(emergency: Emergency, *, by: User, at: datetime) -> None:
    """End the visit of somebody whom the ambulance took, or who left. It waits for the first who is named."""
    reasons = {LineKind.HANDED_OVER: TAKEN_TO_HOSPITAL, LineKind.LEFT: LEFT_IN_AN_EMERGENCY}
    end = emergency.lines.filter(kind__in=reasons).first()
    if end is None:
        return
    visit = (
        Visit.objects.select_for_update(of=("self",))
        .select_related("session")
        .filter(
            patient_id=emergency.patient_id,
            clinic=emergency.clinic_id,
            state=VisitState.OBSERVED,
            # Not one of a later day: a line or a signature may come long after the end.
            injected_at__lte=end.written_at,
        )
        .first()
    )
    if visit is not None:
        end_watch(visit=visit, early_reason=reasons[LineKind(end.kind)], by=by, at=at)


def sign_emergency(
    *,
    clinic: Clinic,
    emergency_id: uuid.UUID,
    lines: int,
    pin: str,
    terminal_id: uuid.UUID | None,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> EmergencySignature:
    """Put one's own PIN to an emergency as it was read: "I was there, and this is what was done".

    `lines` is how many were read: nobody signs what was written meanwhile. Several sign, each for themselves; a line
    written later without a name asks anew. The same key is one signature. Raises EmergencyRefused, NoSuchEmergency,
    PinRefused. Source: clinical rule 22.
    """
    if not Emergency.objects.filter(id=emergency_id, clinic=clinic).exists():
        raise NoSuchEmergency("There is no such emergency.")
    prove_pin(user=by, pin=pin, terminal_id=terminal_id, at=at)

    def work() -> EmergencySignature | Decision:
        emergency = _locked(clinic, emergency_id)
        first = EmergencySignature.objects.filter(key=key, emergency=emergency, signed_by=by).first()
        if first is not None:
            return first
        moment = now()
        written = list(emergency.lines.order_by("written_at", "id").values_list("id", flat=True))
        trail: dict[str, Any] = {"by": by, "at": moment, "clinic": clinic.id, "person": emergency.patient_id}
        decision = may_sign(read=lines, written=len(written))
        if not decision.is_allowed:
            codes = decision.refusal_codes
            record("dosing.emergency_signed", refused=True, thing=emergency, codes=codes, **trail)
            return decision
        content = content_sha256({"emergency": emergency.id, "lines": written}, by.id)
        signature = Signature.objects.create(
            signed_by=by, signed_at=moment, part=Signature.Part.PRESENT, content_sha256=content
        )
        signed = EmergencySignature.objects.create(
            signature=signature,
            emergency=emergency,
            lines=lines,
            key=key,
            signed_at=moment,
            signed_by=by,
        )
        record("dosing.emergency_signed", thing=emergency, lines=lines, **trail)
        _end_visit(emergency, by=by, at=moment)
        return signed

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise EmergencyRefused(answer)
    return answer


def approve_emergency_card(
    *, clinic: Clinic, draft: CardDraft, key: uuid.UUID, by: User, at: datetime
) -> EmergencyCard:
    """Approve the clinic's emergency card; it counts from now on. The same key is one card.

    Raises CardRefused with every reason; the refusal is in the trail. Source: clinical rule 28.
    """

    def work() -> EmergencyCard | Decision:
        Clinic.objects.select_for_update().get(id=clinic.id)
        first = EmergencyCard.objects.filter(key=key, clinic=clinic).first()
        if first is not None:
            return first
        moment = now()
        is_lead = Role.CLINICAL_LEAD in roles_of(user=by, clinic=clinic, at=moment)
        decision = may_approve_card(draft, approver_is_clinical_lead=is_lead)
        if not decision.is_allowed or draft.naloxone is None:
            codes = decision.refusal_codes
            record(
                "dosing.emergency_card_approved",
                by=by,
                at=moment,
                clinic=clinic.id,
                refused=True,
                codes=codes,
            )
            return decision
        card = EmergencyCard.objects.create(
            clinic=clinic,
            number=EmergencyCard.objects.filter(clinic=clinic).count() + 1,
            micrograms=draft.naloxone.micrograms,
            route=draft.naloxone.route,
            look_again=draft.look_again.strip(),
            to_tell=draft.to_tell.strip(),
            key=key,
            approved_by=by,
            approved_at=moment,
        )
        record(
            "dosing.emergency_card_approved",
            by=by,
            at=moment,
            clinic=clinic.id,
            thing=card,
            number=card.number,
        )
        return card

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise CardRefused(answer)
    return answer
