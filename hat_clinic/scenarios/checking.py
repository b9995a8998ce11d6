"""The facts that a check and a dose rest on: a target for oxygen, a suspension, a treatment that has ended.

And a doctor's reason at the hatch. All by the real actions.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime

from dosing.actions.authorisations import AtTerminal, FindingPassed, NotAuthorised, authorise_finding
from dosing.actions.oxygen import SentTarget, TargetNotSet, set_oxygen_target
from dosing.models import Visit
from dosing.queries.oxygen import get_newest_id
from dosing.rules.authorisations import AuthorisedFor
from dosing.rules.oxygen import OxygenScale, PersonalTarget
from hat_clinic.core.decisions import Decision, Finding, Level
from hat_clinic.scenarios.reading import Content, NotBuilt
from hat_clinic.scenarios.results import Result, refused, saved
from hat_clinic.scenarios.world import World
from patients.actions.endings import end_treatment
from patients.models import Episode


def baseline(world: World, fact: Content, at: datetime) -> None:
    """Let a doctor set a person's target for oxygen before the act."""
    _set_target(world, fact, by=fact["set_by"], at=at)


def set_baseline(world: World, content: Content, at: datetime) -> Result:
    """Try to set a person's target for oxygen."""
    scale = content.get("scale", 1)
    if scale not in {one.value for one in OxygenScale}:
        raise NotBuilt(f"oxygen on scale {scale}")
    try:
        _set_target(world, content, by=content["by"], at=at)
    except TargetNotSet as refusal:
        return refused(refusal.decision)
    return saved(Decision())


def _set_target(world: World, written: Content, *, by: str, at: datetime) -> None:
    episode = world.episode(written["patient"])
    set_oxygen_target(
        clinic=world.home(written["patient"]).clinic,
        episode=episode,
        target=PersonalTarget(
            percent=written["lower_spo2"],
            scale=OxygenScale(written.get("scale", 1)),
            # A day that is not written is none that is still to come.
            review_on=date.fromisoformat(written["review"]) if written.get("review") else date.min,
        ),
        evidence=written.get("evidence") or "",
        page=SentTarget(key=uuid.uuid4(), newest=get_newest_id(patient_id=episode.person_id)),
        by=world.user(by),
        at=at,
    )


def left_treatment(world: World, fact: Content, at: datetime) -> None:
    """End somebody's treatment; a reason that is not of the list is another one."""
    reason = (
        fact.get("reason") if fact.get("reason") in Episode.ExitReason.values else Episode.ExitReason.OTHER
    )
    by = fact.get("by") or world.anybody(world.home(fact["patient"]), "clinical_lead", "doctor")[0]
    end_treatment(episode=world.episode(fact["patient"]), reason=str(reason), by=world.user(by), at=at)


def authorise(
    world: World, content: Content, visit: Visit, stops: list[Finding], at: datetime
) -> Result | None:
    """Have the named doctor let every stop pass by PIN at the terminal; None when all are, else what came of it."""
    house = world.home(content["patient"])
    doctor = content["authorised_by"]
    fresh = Visit.objects.get(session_id=visit.session_id)
    if fresh.check_made_id is None:
        return refused(Decision(tuple(stops)))
    for finding in stops:
        try:
            authorise_finding(
                clinic=house.clinic,
                passed=FindingPassed(
                    check_id=fresh.check_made_id,
                    code=finding.code,
                    reason=AuthorisedFor.OTHER,
                    words=content.get("reason", ""),
                ),
                signed=AtTerminal(
                    doctor_id=world.user(doctor).id,
                    pin=world.pin(doctor, at),
                    terminal_id=world.terminal(house, at).id,
                ),
                key=uuid.uuid4(),
                by=world.user(content.get("by", "carys")),
                at=at,
            )
        except NotAuthorised as refusal:
            return refused(refusal.decision)
    return None


def only_stops(decision: Decision) -> list[Finding]:
    """Return the stops of a refusal; none where anything else is among what refuses it."""
    against = list(decision.refusals)
    return against if all(finding.level is Level.STOP for finding in against) else []


FACTS: dict[str, Callable[[World, Content, datetime], None]] = {
    "baseline": baseline,
    "left_treatment": left_treatment,
}
