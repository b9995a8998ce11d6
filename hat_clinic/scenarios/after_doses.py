"""Events after an injection as facts: rousing, an emergency, naloxone, and a doctor's review. By the real actions."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from dosing.actions.emergencies import LineToWrite, start_emergency, write_emergency
from dosing.actions.holds import lift_hold
from dosing.actions.observation import record_reading
from dosing.models import Hold, Visit
from dosing.queries.emergencies import get_standing_emergency
from dosing.rules.checks import Readings, Sedation
from dosing.rules.emergencies import LineKind, NaloxoneGiven, NaloxoneRoute
from dosing.rules.holds import HoldSeverity
from dosing.rules.observation import EXTENSION, WATCH_AFTER_EMERGENCY
from hat_clinic.accounts.models import User
from hat_clinic.scenarios import watching
from hat_clinic.scenarios.reading import Content, NotBuilt, moment
from hat_clinic.scenarios.world import World

ESCALATIONS = ("escalation_a", "escalation_b")
# How long after the start of a dose an event is still one of its observation.
OF_A_DOSE_WITHIN = timedelta(minutes=20)
_ROUSED = Readings(sedation=Sedation.DRIFTS_OFF, breaths=12, oxygen=97, pulse=72)


def event(world: World, fact: Content, at: datetime) -> None:
    """Record what an event asks for: a reading that asks for rousing, or the red button."""
    if fact["kind"] not in ESCALATIONS:
        raise NotBuilt(f"an event of the kind {fact['kind']}")
    clinic, patient_id = world.home(fact["patient"]).clinic, world.episode(fact["patient"]).person_id
    by = _nurse(world, fact)
    if fact["kind"] == "escalation_b":
        start_emergency(
            clinic=clinic, patient_id=patient_id, terminal_id=None, key=uuid.uuid4(), by=by, at=at
        )
        return
    visit = (
        Visit.objects.filter(patient_id=patient_id, ended_at__isnull=True).order_by("-injected_at").first()
    )
    if visit is None:
        raise NotBuilt("somebody roused whom nobody watches")
    record_reading(
        clinic=clinic,
        session_id=visit.session_id,
        minute=None,
        readings=_ROUSED,
        unable_reason="",
        by=by,
        at=at,
    )


def naloxone(world: World, fact: Content, at: datetime) -> None:
    """Write naloxone in the emergency that stands; without one it begins one."""
    clinic, patient_id = world.home(fact["patient"]).clinic, world.episode(fact["patient"]).person_id
    by = world.user(fact["by"])
    standing = get_standing_emergency(patient_id=patient_id)
    if standing is None:
        standing = start_emergency(
            clinic=clinic, patient_id=patient_id, terminal_id=None, key=uuid.uuid4(), by=by, at=at
        )
    write_emergency(
        clinic=clinic,
        emergency_id=standing.id,
        line=LineToWrite(
            LineKind.NALOXONE, naloxone=NaloxoneGiven(fact["micrograms"], NaloxoneRoute(fact["route"]))
        ),
        terminal_id=None,
        key=uuid.uuid4(),
        by=by,
        at=at,
    )


def leaves_at(happened: Content, given_at: datetime) -> datetime:
    """Return when somebody leaves by the rule after an event that began while they were watched."""
    if happened["kind"] == "escalation_b":
        return moment(happened["at"]) + WATCH_AFTER_EMERGENCY + timedelta(minutes=1)
    return given_at + OF_A_DOSE_WITHIN + EXTENSION + timedelta(minutes=1)


def leave(world: World, happened: Content, at: datetime) -> None:
    """Take the sets that were due, and let somebody go by the rule."""
    fact: Content = {"patient": happened["patient"], "all_sets_done": True}
    fact |= {"poss": 1, "rr": 14, "spo2": 97, "pulse": 72}
    watching.observed(world, fact, at)
    answers = {"able_to_walk": True, "driving_advice": True, "naloxone_held": True}
    by = happened.get("by") or world.anybody(world.home(happened["patient"]), "nurse")[0]
    result = watching.release(world, {"patient": happened["patient"], "by": by} | answers, at)
    if result.reply != "saved":
        raise NotBuilt(f"somebody who may not leave yet: {' '.join(result.told)}")


def review(world: World, fact: Content, at: datetime) -> None:
    """Let a doctor review what doses are held for after an event."""
    waiting = Hold.objects.filter(
        patient_id=world.episode(fact["patient"]).person_id,
        severity=HoldSeverity.REVIEW,
        lifted_at__isnull=True,
    )
    for hold in waiting:
        lift_hold(clinic=hold.clinic, hold_id=hold.id, reason=fact["text"], by=world.user(fact["by"]), at=at)


def _nurse(world: World, fact: Content) -> User:
    return world.user(fact.get("by") or world.anybody(world.home(fact["patient"]), "nurse")[0])


FACTS: dict[str, Callable[[World, Content, datetime], None]] = {
    "event": event,
    "naloxone": naloxone,
    "review": review,
}
