"""The acts of a scenario, attempted through the program's own actions at the moment the clock shows."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.db import DatabaseError, transaction

from dosing.actions.oral import OralRefused, sign_oral_order
from dosing.actions.orders import OrderRefused, SentPage, sign_order
from dosing.models import Order
from dosing.queries.oral import as_oral_seen, get_oral_signing_facts
from dosing.queries.orders import as_seen, get_last_order, get_signing_facts
from dosing.rules.limits import OrderKind
from dosing.rules.oral import OralDraft, may_sign_oral_order
from dosing.rules.orders import USUAL_ORDER_DAYS, OrderDraft, OrderTerms, Product, latest_end
from dosing.rules.sessions import parse_mg
from dosing.rules.signing import may_sign_order
from hat_clinic.accounts.queries import get_staff
from hat_clinic.core.decisions import Decision
from hat_clinic.scenarios import (
    checking,
    facts,
    gaps,
    hatch,
    ledger,
    limits,
    paper,
    stock,
    suspending,
    together,
    watching,
)
from hat_clinic.scenarios.reading import Content, Named, NotBuilt, moment
from hat_clinic.scenarios.results import Result, barred, refused, saved
from hat_clinic.scenarios.two_doctors import is_unread, signed_by_two, ticked
from hat_clinic.scenarios.world import House, World

GIVE, REPEAT, RACE = "give", "repeat", "race"
EMPTY: dict[str, Any] = {
    "routes": (),
    "sites": (),
    "basis": "",
    "hold_criteria": "",
    "oral_plan": "",
    "observation_min": 0,
}
_SIGN_ORDER = {
    *("by", "authorised_by", "at", "patient", "premises", "replaces", "starts", "ends", "kind", "routes"),
    *("sites", "dose_mg", "typed_dose", "plan", "sessions_per_day", "daily_max_mg", "observation_min"),
    *("reason", "acknowledged", "left_out"),
}


def moment_of(act: Named) -> datetime:
    """Return when an act is attempted. Raises NotBuilt for one that the program does not have."""
    known = act.kind in ACTS or act.kind in (REPEAT, RACE)
    if not known or "at" not in act.content:
        raise NotBuilt(f"the act {act.kind}")
    return moment(act.content["at"])


def get_ready(world: World, act: Named) -> None:
    """Do what the program asks for before an act can be sent at all, such as opening the day."""
    if act.kind == REPEAT:
        act = together.repeated(act)
    if act.kind in READY:
        READY[act.kind](world, act.content, moment(act.content["at"]))


def attempt(world: World, act: Named) -> Result:
    """Attempt an act and return what became of it. Raises NotBuilt for one that the program does not have.

    What every page of a house asks first is asked here too: to a stranger it is not there.
    """
    return open_page(world, act)()


def open_page(world: World, act: Named) -> Callable[[], Result]:
    """Open the page of an act as it stands now, and return what sends it. Raises NotBuilt as `attempt` does."""
    if act.kind == REPEAT:
        return lambda: together.repeat(world, act.content)
    content, at = act.content, moment_of(act)
    if "by" in content and ("patient" in content or isinstance(content.get("premises"), str)):
        house = _house_of(world, content)
        staff = get_staff(user=world.user(content["by"]), clinic_code=house.clinic.code, at=at)
        if staff is None:
            return lambda: barred("Page not found.")
    if act.kind == GIVE:
        page = hatch.open_page(world, content, at)
        return lambda: hatch.post(world, content, page, at)[0]
    return lambda: ACTS[act.kind](world, content, at)


def _house_of(world: World, content: Content) -> House:
    return world.house(content["premises"]) if "premises" in content else world.home(content["patient"])


def _only(content: Content, known: set[str], act: str) -> None:
    unknown = sorted(set(content) - known)
    if unknown:
        raise NotBuilt(f"{act} with {', '.join(unknown)}")


# --- orders ------------------------------------------------------------------------------------------------


def _sign_order(world: World, content: Content, at: datetime) -> Result:
    _only(content, _SIGN_ORDER, "sign_order")
    mg: int | None = content.get("dose_mg")
    if "typed_dose" in content:
        mg = parse_mg(str(content["typed_dose"]))
        if mg is None:
            return barred("Not a dose in whole milligrams.")
    house, episode, by = (
        _house_of(world, content),
        world.episode(content["patient"]),
        world.user(content["by"]),
    )
    last = get_last_order(patient_id=episode.person_id, product=Product.DIAMORPHINE)
    shown = last
    if "replaces" in content:
        shown = Order.objects.select_related("period").get(id=world.orders[content["replaces"]].id)
    draft = _draft(content, mg, at, shown)
    terms = _terms(content, shown)
    if "authorised_by" in content:
        return signed_by_two(world, content, draft, terms, house, shown, at)
    known = get_signing_facts(
        episode=episode, premises=house.premises, product=Product.DIAMORPHINE, signer=by, at=at
    )
    before = may_sign_order(draft, replace(terms, high_dose_reason=""), known.facts)
    after = may_sign_order(draft, terms, known.facts)
    # A stop that a written reason opens is read in writing it: it needs no tick of its own.
    opened = {note.code for note in after} - {note.code for note in before}
    try:
        sign_order(
            episode=episode,
            premises=house.premises,
            product=Product.DIAMORPHINE,
            draft=draft,
            by=by,
            at=at,
            page=SentPage(
                key=uuid.uuid4(),
                seen=as_seen(shown),
                acknowledged=ticked(content, after) | frozenset(opened),
            ),
            **_as_arguments(terms),
        )
    except OrderRefused as refusal:
        return refused(refusal.decision, also=before if is_unread(refusal.decision) else None)
    return saved(before | after)


def _draft(content: Content, mg: int | None, at: datetime, shown: Order | None) -> OrderDraft:
    plan = facts.steps(content.get("plan", ()))
    starts_at = moment(content["starts"])
    if mg is None and not plan:
        raise NotBuilt("sign_order without a dose and without a plan")
    return OrderDraft(
        dose_mg=mg if mg is not None else facts.most_mg(content, plan),
        sessions_per_day=content["sessions_per_day"],
        daily_max_mg=content["daily_max_mg"],
        interval_minutes=shown.interval_minutes if shown else facts.LEAST_INTERVAL,
        starts_at=starts_at,
        ends_at=moment(content["ends"]) if "ends" in content else latest_end(starts_at, USUAL_ORDER_DAYS),
        kind=OrderKind(content.get("kind", "titration" if plan else "maintenance")),
        plan=plan,
        injections_per_session=facts.injections_of(content),
    )


def _terms(content: Content, shown: Order | None) -> OrderTerms:
    written = dict(content)
    if shown is not None:
        written = {"routes": shown.routes, "sites": shown.sites} | written
    for name in content.get("left_out", ()):
        if name not in EMPTY:
            raise NotBuilt(f"sign_order without {name}")
        written[name] = EMPTY[name]
    terms = facts.terms(written | {"dose_mg": 0})
    spoken: Content = {
        name: "" for name in ("basis", "hold_criteria", "oral_plan") if written.get(name) == ""
    }
    return replace(terms, high_dose_reason=content.get("reason", ""), **spoken)


def _as_arguments(terms: OrderTerms) -> dict[str, Any]:
    return asdict(terms) | {"routes": list(terms.routes), "sites": list(terms.sites)}


def _sign_oral_order(world: World, content: Content, at: datetime) -> Result:
    house, episode, by = (
        _house_of(world, content),
        world.episode(content["patient"]),
        world.user(content["by"]),
    )
    drug = watching.oral_drug(content["drug"])
    draft = OralDraft(
        drug=drug,
        daily_mg=content["daily_mg"],
        is_supervised=content.get("supervised", True),
        starts_at=moment(content["starts"]),
        ends_at=moment(content["ends"]),
        basis="Holds on this dose.",
    )
    known = get_oral_signing_facts(episode=episode, clinic=house.clinic, drug=drug, signer=by, at=at)
    decision = may_sign_oral_order(draft, known.facts)
    try:
        sign_oral_order(
            episode=episode,
            premises=house.premises,
            draft=draft,
            page=SentPage(
                key=uuid.uuid4(), seen=as_oral_seen(known.last), acknowledged=ticked(content, decision)
            ),
            by=by,
            at=at,
        )
    except OralRefused as refusal:
        return refused(refusal.decision, also=decision if is_unread(refusal.decision) else None)
    return saved(decision)


def _edit_signed_order(world: World, content: Content, at: datetime) -> Result:
    """Try to change the row of a signed order: the program has no such act, so the database is asked alone."""
    order = world.orders[content["order"]]
    unknown = set(content["set"]) - {field.name for field in Order._meta.fields}
    if unknown:
        raise NotBuilt(f"an order's {', '.join(sorted(unknown))}")
    try:
        with transaction.atomic():
            Order.objects.filter(id=order.id).update(**content["set"])
    except DatabaseError as error:
        told = str(error).splitlines()[0]
        return replace(barred(told), is_trail_asked=False)
    return saved(Decision())


ACTS: dict[str, Callable[[World, Content, datetime], Result]] = {
    "sign_order": _sign_order,
    "sign_oral_order": _sign_oral_order,
    "edit_signed_order": _edit_signed_order,
    "approve_protocol": limits.approve,
    "prepare": hatch.prepare,
    "give": hatch.give,
    "release": watching.release,
    "lift_hold": watching.lift,
    "suspend_order": suspending.suspend,
    "decide_gap": gaps.decide,
    "set_baseline": checking.set_baseline,
    "give_oral": watching.give_oral_dose,
    "receive_stock": ledger.receive,
    "adjust_entry": ledger.adjust,
    "destroy_stock": ledger.destroy,
    "open_ledger": ledger.open_ledger,
    "sql_as_application": ledger.attack,
    "back_enter": paper.back_enter,
    **stock.ACTS,
}
READY: dict[str, Callable[[World, Content, datetime], None]] = {
    "approve_protocol": limits.get_ready,
    "prepare": hatch.get_ready,
    "give": hatch.get_ready,
    "give_oral": watching.get_ready_for_oral,
    "receive_stock": ledger.get_ready,
    "adjust_entry": ledger.get_ready,
    "destroy_stock": ledger.get_ready,
    "back_enter": paper.get_ready,
    **stock.READY,
}
