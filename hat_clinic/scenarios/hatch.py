"""The acts at the hatch: drawing a dose up before a witness, and giving it. Both PINs, then the injection."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from dosing.actions.injections import InjectionGiven, InjectionRecorded, InjectionRefused, record_injection
from dosing.actions.preparations import DoseToPrepare, PreparationRefused, prepare_dose
from dosing.models import Batch, Preparation, Visit
from dosing.queries.orders import get_order_in_force
from dosing.rules.orders import Product
from dosing.rules.sessions import Reduction
from dosing.views.preparations import SOMEBODY_ELSE
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.models import User
from hat_clinic.core.decisions import Decision
from hat_clinic.scenarios import checking, houses, room, screens
from hat_clinic.scenarios.reading import Content, NotBuilt, moment
from hat_clinic.scenarios.results import UNREAD, Result, barred, refused, saved
from hat_clinic.scenarios.standing import take_standing
from hat_clinic.scenarios.world import House, World

_GIVE = {
    *("by", "witness", "witness_pin", "at", "patient", "session", "mg", "site", "acknowledged", "stock"),
    *(
        "ampoules",
        "order",
        "number",
        "drawn",
        "drawn_mg",
        "given_mg",
        "wasted_mg",
        "key",
        "screen",
        "terminal",
        "authorised_by",
        "reason",
    ),
}
_PREPARE = {
    *("by", "witness", "at", "patient", "session", "stock", "ampoules", "mg"),
    *("concentration_mg_per_ml", "volume_ml"),
}
Drawn = tuple[uuid.UUID, Result]


@dataclass(frozen=True, slots=True)
class Page:
    """The page of one dose as it was filled in, with both PINs and its key; sent again it is the same."""

    house: House
    visit: Visit
    dose: DoseToPrepare
    own_pin: str
    witness_pin: str
    key: uuid.UUID
    terminal_id: uuid.UUID
    by: User
    at: datetime


def get_ready(world: World, content: Content, at: datetime) -> None:
    """Open the day and the terminal, and have somebody at the hatch identified who was not yet."""
    patient = content["patient"]
    house = world.home(patient)
    room.open_day(world, house, at)
    world.terminal(house, at)
    for name in (content.get("by", "carys"), content.get("witness", "dev"), content.get("authorised_by")):
        if name is not None:
            world.pin(name, at)
    if patient not in world.barred and _visit(world, content) is None:
        room.identify(
            world, {"by": content.get("by", "carys"), "session": _session(content, at)} | content, at
        )
    if content.get("number", 1) == 1:
        room.still_ready(world, patient, at)


def _session(content: Content, at: datetime) -> str:
    return content.get("session") or f"{at:%Y-%m-%d %H:%M}"


def _visit(world: World, content: Content) -> Visit | None:
    person_id = world.episode(content["patient"]).person_id
    states = ["arrived", "identified", "checked"] if content.get("number", 1) == 1 else ["observed"]
    waiting = Visit.objects.filter(patient_id=person_id, state__in=states)
    if "session" in content:
        day, slot = world.session_of(content["patient"], content["session"], moment(content["at"]))
        waiting = waiting.filter(session__service_date=day, session__slot=slot)
    return waiting.order_by("-arrived_at").first()


def prepare(world: World, content: Content, at: datetime) -> Result:
    """Draw a dose up, both signing."""
    _only(content, _PREPARE, "prepare")
    if "volume_ml" in content:
        volume = Decimal(content["volume_ml"])
        if volume * content["concentration_mg_per_ml"] != content["mg"]:
            raise NotBuilt("a volume that is typed and is not that of the dose")
    drawn = _draw(world, content, at)
    return drawn if isinstance(drawn, Result) else drawn[1]


def give(world: World, content: Content, at: datetime) -> Result:
    """Draw a dose up and inject it; a block at either leaves no injection."""
    return post(world, content, open_page(world, content, at), at)[0]


def open_page(world: World, content: Content, at: datetime) -> Page | Result | None:
    """Fill in the page of a dose, which can be sent more than once; None where the dose is drawn up already."""
    _only(content, _GIVE, "give")
    return None if "drawn" in content else _page(world, content, at)


def post(
    world: World, content: Content, page: Page | Result | None, at: datetime
) -> tuple[Result, InjectionRecorded | None]:
    """Send a page of a dose and its injection, and return what became of it with the program's own answer."""
    if page is None:
        return _inject(world, content, world.drawn[content["drawn"]], at, saved(Decision()))
    drawn = page if isinstance(page, Result) else send_page(world, content, page)
    if isinstance(drawn, Result):
        return drawn, None
    preparation_id, found = drawn
    return _inject(world, content, Preparation.objects.get(id=preparation_id), at, found)


