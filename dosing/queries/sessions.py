"""Facts about one person's session, and the pages of the treatment room."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Q

from dosing.models import Batch, Injection, Order, OrderPeriod, ProtocolVersion, SessionOutcome
from dosing.queries.orders import get_order_in_force
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.rules.orders import Product, Route, Site
from dosing.rules.sessions import (
    ROLLING_WINDOW,
    EarlierOutcome,
    OrderInForce,
    SessionFacts,
    Stock,
    least_minutes,
    may_start,
)
from hat_clinic.accounts.models import Clinic, SessionSlot, Slot, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.clock import LONDON, london_date
from hat_clinic.core.decisions import Decision
from patients.models import Person

SLOT_ORDER = [Slot.AM, Slot.PM, Slot.EVE]


@dataclass(frozen=True, slots=True)
class SessionKey:
    """Which session of which day: the Europe/London service date and the slot."""

    service_date: date
    slot: str

    @property
    def label(self) -> str:
        """Such as "Morning session"."""
        return f"{Slot(self.slot).label.capitalize()} session"


@dataclass(frozen=True, slots=True)
class KnownAtTheHatch:
    """The facts for the rules, and the rows that an injection will point at."""

    facts: SessionFacts
    order: Order | None
    protocol: ProtocolVersion | None


def get_current_session(*, clinic: Clinic, at: datetime) -> SessionKey | None:
    """Return the session whose clock times hold the moment in Europe/London, or None between sessions."""
    wall = at.astimezone(LONDON).time()
    slot = SessionSlot.objects.filter(clinic=clinic, opens_at__lte=wall, closes_at__gt=wall).first()
    return SessionKey(london_date(at), slot.name) if slot else None


def get_next_opening(*, clinic: Clinic, at: datetime) -> str:
    """Return when the next session opens, in words, for the board between sessions."""
    wall = at.astimezone(LONDON).time()
    opens = list(
        SessionSlot.objects.filter(clinic=clinic).order_by("opens_at").values_list("opens_at", flat=True)
    )
    later = [time for time in opens if time > wall]
    if later:
        return f"today at {later[0]:%H:%M}"
    return f"tomorrow at {opens[0]:%H:%M}" if opens else "when the manager sets the sessions"


def get_session_facts(
    *, patient_id: uuid.UUID, clinic: Clinic, session: SessionKey, at: datetime
) -> KnownAtTheHatch:
    """Gather what `may_start` and `may_inject` ask about one person and one session.

    Totals count every injection of diamorphine by any route at any clinic; live outcomes only.
    """
    order = get_order_in_force(patient_id=patient_id, product=Product.DIAMORPHINE, at=at)
    if order is not None and (order.premises.clinic_id != clinic.id or order.episode.exited_on is not None):
        order = None
    protocol = get_protocol_in_force(clinic_id=clinic.id, at=at)
    today = london_date(at)
    recent = list(
        Injection.objects.filter(patient_id=patient_id)
        .filter(Q(given_on=today) | Q(started_at__gt=at - ROLLING_WINDOW))
        .values_list("given_on", "started_at", "given_mg")
    )
    last = (
        Injection.objects.filter(patient_id=patient_id)
        .order_by("-ended_at")
        .values_list("ended_at", "guard")
        .first()
    )
    facts = SessionFacts(
        at=at,
        today=today,
        session_is_open=session == get_current_session(clinic=clinic, at=at),
        order=_order_in_force(order),
        protocol=as_rules_read_it(protocol),
        earlier_outcome=_earlier_outcome(patient_id=patient_id, session=session),
        last_ended_at=last[0] if last else None,
        given_today_mg=sum(row[2] for row in recent if row[0] == today),
        given_in_window_mg=sum(row[2] for row in recent if row[1] > at - ROLLING_WINDOW),
        last_interval_minutes=_minutes_between(*last) if last else 0,
    )
    return KnownAtTheHatch(facts=facts, order=order, protocol=protocol)


def _minutes_between(ended_at: datetime, guard: DateTimeTZRange) -> int:
    """Return the interval that an injection was given under: from its end to the end of its guard."""
    return int((guard.upper - ended_at).total_seconds() // 60)


def as_stock(batch: Batch) -> Stock:
    """Return the batch as rules read it."""
    return Stock(ampoules=batch.ampoules, strength_mg=batch.line.strength_mg, expires_on=batch.expires_on)


def _order_in_force(order: Order | None) -> OrderInForce | None:
    if order is None:
        return None
    return OrderInForce(
        dose_mg=order.dose_mg,
        daily_max_mg=order.daily_max_mg,
        interval_minutes=order.interval_minutes,
        routes=frozenset(order.routes),
        sites=frozenset(order.sites),
        ends_at=order.ends_at,
        is_suspended=not order.signed_by.is_active,
    )


def _earlier_outcome(*, patient_id: uuid.UUID, session: SessionKey) -> EarlierOutcome | None:
    standing = (
        SessionOutcome.objects.select_related("recorded_by")
        .filter(
            session__patient_id=patient_id,
            session__service_date=session.service_date,
            session__slot=session.slot,
            amended_by__isnull=True,
        )
        .first()
    )
    if standing is None:
        return None
    return EarlierOutcome(f"{session.label} of today: {_in_words(standing)} Nothing more was stored.")


def _in_words(outcome: SessionOutcome) -> str:
    who = outcome.recorded_by.full_name if outcome.recorded_by else "imported history"
    when = f" at {outcome.recorded_at.astimezone(LONDON):%H:%M}" if outcome.recorded_at else ""
    what = f"{outcome.given_mg} mg given" if outcome.given_mg else outcome.get_outcome_display()
    return f"{what}, recorded by {who}{when}."


# --- the board -------------------------------------------------------------------------------------------


class Place(StrEnum):
    """Which column of the board a person stands in."""

    DUE = "due"
    LEFT = "left"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Tile:
    """One person on the board: no dose on it, because the board is seen from the hatch."""

    patient_id: uuid.UUID
    name: str
    place: Place
    note: str
    is_barred: bool


@dataclass(frozen=True, slots=True)
class Board:
    """Everybody booked into one session, column by column, and what is true of the day."""

    session: SessionKey | None
    next_opening: str
    tiles: tuple[Tile, ...]
    looked_at: datetime

    def in_place(self, place: str) -> tuple[Tile, ...]:
        """Return the tiles of one column."""
        return tuple(tile for tile in self.tiles if tile.place == place)

    @property
    def due(self) -> tuple[Tile, ...]:
        """Return who is still to come."""
        return self.in_place(Place.DUE)

    @property
    def left(self) -> tuple[Tile, ...]:
        """Return who had their dose."""
        return self.in_place(Place.LEFT)

    @property
    def missed(self) -> tuple[Tile, ...]:
        """Return whose session ended without one."""
        return self.in_place(Place.MISSED)


def get_board(*, clinic: Clinic, at: datetime) -> Board:
    """Return the board of the session that is open now, in the same number of queries for 10 people and 500."""
    session = get_current_session(clinic=clinic, at=at)
    if session is None:
        return Board(None, get_next_opening(clinic=clinic, at=at), (), at)
    turn = SLOT_ORDER.index(Slot(session.slot)) + 1
    periods = list(
        OrderPeriod.objects.select_related("order__signed_by", "patient")
        .filter(
            order__premises__clinic=clinic,
            product=Product.DIAMORPHINE,
            during__contains=at,
            order__sessions_per_day__gte=turn,
            order__episode__exited_on__isnull=True,
        )
        .order_by("patient__family_name", "patient__given_names")
    )
    people = [period.patient_id for period in periods]
    protocol = as_rules_read_it(get_protocol_in_force(clinic_id=clinic.id, at=at))
    outcomes = {
        outcome.session.patient_id: outcome
        for outcome in SessionOutcome.objects.select_related("session", "recorded_by").filter(
            session__clinic=clinic,
            session__service_date=session.service_date,
            session__slot=session.slot,
            session__patient__in=people,
            amended_by__isnull=True,
        )
    }
    last: dict[uuid.UUID, tuple[datetime, int]] = {}
    for patient_id, ended_at, guard in (
        Injection.objects.filter(patient__in=people, started_at__gt=at - timedelta(days=1))
        .order_by("ended_at")
        .values_list("patient_id", "ended_at", "guard")
    ):
        last[patient_id] = (ended_at, _minutes_between(ended_at, guard))
    tiles = []
    for period in periods:
        outcome = outcomes.get(period.patient_id)
        if outcome is not None:
            tiles.append(_ended_tile(period.patient, outcome))
            continue
        last_ended_at, last_interval_minutes = last.get(period.patient_id, (None, 0))
        facts = SessionFacts(
            at=at,
            today=session.service_date,
            session_is_open=True,
            order=_order_in_force(period.order),
            protocol=protocol,
            earlier_outcome=None,
            last_ended_at=last_ended_at,
            given_today_mg=0,
            given_in_window_mg=0,
            last_interval_minutes=last_interval_minutes,
        )
        tiles.append(_due_tile(period.patient, facts))
    return Board(session, "", tuple(tiles), at)


def _ended_tile(person: Person, outcome: SessionOutcome) -> Tile:
    gave = outcome.given_mg is not None
    when = f"{outcome.recorded_at.astimezone(LONDON):%H:%M}" if outcome.recorded_at else ""
    return Tile(
        patient_id=person.id,
        name=person.full_name,
        place=Place.LEFT if gave else Place.MISSED,
        note=f"Dose recorded {when}" if gave else f"{outcome.get_outcome_display().capitalize()} {when}",
        is_barred=True,
    )


def _due_tile(person: Person, facts: SessionFacts) -> Tile:
    decision = may_start(facts)
    not_before = ""
    if facts.order is not None and facts.protocol is not None and facts.last_ended_at is not None:
        moment = facts.last_ended_at + timedelta(minutes=least_minutes(facts.order, facts.protocol, facts))
        if moment > facts.at:
            not_before = f"Not before {moment.astimezone(LONDON):%H:%M}"
    refusals = decision.refusals
    return Tile(
        patient_id=person.id,
        name=person.full_name,
        place=Place.DUE,
        note=not_before or (refusals[0].message if refusals else "Due"),
        is_barred=bool(refusals),
    )


# --- recording an injection ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InjectionPage:
    """All that the page for one dose prints, and the decision that bars or frees its button."""

    patient_id: uuid.UUID
    name: str
    born_on: date | None
    session: SessionKey
    order_id: uuid.UUID | None
    dose_mg: int
    order_route: str
    order_line: str
    routes: tuple[tuple[str, str], ...]
    sites: tuple[tuple[str, str], ...]
    batches: tuple[tuple[str, str], ...]
    witnesses: tuple[tuple[str, str], ...]
    decision: Decision


def get_injection_page(
    *, clinic: Clinic, patient_id: uuid.UUID, session: SessionKey | None, giver: User, at: datetime
) -> InjectionPage | None:
    """Return the page for one person's dose in one session: by default the one open now.

    None where the person is not in treatment in this clinic or no session is open: a stranger's page does not
    exist.
    """
    person = Person.objects.filter(
        id=patient_id, episodes__clinic=clinic, episodes__exited_on__isnull=True, import_run__isnull=True
    ).first()
    session = session or get_current_session(clinic=clinic, at=at)
    if person is None or session is None:
        return None
    known = get_session_facts(patient_id=patient_id, clinic=clinic, session=session, at=at)
    order = known.order
    return InjectionPage(
        patient_id=person.id,
        name=person.full_name,
        born_on=person.born_on,
        session=session,
        order_id=order.id if order else None,
        dose_mg=order.dose_mg if order else 0,
        order_route=" or ".join(
            route.label for route in Route if order and route in order.routes
        ).capitalize(),
        order_line=_order_line(order),
        routes=tuple(
            (route.value, route.label.capitalize()) for route in Route if order and route in order.routes
        ),
        sites=tuple((site.value, site.label.capitalize()) for site in Site if order and site in order.sites),
        batches=_batches(order, known.facts.today),
        witnesses=tuple(
            (str(user.id), user.full_name)
            for user in list_people_who_may(Permission.WITNESS_INJECTION, clinic=clinic, at=at)
            if user.id != giver.id
        ),
        decision=may_start(known.facts),
    )


def _order_line(order: Order | None) -> str:
    if order is None:
        return ""
    signed = order.signed_at.astimezone(LONDON)
    ends = order.ends_at.astimezone(LONDON)
    return (
        f"Signed by {order.signed_by.full_name}, {signed.day} {signed:%B %Y} at {signed:%H:%M}. "
        f"Ends {ends.day} {ends:%B %Y} at {ends:%H:%M}."
    )


def _batches(order: Order | None, today: date) -> tuple[tuple[str, str], ...]:
    if order is None:
        return ()
    batches = (
        Batch.objects.select_related("line")
        .filter(
            line__premises=order.premises, line__product=order.product, ampoules__gt=0, expires_on__gte=today
        )
        .order_by("expires_on", "number")
    )
    return tuple(
        (
            str(batch.id),
            f"{batch.number}, {batch.line.strength_mg} mg ampoules, use by "
            f"{batch.expires_on.day} {batch.expires_on:%B %Y}",
        )
        for batch in batches
    )
