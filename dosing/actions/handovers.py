"""Signing what one team tells the next, and signing that it was read."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Set
from datetime import datetime
from typing import Literal

from dosing.models import Handover, HandoverAcknowledgement, HandoverNote
from dosing.queries.handovers import list_handover_facts, list_handovers_of
from dosing.queries.sessions import SessionKey
from dosing.rules.handovers import facts_sha256, may_acknowledge, may_hand_over
from dosing.rules.signatures import content_sha256
from hat_clinic.accounts.actions import prove_pin
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act

SIGNED: Literal["dosing.handover_signed"] = "dosing.handover_signed"
READ: Literal["dosing.handover_acknowledged"] = "dosing.handover_acknowledged"


class HandoverRefused(Refused):
    """Nothing was signed; `decision` holds every reason."""


def sign_handover(
    *,
    clinic: Clinic,
    session: SessionKey,
    number: int,
    seen: str,
    shown: Set[uuid.UUID],
    words: str,
    notes: Mapping[uuid.UUID, str],
    pin: str,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> Handover:
    """Store the end of a session as the program knows it, with what a nurse wrote beside it, under a PIN.

    The facts are listed anew and frozen; when they are others than the page showed (`seen`), nothing is signed.
    `number` is 1, or higher for what is added to a session that was handed over: somebody who signed first is read
    first. `notes` holds a line by person, of those that the facts name or that the page showed (`shown`): a line
    about somebody whose fact has gone is kept. Sent again by the same nurse it returns the first.
    Raises PinRefused for the PIN, HandoverRefused with every reason. Source: trust design 2 and 5.
    """
    prove_pin(user=by, pin=pin, terminal_id=terminal_id, at=at)
    answer = one_act(lambda: _sign_once(clinic, session, number, seen, shown, words.strip(), notes, by))
    if isinstance(answer, Decision):
        raise HandoverRefused(answer)
    return answer


def _sign_once(
    clinic: Clinic,
    session: SessionKey,
    number: int,
    seen: str,
    shown: Set[uuid.UUID],
    words: str,
    notes: Mapping[uuid.UUID, str],
    by: User,
) -> Handover | Decision:
    Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
    at = now()
    written = {person: text.strip() for person, text in notes.items() if text.strip()}
    content = content_sha256(
        {
            "session": session,
            "number": number,
            "seen": seen,
            "words": words,
            "notes": sorted(map(str, written.items())),
        },
        by.id,
    )
    signed = list_handovers_of(clinic=clinic, session=session)
    for one in signed:
        if one.content_sha256 == content:
            return one
    facts = list_handover_facts(clinic=clinic, session=session, at=at)
    named = {fact.patient_id for fact in facts}
    decision = may_hand_over(
        may_sign=_may(Permission.SIGN_HANDOVER, clinic, by, at),
        is_signed=len(signed) + 1 != number,
        has_changed=facts_sha256(facts, by.id) != seen or not named | shown >= set(written),
    )
    if not decision.is_allowed:
        return _refused(SIGNED, decision, clinic=clinic, by=by, at=at)
    handover = Handover.objects.create(
        clinic=clinic,
        service_date=session.service_date,
        slot=session.slot,
        number=number,
        facts=[fact.frozen() for fact in facts],
        words=words,
        content_sha256=content,
        signed_at=at,
        signed_by=by,
    )
    HandoverNote.objects.bulk_create(
        HandoverNote(handover=handover, patient_id=person, words=text) for person, text in written.items()
    )
    record(SIGNED, by=by, at=at, clinic=clinic.id, thing=handover, facts=len(facts), notes=len(written))
    return handover


def acknowledge_handover(
    *,
    clinic: Clinic,
    handover_id: uuid.UUID,
    pin: str,
    terminal_id: uuid.UUID | None,
    by: User,
    at: datetime,
) -> HandoverAcknowledgement:
    """Store that somebody of the next team has read a handover, under their PIN. Once: the first one stays,
    and anybody after them is refused.

    Raises PinRefused for the PIN, HandoverRefused with every reason. Source: trust design 2.
    """
    prove_pin(user=by, pin=pin, terminal_id=terminal_id, at=at)
    answer = one_act(lambda: _acknowledge_once(clinic, handover_id, by))
    if isinstance(answer, Decision):
        raise HandoverRefused(answer)
    return answer


def _acknowledge_once(clinic: Clinic, handover_id: uuid.UUID, by: User) -> HandoverAcknowledgement | Decision:
    Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
    at = now()
    handover = (
        Handover.objects.select_related("acknowledgement__acknowledged_by")
        .filter(clinic=clinic, id=handover_id)
        .first()
    )
    if handover is None:
        message = "That handover is not of this clinic. Open it again from the board."
        none = Decision((block("no_such_handover", message, "trust design 2"),))
        return _refused(READ, none, clinic=clinic, by=by, at=at)
    first: HandoverAcknowledgement | None = getattr(handover, "acknowledgement", None)
    if first is not None and first.acknowledged_by_id == by.id:
        return first
    if first is not None:
        message = f"{first.acknowledged_by.full_name} has read it already, and is the one who is named."
        read_already = Decision((block("read_already", message, "trust design 2"),))
        return _refused(READ, read_already, clinic=clinic, by=by, at=at)
    decision = may_acknowledge(
        may_sign=_may(Permission.ACKNOWLEDGE_HANDOVER, clinic, by, at),
        is_signer=handover.signed_by_id == by.id,
    )
    if not decision.is_allowed:
        return _refused(READ, decision, clinic=clinic, by=by, at=at)
    read = HandoverAcknowledgement.objects.create(
        handover=handover,
        content_sha256=content_sha256({"handover": handover.content_sha256}, by.id),
        acknowledged_at=at,
        acknowledged_by=by,
    )
    record(READ, by=by, at=at, clinic=clinic.id, thing=handover)
    return read


def _may(permission: Permission, clinic: Clinic, by: User, at: datetime) -> bool:
    return by.id in {user.id for user in list_people_who_may(permission, clinic=clinic, at=at)}


def _refused(
    event: Literal["dosing.handover_signed", "dosing.handover_acknowledged"],
    decision: Decision,
    *,
    clinic: Clinic,
    by: User,
    at: datetime,
) -> Decision:
    codes = decision.refusal_codes
    record(event, by=by, at=at, clinic=clinic.id, refused=True, codes=codes)
    return decision
