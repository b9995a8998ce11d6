"""The facts about a house: premises, approved limits, staff, licences and stock. There before anything happens."""

from __future__ import annotations

import calendar
import re
import uuid
from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import date, datetime, time, timedelta

from dosing.actions.register import open_register, receive_stock
from dosing.models import Batch, Licence, ProtocolVersion, RegisterLine
from dosing.rules.orders import OrderTerms, Product
from dosing.rules.protocol import Protocol
from hat_clinic.accounts.actions import create_user, grant_role, open_clinic, open_premises
from hat_clinic.accounts.models import Slot
from hat_clinic.core.clock import LONDON, london_date
from hat_clinic.scenarios.reading import Content, Named, NotBuilt, moment
from hat_clinic.scenarios.world import ORDINALS, ROLES, House, World

PLACES = 50
SUPPLIER = {
    "supplier_name": "Invented Wholesale",
    "supplier_address": "2 Invented Way",
    "requisition": "0088",
}
_PRODUCT = re.compile(r"([0-9]+) mg ampoule")


def premises(world: World, fact: Content, *, places: int = PLACES) -> None:
    """Open a clinic with one treatment room."""
    slots = {}
    for name, hours in fact.get("sessions", {}).items():
        if name not in {slot.value for slot in Slot}:
            raise NotBuilt(f"a session called {name}")
        opens, closes = hours.split("-")
        slots[name] = (time.fromisoformat(opens), time.fromisoformat(closes))
    if slots and world.sessions_named > len(slots):
        slots = divided(slots, world.sessions_named)
    for opened in world.nights.get(fact["id"], ()):
        slots = over_night(slots, *opened)
    if fact.get("model", "A") != "A" or fact.get("timezone", "Europe/London") != "Europe/London":
        raise NotBuilt("premises of another model or another time zone")
    clinic = open_clinic(
        code=f"S{len(world.houses) + 1}",
        name=fact["name"],
        opened_on=london_date(world.begins_at),
        places=places,
        sessions_per_day=len(slots) or 2,
        slots={Slot(name): hours for name, hours in slots.items()},
        has_invented_people=True,
        by=world.by,
        at=world.begins_at,
    )
    room = open_premises(
        clinic=clinic,
        name=fact["name"],
        address="14 Invented Street",
        by=world.by,
        at=world.begins_at,
    )
    world.houses[fact["id"]] = House(clinic=clinic, premises=room, slots=slots)


def night_opening(world: World, fact: Content) -> None:
    """Let a house hold sessions across a night as well; laid before the house is."""
    world.nights.setdefault(fact["premises"], []).append((moment(fact["from"]), moment(fact["until"])))


def over_night(
    slots: dict[str, tuple[time, time]], opens_at: datetime, closes_at: datetime
) -> dict[str, tuple[time, time]]:
    """Return a day's sessions with those of a night: up to midnight the evening, from midnight the first session.

    A day is a Europe/London date, so that no session reaches from one into the next.
    """
    found = dict(slots)
    names = [name.value for name in Slot]
    first, last = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
    if london_date(opens_at) < london_date(closes_at):
        found[first] = (time.min, found[first][1])
    after = found[last][1]
    if closes_at.astimezone(LONDON).time() > after or london_date(opens_at) < london_date(closes_at):
        evening = names[-1] if last != names[-1] else last
        begins = found[evening][0] if evening in found else max(after, opens_at.astimezone(LONDON).time())
        found[evening] = (begins, time.max)
    return found


def sessions_named(facts: Iterable[Named]) -> int:
    """Return the highest session of a day that facts number: 3 where one is the third, 0 where none is numbered."""
    written = [
        str(fact.content.get(name, "")).rpartition(" ")[2]
        for fact in facts
        for name in ("session", "sessions")
    ]
    return max((ORDINALS.index(word) + 1 for word in written if word in ORDINALS), default=0)


def divided(slots: dict[str, tuple[time, time]], number: int) -> dict[str, tuple[time, time]]:
    """Return so many sessions in the hours that a house is open, each as long as the others.

    Facts that number a third session tell of a house that runs three, whatever hours they write for two.
    """
    day = date.min
    opens = datetime.combine(day, min(opens for opens, _ in slots.values()))
    closes = datetime.combine(day, max(closes for _, closes in slots.values()))
    each = (closes - opens) / number
    return {
        slot.value: ((opens + each * place).time(), (opens + each * (place + 1)).time())
        for place, slot in zip(range(number), Slot, strict=False)
    }


def staff(world: World, fact: Content) -> None:
    """Give somebody an account with their role in each house they work at."""
    if fact["role"] not in ROLES:
        raise NotBuilt(f"staff of the role {fact['role']}")
    if fact.get("status", "active") != "active" or "disabled_at" in fact or "personal" in fact:
        raise NotBuilt("staff whose account is closed or is not their own")
    user = create_user(
        email=f"{fact['id']}@staff.example",
        full_name=fact["id"].replace("_", " ").title(),
        password=None,
        by=world.by,
        at=world.begins_at,
    )
    world.staff[fact["id"]] = user
    for name in fact["at"]:
        house = world.house(name)
        grant_role(user=user, clinic=house.clinic, role=ROLES[fact["role"]], by=world.by, at=world.begins_at)
        house.staff[fact["id"]] = fact["role"]


