"""Closing sessions: who is affected, what covers them, and what the ladder says when they come back."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from dosing.models import OralOrderPeriod, OrderPeriod, PlannedSession, Visit
from dosing.queries.closed import ClosedSpan, list_closed_spans
from dosing.queries.gap_states import GapState, OnOrder, list_gap_states
from dosing.queries.history import with_own_plan
from dosing.queries.missed import openings_of
from dosing.queries.oral import oral_in_words, supervision_in_words
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.rules.closures import (
    DAYS_AHEAD,
    Booked,
    ClosingOfSessions,
    OnReturn,
    next_session,
    on_return,
    session_in_words,
    sessions_between,
    sessions_of_days,
)
from dosing.rules.missed import Held
from dosing.rules.moments import ends_when
from dosing.rules.orders import Product
from dosing.rules.protocol import Protocol
from dosing.rules.signatures import content_sha256
from dosing.rules.visits import VisitState
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.clock import london_date
from patients.models import Episode

# The sessions after the last that can be chosen, so that the return is known.
DAYS_AFTER = 8
SessionOf = tuple[date, str]


@dataclass(frozen=True, slots=True)
class Affected:
    """One person a closure takes sessions from: what they miss, their oral medicine, and the return.

    `oral` is empty where no oral order is in force; `order_says` is what the order of injections says beside it.
    """

    episode: Episode
    name: str
    oral: str
    is_taken_here: bool
    order_says: str
    effect: OnReturn


@dataclass(frozen=True, slots=True)
class KnownOfClosing:
    """The facts for the rule, and what a closure is stored with. `seen` names all that the page told."""

    facts: ClosingOfSessions
    people: tuple[Affected, ...]
    in_room: tuple[str, ...]
    reopens: Held | None
    seen: str

    @property
    def from_words(self) -> str:
        """The first session in words."""
        return _words(self.facts.sessions[0]) if self.facts.sessions else ""

    @property
    def until_words(self) -> str:
        """The last session in words."""
        return _words(self.facts.sessions[-1]) if self.facts.sessions else ""

    @property
    def reopens_words(self) -> str:
        """The next session in words."""
        return _words(self.reopens) if self.reopens else ""


def list_sessions_ahead(*, clinic: Clinic, at: datetime) -> tuple[Held, ...]:
    """Return the sessions from the one that is open now up to those that can be closed, and some more."""
    openings = openings_of(clinic)
    held = sessions_of_days(openings, first_on=london_date(at), days=DAYS_AHEAD + DAYS_AFTER)
    return tuple(one for one in held if one.ends_at > at)


def session_choices(*, clinic: Clinic, at: datetime) -> list[tuple[str, str]]:
    """Return the sessions that can be closed, as a form offers them: such as ("2026-12-01 am", "Tuesday ...")."""
    last = london_date(at) + timedelta(days=DAYS_AHEAD)
    return [
        (f"{one.on.isoformat()} {one.slot}", _words(one))
        for one in list_sessions_ahead(clinic=clinic, at=at)
        if one.on < last
    ]


def get_closing_of_sessions(
    *, clinic: Clinic, first: SessionOf, last: SessionOf, words: str, by: User, at: datetime
) -> KnownOfClosing:
    """Gather what `may_close_sessions` asks, and whom it takes sessions from.

    The same number of statements for any number of people. Who decides by it holds the locks of all of them.
    Source: clinical rules 32, 34 and 7.11.
    """
    every = list_sessions_ahead(clinic=clinic, at=at)
    sessions = sessions_between(every, first=first, last=last)
    leads = {user.id for user in list_people_who_may(Permission.CLOSE_SESSIONS, clinic=clinic, at=at)}
    visits = _visits_in(clinic, sessions)
    spans = list_closed_spans(clinic=clinic, since=at)
    people = _affected(clinic, every, sessions, spans, at) if sessions else ()
    after = [one for one in _held(every, spans) if sessions and one.begins_at >= sessions[-1].ends_at]
    facts = ClosingOfSessions(
        at=at,
        is_lead=by.id in leads,
        sessions=sessions,
        words=words,
        in_room=len(visits),
        drawn=sum(visit.state == VisitState.PREPARED for visit in visits),
        closed_already=_closed_already(spans, sessions),
        without_oral=sum(not one.oral for one in people),
        oral_taken_here=sum(one.is_taken_here for one in people),
    )
    return KnownOfClosing(
        facts=facts,
        people=people,
        in_room=tuple(visit.patient.full_name for visit in visits),
        reopens=next_session(after, after=sessions[-1].ends_at) if sessions else None,
        seen=content_sha256(
            {
                "people": [
                    [str(one.episode.id), one.effect.missed, int(one.effect.row), one.oral] for one in people
                ],
                "sessions": [f"{one.on} {one.slot}" for one in sessions],
            },
            by.id,
        ),
    )


def list_people_to_lock(
    *, clinic: Clinic, first: SessionOf, last: SessionOf, at: datetime
) -> list[uuid.UUID]:
    """Return the people whose doses a closure bars: with an order in its time, or with a visit that goes on."""
    sessions = sessions_between(list_sessions_ahead(clinic=clinic, at=at), first=first, last=last)
    if not sessions:
        return []
    ordered = {period.patient_id for period in _periods(clinic, sessions, at)}
    return sorted(ordered | {visit.patient_id for visit in _visits_in(clinic, sessions)})


def _visits_in(clinic: Clinic, sessions: tuple[Held, ...]) -> list[Visit]:
    """Return the visits of some sessions that have not ended, by name."""
    keys = {(one.on, one.slot) for one in sessions}
    going_on = Visit.objects.select_related("session", "patient").filter(clinic=clinic, ended_at__isnull=True)
    return [
        visit
        for visit in going_on.order_by("patient__family_name", "patient__given_names")
        if (visit.session.service_date, visit.session.slot) in keys
    ]


def _held(every: Iterable[Held], spans: Iterable[ClosedSpan]) -> list[Held]:
    """Return the sessions that no closure takes."""
    return [one for one in every if not any(span.covers(one) for span in spans)]


def _closed_already(spans: Iterable[ClosedSpan], sessions: tuple[Held, ...]) -> str:
    for span in spans:
        covered = [one for one in sessions if span.covers(one)]
        if covered:
            by = span.closure.closed_by.full_name
            return (
                f"{by} has closed {_words(covered[0])} already: “{span.closure.words}” Choose the sessions beside it, "
                "or reopen that closure first."
            )
    return ""


def _periods(clinic: Clinic, sessions: tuple[Held, ...], at: datetime) -> list[OrderPeriod]:
    """Return the orders of diamorphine in force from now to the end of some sessions, of people in treatment here.

    Also those that end before: sessions are closed further ahead than orders reach, and orders are renewed.
    """
    during = DateTimeTZRange(min(at, sessions[0].begins_at), sessions[-1].ends_at)
    return list(
        OrderPeriod.objects.select_related("order__episode__person")
        .filter(
            during__overlap=during,
            product=Product.DIAMORPHINE,
            order__premises__clinic=clinic,
            order__episode__exited_on__isnull=True,
        )
        .order_by("order__version")
    )


def _affected(
    clinic: Clinic, every: tuple[Held, ...], sessions: tuple[Held, ...], spans: list[ClosedSpan], at: datetime
) -> tuple[Affected, ...]:
    by_episode: dict[uuid.UUID, list[OrderPeriod]] = defaultdict(list)
    for period in _periods(clinic, sessions, at):
        by_episode[period.order.episode_id].append(period)
    here = [OnOrder.of(theirs[0].order.episode, theirs[0].order) for theirs in by_episode.values()]
    protocol = as_rules_read_it(get_protocol_in_force(clinic_id=clinic.id, at=at)) or Protocol()
    states = list_gap_states(here, protocol=protocol, at=at)
    people = [one.episode.person_id for one in here]
    recorded = _recorded(people, every[0].on, sessions[-1].on)
    oral = _oral_of(people, clinic, at, sessions[-1].ends_at)
    held = _held(every, spans)
    before = [one for one in held if one.begins_at < sessions[0].begins_at]
    after = [one for one in held if one.begins_at >= sessions[-1].ends_at]
    besides = [one for one in every if one not in held and one not in sessions]
    found = []
    for one in here:
        periods = by_episode[one.episode.id]
        state: GapState = states[one.episode.id]
        effect = on_return(
            closed=sessions,
            before=before,
            after=after,
            closed_besides=besides,
            orders=[
                Booked(
                    period.during.lower,
                    # The last one is taken to be renewed until the clinic opens again.
                    max(period.during.upper, sessions[-1].ends_at)
                    if period is periods[-1]
                    else period.during.upper,
                    period.order.sessions_per_day,
                )
                for period in periods
            ],
            recorded=recorded[one.episode.person_id],
            standing=state.standing,
            is_barred=state.ladder.bars,
            protocol=with_own_plan(protocol, one.gap_cap_percent),
        )
        if effect is None:
            continue
        theirs = oral[one.episode.person_id]
        found.append(
            Affected(
                episode=one.episode,
                name=one.episode.person.full_name,
                oral="; ".join(_oral_words(period) for period in theirs)[:300],
                is_taken_here=any(period.order.is_supervised for period in theirs),
                order_says=periods[0].order.oral_plan,
                effect=effect,
            )
        )
    return tuple(
        sorted(found, key=lambda one: (one.episode.person.family_name, one.name, str(one.episode.id)))
    )


def _recorded(
    people: list[uuid.UUID], first_on: date, last_on: date
) -> dict[uuid.UUID, frozenset[SessionOf]]:
    """Return the sessions of some days that people have come to, or that have an ending, by person."""
    found: dict[uuid.UUID, set[SessionOf]] = defaultdict(set)
    planned = PlannedSession.objects.filter(
        patient__in=people,
        service_date__range=(first_on, last_on),
        outcomes__isnull=False,
    )
    for patient_id, on, slot in planned.values_list("patient_id", "service_date", "slot").distinct():
        found[patient_id].add((on, slot))
    return defaultdict(frozenset, {person: frozenset(theirs) for person, theirs in found.items()})


def _oral_of(
    people: list[uuid.UUID], clinic: Clinic, at: datetime, until: datetime
) -> dict[uuid.UUID, list[OralOrderPeriod]]:
    found: dict[uuid.UUID, list[OralOrderPeriod]] = defaultdict(list)
    periods = OralOrderPeriod.objects.select_related("order").filter(
        patient__in=people, order__premises__clinic=clinic, during__overlap=DateTimeTZRange(at, until)
    )
    for period in periods.order_by("drug", "order__version"):
        found[period.patient_id].append(period)
    return found


def _oral_words(period: OralOrderPeriod) -> str:
    order = period.order
    what = f"{oral_in_words(order.drug, order.daily_mg)} a day, {supervision_in_words(order.is_supervised)}"
    return f"{what}, ends {ends_when(period.during.upper)}"


def _words(session: Held) -> str:
    return session_in_words(session.on, session.slot)
