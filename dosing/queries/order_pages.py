"""The pages of one person's orders: what stands, what stood before, and what a new one is filled in against."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from dosing.models import Order
from dosing.queries.order_words import lines_of_draft, lines_of_order, most_of, most_of_draft
from dosing.queries.orders import (
    as_seen,
    get_episode_here,
    get_last_order,
    get_order_in_force,
    get_signing_facts,
    is_suspended,
)
from dosing.rules.moments import end_in_words, ends_when, exact_moment, moment_in_words
from dosing.rules.orders import (
    USUAL_ORDER_DAYS,
    EndReason,
    OrderDraft,
    OrderTerms,
    Product,
    Route,
    Site,
    is_new_dose,
    usual_last_day,
)
from dosing.rules.protocol import OBSERVATION_FLOOR_MINUTES
from dosing.rules.signing import SigningFacts, may_begin_order, may_sign_order
from dosing.rules.words import number_in_words
from hat_clinic.accounts.models import Clinic, Premises, User
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Level
from patients.models import Episode
from patients.queries.assessments import AssessmentBasis, get_assessment_basis


@dataclass(frozen=True, slots=True)
class ShownOrder:
    """One version of an order as it is printed, with exact times."""

    version: int
    dose_mg: int
    most: str
    dose_in_words: str
    how_often: str
    daily_max_mg: int
    interval: str
    observation_minutes: int
    routes: str
    sites: str
    basis: str
    high_dose_reason: str
    began: str
    ends: str
    signed: str
    written: str
    ended: str
    is_new: bool
    earlier_mg: int | None
    is_suspended: bool
    never_began: bool
    more: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OrdersPage:
    """One person's orders: the live one, those signed for later, and every earlier version."""

    episode: Episode
    patient_id: uuid.UUID
    name: str
    born_on: date | None
    is_in_treatment: bool
    live: ShownOrder | None
    planned: tuple[ShownOrder, ...]
    earlier: tuple[ShownOrder, ...]
    assessment: AssessmentBasis | None
    seen: str

    @property
    def is_standing(self) -> bool:
        """True where an order is in force or signed for later, so that there is something to end."""
        return self.live is not None or bool(self.planned)


def get_orders_page(*, clinic: Clinic, patient_id: uuid.UUID, at: datetime) -> OrdersPage | None:
    """Return the orders of a person who is or was in treatment in this clinic; None for anybody else."""
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=False)
    if episode is None:
        return None
    orders = list(
        Order.objects.select_related(
            "period__ended_by", "signed_by", "written_by", "asked__request", "licence__revocation"
        )
        .filter(patient_id=patient_id, premises__clinic=clinic, product=Product.DIAMORPHINE)
        .order_by("version")
    )
    live = before = None
    planned, earlier = [], []
    for order in orders:
        during = order.period.during
        shown = _shown(order, before, at)
        if not during.isempty:
            before = order
        if during.isempty or during.upper <= at:
            earlier.append(shown)
        elif during.lower <= at:
            live = replace(shown, more=lines_of_order(order))
        else:
            planned.append(replace(shown, more=lines_of_order(order)))
    last = get_last_order(patient_id=patient_id, product=Product.DIAMORPHINE)
    return OrdersPage(
        episode=episode,
        patient_id=patient_id,
        name=episode.person.full_name,
        born_on=episode.person.born_on,
        is_in_treatment=episode.exited_on is None,
        live=live,
        planned=tuple(planned),
        earlier=tuple(reversed(earlier)),
        assessment=get_assessment_basis(person_id=patient_id, at=at),
        seen=as_seen(last),
    )


def _shown(order: Order, before: Order | None, at: datetime) -> ShownOrder:
    during = order.period.during
    return ShownOrder(
        version=order.version,
        dose_mg=order.dose_mg,
        most=most_of(order),
        dose_in_words=number_in_words(order.dose_mg),
        how_often=how_often(order.sessions_per_day),
        daily_max_mg=order.daily_max_mg,
        interval=minutes_in_words(order.interval_minutes),
        observation_minutes=order.observation_minutes,
        routes=routes_in_words(order.routes),
        sites=sites_in_words(order.sites),
        basis=order.basis,
        high_dose_reason=order.high_dose_reason,
        began=exact_moment(order.starts_at),
        ends=end_in_words(order.ends_at if during.isempty else during.upper),
        signed=f"{order.signed_by.full_name}, {exact_moment(order.signed_at)}",
        written=written_in_words(order),
        ended=_how_it_ended(order),
        is_new=not during.isempty
        and is_new_dose(
            dose_mg=order.dose_mg,
            earlier_mg=before.dose_mg if before else None,
            since=during.lower,
            at=at,
        ),
        earlier_mg=before.dose_mg if before else None,
        is_suspended=is_suspended(order),
        never_began=during.isempty,
    )


