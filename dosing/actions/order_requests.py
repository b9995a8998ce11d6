"""Asking a licensed doctor to sign an order, and answering: signing it, sending it back, withdrawing it."""

from __future__ import annotations

import uuid
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, TypeVar

from dosing.actions.orders import USED_ALREADY, OrderRefused, SentPage, put_order_in_force
from dosing.models import DosingState, Order, OrderRequest, OrderRequestStanding, RecordedRequest
from dosing.queries.order_pages import what_stands
from dosing.queries.order_requests import (
    KnownAtAnswering,
    get_answering_facts,
    get_asking_facts,
    get_request,
)
from dosing.queries.orders import KnownAtSigning, as_seen, get_signing_facts, lock_dosing_state
from dosing.rules.order_requests import (
    OrderRequestStatus,
    may_authorise_order,
    may_request_order,
    may_send_back_order,
    may_withdraw_order_request,
)
from dosing.rules.orders import OrderDraft, OrderTerms, Product
from dosing.rules.preparations import unread
from dosing.rules.signatures import content_sha256
from hat_clinic.accounts.models import Clinic, Premises, User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision, block
from hat_clinic.core.transactions import one_act
from patients.models import Episode
from patients.queries import lock_person_for_dosing

REQUESTED = "dosing.order_requested"
AUTHORISED = "dosing.order_authorised"
SENT_BACK = "dosing.order_sent_back"
WITHDRAWN = "dosing.order_request_withdrawn"
LAPSED = "dosing.order_request_lapsed"

Stored = TypeVar("Stored")


def request_order(
    *,
    episode: Episode,
    premises: Premises,
    product: Product,
    draft: OrderDraft,
    terms: OrderTerms,
    page: SentPage,
    by: User,
    at: datetime,
) -> OrderRequest:
    """Store an order that a licensed doctor is asked to sign. It is no order, and doses nobody.

    Stored once: the same key with the same content returns the first request. Judged by the database's clock once
    the person's lock is held; refused with every reason that would bar its signature but the missing licence, when
    another request is open, when the order changed since the page was opened, and when a note was not ticked.
    Raises OrderRefused; the refusal is in the audit trail. Source: clinical rules 1, 2, 3 and 5.
    """
    return _or_refuse(one_act(lambda: _request_once(episode, premises, product, draft, terms, page, by, at)))


def _request_once(
    episode: Episode,
    premises: Premises,
    product: Product,
    draft: OrderDraft,
    terms: OrderTerms,
    page: SentPage,
    by: User,
    at: datetime,
) -> OrderRequest | Decision:
    DosingState.objects.get_or_create(patient_id=episode.person_id)
    _lock(episode)
    starts_at = None if page.starts_at_once else draft.starts_at
    content = {"episode": episode.id, "premises": premises.id, "product": product.value}
    sha256 = content_sha256(asdict(draft) | asdict(terms) | content | {"starts_at": starts_at}, by.id)
    first = RecordedRequest.objects.filter(key=page.key).first()
    if first is not None and first.act == REQUESTED and first.content_sha256 == sha256:
        return OrderRequest.objects.get(id=first.answer["request_id"])
    if first is not None:
        return _refused(REQUESTED, _one("key_reused", USED_ALREADY), episode=episode, by=by, at=at)
    at = now()  # the lock may have been long in coming
    draft = replace(draft, starts_at=starts_at or at)
    episode = Episode.objects.get(id=episode.id)
    known = get_signing_facts(episode=episode, premises=premises, product=product, signer=by, at=at)
    if page.seen != as_seen(known.last):
        message = f"The order changed since you opened this page. {what_stands(known.last, at=at)} Nothing was saved."
        return _refused(REQUESTED, _one("order_changed", message), episode=episode, by=by, at=at)
    asking = get_asking_facts(episode=episode, premises=premises, by=by, at=at)
    decision = may_request_order(draft, terms, known.facts, asking)
    decision = decision | unread(decision, page.acknowledged)
    if not decision.is_allowed or known.protocol is None:
        return _refused(REQUESTED, decision, episode=episode, by=by, at=at)
    _lapse_those_of_ended_treatments(episode, product, by=by, at=at)
    codes = sorted({finding.code for finding in decision} | page.acknowledged)
    request = _store(episode, premises, product, draft, terms, known, codes=codes, by=by, at=at, page=page)
    RecordedRequest.objects.create(
        key=page.key,
        act=REQUESTED,
        content_sha256=sha256,
        answer={"request_id": str(request.id)},
        recorded_by=by,
        recorded_at=at,
    )
    return request


