"""Noting that somebody who missed sessions was reached, or that it was tried."""

from __future__ import annotations

import uuid
from datetime import datetime

from dosing.models import Contact, DosingState, RecordedRequest
from dosing.queries.orders import lock_dosing_state
from dosing.rules.contacts import How, Reached, may_note_contact
from dosing.rules.signatures import content_sha256
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act
from patients.models import Episode

NOTED = "dosing.contact_noted"
USED_ALREADY = "This page was already used for something else. Open it again from the person."


class ContactRefused(Refused):
    """Nothing was noted; `decision` holds every reason."""


def note_contact(
    *,
    clinic: Clinic,
    episode: Episode,
    reached: Reached,
    how: How,
    words: str,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> uuid.UUID:
    """Note whom a contact about somebody reached, how, and what was said; return its id.

    It is of the moment it is noted, by the database's clock. The same key with the same content is one contact.
    Raises ContactRefused with every reason; the refusal is in the trail. Source: clinical rule 35.
    """
    answer = one_act(lambda: _note_once(clinic, episode, reached, how, words.strip(), key, by))
    if isinstance(answer, Decision):
        raise ContactRefused(answer)
    return answer


def _note_once(
    clinic: Clinic, episode: Episode, reached: Reached, how: How, words: str, key: uuid.UUID, by: User
) -> uuid.UUID | Decision:
    DosingState.objects.get_or_create(patient_id=episode.person_id)
    lock_dosing_state(patient_id=episode.person_id)
    content = content_sha256({"episode": episode.id, "reached": reached, "how": how, "words": words}, by.id)
    first = RecordedRequest.objects.filter(key=key).first()
    if first is not None and first.content_sha256 == content:
        return uuid.UUID(first.answer["contact_id"])
    at = now()
    decision = may_note_contact(words=words)
    if first is not None:
        decision |= Decision((block("key_reused", USED_ALREADY, "clinical rule 35"),))
    if not decision.is_allowed:
        codes = decision.refusal_codes
        record(NOTED, by=by, at=at, clinic=clinic.id, person=episode.person_id, refused=True, codes=codes)
        return decision
    contact = Contact.objects.create(
        clinic=clinic,
        patient_id=episode.person_id,
        episode=episode,
        reached=reached,
        how=how,
        words=words,
        noted_by=by,
        noted_at=at,
    )
    RecordedRequest.objects.create(
        key=key,
        act=NOTED,
        content_sha256=content,
        answer={"contact_id": str(contact.id)},
        recorded_by=by,
        recorded_at=at,
    )
    record(
        NOTED,
        by=by,
        at=at,
        clinic=clinic.id,
        person=episode.person_id,
        thing=contact,
        reached=reached.value,
        how=how.value,
    )
    return contact.id
