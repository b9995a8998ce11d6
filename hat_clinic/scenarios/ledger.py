"""The register and the stock: what stood before as facts, and the acts of the controlled-drug lead."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import DatabaseError, transaction

from dosing.actions.amendments import Approval, adjust_line
from dosing.actions.deliveries import DeliveryToTake, order_stock, receive_delivery
from dosing.actions.quarantine import (
    AmpoulesToDestroy,
    AuthorityLetter,
    destroy_stock,
    quarantine_stock,
    record_authority,
)
from dosing.actions.register import RegisterRefused, open_register
from dosing.actions.two_people import StockRefused, TwoPeople
from dosing.models import RegisterEntry, RegisterLine, Requisition
from dosing.rules.orders import Product
from dosing.rules.quarantine import AuthorityKind, QuarantineReason
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision
from hat_clinic.scenarios import attacks, houses, people
from hat_clinic.scenarios.history import StoodBefore, given_dose, signed_order
from hat_clinic.scenarios.reading import Content, NotBuilt, moment
from hat_clinic.scenarios.results import Result, barred, refused, saved
from hat_clinic.scenarios.world import House, World

# Whose dose an entry of a scenario tells of that names nobody.
SOMEBODY = "somebody"


# --- facts -------------------------------------------------------------------------------------------------


def stock(world: World, fact: Content) -> None:
    """Take ampoules into the cabinet, and from there into quarantine where they are; both by the real actions."""
    houses.stock(world, fact)
    if fact["where"] != "quarantine":
        return
    house, at, batch = world.house(fact["premises"]), world.begins_at, world.batches[fact["id"]]
    first, two = _two(world, house, at)
    is_expired = batch.expires_on < london_date(at)
    quarantine_stock(
        clinic=house.clinic,
        batch_id=batch.id,
        ampoules=fact["ampoules"],
        reason=QuarantineReason.EXPIRED if is_expired else QuarantineReason.DOUBTED,
        words=fact.get("reason", ""),
        two=two,
        by=world.user(first),
        at=at,
    )


def authority(world: World, fact: Content, at: datetime) -> None:
    """Record somebody's authority to witness a destruction, as it stands in the letter."""
    house = next(iter(world.houses.values()))
    world.authorities[fact["witness"]] = record_authority(
        clinic=house.clinic,
        letter=AuthorityLetter(
            kind=AuthorityKind.TEMPORARY,
            name=fact["name"],
            granted_by=fact["granted_by"],
            number=fact["number"],
            identity_seen="staff pass",
            starts_on=date.fromisoformat(fact["from"]),
            ends_on=date.fromisoformat(fact["until"]),
        ),
        key=uuid.uuid4(),
        by=world.user(world.anybody(house, "cd_lead", "clinical_lead")[0]),
        at=at,
    )


def entry(world: World, fact: Content, at: datetime) -> None:
    """Insert a supply that was entered before, with the dose that it tells of."""
    if fact["kind"] != "supplied":
        raise NotBuilt(f"an entry that is {fact['kind']}")
    house = world.house(fact["premises"])
    batch = world.batches[fact["stock"]]
    if SOMEBODY not in world.episodes:
        since = (at - timedelta(days=10)).date().isoformat()
        content = {"id": SOMEBODY, "premises": fact["premises"], "born": "1980-05-05"}
        people.patient(world, content | {"in_treatment_since": since})
    people.consent_behind(world, SOMEBODY, at)
    doctor = world.user(world.anybody(house, "doctor")[0])
    mg = batch.line.strength_mg * fact["ampoules"]
    starts_at = at - timedelta(hours=1)
    order = signed_order(
        episode=world.episode(SOMEBODY),
        premises=house.premises,
        protocol=world.first_protocol(house),
        licence=world.licence(doctor, house, starts_at),
        stood=StoodBefore(
            dose_mg=mg,
            sessions_per_day=2,
            daily_max_mg=2 * mg,
            interval_minutes=180,
            starts_at=starts_at,
            ends_at=at + timedelta(hours=1),
        ),
        terms=houses.usual_terms(),
        by=doctor,
        at=starts_at,
    )
    room = world.room_of(house, batch=batch, giver=fact["by"], witness=fact["witness"])
    injection = given_dose(
        room, order, mg=mg, at=at, route="iv", site="left_arm", tolerated=True, slot=house.slot_at(at, set())
    )
    world.entries[fact["id"]] = RegisterEntry.objects.get(injection=injection)


def _two(world: World, house: House, at: datetime, *names: str) -> tuple[str, TwoPeople]:
    """Return who acts, and the second person with both PINs at the house's terminal."""
    first, second = names or tuple(world.anybody(house, "cd_lead", "nurse", "doctor")[:2])
    pins = [world.pin(name, at) for name in (first, second)]
    return first, TwoPeople(
        second_id=world.user(second).id,
        own_pin=pins[0],
        second_pin=pins[1],
        terminal_id=world.terminal(house, at).id,
        key=uuid.uuid4(),
    )