def _store(
    episode: Episode,
    premises: Premises,
    product: Product,
    draft: OrderDraft,
    terms: OrderTerms,
    known: KnownAtSigning,
    *,
    codes: list[str],
    by: User,
    at: datetime,
    page: SentPage,
) -> OrderRequest:
    assert known.protocol is not None  # noqa: S101 - the caller has asked the rule
    numbers: dict[str, Any] = asdict(draft)
    plan, slots = numbers.pop("plan"), numbers.pop("slots")
    numbers["starts_at"] = None if page.starts_at_once else draft.starts_at
    request = OrderRequest.objects.create(
        patient_id=episode.person_id,
        episode=episode,
        premises=premises,
        product=product,
        steps=sorted(plan, key=lambda step: step["day"]),
        slots=[list(slot) for slot in slots],
        seen=as_seen(known.last),
        codes=codes,
        protocol=known.protocol,
        written_by=by,
        written_at=at,
        **numbers,
        **asdict(terms) | {"routes": list(terms.routes), "sites": list(terms.sites)},
    )
    OrderRequestStanding.objects.create(request=request, patient_id=episode.person_id, product=product)
    record(REQUESTED, by=by, at=at, clinic=premises.clinic_id, person=episode.person_id, thing=request)
    return request


def _lapse_those_of_ended_treatments(episode: Episode, product: Product, *, by: User, at: datetime) -> None:
    """End what was asked for in a treatment that is over, so that it does not stand in the way of this one."""
    left = OrderRequestStanding.objects.select_related("request__premises").filter(
        patient_id=episode.person_id, product=product, status=OrderRequestStatus.OPEN
    )
    for standing in left.exclude(request__episode=episode):
        _end(standing, OrderRequestStatus.LAPSED, by=by, at=at)
        clinic = standing.request.premises.clinic_id
        record(LAPSED, by=by, at=at, clinic=clinic, person=episode.person_id, thing=standing.request)


def authorise_order(
    *, clinic: Clinic, request_id: uuid.UUID, page: SentPage, by: User, at: datetime
) -> Order:
    """Sign as a licensed doctor what another doctor wrote, and return the order: it names both.

    Signed once: the same key returns the first order. The rule is asked again inside the person's lock with what is
    known then. `page.seen` is `KnownAtAnswering.seen` of the page: where anything happened since it was opened,
    nothing is signed. Raises OrderRefused with every reason; the refusal is in the audit trail.
    Source: clinical rules 1, 2, 3 and 5; trust design 2.
    """
    return _or_refuse(one_act(lambda: _authorise_once(clinic, request_id, page, by, at)))


def _authorise_once(
    clinic: Clinic, request_id: uuid.UUID, page: SentPage, by: User, at: datetime
) -> Order | Decision:
    request = _locked(clinic, request_id)
    sha256 = content_sha256({"request": request_id, "act": AUTHORISED}, by.id)
    first = RecordedRequest.objects.filter(key=page.key).first()
    if first is not None and first.content_sha256 == sha256:
        return Order.objects.get(id=first.answer["order_id"])
    if first is not None:
        return _refused(AUTHORISED, _one("key_reused", USED_ALREADY), episode=request.episode, by=by, at=at)
    at = now()
    found = get_answering_facts(request=request, by=by, at=at)
    decision = may_authorise_order(found.draft, found.terms, found.known.facts, found.asked)
    if found.asked.status is OrderRequestStatus.OPEN and page.seen != found.seen:
        decision = Decision((_changed(found, at),)) | decision
    decision = decision | unread(decision, page.acknowledged)
    if not decision.is_allowed:
        return _refused(AUTHORISED, decision, episode=request.episode, by=by, at=at, thing=request)
    order = put_order_in_force(
        episode=request.episode,
        premises=request.premises,
        product=Product(request.product),
        draft=found.draft,
        terms=found.terms,
        known=found.known,
        written_by=request.written_by,
        by=by,
        at=at,
    )
    _end(request.standing, OrderRequestStatus.SIGNED, order=order, by=by, at=at)
    record(AUTHORISED, by=by, at=at, clinic=clinic.id, person=request.patient_id, thing=request)
    RecordedRequest.objects.create(
        key=page.key,
        act=AUTHORISED,
        content_sha256=sha256,
        answer={"order_id": str(order.id)},
        recorded_by=by,
        recorded_at=at,
    )
    return order