def drawn(world: World, fact: Content, at: datetime) -> None:
    """Draw a dose up that nobody has injected yet, after a clean check; by the real actions."""
    get_ready(world, fact, at)
    room.check(world, {name: fact[name] for name in ("patient", "session", "by")}, at)
    found = _draw(world, {name: value for name, value in fact.items() if name != "id"}, at)
    if isinstance(found, Result):
        raise NotBuilt(f"a dose drawn up that the program refuses: {' '.join(found.told)}")
    world.drawn[fact["id"]] = Preparation.objects.get(id=found[0])


def _inject(
    world: World, content: Content, preparation: Preparation, at: datetime, found: Result
) -> tuple[Result, InjectionRecorded | None]:
    house, by = world.home(content["patient"]), world.user(content.get("by", "carys"))
    drawn_up = take_standing()
    try:
        answer = record_injection(
            clinic=house.clinic,
            patient_id=preparation.patient_id,
            given=InjectionGiven(
                preparation_id=preparation.id,
                given_mg=content.get("given_mg", preparation.dose_mg),
                route=preparation.order.routes[0],
                site=houses.sites([content.get("site", "left_arm")])[0],
                seconds_ago=0,
                syringe_returned=True,
            ),
            preparer_pin="",
            key=_key(content, "injection"),
            terminal_id=world.terminal(house, at).id,
            by=by,
            at=at,
        )
    except InjectionRefused as refusal:
        # The dose is in the syringe and stays on record until it is wasted; it is the injection that was refused.
        return replace(refused(refusal.decision), since=drawn_up), None
    return found, answer


def _only(content: Content, known: set[str], act: str) -> None:
    unknown = sorted(set(content) - known)
    if unknown:
        raise NotBuilt(f"{act} with {', '.join(unknown)}")


def _draw(world: World, content: Content, at: datetime) -> Drawn | Result:
    page = _page(world, content, at)
    return page if isinstance(page, Result) else send_page(world, content, page)


