"""Where people with an order stand on the ladder of missed sessions, read for any number in three statements."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dosing.models import GapDecision, Order
from dosing.queries.history import list_dose_histories, with_own_plan
from dosing.rules.history import DoseHistory, Standing, standing_at
from dosing.rules.ladder import Ladder, ladder_of
from dosing.rules.limits import GapDecision as Decided
from dosing.rules.limits import LimitFacts, OrderKind
from dosing.rules.protocol import Protocol
from hat_clinic.core.clock import london_date
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class OnOrder:
    """Somebody in treatment with what their live order says of a gap."""

    episode: Episode
    routes: frozenset[str]
    sessions_per_day: int
    kind: OrderKind
    signed_at: datetime
    gap_cap_percent: int | None

    @classmethod
    def of(cls, episode: Episode, order: Order) -> OnOrder:
        """Return the same of a row."""
        return cls(
            episode=episode,
            routes=frozenset(order.routes),
            sessions_per_day=order.sessions_per_day,
            kind=OrderKind(order.kind),
            signed_at=order.signed_at,
            gap_cap_percent=order.gap_cap_percent,
        )


@dataclass(frozen=True, slots=True)
class GapState:
    """What somebody's gap asks for, where they stand, and what they were given and missed.

    `cap_percent` is what the second row leaves: the ladder's, or the order's own where that is less.
    """

    ladder: Ladder
    standing: Standing
    history: DoseHistory
    cap_percent: int


def list_gap_states(
    people: Sequence[OnOrder], *, protocol: Protocol, at: datetime
) -> dict[uuid.UUID, GapState]:
    """Return where each stands, by treatment. Source: clinical rules 32 and 7.11."""
    episodes = [one.episode for one in people]
    histories = list_dose_histories(episodes, at=at)
    decisions = GapDecision.objects.filter(
        episode__in=[episode.id for episode in episodes], decided_at__lte=at
    ).order_by("decided_at")
    decided = {found.episode_id: Decided(found.decided_at, found.ceiling_mg) for found in decisions}
    found = {}
    for one in people:
        limits = with_own_plan(protocol, one.gap_cap_percent)
        facts = LimitFacts(
            history=histories[one.episode.id],
            protocol=limits,
            routes=one.routes,
            sessions_per_day=one.sessions_per_day,
            at=at,
            today=london_date(at),
            order_signed_at=one.signed_at,
            decision=decided.get(one.episode.id),
        )
        found[one.episode.id] = GapState(
            ladder=ladder_of(facts, kind=one.kind),
            standing=standing_at(facts.history, limits, at=at),
            history=facts.history,
            cap_percent=limits.gap_cap_percent,
        )
    return found
