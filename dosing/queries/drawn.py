"""The pages of a dose that is drawn up: its injection, or its waste."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from dosing.models import Emergency, Injection, Order, Preparation, Visit
from dosing.queries.injections import get_highest_recent, is_raised, minutes_to_watch
from dosing.queries.orders import get_order_in_force
from dosing.queries.preparations import list_witnesses, ml
from dosing.queries.sessions import SessionKey, get_so_far
from dosing.queries.standing import standing_site
from dosing.queries.visits import RoomHead, get_room_head
from dosing.rules.orders import Product, Route, Site
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import LONDON, london_date

# Where a site stands on the drawn figure, seen from the front: the person's right is on the left of the picture.
BODY = {
    Site.RIGHT_ARM: (52, 124),
    Site.LEFT_ARM: (148, 124),
    Site.RIGHT_HAND: (36, 184),
    Site.LEFT_HAND: (164, 184),
    Site.RIGHT_THIGH: (80, 222),
    Site.LEFT_THIGH: (120, 222),
    Site.RIGHT_BUTTOCK: (70, 180),
    Site.LEFT_BUTTOCK: (130, 180),
}


@dataclass(frozen=True, slots=True)
class SiteChoice:
    """One site of the list and of the body: on the order or not, and when it was used last."""

    value: str
    letter: str
    label: str
    used: str
    is_ordered: bool
    is_last: bool
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class InjectPage:
    """All that the page for one injection prints."""

    head: RoomHead
    preparation_id: uuid.UUID
    dose_mg: int
    volume_ml: str
    observe_minutes: int
    prepared_words: str
    signs_again: str
    sites: tuple[SiteChoice, ...]
    routes: tuple[tuple[str, str], ...]
    order_ended: bool
    is_watched: bool
    emergency_words: str

    @property
    def ordered_sites(self) -> tuple[tuple[str, str], ...]:
        """The sites of the order, as choices."""
        return tuple((site.value, site.label) for site in self.sites if site.is_ordered)


def get_inject_page(*, clinic: Clinic, visit: Visit, active: User, at: datetime) -> InjectPage | None:
    """Return the page for the injection of a visit's drawn dose, or None when there is none."""
    preparation = visit.preparation
    if preparation is None:
        return None
    order = preparation.order
    emergency_at = _emergency_since(preparation)
    session = SessionKey(visit.session.service_date, visit.session.slot)
    live = get_order_in_force(patient_id=visit.patient_id, product=Product.DIAMORPHINE, at=emergency_at or at)
    prepared = preparation.prepared_at.astimezone(LONDON)
    so_far = get_so_far(visit.session_id) if visit.injected_at is not None else None
    raised = is_raised(
        get_highest_recent(patient_id=visit.patient_id, episode_id=visit.session.episode_id, at=at),
        dose_mg=preparation.dose_mg,
        earlier_mg=so_far.given_mg if so_far is not None else 0,
    )
    # The check as it stands: it may have been put right since the dose was drawn up.
    check = visit.check_made or preparation.check_made
    minutes = minutes_to_watch(
        ordered_minutes=max(order.observation_minutes, preparation.protocol.observation_minutes),
        route=order.routes[0],
        took_other_drugs=check.took_other_drugs,
        alcohol_ug=check.alcohol_ug,
        is_new_dose=raised,
    )
    return InjectPage(
        head=get_room_head(
            clinic=clinic, person=visit.patient, session=session, visit=visit, order=order, at=at
        ),
        preparation_id=preparation.id,
        dose_mg=preparation.dose_mg,
        volume_ml=ml(preparation.volume_ul),
        observe_minutes=max(minutes, visit.observe_minutes or 0),
        prepared_words=f"Drawn up {prepared:%H:%M} by {preparation.prepared_by.full_name}, "
        f"seen by {preparation.witness.full_name}",
        signs_again="" if preparation.prepared_by_id == active.id else preparation.prepared_by.full_name,
        sites=_sites(order, patient_id=visit.patient_id, at=at),
        routes=tuple((route.value, route.label.capitalize()) for route in Route if route in order.routes),
        order_ended=live is None or live.id != order.id,
        is_watched=visit.injected_at is not None,
        emergency_words=f"{emergency_at.astimezone(LONDON):%H:%M:%S}" if emergency_at is not None else "",
    )


def _emergency_since(preparation: Preparation) -> datetime | None:
    """Return when the first emergency began after a dose was drawn up, or None."""
    since = Emergency.objects.filter(patient_id=preparation.patient_id, began_at__gte=preparation.prepared_at)
    return since.order_by("began_at").values_list("began_at", flat=True).first()


def _sites(order: Order, *, patient_id: uuid.UUID, at: datetime) -> tuple[SiteChoice, ...]:
    last: dict[str, datetime] = {}
    recent = Injection.objects.filter(patient_id=patient_id, started_at__gt=at - timedelta(days=14))
    for site, started_at in recent.order_by("started_at").values_list(standing_site(), "started_at"):
        last[site] = started_at
    latest = max(last.values(), default=None)
    return tuple(
        SiteChoice(
            value=site.value,
            letter=chr(ord("A") + place),
            label=site.label.capitalize(),
            used=_used(last.get(site), at) if site in order.sites else "Not on this order",
            is_ordered=site in order.sites,
            is_last=latest is not None and last.get(site) == latest,
            x=BODY[site][0],
            y=BODY[site][1],
        )
        for place, site in enumerate(Site)
    )


def _used(moment: datetime | None, at: datetime) -> str:
    if moment is None:
        return "Not used in 14 days"
    days = (london_date(at) - london_date(moment)).days
    if days == 0:
        return f"Used today {moment.astimezone(LONDON):%H:%M}"
    return "Used yesterday" if days == 1 else f"Used {days} days ago"


@dataclass(frozen=True, slots=True)
class WastePage:
    """A drawn dose that needs its ending, and who can witness its waste."""

    head: RoomHead
    preparation_id: uuid.UUID
    dose_mg: int
    ampoules: int
    batch_number: str
    prepared_words: str
    is_old: bool
    witnesses: tuple[tuple[str, str], ...]


def get_waste_page(*, clinic: Clinic, visit: Visit, active: User, at: datetime) -> WastePage | None:
    """Return the page for a drawn dose that has no ending, or None when there is none."""
    preparation: Preparation | None = visit.preparation
    if preparation is None:
        return None
    prepared = preparation.prepared_at.astimezone(LONDON)
    session = SessionKey(visit.session.service_date, visit.session.slot)
    return WastePage(
        head=get_room_head(
            clinic=clinic, person=visit.patient, session=session, visit=visit, order=preparation.order, at=at
        ),
        preparation_id=preparation.id,
        dose_mg=preparation.dose_mg,
        ampoules=preparation.ampoules,
        batch_number=preparation.batch.number,
        prepared_words=f"Drawn up {prepared.day} {prepared:%B} at {prepared:%H:%M} by "
        f"{preparation.prepared_by.full_name}, seen by {preparation.witness.full_name}",
        is_old=at - preparation.prepared_at > timedelta(minutes=10)
        or _emergency_since(preparation) is not None,
        witnesses=list_witnesses(clinic=clinic, besides=active, at=at),
    )
