"""The tiles of the people who are due: what stands against a dose is told before anybody comes."""

from __future__ import annotations

from datetime import datetime, timedelta

from dosing.queries.due import Due
from dosing.queries.history import LOOK_BACK, with_own_plan
from dosing.queries.missed import missed_of
from dosing.queries.tiles import Mark, Place, Tile
from dosing.queries.visits import initials_of
from dosing.rules.history import DoseHistory, GivenDose
from dosing.rules.ladder import Ladder, ladder_of
from dosing.rules.limits import GapDecision, LimitFacts, OrderKind
from dosing.rules.protocol import Protocol
from dosing.rules.sessions import OrderInForce, SessionFacts, least_minutes, may_start
from hat_clinic.core.clock import LONDON, london_date

NEW_DOSE_FOR = timedelta(hours=72)


def ladder_of_due(due: Due, protocol: Protocol | None, at: datetime) -> Ladder:
    """Return what the gap of somebody who is due asks for, from what the statement of the board told of it.

    The hatch asks the same rule with everything that is known; without limits in force nothing can be said.
    """
    if protocol is None:
        return Ladder.NOTHING
    doses = tuple(_given(number, *dose) for number, dose in enumerate(due.doses))
    facts = LimitFacts(
        history=DoseHistory(doses, missed_of(due.missed, since=at - LOOK_BACK, at=at)),
        protocol=with_own_plan(protocol, due.gap_cap_percent),
        routes=frozenset(),
        sessions_per_day=1,
        at=at,
        today=london_date(at),
        order_signed_at=due.signed_at,
        decision=GapDecision(datetime.fromisoformat(due.decision[0]), due.decision[1])
        if due.decision
        else None,
    )
    return ladder_of(facts, kind=OrderKind(due.kind))


def _given(number: int, started_at: str, ended_at: str, mg: int, allowed_mg: int) -> GivenDose:
    """Return a dose with what a gap is counted from; whether it was borne is not asked for."""
    began = datetime.fromisoformat(started_at)
    return GivenDose(
        started_at=began,
        ended_at=datetime.fromisoformat(ended_at),
        given_on=london_date(began),
        mg=mg,
        allowed_mg=allowed_mg,
        route="",
        session=str(number),
        is_tolerated=None,
    )


def due_tile(due: Due, protocol: Protocol | None, at: datetime) -> Tile:
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
    tag, mark = _due_tag(due, facts, ladder_of_due(due, protocol, at))
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
