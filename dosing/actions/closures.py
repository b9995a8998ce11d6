"""Closing a clinic's sessions, and reopening them before the closure ends."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from dosing.models import ClosedPerson, Closure, DosingState, RecordedRequest, Reopening
from dosing.queries.closed import list_closed_spans
from dosing.queries.closures import (
    KnownOfClosing,
    get_closing_of_sessions,
    list_people_to_lock,
    list_sessions_ahead,
)
from dosing.rules.closures import ClosedFor, contact_due_at, may_close_sessions, may_reopen_sessions
from dosing.rules.preparations import unread
from dosing.rules.signatures import content_sha256
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, Refused, block
from hat_clinic.core.transactions import one_act

CLOSED: Literal["dosing.sessions_closed"] = "dosing.sessions_closed"
REOPENED: Literal["dosing.sessions_reopened"] = "dosing.sessions_reopened"
USED_ALREADY = "This page was already used for something else. Open it again from the board."


class SessionsNotClosed(Refused):
    """Nothing was closed; `decision` holds every reason."""


class SessionsNotReopened(Refused):
    """The closure stands as it was; `decision` holds every reason."""


@dataclass(frozen=True, slots=True)
class SessionsToClose:
    """What is signed: the first session and the last, each by its service date and slot, and why."""

    first: tuple[date, str]
    last: tuple[date, str]
    reason: ClosedFor
    words: str


@dataclass(frozen=True, slots=True)
class SentClosing:
    """What the page brings along: its key, what it told of the affected people (`seen`), and the notes that were read."""

    key: uuid.UUID
    seen: str
    acknowledged: frozenset[str]


def close_sessions(
    *, clinic: Clinic, asked: SessionsToClose, page: SentClosing, by: User, at: datetime
) -> uuid.UUID:
    """Close a clinic's sessions from a first to a last, with everybody it takes a session from, and return its id.

    Everybody with an order in that time is locked, so that no dose is drawn up under it; it is judged by the
    database's clock once the locks are held. Nothing is written for a session of a person: a closed one counts as
    missed like any other that is over without an injection, once. Who is affected stands in rows of its own, each
    until somebody has reached them. When they are others than the page told, nothing is stored. The same key with
    the same content is one closure. Raises SessionsNotClosed with every reason; the refusal is in the trail.
    Source: clinical rules 32, 34, 35 and 7.11.
    """
    answer = one_act(lambda: _close_once(clinic, asked, page, by))
    if isinstance(answer, Decision):
        raise SessionsNotClosed(answer)
    return answer


def _close_once(clinic: Clinic, asked: SessionsToClose, page: SentClosing, by: User) -> uuid.UUID | Decision:
    Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
    words = asked.words.strip()
    content = content_sha256(
        {"first": asked.first, "last": asked.last, "reason": asked.reason, "words": words}, by.id
    )
    first = RecordedRequest.objects.filter(key=page.key).first()
    if first is not None and first.content_sha256 == content:
        return uuid.UUID(first.answer["closure_id"])
    _lock_people(list_people_to_lock(clinic=clinic, first=asked.first, last=asked.last, at=now()))
    at = now()
    known = get_closing_of_sessions(
        clinic=clinic, first=asked.first, last=asked.last, words=words, by=by, at=at
    )
    decision = may_close_sessions(known.facts)
    if decision.is_allowed:
        decision |= unread(decision, page.acknowledged)
    decision |= _stale(known, page, is_used=first is not None)
    if not decision.is_allowed or known.reopens is None:
        codes = decision.refusal_codes
        record(CLOSED, by=by, at=at, clinic=clinic.id, refused=True, codes=codes)
        return decision
    return _store(clinic, asked, known, content, page.key, by, at).id


def _lock_people(people: list[uuid.UUID]) -> None:
    """Lock everybody's doses, always in the same order, so that two who do it wait for each other once."""
    DosingState.objects.bulk_create(
        [DosingState(patient_id=person) for person in people], ignore_conflicts=True
    )
    list(DosingState.objects.select_for_update().filter(patient_id__in=people).order_by("patient_id"))


def _stale(known: KnownOfClosing, page: SentClosing, *, is_used: bool) -> Decision:
    changed = (
        "Who is affected, or what covers them, changed since you opened this page. Nothing was closed. Read the list "
        "again."
    )
    return Decision.of(
        (
            block("key_reused", USED_ALREADY, "clinical rule 34") if is_used else None,
            block("affected_changed", changed, "clinical rule 34") if known.seen != page.seen else None,
        )
    )


