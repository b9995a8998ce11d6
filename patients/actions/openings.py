"""Opening a record without a relationship, with a reason and for one hour; and closing what was found about it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from patients.models import OpeningReview, RecordOpening
from patients.queries.openings import Asked, find_asked, is_related, openings_looked_into
from patients.rules.relationships import (
    OPEN_FOR,
    OpeningFinding,
    OpeningReason,
    may_close_review,
    may_open_record,
)


class OpeningRefused(Refused):
    """The record stays closed; `decision` holds every reason."""


class ReviewRefused(Refused):
    """Nothing was closed; `decision` holds every reason."""


def open_record(
    *, clinic: Clinic, asked: Asked, reason: OpeningReason | None, words: str, by: User, at: datetime
) -> RecordOpening:
    """Open the record of somebody one does not work with, for one hour, to read.

    A record that is open for the same colleague already is returned. Every attempt is in the trail, with whom it found.
    Raises OpeningRefused with every reason. Source: trust design 3.
    """

    def work() -> RecordOpening | Decision:
        person = find_asked(asked)
        related = person is not None and is_related(person_id=person.id, colleague=by, clinic=clinic)
        decision = may_open_record(
            reason=reason, words=words, is_found=person is not None, is_related=related
        )
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id}
        if person is not None:
            trail["person"] = person.id
        if not decision.is_allowed or person is None or reason is None:
            codes = decision.refusal_codes
            record("patients.record_opened", refused=True, codes=codes, **trail)
            return decision
        standing = RecordOpening.objects.filter(person=person, opened_by=by, clinic=clinic, ends_at__gt=at)
        first = standing.order_by("-opened_at").first()
        if first is not None:
            record("patients.record_opened", thing=first, reason=reason.value, again=True, **trail)
            return first
        opening = RecordOpening.objects.create(
            person=person,
            clinic=clinic,
            reason=reason.value,
            words=words,
            opened_by=by,
            opened_at=at,
            ends_at=at + OPEN_FOR,
        )
        record("patients.record_opened", thing=opening, reason=reason.value, **trail)
        return opening

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise OpeningRefused(answer)
    return answer


def review_opening(
    *,
    clinic: Clinic,
    opening_id: uuid.UUID,
    finding: OpeningFinding | None,
    words: str,
    by: User,
    at: datetime,
) -> OpeningReview:
    """Close an opening with what was found. Once, and never by who opened it.

    Raises ReviewRefused with every reason; the refusal is in the trail. Source: trust design 3.
    """

    def work() -> OpeningReview | Decision:
        opening = openings_looked_into(clinic=clinic).get(id=opening_id)
        decision = may_close_review(
            finding=finding,
            words=words,
            is_reviewed=OpeningReview.objects.filter(opening=opening).exists(),
            is_own=opening.opened_by_id == by.id,
        )
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": opening.person_id}
        if not decision.is_allowed or finding is None:
            codes = decision.refusal_codes
            record("patients.opening_reviewed", refused=True, codes=codes, **trail)
            return decision
        review = OpeningReview.objects.create(
            opening=opening, finding=finding.value, words=words, reviewed_by=by, reviewed_at=at
        )
        record("patients.opening_reviewed", thing=opening, finding=finding.value, **trail)
        return review

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise ReviewRefused(answer)
    return answer
