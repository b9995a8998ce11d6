"""After the injection: readings, early leaving and holds as facts; release, lifting a hold and oral doses as acts."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.actions.holds import HoldNotLifted, lift_hold
from dosing.actions.observation import (
    ReleaseRefused,
    record_early_leaving,
    record_reading,
    release_person,
)
from dosing.actions.oral import OralRefused
from dosing.actions.oral_doses import OralToGive, give_oral
from dosing.models import Hold, Injection, OralOrder, OralOrderPeriod, Visit
from dosing.queries.observation import get_watched
from dosing.rules.checks import Readings, Sedation
from dosing.rules.observation import NaloxoneHeld, due_minutes, missing_minutes
from dosing.rules.oral import OralDrug
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.models import User
from hat_clinic.core.decisions import Decision
from hat_clinic.scenarios.reading import Content, NotBuilt, moment
from hat_clinic.scenarios.results import Result, barred, refused, saved
from hat_clinic.scenarios.world import World

_READ = {"poss", "rr", "spo2", "pulse"}
_OBSERVED = {*_READ, "patient", "at", "all_sets_done"}
_RELEASE = {
    *_READ,
    *("by", "at", "patient", "session", "outcome", "able_to_walk", "driving_advice", "naloxone_held"),
}
_BREATHS = 14


# --- facts -------------------------------------------------------------------------------------------------


def observed(world: World, fact: Content, at: datetime) -> None:
    """Take a set of readings; with `all_sets_done` also those that were due before it, each at its minute."""
    _only(fact, _OBSERVED, "observed")
    visit = _visit(world, fact)
    ended = Injection.objects.filter(session_id=visit.session_id).latest("ended_at").ended_at
    by = _nurse(world, fact)
    if fact.get("all_sets_done"):
        for minute in missing_minutes(get_watched(visit=visit)):
            due = ended + timedelta(minutes=minute)
            if due < at:
                world.clock.put(due)
                _read(world, visit, fact, minute, by=by, at=due)
        world.clock.put(at)
    _read(world, visit, fact, _minute(visit, ended, at), by=by, at=at)


def left_early(world: World, fact: Content, at: datetime) -> None:
    """Record that somebody left before the observation was over."""
    visit = _visit(world, fact)
    record_early_leaving(
        clinic=world.home(fact["patient"]).clinic,
        session_id=visit.session_id,
        reason="Against advice." if fact["against_advice"] else "Left.",
        by=_nurse(world, fact),
        at=at,
    )


def hold(world: World, fact: Content, at: datetime) -> None:
    """Find the hold that a check opened: here every hold comes from one."""
    found = Hold.objects.filter(
        patient_id=world.episode(fact["patient"]).person_id, opened_at__lte=at, lifted_at=None
    ).first()
    if found is None:
        raise NotBuilt("a hold that no check opened")
    world.holds[fact["id"]] = found


def oral_order(world: World, fact: Content, at: datetime) -> None:
    """Insert an oral order that was signed before."""
    house = world.home(fact["patient"])
    drug = oral_drug(fact["drug"])
    episode = world.episode(fact["patient"])
    order = OralOrder.objects.create(
        patient_id=episode.person_id,
        episode=episode,
        premises=house.premises,
        drug=drug,
        daily_mg=fact["daily_mg"],
        is_supervised=fact.get("supervised", True),
        starts_at=at,
        ends_at=moment(fact["ends"]),
        basis="Holds on this dose.",
        protocol=world.first_protocol(house),
        signed_by=world.user(fact["signed_by"]),
        signed_at=at,
    )
    OralOrderPeriod.objects.create(
        order=order,
        patient_id=episode.person_id,
        drug=drug,
        during=DateTimeTZRange(order.starts_at, order.ends_at),
    )
    world.oral_orders[fact["id"]] = order


def oral_drug(written: str) -> OralDrug:
    """Return an oral drug by its name with its form."""
    found = next((drug for drug in OralDrug if drug.label == written), None)
    if found is None:
        raise NotBuilt(f"an oral order of {written}")
    return found


FACTS: dict[str, Callable[[World, Content, datetime], None]] = {
    "observed": observed,
    "left_early": left_early,
    "hold": hold,
    "oral_order": oral_order,
}


# --- acts --------------------------------------------------------------------------------------------------


def release(world: World, content: Content, at: datetime) -> Result:
    """Let somebody go as well; a set of readings that comes with it is taken just before."""
    _only(content, _RELEASE, "release")
    if content.get("outcome", "well") != "well":
        raise NotBuilt(f"a release as {content['outcome']}")
    visit, by = _visit(world, content), world.user(content["by"])
    if content.keys() & _READ:
        ended = Injection.objects.filter(session_id=visit.session_id).latest("ended_at").ended_at
        _read(world, visit, content, _minute(visit, ended, at), by=by, at=at)
    try:
        release_person(
            clinic=world.home(content["patient"]).clinic,
            session_id=visit.session_id,
            walks_steadily=content.get("able_to_walk", False),
            advice_given=content.get("driving_advice", False),
            naloxone=NaloxoneHeld.HAS if content.get("naloxone_held") else None,
            missing_reason="",
            by=by,
            at=at,
        )
    except ReleaseRefused as refusal:
        return refused(refusal.decision)
    return saved(Decision())


def lift(world: World, content: Content, at: datetime) -> Result:
    """Lift a hold."""
    if content["hold"] not in world.holds:
        raise NotBuilt(f"hold {content['hold']}, which the facts do not name")
    found = world.holds[content["hold"]]
    try:
        lift_hold(
            clinic=found.clinic,
            hold_id=found.id,
            reason=content["reason"],
            by=world.user(content["by"]),
            at=at,
        )
    except HoldNotLifted as refusal:
        return refused(refusal.decision)
    return saved(Decision())


def get_ready_for_oral(world: World, content: Content, at: datetime) -> None:
    """Open the terminal, and let the nurse have a PIN."""
    world.terminal(world.home(content["patient"]), at)
    world.pin(content["by"], at)


def give_oral_dose(world: World, content: Content, at: datetime) -> Result:
    """Give an oral dose at the terminal, the person having said their date of birth."""
    house = world.home(content["patient"])
    if content["order"] not in world.oral_orders:
        raise NotBuilt(f"oral order {content['order']}, which the facts do not name")
    order = world.oral_orders[content["order"]]
    born: date | None = order.patient.born_on
    try:
        give_oral(
            clinic=house.clinic,
            patient_id=order.patient_id,
            dose=OralToGive(
                order_id=order.id,
                mg=content["mg"],
                sedation=Sedation(str(content["poss"])),
                breaths=_BREATHS,
                born=born,
            ),
            pin=world.pin(content["by"], at),
            key=uuid.uuid4(),
            terminal_id=world.terminal(house, at).id,
            by=world.user(content["by"]),
            at=at,
        )
    except OralRefused as refusal:
        return refused(refusal.decision)
    except PinRefused as refusal:
        return barred(str(refusal))
    return saved(Decision())


# --- shared ------------------------------------------------------------------------------------------------


def _visit(world: World, content: Content) -> Visit:
    visits = Visit.objects.filter(patient_id=world.episode(content["patient"]).person_id)
    if "session" in content:
        day, slot = world.session_of(content["patient"], content["session"], moment(content["at"]))
        visits = visits.filter(session__service_date=day, session__slot=slot)
    found = visits.order_by("-arrived_at").first()
    if found is None:
        raise NotBuilt("somebody watched who was given nothing")
    return found


def _nurse(world: World, content: Content) -> User:
    return world.user(content.get("by") or world.anybody(world.home(content["patient"]), "nurse")[0])


def _minute(visit: Visit, ended: datetime, at: datetime) -> int | None:
    """Return the due minute that a set taken now is for, None for one beside them."""
    watched = get_watched(visit=visit)
    minute = (at - ended) // timedelta(minutes=1)
    return minute if minute in due_minutes(watched.minutes) and minute in missing_minutes(watched) else None


def _read(
    world: World, visit: Visit, content: Content, minute: int | None, *, by: User, at: datetime
) -> None:
    record_reading(
        clinic=visit.clinic,
        session_id=visit.session_id,
        minute=minute,
        readings=Readings(
            sedation=Sedation(str(content["poss"])),
            breaths=content["rr"],
            oxygen=content["spo2"],
            pulse=content["pulse"],
        ),
        unable_reason="",
        by=by,
        at=at,
    )


def _only(content: Content, known: set[str], what: str) -> None:
    unknown = sorted(set(content) - known)
    if unknown:
        raise NotBuilt(f"{what} with {', '.join(unknown)}")