def _store(
    clinic: Clinic,
    asked: SessionsToClose,
    known: KnownOfClosing,
    content: str,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> Closure:
    sessions, reopens = known.facts.sessions, known.reopens
    assert reopens is not None  # noqa: S101 - asked by the caller
    closure = Closure.objects.create(
        clinic=clinic,
        first_on=sessions[0].on,
        first_slot=sessions[0].slot,
        last_on=sessions[-1].on,
        last_slot=sessions[-1].slot,
        starts_at=sessions[0].begins_at,
        ends_at=sessions[-1].ends_at,
        sessions=len(sessions),
        reopens_on=reopens.on,
        reopens_slot=reopens.slot,
        reason=asked.reason,
        words=known.facts.words,
        closed_at=at,
        closed_by=by,
    )
    ClosedPerson.objects.bulk_create(
        ClosedPerson(
            closure=closure,
            patient_id=one.episode.person_id,
            episode=one.episode,
            sessions=one.effect.missed,
            row=int(one.effect.row),
            oral_plan=one.oral,
            contact_due_at=contact_due_at(sessions, at=at),
        )
        for one in known.people
    )
    RecordedRequest.objects.create(
        key=key,
        act=CLOSED,
        content_sha256=content,
        answer={"closure_id": str(closure.id)},
        recorded_by=by,
        recorded_at=at,
    )
    record(
        CLOSED,
        by=by,
        at=at,
        clinic=clinic.id,
        thing=closure,
        reason=closure.reason,
        sessions=closure.sessions,
        people=len(known.people),
        notes=sorted(finding.code for finding in may_close_sessions(known.facts)),
    )
    return closure


def reopen_sessions(
    *,
    clinic: Clinic,
    closure_id: uuid.UUID,
    reopens_with: tuple[date, str],
    words: str,
    key: uuid.UUID,
    by: User,
    at: datetime,
) -> uuid.UUID:
    """Cut a closure short, so that it ends before one of its sessions; both acts stay, and everybody is told anew.

    A session that is over stays closed. The same key with the same content is one reopening. Raises
    SessionsNotReopened with every reason; the refusal is in the trail. Source: clinical rules 34 and 7.11.
    """
    answer = one_act(lambda: _reopen_once(clinic, closure_id, reopens_with, words.strip(), key, by))
    if isinstance(answer, Decision):
        raise SessionsNotReopened(answer)
    return answer


def _reopen_once(
    clinic: Clinic, closure_id: uuid.UUID, session: tuple[date, str], words: str, key: uuid.UUID, by: User
) -> uuid.UUID | Decision:
    Clinic.objects.select_for_update(no_key=True).get(id=clinic.id)
    content = content_sha256({"closure": closure_id, "session": session, "words": words}, by.id)
    first = RecordedRequest.objects.filter(key=key).first()
    if first is not None and first.content_sha256 == content:
        return uuid.UUID(first.answer["reopening_id"])
    at = now()
    span = next(
        (one for one in list_closed_spans(clinic=clinic, since=at) if one.closure.id == closure_id), None
    )
    ahead = list_sessions_ahead(clinic=clinic, at=at)
    leads = {user.id for user in list_people_who_may(Permission.REOPEN_SESSIONS, clinic=clinic, at=at)}
    reopens_with = next(
        (one for one in ahead if (one.on, one.slot) == session and span is not None and span.covers(one)),
        None,
    )
    decision = may_reopen_sessions(
        is_lead=by.id in leads,
        reopens_with=reopens_with,
        closed_until=span.ends_at if span is not None else at,
        words=words,
        at=at,
    )
    if first is not None:
        decision |= Decision((block("key_reused", USED_ALREADY, "clinical rule 34"),))
    if not decision.is_allowed or span is None or reopens_with is None:
        codes = decision.refusal_codes
        record(REOPENED, by=by, at=at, clinic=clinic.id, refused=True, codes=codes)
        return decision
    reopening = Reopening.objects.create(
        closure=span.closure,
        from_on=reopens_with.on,
        from_slot=reopens_with.slot,
        from_at=reopens_with.begins_at,
        words=words,
        reopened_at=at,
        reopened_by=by,
    )
    RecordedRequest.objects.create(
        key=key,
        act=REOPENED,
        content_sha256=content,
        answer={"reopening_id": str(reopening.id)},
        recorded_by=by,
        recorded_at=at,
    )
    record(REOPENED, by=by, at=at, clinic=clinic.id, thing=reopening, closure=str(span.closure.id))
    return reopening.id