def _beside(world: World, house: House, name: str) -> str:
    return next(other for other in world.anybody(house, "nurse", "cd_lead") if other != name)


# --- acts --------------------------------------------------------------------------------------------------


def get_ready(world: World, content: Content, at: datetime) -> None:
    """Open the terminal, give everybody their PIN, and record what a delivery was ordered on."""
    house = next(iter(world.houses.values()))
    world.terminal(house, at)
    named = [content.get(name) for name in ("by", "second")] + list(content.get("approved_by", ()))
    for name in (*named, *world.anybody(house, "nurse", "cd_lead")):
        if name in world.staff:
            world.pin(name, at)
    if "requisition" in content:
        line = _ledger(house, content["product"])
        order_stock(
            clinic=house.clinic,
            line_id=line.id,
            number=content["requisition"],
            supplier_name=content["source_name"],
            supplier_address=content["source_address"],
            ampoules=content["ampoules"],
            key=uuid.uuid4(),
            by=world.user(content["by"]),
            at=at,
        )


def receive(world: World, content: Content, at: datetime) -> Result:
    """Enter a delivery against its requisition."""
    house = world.house(content["premises"])
    requisition = Requisition.objects.get(
        line=_ledger(house, content["product"]), number=content["requisition"]
    )
    first, two = _two(world, house, at, content["by"], content["second"])
    arrived_at = moment(content["occurred_at"]) if "occurred_at" in content else None
    return _answer(
        lambda: receive_delivery(
            clinic=house.clinic,
            requisition_id=requisition.id,
            delivery=DeliveryToTake(
                batch_number=content["batch"],
                expires_on=houses.expiry(content["expiry"]),
                ampoules=content["ampoules"],
                arrived_at=arrived_at,
            ),
            acknowledged=frozenset(),
            two=two,
            by=world.user(first),
            at=at,
        )
    )


def adjust(world: World, content: Content, at: datetime) -> Result:
    """Adjust the balance beside a line."""
    line = world.entries[content["entry"]]
    house = next(h for h in world.houses.values() if h.premises.id == line.line.premises_id)
    return _answer(
        lambda: adjust_line(
            clinic=house.clinic,
            entry_key=line.key,
            ampoules=content["ampoules"],
            in_quarantine=False,
            reason=content["reason"],
            approvals=tuple(
                Approval(world.user(name).id, world.pin(name, at)) for name in content["approved_by"]
            ),
            terminal_id=world.terminal(house, at).id,
            key=uuid.uuid4(),
            by=world.user(content["by"]),
            at=at,
        )
    )


def destroy(world: World, content: Content, at: datetime) -> Result:
    """Destroy ampoules before an authorised witness; a second member of staff signs beside who acts."""
    batch = world.batches[content["stock"]]
    house = next(h for h in world.houses.values() if h.premises.id == batch.line.premises_id)
    first, two = _two(world, house, at, content["by"], _beside(world, house, content["by"]))
    witness = world.authorities.get(content["witness"])
    return _answer(
        lambda: destroy_stock(
            clinic=house.clinic,
            what=AmpoulesToDestroy(
                batch_id=batch.id,
                ampoules=content["ampoules"],
                method=content["method"],
                exemption=content["t28"],
                authority_id=witness.id if witness else None,
            ),
            two=two,
            by=world.user(first),
            at=at,
        )
    )


def open_ledger(world: World, content: Content, at: datetime) -> Result:
    """Open a register for a class, strength and form."""
    house = world.house(content["premises"])
    if content["drug_class"] != Product.DIAMORPHINE or content["form"] != "ampoule":
        raise NotBuilt(f"a register of {content['drug_class']} {content['form']}")
    return _answer(
        lambda: open_register(
            premises=house.premises,
            product=Product.DIAMORPHINE,
            strength_mg=houses.strength_of(f"{content['strength']} ampoule"),
            form=RegisterLine.Form.AMPOULE_POWDER,
            by=world.user(content["by"]),
            at=at,
        )
    )


def attack(world: World, content: Content, at: datetime) -> Result:
    """Send a statement with the application's own login, outside the program."""
    statement = attacks.statement_of(content["statement"], world.entries)
    for setting in attacks.SETTINGS:
        try:
            with transaction.atomic():
                attacks.send(setting, statement)
        except DatabaseError as error:
            told = str(error).splitlines()[0]
        else:
            return saved(Decision())
    return attacks.refused_by_the_database(told)


def _ledger(house: House, product: str) -> RegisterLine:
    return RegisterLine.objects.get(premises=house.premises, strength_mg=houses.strength_of(product))


def _answer(act: Callable[[], object]) -> Result:
    try:
        act()
    except PinRefused as refusal:
        return barred(str(refusal))
    except StockRefused as refusal:
        return refused(refusal.decision)
    except RegisterRefused as refusal:
        return barred(str(refusal))
    return saved(Decision())


FACTS: dict[str, Callable[[World, Content, datetime], None]] = {"authority": authority, "entry": entry}
