"""An order that one doctor writes and another signs: asked for and answered, each through the program's own action."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from dosing.actions.order_requests import authorise_order, request_order
from dosing.actions.orders import OrderRefused, SentPage
from dosing.models import Order
from dosing.queries.order_requests import get_answering_facts, get_asking_facts, get_request
from dosing.queries.orders import as_seen, get_signing_facts
from dosing.rules.order_requests import may_authorise_order, may_request_order
from dosing.rules.orders import OrderDraft, OrderTerms, Product
from hat_clinic.core.decisions import Decision, Level
from hat_clinic.scenarios.reading import Content, NotBuilt
from hat_clinic.scenarios.results import Result, refused, saved
from hat_clinic.scenarios.standing import take_standing
from hat_clinic.scenarios.world import House, World


def signed_by_two(
    world: World,
    content: Content,
    draft: OrderDraft,
    terms: OrderTerms,
    house: House,
    shown: Order | None,
    at: datetime,
) -> Result:
    """Ask as the author, then sign as who authorises it; a request that was stored stays where its answer is refused."""
    episode, author = world.episode(content["patient"]), world.user(content["by"])
    product = Product.DIAMORPHINE
    known = get_signing_facts(episode=episode, premises=house.premises, product=product, signer=author, at=at)
    asking = get_asking_facts(episode=episode, premises=house.premises, by=author, at=at)
    found = may_request_order(draft, terms, known.facts, asking)
    page = SentPage(key=uuid.uuid4(), seen=as_seen(shown), acknowledged=ticked(content, found))
    try:
        request = request_order(
            episode=episode,
            premises=house.premises,
            product=product,
            draft=draft,
            terms=terms,
            page=page,
            by=author,
            at=at,
        )
    except OrderRefused as refusal:
        return refused(refusal.decision, also=found if is_unread(refusal.decision) else None)
    since = take_standing()
    signer = world.user(content["authorised_by"])
    stored = get_request(clinic=house.clinic, request_id=request.id)
    assert stored is not None  # noqa: S101 - it was stored a line ago
    now = get_answering_facts(request=stored, by=signer, at=at)
    found = may_authorise_order(now.draft, now.terms, now.known.facts, now.asked)
    page = SentPage(key=uuid.uuid4(), seen=now.seen, acknowledged=ticked(content, found))
    try:
        authorise_order(clinic=house.clinic, request_id=request.id, page=page, by=signer, at=at)
    except OrderRefused as refusal:
        result = refused(refusal.decision, also=found if is_unread(refusal.decision) else None)
        return replace(result, since=since)
    return saved(found)


def ticked(content: Content, decision: Decision) -> frozenset[str]:
    """Return the codes of the notes that are ticked: all of them, or none."""
    ticked = content.get("acknowledged", ())
    if not set(ticked) <= {"any"}:
        raise NotBuilt(f"an acknowledgement of {', '.join(ticked)} alone")
    return (
        frozenset(finding.code for finding in decision if finding.level is Level.WARN)
        if ticked
        else frozenset()
    )


def is_unread(decision: Decision) -> bool:
    return all(finding.code.startswith("unread_") for finding in decision.refusals)
