"""Rows of the worklist about gaps: whom nobody may dose before a doctor decides, and whose dose is capped."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from dosing.models import GapDecision, Order
from dosing.queries.history import list_dose_histories
from dosing.rules.history import Row as LadderRow
from dosing.rules.history import Standing, standing_at
from dosing.rules.limits import GapDecision as Decided
from dosing.rules.limits import LimitFacts, OrderKind, decision_stands, gap_findings, gap_in_words
from dosing.rules.protocol import Protocol
from dosing.rules.worklist import Group, Matter
from hat_clinic.core.clock import london_date
from patients.models import Episode


def list_gaps(
    episodes: Sequence[Episode], orders: dict[uuid.UUID, Order], *, protocol: Protocol, at: datetime
) -> Iterable[tuple[Episode, Group, Matter, str, Standing]]:
    """Return who stands in a gap that bars or caps their dose: what it asks for, and in words why.

    `orders` holds the live order by person; whoever has none waits for one as it is. Five statements for any
    number of people. Source: clinical rules 32 and 35.
    """
    histories = list_dose_histories(episodes, at=at)
    decided = {
        found.episode_id: Decided(found.decided_at, found.ceiling_mg)
        for found in GapDecision.objects.filter(episode__in=[episode.id for episode in episodes]).order_by(
            "decided_at"
        )
    }
    for episode in episodes:
        order = orders.get(episode.person_id)
        history = histories[episode.id]
        standing = standing_at(history, protocol, at=at)
        if order is None or standing.row is LadderRow.FULL:
            continue
        facts = LimitFacts(
            history=history,
            protocol=protocol,
            routes=frozenset(order.routes),
            sessions_per_day=order.sessions_per_day,
            at=at,
            today=london_date(at),
            order_signed_at=order.signed_at,
            decision=decided.get(episode.id),
        )
        words = gap_in_words(standing)
        if standing.row is LadderRow.CAP:
            percent = min(protocol.gap_cap_percent, order.gap_cap_percent or protocol.gap_cap_percent)
            yield (
                episode,
                Group.TODAY,
                Matter.GAP_CAPPED,
                f"{words} The next dose is at most {percent} %.",
                standing,
            )
        elif standing.row is LadderRow.DECIDE and not decision_stands(facts):
            yield episode, Group.NOW, Matter.GAP_DECIDE, f"{words} No dose before you decide.", standing
        elif not gap_findings(facts, kind=OrderKind(order.kind)).is_allowed:
            why = f"{words} The order is suspended. Welfare check: has anybody seen them?"
            yield episode, Group.NOW, Matter.RESTART, why, standing
