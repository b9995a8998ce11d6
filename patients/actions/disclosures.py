"""Writing down what left the clinic about somebody."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from hat_clinic.accounts.models import Agency, Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Decision
from patients.models import Disclosure
from patients.queries.consents import find_standing_doses
from patients.rules.disclosures import DisclosureFacts, RecipientKind, may_disclose


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who a statement is for, and why it may go there without a consent, if it does."""

    kind: RecipientKind | None
    recipient: str
    agency: Agency | None
    emergency_words: str


def store_disclosure(
    *,
    person_id: uuid.UUID,
    clinic: Clinic,
    to: Recipient,
    said: dict[str, Any],
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> Disclosure | Decision:
    """Store a statement that leaves the clinic, in the caller's transaction; or return every reason against it.

    The caller has locked the person (`lock_person`) and read `at` from the clock after that, so that a withdrawal of
    the consent is either seen here or comes after what was told. One `key` is one statement: sent again it returns the
    first, and with other content it is refused. An emergency is written only where no consent stands.
    Source: product P 8; trust design 7.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A disclosure is stored in the transaction of its lock.")
    first = Disclosure.objects.filter(key=key).first()
    if first is not None and _is_same(first, person_id=person_id, clinic=clinic, to=to, by=by):
        return first
    consent = find_standing_doses(person_id=person_id, agency_id=to.agency.id, at=at) if to.agency else None
    decision = may_disclose(
        DisclosureFacts(
            kind=to.kind,
            recipient=to.recipient,
            agency_kind=to.agency.kind if to.agency else None,
            has_consent=consent is not None,
            is_another=first is not None,
            emergency_words="" if consent else to.emergency_words,
        )
    )
    trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": person_id}
    if not decision.is_allowed or to.kind is None:
        codes = decision.refusal_codes
        record("patients.statement_given", refused=True, codes=codes, **trail)
        return decision
    last = Disclosure.objects.filter(person_id=person_id).aggregate(last=Max("number"))["last"]
    disclosure = Disclosure.objects.create(
        person_id=person_id,
        clinic=clinic,
        number=(last or 0) + 1,
        kind=to.kind.value,
        agency=to.agency,
        recipient=to.recipient,
        consent=consent,
        emergency_words="" if consent else to.emergency_words,
        said=said,
        key=key,
        disclosed_by=by,
        disclosed_at=at,
    )
    record(
        "patients.statement_given",
        thing=disclosure,
        kind=to.kind.value,
        basis="consent" if consent else "emergency",
        **trail,
    )
    return disclosure


def _is_same(first: Disclosure, *, person_id: uuid.UUID, clinic: Clinic, to: Recipient, by: User) -> bool:
    """Tell whether what is sent is what one key stored before: of this person, by this colleague, to the same place."""
    was = (
        first.person_id,
        first.clinic_id,
        first.disclosed_by_id,
        first.kind,
        first.agency_id,
        first.recipient,
    )
    agency_id = to.agency.id if to.agency else None
    words = first.emergency_words if first.consent_id else to.emergency_words
    now_sent = (person_id, clinic.id, by.pk, to.kind, agency_id, to.recipient)
    return was == now_sent and first.emergency_words == words