def limits(written: Content) -> Protocol:
    """Return the starting limits with what is set otherwise."""
    known = {field.name for field in fields(Protocol)}
    unknown = sorted(set(written) - known)
    if unknown:
        raise NotBuilt(f"a limit called {', '.join(unknown)}")
    return Protocol(**written)


def protocol(world: World, fact: Content) -> None:
    """Let limits be approved in each house, in force from a moment."""
    if fact["status"] != "approved":
        return
    starts_at = moment(fact["from"])
    for name in fact["premises"]:
        house = world.house(name)
        number = ProtocolVersion.objects.filter(clinic=house.clinic).count() + 1
        ProtocolVersion.objects.create(
            clinic=house.clinic,
            number=number,
            starts_at=starts_at,
            approved_by=world.user(fact["approved_by"]),
            approved_at=starts_at,
            **asdict(limits(fact.get("set") or {})),
        )


def licence(world: World, fact: Content) -> None:
    """Let a doctor have a licence for each drug; one that ends at 23:59 holds that minute."""
    until = moment(fact["until"])
    for drug in fact["drugs"]:
        Licence.objects.create(
            doctor=world.user(fact["doctor"]),
            premises=world.house(fact["premises"]).premises,
            # A drug that is not ordered here is stored under its own name, so that only a right question finds none.
            product=Product.DIAMORPHINE if drug == Product.DIAMORPHINE else drug[:20],
            starts_at=moment(fact["from"]),
            ends_at=until + timedelta(minutes=1),
            recorded_by=world.by,
            recorded_at=world.begins_at,
        )


def stock(world: World, fact: Content) -> None:
    """Take ampoules into the cabinet by the real action."""
    house = world.house(fact["premises"])
    if fact["where"] not in ("cabinet", "quarantine"):
        raise NotBuilt(f"stock that is in {fact['where']}")
    line = ledger(world, house, strength_of(fact["product"]))
    world.batches[fact["id"]] = receive(
        world, house, line, number=fact["batch"], expires_on=expiry(fact["expiry"]), ampoules=fact["ampoules"]
    )


def strength_of(product: str) -> int:
    """Return the milligrams in one ampoule of a product."""
    found = _PRODUCT.fullmatch(product)
    if found is None:
        raise NotBuilt(f"stock of {product}")
    return int(found[1])


def sites(written: Iterable[str]) -> list[str]:
    """Return the places on the body in the words of the program."""
    return [site.removesuffix("_im").removesuffix("_sc") for site in written]


def usual_terms() -> OrderTerms:
    """Return what an order of the past says in words, where a scenario writes none."""
    return OrderTerms(
        routes=("iv",),
        sites=("left_arm", "right_arm"),
        observation_minutes=20,
        basis="Reached by titration.",
        high_dose_reason="",
        hold_criteria="as the clinic's limits say",
        oral_plan="none",
    )


def expiry(text: str) -> date:
    """Return the last day of use; a month alone is good to its last day."""
    if len(text) == len("2028-06"):
        year, month = map(int, text.split("-"))
        return date(year, month, calendar.monthrange(year, month)[1])
    return date.fromisoformat(text)


def ledger(world: World, house: House, strength_mg: int) -> RegisterLine:
    """Return the register of ampoules of one strength, opened now if there was none."""
    found = RegisterLine.objects.filter(premises=house.premises, strength_mg=strength_mg).first()
    return found or open_register(
        premises=house.premises,
        product=Product.DIAMORPHINE,
        strength_mg=strength_mg,
        form=RegisterLine.Form.AMPOULE_POWDER,
        by=world.user(world.anybody(house, "cd_lead", "clinical_lead", "doctor")[0]),
        at=world.begins_at,
    )


def receive(
    world: World, house: House, line: RegisterLine, *, number: str, expires_on: date, ampoules: int
) -> Batch:
    """Take one batch into a register, before two people."""
    two = world.anybody(house, "cd_lead", "nurse", "doctor")
    if len(two) < 2:
        raise NotBuilt("stock in a house where only one person works")
    receive_stock(
        line=line,
        batch_number=number,
        expires_on=expires_on,
        ampoules=ampoules,
        key=uuid.uuid4(),
        by=world.user(two[0]),
        witness=world.user(two[1]),
        at=world.begins_at,
        supplier_name="Invented Wholesale",
        supplier_address="2 Invented Way",
        requisition="0088",
    )
    return Batch.objects.select_related("line").get(line=line, number=number)


def fill_for_the_past(world: World, doses: dict[str, list[int]], until: datetime) -> None:
    """Take in just the ampoules that past doses will use up, so that what a scenario states is all that is left."""
    for name, milligrams in doses.items():
        house = world.house(name)
        lines = RegisterLine.objects.filter(premises=house.premises).order_by("-strength_mg")
        line = lines.first() or ledger(world, house, 100)
        house.past = receive(
            world,
            house,
            line,
            number="BEFORE",
            expires_on=london_date(until) + timedelta(days=365),
            ampoules=sum(-(-mg // line.strength_mg) for mg in milligrams),
        )
