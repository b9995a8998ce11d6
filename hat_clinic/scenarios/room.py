"""The facts about a visit before a dose: who somebody is, and their check. By the real actions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from dosing.actions.visits import VisitRefused, identify_person, record_check
from dosing.queries.sessions import SessionKey
from dosing.rules.checks import CheckAnswers, Readings, Sedation
from dosing.rules.visits import IdentityItem
from hat_clinic.scenarios.reading import Content, NotBuilt
from hat_clinic.scenarios.world import World

READY = {"poss": 1, "rr": 14, "spo2": 97, "pulse": 72, "alcohol_ug": 0}
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


def ready(world: World, fact: Content, at: datetime) -> None:
    """Identify somebody by photo and date of birth, and make a check in which nothing stands against a dose."""
    check(world, fact, at)


def check(world: World, fact: Content, at: datetime) -> None:
    """Identify somebody and make a check that is clean but for what is written.

    Somebody whom the program lets nobody identify for a dose is barred from then on, and the act meets that.
    """
    unknown = sorted(set(fact) - _KNOWN)
    if unknown or fact.get("clean") is False or "missing" in fact.values():
        raise NotBuilt(f"a check with {', '.join(unknown) or 'values that are missing'}")
    patient = fact["patient"]
    house = world.home(patient)
    by = world.user(fact.get("by") or world.anybody(house, "nurse")[0])
    value = {name: fact.get(name, usual) for name, usual in READY.items()}
    none = {name: None if found == "unable" else found for name, found in value.items()}
    day, slot = world.session_of(patient, fact["session"])
    try:
        visit = identify_person(
            clinic=house.clinic,
            patient_id=world.episode(patient).person_id,
            session=SessionKey(day, slot),
            items=frozenset({IdentityItem.PHOTO, IdentityItem.BIRTH_DATE}),
            is_right=True,
            by=by,
            at=at,
        )
        if visit is None:
            raise NotBuilt("a visit that was not opened")
        record_check(
            clinic=house.clinic,
            session_id=visit.session_id,
            answers=CheckAnswers(
                readings=Readings(
                    sedation=Sedation(str(none["poss"])),
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
            unable_reason=str(fact.get("spo2_reason", "")) or ("cold hands" if None in none.values() else ""),
            by=by,
            at=at,
        )
    except VisitRefused as refused:
        world.barred[patient] = refused.decision


FACTS: dict[str, Callable[[World, Content, datetime], None]] = {"ready": ready, "check": check}
