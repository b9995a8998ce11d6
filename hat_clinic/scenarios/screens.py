"""Pages that stood open before the act: sealed by the program for whoever opened them, and opened by it again."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

from django.http import QueryDict

from dosing.models import Visit
from dosing.queries.orders import get_order_in_force
from dosing.rules.orders import Product
from dosing.views.preparations import SEAL_PREPARE
from hat_clinic.accounts.access import StaffRequest
from hat_clinic.accounts.queries import get_staff
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.scenarios.reading import Content, NotBuilt
from hat_clinic.scenarios.world import Screen, World


def screen(world: World, fact: Content, at: datetime) -> None:
    """Open the page of a dose for somebody at a terminal, sealed with the order that it shows."""
    patient, terminal = fact["patient"], fact.get("terminal", "")
    person_id = world.episode(patient).person_id
    shown = get_order_in_force(patient_id=person_id, product=Product.DIAMORPHINE, at=at)
    version = world.versions.get((patient, fact["order_version"]))
    if shown is None or version is None or shown.id != version.id:
        raise NotBuilt(f"a page that shows order version {fact['order_version']}, which is not in force then")
    visit = Visit.objects.filter(patient_id=person_id).latest("arrived_at")
    seal = seal_form(
        _request(world, fact["shown_to"], patient, at),
        purpose=SEAL_PREPARE,
        session=str(visit.session_id),
        order=str(shown.id),
    )
    world.screens[fact["id"]] = Screen(fact["shown_to"], terminal, seal)
    world.acting[terminal] = fact["shown_to"]


def switch_user(world: World, fact: Content, at: datetime) -> None:
    """Have somebody else stand at a terminal from then on."""
    if world.acting.get(fact["terminal"], fact["user_before"]) != fact["user_before"]:
        raise NotBuilt(f"{fact['user_before']} leaving a terminal at which somebody else stands")
    world.acting[fact["terminal"]] = fact["user_after"]


def sealed_order(world: World, content: Content, at: datetime) -> uuid.UUID | None:
    """Return the order that a sent page was opened for; None where the program does not take it from this sender."""
    if content["screen"] not in world.screens:
        raise NotBuilt(f"screen {content['screen']}, which the facts do not name")
    page = world.screens[content["screen"]]
    sender = content.get("by", "carys")
    if world.acting[page.terminal] != sender:
        raise NotBuilt(f"a page sent by {sender}, who does not stand at its terminal")
    request = _request(world, sender, content["patient"], at)
    request.POST = QueryDict(urlencode({"seal": page.seal}))
    opened = open_form_seal(request, purpose=SEAL_PREPARE)
    return uuid.UUID(opened["order"]) if opened else None


def _request(world: World, user: str, patient: str, at: datetime) -> StaffRequest:
    house = world.home(patient)
    staff = get_staff(user=world.user(user), clinic_code=house.clinic.code, at=at)
    if staff is None:
        raise NotBuilt(f"a page of a house in which {user} does not work")
    request = StaffRequest()
    request.staff = replace(staff, terminal_id=world.terminal(house, at).id)
    return request


FACTS: dict[str, Callable[[World, Content, datetime], None]] = {
    "screen": screen,
    "switch_user": switch_user,
}
