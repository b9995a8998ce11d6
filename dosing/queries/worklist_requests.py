"""Rows of the worklist about orders that an unlicensed doctor wrote: to be signed, or sent back to their author."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from dosing.models import Order, OrderRequest
from dosing.queries.order_pages import how_often
from dosing.rules.order_requests import OrderRequestStatus
from dosing.rules.worklist import Group, Matter, request_group
from hat_clinic.accounts.models import Clinic, User


@dataclass(frozen=True, slots=True)
class Waiting:
    """One request that waits for somebody: for a licensed doctor, or for its author who got it back."""

    group: Group
    matter: Matter
    request_id: uuid.UUID
    patient_id: uuid.UUID
    name: str
    tag: str
    what: str
    facts: str
    since: datetime


def list_requests(*, clinic: Clinic, viewer: User, dosed: set[uuid.UUID]) -> Iterator[Waiting]:
    """Yield the open requests of a clinic, the oldest first, then those that the viewer wrote and got back.

    `dosed` holds who has an order in force. One that was sent back leaves with the next request or order of the
    person, or with their treatment. One statement for any number.
    """
    waits = Q(standing__status=OrderRequestStatus.OPEN)
    got_back = Q(
        standing__status=OrderRequestStatus.SENT_BACK, written_by=viewer, episode__exited_on__isnull=True
    )
    requests = (
        OrderRequest.objects.select_related("patient", "written_by", "standing__ended_by")
        .filter(waits | (got_back & ~_is_followed(OrderRequest.objects.all(), "written_at")))
        .filter(waits | ~_is_followed(Order.objects.all(), "signed_at"))
        .filter(premises__clinic=clinic)
        .order_by("written_at")
    )
    for request in requests:
        dose = f"{request.dose_mg} mg {how_often(request.sessions_per_day)}"
        if request.standing.status == OrderRequestStatus.OPEN:
            own = request.written_by_id == viewer.id
            who = "You wrote it" if own else f"{request.written_by.full_name} wrote it"
            then = (
                "Another doctor, licensed here, signs it."
                if own
                else "No order until a licensed doctor signs."
            )
            yield Waiting(
                group=request_group(is_dosed=request.patient_id in dosed),
                matter=Matter.TO_AUTHORISE,
                request_id=request.id,
                patient_id=request.patient_id,
                name=request.patient.full_name,
                tag="To sign",
                what="Order to authorise",
                facts=f"{dose}. {who}. {then}",
                since=request.written_at,
            )
        elif request.standing.ended_by is not None and request.standing.ended_at is not None:
            yield Waiting(
                group=Group.TODAY,
                matter=Matter.SENT_BACK,
                request_id=request.id,
                patient_id=request.patient_id,
                name=request.patient.full_name,
                tag="Sent back",
                what="Your order came back unsigned",
                facts=f"{dose}. {request.standing.ended_by.full_name}: “{request.standing.reason}”",
                since=request.standing.ended_at,
            )


def _is_followed(later: QuerySet[Order] | QuerySet[OrderRequest], moment: str) -> Exists:
    """Return the question whether the person got another of these after a request was sent back."""
    return Exists(
        later.filter(
            **{"patient": OuterRef("patient"), f"{moment}__gte": OuterRef("standing__ended_at")},
        )
    )
