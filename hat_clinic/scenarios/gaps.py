"""A doctor's decision on a gap: as a fact before the act, and as the act itself."""

from __future__ import annotations

import uuid
from datetime import datetime

from dosing.actions.gaps import GapNotDecided, SentGap, decide_gap
from dosing.queries.gaps import get_gap_facts
from hat_clinic.core.decisions import Decision
from hat_clinic.scenarios.reading import Content
from hat_clinic.scenarios.results import Result, refused, saved
from hat_clinic.scenarios.world import World


def decided(world: World, fact: Content, at: datetime) -> None:
    """Decide on a gap before the act, by the real action."""
    _decide(world, fact, at)


def decide(world: World, content: Content, at: datetime) -> Result:
    """Try to decide on a gap, on a page that was opened at that moment."""
    try:
        _decide(world, content, at)
    except GapNotDecided as refusal:
        return refused(refusal.decision)
    return saved(Decision())


def _decide(world: World, content: Content, at: datetime) -> None:
    episode, by = world.episode(content["patient"]), world.user(content["by"])
    clinic = world.home(content["patient"]).clinic
    known = get_gap_facts(clinic=clinic, episode=episode, decider=by, at=at)
    decide_gap(
        clinic=clinic,
        episode=episode,
        ceiling_mg=content["ceiling_mg"],
        reason=content["reason"],
        page=SentGap(key=uuid.uuid4(), seen=known.seen, newest=known.newest_id),
        by=by,
        at=at,
    )
