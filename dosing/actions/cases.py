"""Working on a discrepancy case: every act adds one line to it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from dosing.models import CaseEvent, Discrepancy
from dosing.queries.cases import get_case_facts, get_case_here
from dosing.rules.cases import (
    CaseEventKind,
    CaseFacts,
    Classification,
    Destination,
    may_classify,
    may_close_case,
    may_note,
    may_tell,
)
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_people_who_may, roles_of
from hat_clinic.accounts.rules import Permission, may
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act

NOTED = "dosing.case_noted"
CLASSIFIED = "dosing.case_classified"
TOLD = "dosing.case_told"
CLOSED = "dosing.case_closed"
USED_ALREADY = "This page was already used. Nothing was saved twice. Open the case again."


class CaseRefused(Refused):
    """Nothing was written in the case; `decision` holds every reason."""


class NoSuchCase(Exception):
    """This clinic has no case with that id."""


def note_case(
    *, clinic: Clinic, case_id: uuid.UUID, words: str, key: uuid.UUID, by: User, at: datetime
) -> CaseEvent:
    """Add a note to a case, open or closed.

    Here as in every act on a case the same key with the same content returns the first line. Raises NoSuchCase for
    another clinic's, CaseRefused with every reason. Source: clinical rule 47.
    """
    content = {"key": key, "kind": CaseEventKind.NOTE, "words": words.strip()}
    return _written(
        one_act(
            lambda: _write_once(
                clinic,
                case_id,
                NOTED,
                Permission.NOTE_CASE,
                lambda case, now_at: may_note(words=words),
                content,
                by,
                at,
            )
        )
    )


def classify_case(
    *,
    clinic: Clinic,
    case_id: uuid.UUID,
    classification: Classification,
    words: str,
    seen_with_id: uuid.UUID | None,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> CaseEvent:
    """Write down what a difference turned out to be; a later classification stands beside the earlier ones.

    `seen_with_id` is a colleague who looked into it too, named and not signing. Raises NoSuchCase, CaseRefused.
    Source: clinical rule 47.
    """

    def decide(case: CaseFacts, now_at: datetime) -> Decision:
        colleagues = list_people_who_may(Permission.COUNT_STOCK, clinic=clinic, at=now_at)
        known = {person.id for person in colleagues} - {by.id}
        decision = may_classify(case, words=words)
        if seen_with_id is not None and seen_with_id not in known:
            decision |= _no("not_a_colleague", "Choose the colleague from the list.")
        return decision

    content = {
        "key": key,
        "kind": CaseEventKind.CLASSIFIED,
        "classification": classification.value,
        "words": words.strip(),
        "seen_with_id": seen_with_id,
    }
    return _written(
        one_act(
            lambda: _write_once(
                clinic, case_id, CLASSIFIED, Permission.CLASSIFY_CASE, decide, content, by, at
            )
        )
    )


def tell_of_case(
    *,
    clinic: Clinic,
    case_id: uuid.UUID,
    destination: Destination,
    whom: str,
    told_at: datetime,
    reference: str,
    words: str,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> CaseEvent:
    """Write down that a person told somebody of a case: whom, when, under which reference. Nothing is sent.

    Also after the case was closed. Raises NoSuchCase, CaseRefused. Source: clinical rules 47 and 53.
    """

    def decide(case: CaseFacts, now_at: datetime) -> Decision:
        return may_tell(case, whom=whom, reference=reference, words=words, told_at=told_at, at=now_at)

    content = {
        "key": key,
        "kind": CaseEventKind.TOLD,
        "destination": destination.value,
        "told_name": whom.strip(),
        "told_moment": told_at,
        "reference": reference.strip(),
        "words": words.strip(),
    }
    return _written(
        one_act(lambda: _write_once(clinic, case_id, TOLD, Permission.NOTE_CASE, decide, content, by, at))
    )


def close_case(
    *, clinic: Clinic, case_id: uuid.UUID, words: str, key: uuid.UUID, by: User, at: datetime
) -> CaseEvent:
    """Close a case with a reason. Raises NoSuchCase, CaseRefused. Source: clinical rules 47 and 53."""

    def decide(case: CaseFacts, now_at: datetime) -> Decision:
        return may_close_case(case, words=words, at=now_at)

    content = {"key": key, "kind": CaseEventKind.CLOSED, "words": words.strip()}
    return _written(
        one_act(lambda: _write_once(clinic, case_id, CLOSED, Permission.CLOSE_CASE, decide, content, by, at))
    )


Decide = Callable[[CaseFacts, datetime], Decision]


def _written(answer: CaseEvent | Decision | None) -> CaseEvent:
    """Return the line, or raise what stood against it."""
    if answer is None:
        raise NoSuchCase
    if isinstance(answer, Decision):
        raise CaseRefused(answer)
    return answer


def _write_once(
    clinic: Clinic,
    case_id: uuid.UUID,
    event: str,
    permission: Permission,
    decide: Decide,
    content: dict[str, Any],
    by: User,
    at: datetime,
) -> CaseEvent | Decision | None:
    """Add one line under the lock of the clinic: two people at once write one after the other."""
    Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
    case = get_case_here(clinic=clinic, case_id=case_id)
    if case is None:
        return None
    first = CaseEvent.objects.filter(key=content["key"]).first()
    if first is not None and all(getattr(first, name) == value for name, value in content.items()):
        return first if first.discrepancy_id == case.id else None
    at = max(at, now())  # the lock may have been long in coming
    if first is not None:
        return _refused(_no("key_reused", USED_ALREADY), event, case, clinic=clinic, by=by, at=at)
    decision = _may(permission, clinic=clinic, by=by, at=at) | decide(get_case_facts(case), at)
    if not decision.is_allowed:
        return _refused(decision, event, case, clinic=clinic, by=by, at=at)
    line = CaseEvent.objects.create(
        discrepancy=case, number=case.events.count() + 1, recorded_at=at, recorded_by=by, **content
    )
    told = {name: content[name] for name in ("classification", "destination") if name in content}
    record(event, by=by, at=at, clinic=clinic.id, thing=case, case_line=line.number, **told)
    return line


def _refused(
    decision: Decision, event: str, case: Discrepancy, *, clinic: Clinic, by: User, at: datetime
) -> Decision:
    codes = decision.refusal_codes
    record(event, by=by, at=at, clinic=clinic.id, thing=case, refused=True, codes=codes)
    return decision


def _may(permission: Permission, *, clinic: Clinic, by: User, at: datetime) -> Decision:
    """Ask again, inside the lock, what the door asked: a role may have ended since."""
    if may(roles_of(user=by, clinic=clinic, at=at), permission):
        return Decision()
    return _no("not_your_role", "Your role in this clinic does not include this.")


def _no(code: str, message: str) -> Decision:
    return Decision((block(code, message, "clinical rule 47"),))
