"""Writing a draft of a clinic's limits, and approving it."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from dosing.actions.orders import SentPage
from dosing.models import ProtocolDraft, ProtocolVersion, RecordedRequest
from dosing.queries.protocol import (
    as_limits_seen,
    as_rules_read_it,
    get_last_draft,
    get_last_version,
    get_waiting_draft,
    what_stands,
)
from dosing.rules.protocol import UNVERIFIED, ApprovalFacts, may_approve_protocol, numbers_of
from dosing.rules.protocol_versions import DraftFacts, may_draft_protocol
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.accounts.rules import Permission, Role, may
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act

DRAFTED = "dosing.protocol_drafted"
APPROVED = "dosing.protocol_approved"
STALE = frozenset({"limits_changed", "key_reused"})
USED_ALREADY = "This page was already used for something else. Open the limits again."


class ProtocolRefused(Refused):
    """No draft was written, or nothing was approved; `decision` holds every reason."""

    @property
    def is_stale(self) -> bool:
        """True where the page was opened on something else than what stands now."""
        return any(finding.code in STALE for finding in self.decision.refusals)


def draft_protocol(
    *,
    clinic: Clinic,
    numbers: Mapping[str, int],
    reason: str,
    by: User,
    at: datetime,
    page: SentPage | None = None,
) -> ProtocolDraft:
    """Store a draft of the clinic's next limits; it takes the place of the draft before it and binds nobody.

    With a page it is written once: the same key with the same content returns the first draft, and it is refused
    when another draft was written or approved since the page was opened. Without one (a program, for invented
    people) it is of `at`. Raises ProtocolRefused with every reason; the refusal is in the audit trail and nothing
    else is stored. Source: clinical rules 7.9 and 7.11.
    """
    answer = one_act(lambda: _draft_once(clinic, dict(numbers), reason.strip(), page, by, at))
    if isinstance(answer, Decision):
        raise ProtocolRefused(answer)
    return answer


def _draft_once(
    clinic: Clinic, numbers: dict[str, int], reason: str, page: SentPage | None, by: User, at: datetime
) -> ProtocolDraft | Decision:
    Clinic.objects.select_for_update().get(id=clinic.id)
    content = _sha256(clinic=clinic.id, numbers=numbers, reason=reason, by=by.id)
    if page is not None:
        first = RecordedRequest.objects.filter(key=page.key).first()
        if first is not None and first.content_sha256 == content:
            return ProtocolDraft.objects.get(id=first.answer["draft_id"])
        stale = _stale(DRAFTED, page, first, clinic=clinic, by=by, at=at)
        if stale is not None:
            return stale
        at = max(at, now())  # the lock may have been long in coming
    roles = roles_of(user=by, clinic=clinic, at=at)
    decision = may_draft_protocol(
        numbers, DraftFacts(reason=reason, writer_may_draft=may(roles, Permission.DRAFT_PROTOCOL))
    )
    if not decision.is_allowed:
        return _refuse(DRAFTED, decision, clinic=clinic, by=by, at=at)
    last = get_last_draft(clinic_id=clinic.id)
    draft = ProtocolDraft.objects.create(
        clinic=clinic,
        number=last.number + 1 if last else 1,
        reason=reason,
        written_by=by,
        written_at=at,
        **numbers,
    )
    record(DRAFTED, by=by, at=at, clinic=clinic.id, thing=draft, number=draft.number)
    if page is not None:
        _answer(page, DRAFTED, content, {"draft_id": str(draft.id)}, by=by, at=at)
    return draft


def approve_protocol(
    *,
    clinic: Clinic,
    draft_id: uuid.UUID,
    confirmed: frozenset[str],
    starts_at: datetime,
    by: User,
    at: datetime,
    page: SentPage | None = None,
) -> ProtocolVersion:
    """Approve the draft that waits: its numbers are the clinic's limits from `starts_at` on.

    `confirmed` names the unverified numbers that the clinical lead confirmed locally. With a page it is done once,
    timed by the database's clock once the clinic's lock is held (then or at its later start), and refused when
    another draft was written or approved since the page was opened. Without one (a program, for invented people)
    it is of `at`. Raises ProtocolRefused with every reason; the refusal is in the audit trail and nothing else is
    stored. Source: clinical rules 7.9 and 7.11.
    """
    answer = one_act(lambda: _approve_once(clinic, draft_id, confirmed, starts_at, page, by, at))
    if isinstance(answer, Decision):
        raise ProtocolRefused(answer)
    return answer


def _approve_once(
    clinic: Clinic,
    draft_id: uuid.UUID,
    confirmed: frozenset[str],
    starts_at: datetime,
    page: SentPage | None,
    by: User,
    at: datetime,
) -> ProtocolVersion | Decision:
    Clinic.objects.select_for_update().get(id=clinic.id)
    is_at_once = page is not None and page.starts_at_once
    content = _sha256(
        draft=draft_id,
        confirmed=sorted(confirmed),
        starts_at="at once" if is_at_once else starts_at,
        by=by.id,
    )
    if page is not None:
        first = RecordedRequest.objects.filter(key=page.key).first()
        if first is not None and first.content_sha256 == content:
            return ProtocolVersion.objects.get(id=first.answer["version_id"])
        stale = _stale(APPROVED, page, first, clinic=clinic, by=by, at=at)
        if stale is not None:
            return stale
        at = max(at, now())  # the lock may have been long in coming
        starts_at = at if is_at_once else starts_at
    draft = get_waiting_draft(clinic_id=clinic.id)
    protocol = as_rules_read_it(draft)
    if draft is None or protocol is None or draft.id != draft_id:
        return _refuse(APPROVED, _changed(clinic), clinic=clinic, by=by, at=at)
    decision = may_approve_protocol(
        numbers_of(protocol),
        ApprovalFacts(
            at=at,
            starts_at=starts_at,
            approver_is_clinical_lead=Role.CLINICAL_LEAD in roles_of(user=by, clinic=clinic, at=at),
            confirmed=confirmed,
        ),
    )
    if not decision.is_allowed:
        return _refuse(APPROVED, decision, clinic=clinic, by=by, at=at)
    last = get_last_version(clinic_id=clinic.id)
    version = ProtocolVersion.objects.create(
        clinic=clinic,
        number=last.number + 1 if last else 1,
        draft=draft,
        confirmed=sorted(confirmed & UNVERIFIED),
        starts_at=starts_at,
        approved_by=by,
        approved_at=at,
        **asdict(protocol),
    )
    record(
        APPROVED,
        by=by,
        at=at,
        clinic=clinic.id,
        thing=version,
        number=version.number,
        draft=str(draft.id),
        is_own_draft=draft.written_by_id == by.id,
    )
    if page is not None:
        _answer(page, APPROVED, content, {"version_id": str(version.id)}, by=by, at=at)
    return version


def _stale(
    event: str, page: SentPage, first: RecordedRequest | None, *, clinic: Clinic, by: User, at: datetime
) -> Decision | None:
    """Return why a page is not taken any more: its key stands for something else, or the limits changed."""
    if first is not None:
        used = Decision((block("key_reused", USED_ALREADY, "clinical rules 7.11"),))
        return _refuse(event, used, clinic=clinic, by=by, at=at)
    if page.seen != as_limits_seen(clinic_id=clinic.id):
        return _refuse(event, _changed(clinic), clinic=clinic, by=by, at=at)
    return None


def _changed(clinic: Clinic) -> Decision:
    message = (
        f"The limits changed since you opened this page. {what_stands(clinic_id=clinic.id)} "
        "Nothing was saved. Look at them again."
    )
    return Decision((block("limits_changed", message, "clinical rules 7.11"),))


def _refuse(event: str, decision: Decision, *, clinic: Clinic, by: User, at: datetime) -> Decision:
    codes = decision.refusal_codes
    record(event, by=by, at=at, clinic=clinic.id, refused=True, codes=codes)
    return decision


def _answer(
    page: SentPage, event: str, content: str, answer: dict[str, str], *, by: User, at: datetime
) -> None:
    RecordedRequest.objects.create(
        key=page.key,
        act=event,
        content_sha256=content,
        answer=answer,
        recorded_by=by,
        recorded_at=at,
    )


def _sha256(**content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
