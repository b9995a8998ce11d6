"""The gaps and the decisions on them, as one person's line of time shows them."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from dosing.models import GapDecision
from dosing.queries.history import LOOK_BACK, get_dose_history
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.rules.history import PastGap, Row, counted, gaps_until
from dosing.rules.protocol import Protocol
from dosing.rules.timeline.axis import Window
from dosing.rules.timeline.facts import DecisionShown, GapShown
from patients.models import Episode

_ASKS = {
    Row.CAP: "the dose is capped",
    Row.DECIDE: "a doctor decides before a dose",
    Row.RESTART: "a new titration is needed",
}


def list_gaps(*, episode: Episode, window: Window, at: datetime) -> tuple[GapShown, ...]:
    """Return the gaps of a treatment that lie in a window, by the limits in force now; none goes on after its end.

    Source: clinical rules 32 and 7.11.
    """
    protocol = as_rules_read_it(get_protocol_in_force(clinic_id=episode.clinic_id, at=at)) or Protocol()
    look_back = max(LOOK_BACK, at - window.starts_at + timedelta(days=1))
    history = get_dose_history(episode=episode, at=at, look_back=look_back)
    return tuple(
        _shown(one)
        for one in gaps_until(history, protocol, at=at)
        if (one.ended_at is None or one.ended_at >= window.starts_at)
        and (one.ended_at is not None or episode.exited_on is None)
    )


def list_gap_decisions(*, patient_id: uuid.UUID, window: Window) -> tuple[DecisionShown, ...]:
    """Return the decisions on gaps in a window, the first one first."""
    rows = GapDecision.objects.select_related("decided_by").filter(
        patient_id=patient_id, decided_at__gte=window.starts_at, decided_at__lt=window.ends_at
    )
    return tuple(
        DecisionShown(row.decided_at, row.ceiling_mg, row.decided_by.full_name, row.reason)
        for row in rows.order_by("decided_at")
    )


def _shown(one: PastGap) -> GapShown:
    missed = f", {counted(one.gap.missed, 'session')} missed" if one.gap.missed else ""
    return GapShown(
        since=one.gap.since,
        ended_at=one.ended_at,
        words=f"{counted(one.gap.hours, 'hour')} without a dose{missed}",
        asks=_ASKS[one.row],
    )
