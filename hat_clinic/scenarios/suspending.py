"""Suspending an order: every dose of the person stops until a doctor licensed here lifts it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dosing.actions.holds import HoldNotPlaced, place_hold
from dosing.rules.holds import HoldReason, HoldSeverity
from hat_clinic.core.decisions import Decision
from hat_clinic.scenarios.reading import Content, NotBuilt
from hat_clinic.scenarios.results import Result, refused, saved
from hat_clinic.scenarios.world import World


def suspend(world: World, content: Content, at: datetime) -> Result:
    """Suspend whoever an order is for, in the words of the scenario."""
    if content["order"] not in world.orders:
        raise NotBuilt(f"order {content['order']}, which the facts do not name")
    try:
        place_hold(
            episode=world.orders[content["order"]].episode,
            severity=HoldSeverity.SUSPENSION,
            reason=HoldReason.OTHER,
            words=content["reason"],
            by=world.user(content["by"]),
            at=at,
        )
    except HoldNotPlaced as refusal:
        return refused(refusal.decision)
    return saved(Decision())


def suspended(world: World, fact: Content, at: datetime) -> None:
    """Have an order suspended before the act."""
    told = suspend(world, fact, at)
    if told.reply != "saved":
        raise NotBuilt(f"a suspension that the program refuses: {' '.join(told.told)}")


FACTS: dict[str, Callable[[World, Content, datetime], None]] = {"suspended": suspended}