def _changed(found: KnownAtAnswering, at: datetime) -> Any:
    message = (
        f"Something changed since you opened this page. {what_stands(found.known.last, at=at)} Nothing was signed. "
        "Read it again."
    )
    return block("order_changed", message, "clinical rule 5")


def send_back_order(*, clinic: Clinic, request_id: uuid.UUID, reason: str, by: User, at: datetime) -> None:
    """Send a request back to its author unsigned, with a reason. Nobody's order changes.

    The same reason by the same doctor twice is one. Raises OrderRefused with every reason; the refusal is in the
    audit trail. Source: clinical rules 1, 2 and 3.
    """
    _or_refuse(
        one_act(
            lambda: _end_unsigned(SENT_BACK, OrderRequestStatus.SENT_BACK, clinic, request_id, reason, by)
        )
    )


def withdraw_order_request(
    *, clinic: Clinic, request_id: uuid.UUID, reason: str, by: User, at: datetime
) -> None:
    """Take one's own request back while nobody has answered it, with a reason.

    The same reason twice is one. Raises OrderRefused with every reason; the refusal is in the audit trail.
    Source: clinical rule 3.
    """
    _or_refuse(
        one_act(
            lambda: _end_unsigned(WITHDRAWN, OrderRequestStatus.WITHDRAWN, clinic, request_id, reason, by)
        )
    )


def _end_unsigned(
    event: str, status: OrderRequestStatus, clinic: Clinic, request_id: uuid.UUID, reason: str, by: User
) -> OrderRequest | Decision:
    request = _locked(clinic, request_id)
    standing, at = request.standing, now()
    if (standing.status, standing.reason, standing.ended_by_id) == (status, reason, by.id):
        return request
    found = get_answering_facts(request=request, by=by, at=at)
    decision = (
        may_send_back_order(found.known.facts, found.asked, reason=reason)
        if status is OrderRequestStatus.SENT_BACK
        else may_withdraw_order_request(found.asked, reason=reason)
    )
    if not decision.is_allowed:
        return _refused(event, decision, episode=request.episode, by=by, at=at, thing=request)
    _end(standing, status, reason=reason, by=by, at=at)
    record(event, by=by, at=at, clinic=clinic.id, person=request.patient_id, thing=request)
    return request


def _locked(clinic: Clinic, request_id: uuid.UUID) -> OrderRequest:
    """Lock the person of a request, then read how it stands. Raises DoesNotExist for one of another clinic."""
    _lock(OrderRequest.objects.get(id=request_id, premises__clinic=clinic).episode)
    request = get_request(clinic=clinic, request_id=request_id)
    assert request is not None  # noqa: S101 - it was there a line ago, and requests are never removed
    return request


def _lock(episode: Episode) -> None:
    lock_dosing_state(patient_id=episode.person_id)
    lock_person_for_dosing(person_id=episode.person_id)


def _end(
    standing: OrderRequestStanding,
    status: OrderRequestStatus,
    *,
    by: User,
    at: datetime,
    reason: str = "",
    order: Order | None = None,
) -> None:
    standing.status, standing.reason, standing.order = status.value, reason, order
    standing.ended_by, standing.ended_at = by, at
    standing.save(update_fields=["status", "reason", "order", "ended_by", "ended_at"])


def _or_refuse(answer: Stored | Decision) -> Stored:
    if isinstance(answer, Decision):
        raise OrderRefused(answer)
    return answer


def _one(code: str, message: str) -> Decision:
    return Decision((block(code, message, "clinical rule 5"),))


def _refused(
    event: str,
    decision: Decision,
    *,
    episode: Episode,
    by: User,
    at: datetime,
    thing: OrderRequest | None = None,
) -> Decision:
    codes = decision.refusal_codes
    record(
        event,
        by=by,
        at=at,
        clinic=episode.clinic_id,
        person=episode.person_id,
        thing=thing,
        refused=True,
        codes=codes,
    )
    return decision