def written_in_words(order: Order) -> str:
    """Return who wrote an order that another doctor signed, and when; empty where the signer wrote it."""
    if order.written_by is None:
        return ""
    asked = getattr(order, "asked", None)
    when = f", {exact_moment(asked.request.written_at)}" if asked is not None else ""
    return f"{order.written_by.full_name}{when}"


def signed_by_whom(order: Order) -> str:
    """Return who signed an order, and who wrote it where that was another doctor."""
    if order.written_by is None:
        return order.signed_by.full_name
    return f"{order.signed_by.full_name} (written by {order.written_by.full_name})"


def _how_it_ended(order: Order) -> str:
    period = order.period
    if period.ended_by is None or period.ended_at is None:
        return f"Ran its time, until {end_in_words(order.ends_at)}."
    reason = EndReason(period.end_reason).label
    words = f" “{period.end_words}”" if period.end_words else ""
    until = "" if period.during.isempty else f" In force until {exact_moment(period.during.upper)}."
    return f"{reason[0].upper()}{reason[1:]}: {period.ended_by.full_name}, {exact_moment(period.ended_at)}.{words}{until}"


def how_often(sessions: int) -> str:
    """Return such as "twice a day"."""
    return {1: "once a day", 2: "twice a day"}.get(sessions, f"{number_in_words(sessions)} times a day")


def minutes_in_words(minutes: int) -> str:
    """Return such as "3 hours" or "3 hours 20 minutes"."""
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} hour{'' if hours == 1 else 's'}"] if hours else []
    if rest or not hours:
        parts.append(f"{rest} minute{'' if rest == 1 else 's'}")
    return " ".join(parts)


def what_stands(order: Order | None, *, at: datetime) -> str:
    """Return what became of a person's last order, in one sentence, for whoever looked at an older one."""
    if order is None:
        return "There is no order."
    what = f"Order {order.version} is {most_of(order)}{order.dose_mg} mg {how_often(order.sessions_per_day)}"
    period = order.period
    if period.ended_by is not None and period.ended_at is not None:
        return (
            f"{what}; {period.ended_by.full_name} ended it on {exact_moment(period.ended_at)}, and no order is "
            "in force."
        )
    if order.ends_at <= at:
        return f"{what}; it ended {ends_when(order.ends_at)}, and no order is in force."
    return f"{what}, signed by {signed_by_whom(order)} on {exact_moment(order.signed_at)}."


@dataclass(frozen=True, slots=True)
class SigningPage:
    """What an order is filled in against: what stands now, the limits, and what bars a signature already.

    No number here goes into a field: the limits are printed as limits. `usual_last_day` alone is filled in.
    `asks` tells that a licensed doctor is asked to sign it; `is_unlicensed` that its reader may sign at none of the
    premises. `licence_until` is the end of the signer's licence, or of the last one here where one is asked for.
    """

    episode: Episode
    patient_id: uuid.UUID
    name: str
    born_on: date | None
    premises: tuple[Premises, ...]
    sessions_per_day: int
    now_mg: int | None
    live_version: int | None
    standing: str
    single_stop_mg: int | None
    single_block_mg: int | None
    daily_block_mg: int | None
    interval_minutes: int | None
    order_days_max: int | None
    observation_minutes: int
    usual_days: int
    usual_last_day: date | None
    licence_until: str
    decision: Decision
    seen: str
    asks: bool = False
    is_unlicensed: bool = False

    def place(self, premises_id: str) -> Premises:
        """Return one of the premises by its id."""
        return next(place for place in self.premises if str(place.id) == premises_id)


def get_signing_page(
    *, clinic: Clinic, patient_id: uuid.UUID, signer: User, at: datetime
) -> SigningPage | None:
    """Return what a new order for a person in treatment here is filled in against; None for anybody else."""
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=True)
    premises = tuple(Premises.objects.select_related("clinic").filter(clinic=clinic).order_by("name"))
    if episode is None or not premises:
        return None
    known = [
        get_signing_facts(episode=episode, premises=place, product=Product.DIAMORPHINE, signer=signer, at=at)
        for place in premises
    ]
    # Several premises: what is shown is of the one where the signer may sign longest.
    best = max(
        known, key=lambda one: one.facts.licence_ends_at.timestamp() if one.facts.licence_ends_at else 0
    )
    live = get_order_in_force(patient_id=patient_id, product=Product.DIAMORPHINE, at=at)
    return _signing_page(episode, premises, best.facts, live, best.last, at)


