"""The tiles of the people who are due: what stands against a dose is told before anybody comes."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from dosing.queries.due import Due
from dosing.queries.gap_states import OnOrder, list_gap_states
from dosing.queries.tiles import Mark, Place, Tile
from dosing.queries.visits import initials_of
from dosing.rules.ladder import Ladder
from dosing.rules.limits import OrderKind
from dosing.rules.protocol import Protocol
from dosing.rules.sessions import OrderInForce, SessionFacts, least_minutes, may_start
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import LONDON, london_date
from patients.models import Episode

NEW_DOSE_FOR = timedelta(hours=72)


def gaps_of(
    due: list[Due], protocol: Protocol | None, clinic: Clinic, at: datetime
) -> dict[uuid.UUID, Ladder]:
    """Return what the gap of each person who is due asks for, by treatment."""
    if protocol is None or not due:
        return {}
    people = [
        OnOrder(
            episode=Episode(
                id=one.episode_id,
                person_id=one.patient_id,
                clinic_id=clinic.id,
                accepted_on=one.accepted_on,
            ),
            routes=frozenset(one.routes),
            sessions_per_day=one.sessions_per_day,
            kind=OrderKind(one.kind),
            signed_at=one.signed_at,
            gap_cap_percent=one.gap_cap_percent,
        )
        for one in due
    ]
    states = list_gap_states(people, protocol=protocol, at=at)
    return {episode_id: state.ladder for episode_id, state in states.items()}


def due_tile(due: Due, protocol: Protocol | None, gap: Ladder | None, at: datetime) -> Tile:
    """Return the tile of somebody who is due, with the first thing that stands against their dose."""
    facts = SessionFacts(
        at=at,
        today=london_date(at),
        session_is_open=True,
        order=OrderInForce(
            dose_mg=due.dose_mg,
            daily_max_mg=due.daily_max_mg,
            interval_minutes=due.interval_minutes,
            routes=frozenset(),
            sites=frozenset(),
            ends_at=due.ends_at,
            is_suspended=due.is_suspended,
        ),
        protocol=protocol,
        earlier_outcome=None,
        last_ended_at=due.last_ended_at,
        given_today_mg=0,
        given_in_window_mg=0,
        last_interval_minutes=int((due.last_guard_ends_at - due.last_ended_at).total_seconds() // 60)
        if due.last_guard_ends_at and due.last_ended_at
        else 0,
    )
    tag, mark = _due_tag(due, facts, gap or Ladder.NOTHING)
    return Tile(
        patient_id=due.patient_id,
        session_id=None,
        name=f"{due.given_names} {due.family_name}".strip(),
        initials=initials_of(due.given_names, due.family_name),
        place=Place.DUE,
        goes_to="dosing:identify_person",
        facts="Due",
        tag=tag,
        mark=mark,
    )


def _due_tag(due: Due, facts: SessionFacts, gap: Ladder) -> tuple[str, Mark]:
    if due.is_held:
        return "HOLD: see doctor first", Mark.HOLD
    if not due.has_consent:
        return "No consent to treatment", Mark.HOLD
    if facts.order is not None and facts.protocol is not None and facts.last_ended_at is not None:
        moment = facts.last_ended_at + timedelta(minutes=least_minutes(facts.order, facts.protocol, facts))
        if moment > facts.at:
            return f"Not before {moment.astimezone(LONDON):%H:%M}", Mark.WAIT
    refusals = may_start(facts).refusals
    if refusals:
        return refusals[0].message, Mark.HOLD
    if gap.tag:
        return gap.tag, Mark.HOLD if gap.bars else Mark.CAPPED
    is_new = due.replaced_mg is not None and due.replaced_mg != due.dose_mg
    if is_new and due.starts_at > facts.at - NEW_DOSE_FOR:
        return "New dose", Mark.NEW
    return "", Mark.NONE
