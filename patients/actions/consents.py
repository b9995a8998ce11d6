"""Recording what people agree to, and what they take back."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from hat_clinic.accounts.models import Agency, Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Refused
from patients.models import Consent, ConsentWithdrawal, Person
from patients.queries.consents import get_last_withdrawal, same_consent, standing_consents
from patients.queries.people import lock_person
from patients.rules.consent_wordings import current_wording
from patients.rules.consents import ConsentGiven, How, Purpose, WithdrawalReason, may_record_consent


class ConsentRefused(Refused):
    """The consent was not recorded; `decision` holds every reason."""


def record_consent(
    *,
    person: Person,
    clinic: Clinic,
    purpose: Purpose,
    wording_version: str,
    given_at: datetime,
    by: User,
    at: datetime,
    how: How = How.IN_WRITING,
    witness: User | None = None,
    agency: Agency | None = None,
) -> Consent:
    """Store one consent. The same one pressed twice returns the first: nothing is stored again.

    `clinic` is where it was recorded. Raises ConsentRefused with every reason; the refusal is in the audit
    trail. Source: trust design 7.
    """
    with transaction.atomic(durable=True):
        lock_person(person_id=person.id)
        agency_id = agency.id if agency else None
        same = same_consent(person_id=person.id, purpose=purpose, agency_id=agency_id)
        first = standing_consents(at=at).filter(same, wording_version=wording_version).first()
        if first is not None:
            return first
        decision = may_record_consent(
            ConsentGiven(
                purpose=purpose,
                has_agency=agency is not None,
                how=how,
                has_witness=witness is not None,
                recorder_is_witness=witness is not None and witness.pk == by.pk,
                wording_is_current=wording_version == current_wording(purpose).version,
                given_at=given_at,
                last_withdrawn_at=get_last_withdrawal(
                    person_id=person.id, purpose=purpose, agency_id=agency_id
                ),
            ),
            at=at,
        )
        if decision.is_allowed:
            consent = Consent.objects.create(
                person=person,
                purpose=purpose,
                agency=agency,
                wording_version=wording_version,
                given_at=given_at,
                how=how,
                witness=witness,
                recorded_by=by,
                recorded_at=at,
            )
            record(
                "patients.consent_recorded",
                by=by,
                at=at,
                clinic=clinic.id,
                person=person.id,
                thing=consent,
                purpose=purpose.value,
            )
            return consent
        record(
            "patients.consent_recorded",
            by=by,
            at=at,
            clinic=clinic.id,
            person=person.id,
            refused=True,
            codes=decision.refusal_codes,
        )
    raise ConsentRefused(decision)


@transaction.atomic(durable=True)
def withdraw_consent(
    *,
    person_id: uuid.UUID,
    clinic: Clinic,
    purpose: Purpose,
    by: User,
    at: datetime,
    agency_id: uuid.UUID | None = None,
    reason: WithdrawalReason | None = None,
) -> int:
    """Take back every standing consent of a person to one purpose, and return how many that were.

    `at` is when the page was sent; the withdrawal is timed by the database's clock once the person's row is
    locked, so that a dose is either written before it or sees it. Pressed twice, the second finds nothing and
    stores nothing. Source: clinical rules 7.11; trust design 7.
    """
    lock_person(person_id=person_id)
    taken_back_at = now()  # the lock may have been long in coming, behind a dose
    standing = standing_consents(at=max(at, taken_back_at)).filter(
        same_consent(person_id=person_id, purpose=purpose, agency_id=agency_id)
    )
    withdrawals = ConsentWithdrawal.objects.bulk_create(
        ConsentWithdrawal(
            consent=consent, withdrawn_at=taken_back_at, recorded_by=by, reason=reason.value if reason else ""
        )
        for consent in standing
    )
    if withdrawals:
        record(
            "patients.consent_withdrawn",
            by=by,
            at=taken_back_at,
            clinic=clinic.id,
            person=person_id,
            thing=withdrawals[0],
            purpose=purpose.value,
            consents=len(withdrawals),
        )
    return len(withdrawals)
