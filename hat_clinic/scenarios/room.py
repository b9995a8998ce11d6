"""The facts about a visit before a dose: who somebody is, and their check. By the real actions."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime

from dosing.actions.visits import VisitRefused, identify_person, record_check, record_not_given
from dosing.models import ClinicDay, Visit
from dosing.queries.sessions import SessionKey
from dosing.rules.checks import CheckAnswers, Readings, Sedation, is_fresh
from dosing.rules.sessions import Outcome, Reason
from dosing.rules.visits import IdentityItem, VisitState
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import london_date
from hat_clinic.scenarios.days import opened_day
from hat_clinic.scenarios.reading import Content, NotBuilt
from hat_clinic.scenarios.world import House, World

READY = {"poss": 1, "rr": 14, "spo2": 97, "pulse": 72, "alcohol_ug": 0}
_WITHOUT_DOSE = {
    "refused": (Outcome.WITHHELD, Reason.DECLINED),
    "withheld": (Outcome.WITHHELD, Reason.OTHER),
    "missed": (Outcome.MISSED, Reason.UNKNOWN),
    "excused": (Outcome.EXCUSED, Reason.OTHER),
}
UNABLE, MISSING = EMPTY = ("unable", "missing")
_KNOWN = {
    *READY,
    "patient",
    "session",
    "at",
    "by",
    "clean",
    "judged_intoxicated",
    "used_since",
    "spo2_reason",
}


def open_day(world: World, house: House, at: datetime) -> None:
    """Have a day opened on counts that agree, unless it is open."""
    if not ClinicDay.objects.filter(premises=house.premises, on=london_date(at)).exists():
        opened_day(world.room(house), at, is_checked=True)


def ready(world: World, fact: Content, at: datetime) -> None:
    """Identify somebody by photo and date of birth, and make a check in which nothing stands against a dose."""
    check(world, fact, at)
    world.ready[fact["patient"]] = fact


def still_ready(world: World, patient: str, at: datetime) -> None:
    """Make the check of somebody who is ready again where it has run out: they are ready at the act as well.

    A check that a scenario writes as such is left as old as it is.
    """
    fact = world.ready.get(patient)
    if fact is None or patient in world.barred:
        return
    person_id = world.episode(patient).person_id
    found = Visit.objects.filter(patient_id=person_id, state=VisitState.CHECKED).first()
    if found is None or found.check_made is None or is_fresh(made_at=found.check_made.made_at, at=at):
        return
    check(world, fact, at)


def check(world: World, fact: Content, at: datetime) -> None:
    """Identify somebody and make a check that is clean but for what is written.

    Somebody whom the program lets nobody identify for a dose is barred from then on, and the act meets that.
    """
    unknown = sorted(set(fact) - _KNOWN)
    if unknown or fact.get("clean") is False:
        raise NotBuilt(f"a check with {', '.join(unknown) or 'values that nobody writes'}")
    value: Content = {name: fact.get(name, usual) for name, usual in READY.items()}
    none: Content = {name: None if found in EMPTY else found for name, found in value.items()}
    session_id = identify(world, fact, at)
    if session_id is None:
        return
    try:
        record_check(
            clinic=world.home(fact["patient"]).clinic,
            session_id=session_id,
            answers=CheckAnswers(
                readings=Readings(
                    # A scenario may leave a value out that the form always asks for: the act has to refuse it.
                    sedation=None if none["poss"] is None else Sedation(str(none["poss"])),  # type: ignore[arg-type]
                    breaths=none["rr"],
                    oxygen=none["spo2"],
                    pulse=none["pulse"],
                ),
                alcohol_ug=none["alcohol_ug"],
                took_other_drugs=fact.get("used_since", "nothing") not in ("nothing", False),
                oral_as_ordered=True,
                is_intoxicated=fact.get("judged_intoxicated", False),
                sites_are_well=True,
            ),
            # What was left empty says nothing of why.
            unable_reason=str(fact.get("spo2_reason", ""))
            or ("cold hands" if UNABLE in value.values() and MISSING not in value.values() else ""),
            by=_nurse(world, fact),
            at=at,
        )
    except VisitRefused as refused:
        world.barred[fact["patient"]] = refused.decision


def identify(world: World, fact: Content, at: datetime) -> uuid.UUID | None:
    """Identify somebody for a session, unless they are; None, and they are barred, where the program refuses it."""
    patient = fact["patient"]
    day, slot = world.session_of(patient, fact["session"], at)
    person_id = world.episode(patient).person_id
    open_visit = Visit.objects.filter(
        patient_id=person_id,
        session__service_date=day,
        session__slot=slot,
        state__in=[VisitState.IDENTIFIED, VisitState.CHECKED],
    ).first()
    if open_visit is not None:
        return open_visit.session_id
    try:
        visit = identify_person(
            clinic=world.home(patient).clinic,
            patient_id=person_id,
            session=SessionKey(day, slot),
            items=frozenset({IdentityItem.PHOTO, IdentityItem.BIRTH_DATE}),
            is_right=True,
            by=_nurse(world, fact),
            at=at,
        )
    except VisitRefused as refused:
        world.barred[patient] = refused.decision
        return None
    return visit.session_id if visit is not None else None


def outcome(world: World, fact: Content, at: datetime) -> None:
    """End a session without a dose."""
    if fact["outcome"] not in _WITHOUT_DOSE:
        raise NotBuilt(f"a session that ended as {fact['outcome']}")
    ended, reason = _WITHOUT_DOSE[fact["outcome"]]
    record_not_given(
        clinic=world.home(fact["patient"]).clinic,
        patient_id=world.episode(fact["patient"]).person_id,
        session=SessionKey(*world.session_of(fact["patient"], fact["session"], at)),
        outcome=ended,
        reason=reason,
        by=_nurse(world, fact),
        at=at,
    )


def _nurse(world: World, fact: Content) -> User:
    return world.user(fact.get("by") or world.anybody(world.home(fact["patient"]), "nurse")[0])


FACTS: dict[str, Callable[[World, Content, datetime], None]] = {
    "ready": ready,
    "check": check,
    "outcome": outcome,
}
