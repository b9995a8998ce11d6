"""The pages on which a dose is drawn up, injected or wasted."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, Sum

from dosing.models import Batch, Injection, Order, Preparation, Visit
from dosing.queries.injections import get_highest_recent_mg, minutes_to_watch
from dosing.queries.orders import get_order_in_force
from dosing.queries.sessions import SessionKey, get_session_facts, session_dose_mg, why_lowered
from dosing.queries.visits import RoomHead, get_room_head, get_visit_facts
from dosing.rules.orders import Product, Route, Site
from dosing.rules.preparations import PreparationAttempt, Stock, may_prepare, volume_ul
from dosing.rules.words import number_in_words
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.clock import LONDON, london_date
from hat_clinic.core.decisions import Decision, block


@dataclass(frozen=True, slots=True)
class BatchChoice:
    """One batch that a dose can be drawn from: what is free of it, and how many ampoules the dose needs."""

    id: uuid.UUID
    number: str
    expires_on: date
    strength_mg: int
    free: int
    ampoules: int
    drawn_mg: int
    wasted_mg: int

    @property
    def label(self) -> str:
        """The batch in words; how many are left is not told, because the next count is blind."""
        return f"{self.number}, {self.strength_mg} mg ampoules, use by {self.expires_on.day} {self.expires_on:%B %Y}"


@dataclass(frozen=True, slots=True)
class PreparePage:
    """All that the page for drawing up prints: the dose in figures and words, the arithmetic, who can sign."""

    head: RoomHead
    order_id: uuid.UUID | None
    dose_mg: int
    lowered: str
    dose_words: str
    route_words: str
    batches: tuple[BatchChoice, ...]
    concentration_mg_per_ml: int
    volume_ml: str
    waste_ml: str
    dilute_ml: str
    witnesses: tuple[tuple[str, str], ...]
    decision: Decision

    @property
    def batch(self) -> BatchChoice | None:
        """The open box: the batch that expires first."""
        return self.batches[0] if self.batches else None

    def batch_of(self, batch_id: uuid.UUID) -> BatchChoice | None:
        """Return one of the batches, or None."""
        return next((batch for batch in self.batches if batch.id == batch_id), None)


def get_prepare_page(*, clinic: Clinic, visit: Visit, preparer: User, at: datetime) -> PreparePage:
    """Return the page for drawing up one person's dose, with every reason against it."""
    session = SessionKey(visit.session.service_date, visit.session.slot)
    known = get_session_facts(patient_id=visit.patient_id, clinic=clinic, session=session, at=at)
    order, protocol = known.order, known.protocol
    dose_mg = session_dose_mg(known)
    batches = _batches(order, dose_mg, patient_id=visit.patient_id, today=london_date(at))
    concentration = protocol.concentration_mg_per_ml if protocol else 100
    first = batches[0] if batches else None
    attempt = PreparationAttempt(
        dose_mg=dose_mg,
        ampoules=first.ampoules if first else 0,
        giver_is_witness=False,
        stock=Stock(
            ampoules=first.free if first else 0,
            strength_mg=first.strength_mg if first else 1,
            expires_on=first.expires_on if first else london_date(at),
        ),
    )
    return PreparePage(
        head=get_room_head(
            clinic=clinic, person=visit.patient, session=session, visit=visit, order=order, at=at
        ),
        order_id=order.id if order else None,
        dose_mg=dose_mg,
        lowered=why_lowered(known),
        dose_words=f"{number_in_words(dose_mg)} milligrams" if dose_mg else "",
        route_words=" or ".join(route.label for route in Route if order and route in order.routes),
        batches=batches,
        concentration_mg_per_ml=concentration,
        volume_ml=ml(volume_ul(dose_mg=dose_mg, concentration_mg_per_ml=concentration)),
        waste_ml=ml(
            volume_ul(dose_mg=first.wasted_mg if first else 0, concentration_mg_per_ml=concentration)
        ),
        dilute_ml=ml(
            volume_ul(dose_mg=first.drawn_mg if first else 0, concentration_mg_per_ml=concentration)
        ),
        witnesses=list_witnesses(clinic=clinic, besides=preparer, at=at),
        decision=may_prepare(
            known.facts, get_visit_facts(patient_id=visit.patient_id, visit=visit, at=at), attempt
        ),
    )


def ml(microlitres: int) -> str:
    """Write microlitres as millilitres without zeros at the end: 1800 is "1.8". Source: clinical rule 14."""
    return f"{microlitres / 1000:.3f}".rstrip("0").rstrip(".")


