"""Logging a group once, as a session of each person in it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hat_clinic.accounts.models import Clinic, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused
from hat_clinic.core.transactions import one_act
from outcomes.actions.support import Said, lock_treatment, store_session
from outcomes.models import FollowUp, GroupSession, SupportSession
from outcomes.queries.following import is_case_worker_here
from outcomes.rules.groups import JoinedLate, may_add_to_group, may_log_group, session_of
from outcomes.rules.support import SessionLogged, may_be_followed_up

SENT_BEFORE = "This form was sent before with other answers. Open a new one and log it there."


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One group as it was sent: how it was held, who came (true) and who did not, and who follows those up."""

    held: SessionLogged
    came: Mapping[uuid.UUID, bool]
    agency_id: uuid.UUID | None = None
    owner_id: uuid.UUID | None = None


class GroupRefused(Refused):
    """Nobody's session was stored; `decision` holds every reason."""


class GroupKeyReused(Exception):
    """The same key came with other content: nothing was stored."""


def log_group_session(
    *, clinic: Clinic, group: Group, key: uuid.UUID, by: User, at: datetime
) -> GroupSession:
    """Store one group with the support session of each person in it, all or none, once.

    Raises GroupRefused with every reason (the refusal is in the trail), GroupKeyReused and NotInTreatmentHere.
    """

    def work() -> GroupSession | Decision:
        # In the order of their ids, so that two groups with the same people follow each other.
        accepted = [lock_treatment(clinic, person) for person in sorted(group.came)]
        if stored := GroupSession.objects.filter(key=key).first():
            return _same(stored, clinic, group, by)
        owner, away = group.owner_id or by.id, [person for person, came in group.came.items() if not came]
        decision = may_log_group(
            group.held,
            came=len(group.came) - len(away),
            stayed_away=len(away),
            today=london_date(at),
            last_accepted_on=max(accepted, default=None),
        ) | may_be_followed_up(
            attended=not away,
            owner_is_here=owner == by.id or is_case_worker_here(clinic=clinic, user_id=owner, at=at),
        )
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id}
        if not decision.is_allowed:
            record("outcomes.group_session_logged", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        row = GroupSession.objects.create(
            clinic=clinic, key=key, recorded_by=by, recorded_at=at, **_held(group)
        )
        for person, came in sorted(group.came.items()):
            store_session(
                clinic=clinic,
                person=person,
                said=_said(group, row, attended=came),
                key=uuid.uuid5(key, str(person)),
                by=by,
                at=at,
            )
        record("outcomes.group_session_logged", thing=row, domain=row.domain, people=len(group.came), **trail)
        return row

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise GroupRefused(answer)
    return answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Added:
    """Somebody who is added to a group: whether they came, why they were not in it, and what happens next if not."""

    person: uuid.UUID
    attended: bool
    why: JoinedLate
    next_step: str = ""
    next_step_on: date | None = None


def add_to_group_session(
    *, clinic: Clinic, group: uuid.UUID, added: Added, key: uuid.UUID, by: User, at: datetime
) -> SupportSession:
    """Store the session of somebody who was left out of a group, once; it names the group and says why.

    Raises GroupSession.DoesNotExist for a group of another clinic, GroupRefused with every reason (the refusal is in
    the trail), GroupKeyReused and NotInTreatmentHere.
    """

    def work() -> SupportSession | Decision:
        row = GroupSession.objects.get(id=group, clinic=clinic)
        accepted_on = lock_treatment(clinic, added.person)
        said = Said(
            session=session_of(
                SessionLogged(
                    on=row.held_on,
                    domain=row.domain,
                    attended=True,
                    minutes=row.minutes,
                    done=tuple(row.done),
                    note=row.note,
                    next_step=added.next_step,
                    next_step_on=added.next_step_on,
                ),
                attended=added.attended,
            ),
            agency_id=row.agency_id,
            group_id=row.id,
            joined_late=added.why.value,
        )
        if stored := SupportSession.objects.filter(key=key).first():
            who = (stored.patient_id, stored.recorded_by_id) == (added.person, by.id)
            if not who or any(getattr(stored, name) != value for name, value in said.fields().items()):
                raise GroupKeyReused(SENT_BEFORE)
            return stored
        members = row.support_sessions.filter(amends__isnull=True)
        decision = may_add_to_group(
            said.session,
            is_in_it=members.filter(patient_id=added.person).exists(),
            people=members.count(),
            today=london_date(at),
            accepted_on=accepted_on,
        )
        trail: dict[str, Any] = {"by": by, "at": at, "clinic": clinic.id, "person": added.person}
        if not decision.is_allowed:
            record("outcomes.group_session_added_to", refused=True, codes=decision.refusal_codes, **trail)
            return decision
        session = store_session(clinic=clinic, person=added.person, said=said, key=key, by=by, at=at)
        record("outcomes.group_session_added_to", thing=row, why=added.why.value, **trail)
        return session

    answer = one_act(work)
    if isinstance(answer, Decision):
        raise GroupRefused(answer)
    return answer


def _held(group: Group) -> dict[str, Any]:
    held = group.held
    return {
        "held_on": held.on,
        "domain": str(held.domain),
        "agency_id": group.agency_id,
        "minutes": held.minutes,
        "done": sorted(set(held.done)),
        "note": held.note,
    }


def _said(group: Group, row: GroupSession, *, attended: bool) -> Said:
    return Said(
        session=session_of(group.held, attended=attended),
        agency_id=group.agency_id,
        owner_id=None if attended else group.owner_id,
        group_id=row.id,
    )


def _same(stored: GroupSession, clinic: Clinic, group: Group, by: User) -> GroupSession:
    # Whoever was added since was not on the form.
    first = stored.support_sessions.filter(amends__isnull=True, joined_late="")
    next_steps = FollowUp.objects.filter(session__in=first).values_list("what", "due_on", "owner_id")
    asked = {(group.held.next_step, group.held.next_step_on, group.owner_id or by.id)}
    is_same = (
        (stored.clinic_id, stored.recorded_by_id) == (clinic.id, by.id)
        and all(getattr(stored, name) == value for name, value in _held(group).items())
        and dict(first.values_list("patient_id", "attended")) == dict(group.came)
        and set(next_steps) <= asked
    )
    if not is_same:
        raise GroupKeyReused(SENT_BEFORE)
    return stored
