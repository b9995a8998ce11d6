"""The act of approving a clinic's limits: a draft that waits, and the clinical lead's approval of it with ticks."""

from __future__ import annotations

import uuid
from datetime import datetime

from dosing.actions.orders import SentPage
from dosing.actions.protocol import ProtocolRefused, approve_protocol, draft_protocol
from dosing.queries.protocol import as_limits_seen, get_waiting_draft
from dosing.rules.protocol import LIMITS, UNVERIFIED, numbers_of
from dosing.rules.protocol_versions import DraftFacts, may_draft_protocol
from hat_clinic.accounts.models import User
from hat_clinic.core.decisions import Decision
from hat_clinic.scenarios import houses
from hat_clinic.scenarios.reading import Content, NotBuilt, moment
from hat_clinic.scenarios.results import Result, refused, saved
from hat_clinic.scenarios.world import House, World

REASON = "As the scenario says."
_KNOWN = {"by", "at", "id", "premises", "from", "set", "not_confirmed"}


def get_ready(world: World, content: Content, at: datetime) -> None:
    """Have the draft written that is to be approved, by somebody of each house who may.

    One that no clinic may write is left for the act itself, so that its refusal is the scenario's.
    """
    unknown = sorted(set(content) - _KNOWN)
    if unknown:
        raise NotBuilt(f"approve_protocol with {', '.join(unknown)}")
    if _is_writable(content):
        for name in content["premises"]:
            house = world.house(name)
            author = world.anybody(house, "doctor", "clinical_lead", "manager")[0]
            _draft(house, content, by=world.user(author), at=at)


def approve(world: World, content: Content, at: datetime) -> Result:
    """Approve the draft in each house, every unverified number ticked but those that are named as not confirmed."""
    by = world.user(content["by"])
    unknown = sorted(set(content.get("not_confirmed", ())) - {limit.name for limit in LIMITS})
    if unknown:
        raise NotBuilt(f"a limit called {', '.join(unknown)}")
    refusals = []
    for name in content["premises"]:
        house = world.house(name)
        try:
            if not _is_writable(content):
                _draft(house, content, by=by, at=at)
            _approve(house, content, by=by, at=at)
        except ProtocolRefused as refusal:
            refusals.append(refusal.decision)
    return refused(refusals[0]) if refusals else saved(Decision())


def _is_writable(content: Content) -> bool:
    numbers = numbers_of(houses.limits(content.get("set") or {}))
    return may_draft_protocol(numbers, DraftFacts(REASON, writer_may_draft=True)).is_allowed


def _draft(house: House, content: Content, *, by: User, at: datetime) -> None:
    draft_protocol(
        clinic=house.clinic,
        numbers=numbers_of(houses.limits(content.get("set") or {})),
        reason=REASON,
        page=SentPage(key=uuid.uuid4(), seen=as_limits_seen(clinic_id=house.clinic.id)),
        by=by,
        at=at,
    )


def _approve(house: House, content: Content, *, by: User, at: datetime) -> None:
    draft = get_waiting_draft(clinic_id=house.clinic.id)
    assert draft is not None  # noqa: S101 - written a moment ago
    starts_at = moment(content["from"])
    approve_protocol(
        clinic=house.clinic,
        draft_id=draft.id,
        confirmed=UNVERIFIED - frozenset(content.get("not_confirmed", ())),
        starts_at=starts_at,
        page=SentPage(
            key=uuid.uuid4(),
            seen=as_limits_seen(clinic_id=house.clinic.id),
            starts_at_once=starts_at == at,
        ),
        by=by,
        at=at,
    )