def _page(world: World, content: Content, at: datetime) -> Page | Result:
    patient = content["patient"]
    if patient in world.barred:
        return replace(refused(world.barred[patient]), is_trail_asked=False)
    house = world.home(patient)
    person_id = world.episode(patient).person_id
    by, witness = content.get("by", "carys"), content.get("witness", "dev")
    visit = _visit(world, content)
    if visit is None:
        raise NotBuilt("a dose for somebody who has had theirs in this session")
    live = get_order_in_force(patient_id=person_id, product=Product.DIAMORPHINE, at=at)
    order = world.orders[content["order"]] if "order" in content else live
    if order is None:
        order = world.order_at(patient, at)
    if order is None:
        raise NotBuilt("a dose for somebody who never had an order")
    shown = order.id
    if "screen" in content:
        sealed = screens.sealed_order(world, content, at)
        if sealed is None:
            return replace(barred(SOMEBODY_ELSE), is_trail_asked=False)
        shown = sealed
    mg: int = content.get("mg", order.dose_mg)
    batch = _batch(world, house, content, mg)
    return Page(
        house=house,
        visit=visit,
        dose=DoseToPrepare(
            session_id=visit.session_id,
            order_id=shown,
            batch_id=batch.id,
            dose_mg=mg,
            ampoules=content.get("ampoules", -(-mg // batch.line.strength_mg)),
            witness_id=world.user(witness).id,
            number=content.get("number", 1),
            # What is not written is acceptable: a dose that is less than the full one has its reason.
            reduction=Reduction.OTHER,
            wasted_mg=_stated_waste(content, mg),
        ),
        own_pin=world.pin(by, at),
        witness_pin=content.get("witness_pin") or world.pin(witness, at),
        key=_key(content, "preparation"),
        terminal_id=world.terminal(house, at).id,
        by=world.user(by),
        at=at,
    )


def _key(content: Content, act: str) -> uuid.UUID:
    """Return the key of one of the two forms: made from a key that is written, else a fresh one."""
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{content['key']} {act}") if "key" in content else uuid.uuid4()


def send_page(world: World, content: Content, page: Page) -> Drawn | Result:
    """Draw a dose up; where notes have to be ticked and are, it is sent once more with their ticks.

    Where a doctor is named who lets it go ahead, and nothing but stops refuses it, they sign for each, and it is sent
    once more.
    """
    ticks: dict[str, str] = {}
    found = passed = Decision()
    for _ in range(3):
        try:
            preparation_id = prepare_dose(
                clinic=page.house.clinic,
                dose=page.dose,
                preparer_pin=page.own_pin,
                witness_pin=page.witness_pin,
                read=ticks,
                key=page.key,
                terminal_id=page.terminal_id,
                by=page.by,
                at=page.at,
            )
        except PinRefused as refusal:
            return barred(str(refusal))
        except PreparationRefused as refusal:
            stops = checking.only_stops(refusal.decision) if "authorised_by" in content else []
            if stops and not passed.findings:
                barred_by = checking.authorise(world, content, page.visit, stops, page.at)
                if barred_by is not None:
                    return barred_by
                passed = Decision(tuple(stops))
                continue
            unread = [one for one in refusal.decision.refusals if one.code.startswith(UNREAD)]
            if ticks or len(unread) < len(refusal.decision.refusals) or not content.get("acknowledged"):
                return refused(refusal.decision)
            codes = {one.code.removeprefix(UNREAD) for one in unread}
            found = Decision(tuple(one for one in refusal.decision if one.code in codes))
            ticks = {one.code: one.message for one in found}
        else:
            result = saved(found)
            if passed.findings:
                return preparation_id, saved(passed | found)
            return preparation_id, replace(result, decision="warn") if ticks else result
    raise NotBuilt("a note that stays unread when it is ticked")


def _stated_waste(content: Content, mg: int) -> int | None:
    """Return what goes to waste while a dose is drawn up, where a scenario says what is wasted in all.

    What stays in the syringe is waste too, and is not drawn off before.
    """
    if "wasted_mg" not in content:
        return None
    wasted: int = content["wasted_mg"] - (mg - content.get("given_mg", mg))
    return wasted


def _batch(world: World, house: House, content: Content, mg: int) -> Batch:
    """Return the batch that is named, else the one that leaves the least over, in the fewest ampoules."""
    quarantined = set(Batch.objects.filter(quarantined__gt=0).values_list("id", flat=True))
    here = [
        batch
        for batch in world.batches.values()
        if batch.line.premises_id == house.premises.id and batch.id not in quarantined
    ]
    stated = content.get("stock")
    if isinstance(stated, str):
        if stated not in world.batches:
            raise NotBuilt(f"stock {stated}, which the facts do not name")
        return world.batches[stated]
    if stated is not None or not here:
        raise NotBuilt("a dose drawn from several batches")

    def over(batch: Batch) -> tuple[int, int]:
        strength = batch.line.strength_mg
        return -mg % strength, -(-mg // strength)

    return min(here, key=over)
