"""The same line of time as a table: a full equal of the drawing, and what screen readers get."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dosing.rules.orders import LONDON
from dosing.rules.timeline.facts import (
    DecisionShown,
    GapShown,
    HoldShown,
    Known,
    Mark,
    OralShown,
    OrderShown,
    SessionShown,
)


class Kind(StrEnum):
    """What one line of the table is about."""

    SESSION = "session"
    ORDER = "order"
    HOLD = "hold"
    GAP = "gap"
    ORAL = "oral"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: when, what, and what is known of it; empty cells say nothing."""

    at: datetime
    kind: Kind
    when: str
    what: str
    mark: Mark | None = None
    dose: str = ""
    order: str = ""
    after: str = ""
    asked: str = ""
    more: str = ""
    session_id: uuid.UUID | None = None


def list_rows(known: Known) -> tuple[Row, ...]:
    """Return everything that is drawn, the newest first."""
    rows = [
        *(_session(session) for session in known.sessions),
        *(row for order in known.orders for row in _order(order)),
        *(row for hold in known.holds for row in _hold(hold)),
        *(_gap(gap) for gap in known.gaps),
        *(_decided(decision) for decision in known.decisions),
        *(_oral(dose) for dose in known.oral),
    ]
    return tuple(sorted(rows, key=lambda row: row.at, reverse=True))


def _session(session: SessionShown) -> Row:
    day = f"{session.on:%a} {session.on.day} {session.on:%b %Y}"
    how = f"{session.how[0].upper()}{session.how[1:]}." if session.how else ""
    what = session.mark.meaning
    return Row(
        at=session.at,
        kind=Kind.SESSION,
        when=f"{_moment(session.at)}, {session.slot}" if session.is_timed else f"{day}, {session.slot}",
        what=f"{what[0].upper()}{what[1:]}" + (f": {session.reason}" if session.reason else ""),
        mark=session.mark,
        dose=f"{session.given_mg} mg" if session.given_mg else "",
        order=f"{session.ordered_mg} mg" if session.ordered_mg else "",
        after=session.after.in_words if session.after else "",
        asked=session.after.escalation.label if session.after else "",
        more=" ".join(filter(None, (how, *session.notes))),
        session_id=session.session_id,
    )


def _order(order: OrderShown) -> Iterator[Row]:
    dose = f"{order.dose_mg} mg, {order.sessions_per_day} a day"
    yield Row(
        order.starts_at,
        Kind.ORDER,
        _moment(order.starts_at),
        f"Order {order.version} begins",
        order=dose,
        more=order.by_two,
    )
    if order.ended:
        what = f"Order {order.version} ended: {order.ended}"
        yield Row(order.ends_at, Kind.ORDER, _moment(order.ends_at), what, order=dose)


def _hold(hold: HoldShown) -> Iterator[Row]:
    more = f"Opened by {hold.opened_by}." + ("" if hold.lifted_at else " It stands.")
    yield Row(
        hold.opened_at, Kind.HOLD, _moment(hold.opened_at), f"{hold.what} opened: {hold.why}", more=more
    )
    if hold.lifted_at:
        more = f"Lifted by {hold.lifted_by}: “{hold.lift_reason}”"
        yield Row(
            hold.lifted_at, Kind.HOLD, _moment(hold.lifted_at), f"{hold.what} lifted: {hold.why}", more=more
        )


def _gap(gap: GapShown) -> Row:
    more = f"Until {_moment(gap.ended_at)}." if gap.ended_at else "It goes on."
    return Row(gap.since, Kind.GAP, _moment(gap.since), f"Gap begins: {gap.words}, {gap.asks}", more=more)


def _decided(decision: DecisionShown) -> Row:
    what = f"Decided on the gap: at most {decision.ceiling_mg} mg"
    more = f"{decision.decided_by}: “{decision.reason}”"
    return Row(decision.at, Kind.GAP, _moment(decision.at), what, more=more)


def _oral(dose: OralShown) -> Row:
    given = "not taken" if dose.given_mg is None else f"{dose.given_mg} mg"
    return Row(dose.at, Kind.ORAL, _moment(dose.at), f"Oral {dose.medicine}: {given}")


def _moment(at: datetime) -> str:
    wall = at.astimezone(LONDON)
    return f"{wall:%a} {wall.day} {wall:%b %Y} at {wall:%H:%M}"