def find_witness(witness_id: uuid.UUID, *, clinic: Clinic, by: User, at: datetime) -> User | Decision:
    """Return who is to witness, or why not: somebody else, on the list of those who may.

    Source: clinical rule 22.
    """
    if witness_id == by.id:
        message = f"{by.full_name} cannot witness: they prepare it. Choose somebody else."
        return Decision((block("same_person", message, "clinical rule 22"),))
    for person in list_people_who_may(Permission.WITNESS_INJECTION, clinic=clinic, at=at):
        if person.id == witness_id:
            return person
    message = "That person may not witness here. Choose a witness from the list."
    return Decision((block("not_a_witness", message, "clinical rule 22"),))


def list_witnesses(*, clinic: Clinic, besides: User, at: datetime) -> tuple[tuple[str, str], ...]:
    """Return who may witness here besides one person, as choices."""
    return tuple(
        (str(user.id), user.full_name)
        for user in list_people_who_may(Permission.WITNESS_INJECTION, clinic=clinic, at=at)
        if user.id != besides.id
    )


def _batches(
    order: Order | None, dose_mg: int, *, patient_id: uuid.UUID, today: date
) -> tuple[BatchChoice, ...]:
    """Return what a dose can be drawn from: in date, in the cabinet, the service's stock or the person's own."""
    if order is None:
        return ()
    without_ending = Q(preparations__injection__isnull=True, preparations__waste__isnull=True)
    batches = (
        Batch.objects.select_related("line")
        .filter(
            Q(patient__isnull=True) | Q(patient=patient_id),
            line__premises=order.premises,
            line__product=order.product,
            ampoules__gt=0,
            expires_on__gte=today,
        )
        .annotate(drawn=Sum("preparations__ampoules", filter=without_ending))
        .order_by("expires_on", "number")
    )
    choices = []
    for batch in batches:
        strength = batch.line.strength_mg
        needed = -(-dose_mg // strength)
        free = batch.ampoules - batch.quarantined - (batch.drawn or 0)
        if free > 0:
            choices.append(
                BatchChoice(
                    id=batch.id,
                    number=batch.number,
                    expires_on=batch.expires_on,
                    strength_mg=strength,
                    free=free,
                    ampoules=needed,
                    drawn_mg=needed * strength,
                    wasted_mg=needed * strength - dose_mg,
                )
            )
    return tuple(choices)


# --- injecting -----------------------------------------------------------------------------------------------


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
    session = SessionKey(visit.session.service_date, visit.session.slot)
    live = get_order_in_force(patient_id=visit.patient_id, product=Product.DIAMORPHINE, at=at)
    prepared = preparation.prepared_at.astimezone(LONDON)
    highest = get_highest_recent_mg(patient_id=visit.patient_id, episode_id=visit.session.episode_id, at=at)
    return InjectPage(
        head=get_room_head(
            clinic=clinic, person=visit.patient, session=session, visit=visit, order=order, at=at
        ),
        preparation_id=preparation.id,
        dose_mg=preparation.dose_mg,
        volume_ml=ml(preparation.volume_ul),
        observe_minutes=minutes_to_watch(
            ordered_minutes=order.observation_minutes,
            route=order.routes[0],
            took_other_drugs=preparation.check_made.took_other_drugs,
            alcohol_ug=preparation.check_made.alcohol_ug,
            is_new_dose=highest is None or preparation.dose_mg > highest,
        ),
        prepared_words=f"Drawn up {prepared:%H:%M} by {preparation.prepared_by.full_name}, "
        f"seen by {preparation.witness.full_name}",
        signs_again="" if preparation.prepared_by_id == active.id else preparation.prepared_by.full_name,
        sites=_sites(order, patient_id=visit.patient_id, at=at),
        routes=tuple((route.value, route.label.capitalize()) for route in Route if route in order.routes),
        order_ended=live is None or live.id != order.id,
    )


def _sites(order: Order, *, patient_id: uuid.UUID, at: datetime) -> tuple[SiteChoice, ...]:
    last: dict[str, datetime] = {}
    recent = Injection.objects.filter(patient_id=patient_id, started_at__gt=at - timedelta(days=14))
    for site, started_at in recent.order_by("started_at").values_list("site", "started_at"):
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
        is_old=at - preparation.prepared_at > timedelta(minutes=10),
        witnesses=list_witnesses(clinic=clinic, besides=active, at=at),
    )