def _signing_page(
    episode: Episode,
    premises: tuple[Premises, ...],
    facts: SigningFacts,
    live: Order | None,
    last: Order | None,
    at: datetime,
) -> SigningPage:
    protocol = facts.protocol
    usual_days = protocol.order_days_usual if protocol else USUAL_ORDER_DAYS
    return SigningPage(
        episode=episode,
        patient_id=episode.person_id,
        name=episode.person.full_name,
        born_on=episode.person.born_on,
        premises=premises,
        sessions_per_day=min(
            facts.clinic_sessions_per_day,
            protocol.sessions_per_day_max if protocol else facts.clinic_sessions_per_day,
        ),
        now_mg=live.dose_mg if live else None,
        live_version=live.version if live else None,
        standing=what_stands(last, at=at) if last is not None else "",
        single_stop_mg=protocol.single_stop_mg if protocol else None,
        single_block_mg=protocol.single_block_mg if protocol else None,
        daily_block_mg=protocol.daily_block_mg if protocol else None,
        interval_minutes=protocol.interval_block_minutes if protocol else None,
        order_days_max=protocol.order_days_max if protocol else None,
        observation_minutes=protocol.observation_minutes if protocol else OBSERVATION_FLOOR_MINUTES,
        usual_days=usual_days,
        usual_last_day=usual_last_day(
            london_date(at), days=usual_days, licence_ends_at=facts.licence_ends_at
        ),
        licence_until=end_in_words(facts.licence_ends_at) if facts.licence_ends_at else "",
        decision=may_begin_order(facts),
        seen=as_seen(last),
        is_unlicensed=facts.licence_ends_at is None,
    )


@dataclass(frozen=True, slots=True)
class OrderReview:
    """An order as it is read before it is signed: each line in figures and in words, and every finding."""

    dose_mg: int
    most: str
    dose_in_words: str
    how_often: str
    lines: tuple[tuple[str, str, str], ...]
    basis: str
    high_dose_reason: str
    notes: tuple[tuple[str, str], ...]
    decision: Decision


def review_order(
    *,
    episode: Episode,
    premises: Premises,
    draft: OrderDraft,
    terms: OrderTerms,
    starts_at_once: bool,
    by: User,
    at: datetime,
) -> OrderReview:
    """Return an order in figures and words with what stands for and against it; signing asks again."""
    known = get_signing_facts(
        episode=episode, premises=premises, product=Product.DIAMORPHINE, signer=by, at=at
    )
    decision = may_sign_order(draft, terms, known.facts)
    return laid_out(draft, terms, decision, premises=premises, starts_at_once=starts_at_once)


def laid_out(
    draft: OrderDraft, terms: OrderTerms, decision: Decision, *, premises: Premises, starts_at_once: bool
) -> OrderReview:
    """Return an order in figures and words, with a decision on it."""
    days = (london_date(draft.ends_at) - london_date(draft.starts_at)).days
    return OrderReview(
        dose_mg=draft.dose_mg,
        most=most_of_draft(draft),
        dose_in_words=number_in_words(draft.dose_mg),
        how_often=how_often(draft.sessions_per_day),
        lines=(
            *((what, said, "") for what, said in lines_of_draft(draft, terms)),
            ("Sessions a day", str(draft.sessions_per_day), number_in_words(draft.sessions_per_day)),
            _in_both("Most in one day", draft.daily_max_mg, "mg", "milligrams"),
            _in_both("Time between sessions, at least", draft.interval_minutes, "minutes", "minutes"),
            _in_both("Watch after injecting, at least", terms.observation_minutes, "minutes", "minutes"),
            ("Routes allowed", routes_in_words(terms.routes), ""),
            ("Sites allowed", sites_in_words(terms.sites), ""),
            ("Premises", premises.name, ""),
            ("Starts", "the moment it is signed" if starts_at_once else moment_in_words(draft.starts_at), ""),
            ("Ends", end_in_words(draft.ends_at), f"{days} day{'' if days == 1 else 's'}"),
        ),
        basis=terms.basis,
        high_dose_reason=terms.high_dose_reason,
        notes=tuple((note.code, note.message) for note in decision if note.level is Level.WARN),
        decision=decision,
    )


def _in_both(what: str, number: int, unit: str, unit_in_words: str) -> tuple[str, str, str]:
    return what, f"{number} {unit}", f"{number_in_words(number)} {unit_in_words}"


def routes_in_words(routes: Iterable[str]) -> str:
    """Return the routes in the order of the list, such as "into a vein, into a muscle"."""
    chosen = set(routes)
    return ", ".join(route.label for route in Route if route in chosen)


def sites_in_words(sites: Iterable[str]) -> str:
    """Return the sites in the order of the list."""
    chosen = set(sites)
    return ", ".join(site.label for site in Site if site in chosen)


def signed_sentence(order: Order) -> str:
    """Return what is said when an order was signed."""
    dose = f"{most_of(order)}{order.dose_mg} mg {how_often(order.sessions_per_day)}"
    return f"Saved: order {order.version} is signed, {dose} from {moment_in_words(order.starts_at)}."
