"""What waits for a prescriber: read for a whole clinic in the same number of queries for 1 person and for 60."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from dosing.models import Order
from dosing.queries.closure_pages import closure_rows
from dosing.queries.orders import is_suspended
from dosing.queries.protocol import (
    as_rules_read_it,
    get_protocol_in_force,
)
from dosing.queries.readiness import list_assessed, list_consented
from dosing.queries.worklist_after import list_after_leaving
from dosing.queries.worklist_clinic import further_rows, hold_rows, licence_rows, protocol_rows, stop_rows
from dosing.queries.worklist_gaps import list_gap_rows
from dosing.queries.worklist_people import person_row
from dosing.queries.worklist_requests import list_requests
from dosing.queries.worklist_row import Row
from dosing.queries.worklist_steps import list_steps_due
from dosing.rules.moments import (
    day_in_words,
    days_ago,
    ends_when,
    moment_in_words,
)
from dosing.rules.orders import Product
from dosing.rules.worklist import (
    Group,
    Matter,
    PersonFacts,
    matters_of,
)
from hat_clinic.accounts.models import Clinic, User
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class Worklist:
    """All decisions of a clinic, and what is said where there is none."""

    rows: tuple[Row, ...]
    next_end: str
    people: tuple[uuid.UUID, ...]
    looked_at: datetime

    @property
    def groups(self) -> tuple[tuple[Group, tuple[Row, ...]], ...]:
        """Return the rows group by group, without the groups that are empty."""
        found = ((group, tuple(row for row in self.rows if row.group is group)) for group in Group)
        return tuple((group, rows) for group, rows in found if rows)


def get_worklist(*, clinic: Clinic, viewer: User, at: datetime) -> Worklist:
    """Return what is to be decided in a clinic now, the most urgent first."""
    episodes = list(
        Episode.objects.select_related("person")
        .filter(clinic=clinic, exited_on__isnull=True, import_run__isnull=True)
        .order_by("person__family_name", "person__given_names")
    )
    people = [episode.person_id for episode in episodes]
    consented, assessed = list_consented(people, at=at), list_assessed(people, at=at)
    orders = _orders_of(people)
    rows = [
        *protocol_rows(clinic, viewer, at),
        *stop_rows(clinic, at),
        *further_rows(clinic, at),
        *hold_rows(clinic, at),
        *licence_rows(clinic, viewer, at),
        *closure_rows(clinic, at),
        *list_after_leaving(clinic, at),
    ]
    ends = []
    for episode in episodes:
        theirs = orders.get(episode.person_id, [])
        live = _live(theirs, at)
        if live is not None:
            ends.append(live.period.during.upper)
        facts = PersonFacts(
            ends_at=live.period.during.upper if live else None,
            is_suspended=live is not None and is_suspended(live),
            covered_until=_covered_until(theirs, at),
            begins_at=_begins_at(theirs, at),
            had_order=bool(theirs),
            has_consent=episode.person_id in consented,
            assessment_due_on=assessed.get(episode.person_id),
        )
        rows += [
            person_row(group, matter, episode, facts, live or (theirs[-1] if theirs else None), at)
            for group, matter in matters_of(facts, at)
        ]
    rows += _gap_rows(episodes, orders, clinic, at)
    rows += _step_rows(episodes, orders, at)
    rows += _request_rows(orders, clinic, viewer, at)
    turn = list(Group)
    rows.sort(key=lambda row: turn.index(row.group))
    return Worklist(
        rows=tuple(rows),
        next_end=ends_when(min(ends)) if ends else "",
        people=tuple(dict.fromkeys(row.patient_id for row in rows if row.patient_id is not None)),
        looked_at=at,
    )


def _gap_rows(
    episodes: list[Episode], orders: dict[uuid.UUID, list[Order]], clinic: Clinic, at: datetime
) -> list[Row]:
    protocol = as_rules_read_it(get_protocol_in_force(clinic_id=clinic.id, at=at))
    if protocol is None:
        return []
    live = {person: order for person, theirs in orders.items() if (order := _live(theirs, at)) is not None}
    words = {
        Matter.GAP_DECIDE: ("Gap", "May the next dose be given, and how much at most?"),
        Matter.RESTART: ("Gap", "A new titration order is needed"),
        Matter.GAP_CAPPED: ("Capped", "Sessions were missed: the next dose is capped"),
        Matter.DAYS_MISSED: ("Days missed", "Three days missed: tell the dispensing pharmacy"),
        Matter.CONTACT: (
            "Contact today",
            "Two sessions missed and nobody has heard of them: find them today",
        ),
        Matter.EVENT: ("Event", "A dose was not borne well: review it and sign a new order"),
    }
    return [
        Row(
            group=row.group,
            matter=row.matter,
            patient_id=row.episode.person_id,
            name=row.episode.person.full_name,
            tag=words[row.matter][0],
            what=words[row.matter][1],
            facts=row.why,
            since=days_ago(row.since, at) if row.since else "",
            since_exactly=moment_in_words(row.since) if row.since else "",
        )
        for row in list_gap_rows(episodes, live, protocol=protocol, at=at)
    ]


def _step_rows(episodes: list[Episode], orders: dict[uuid.UUID, list[Order]], at: datetime) -> list[Row]:
    live = {person: order for person, theirs in orders.items() if (order := _live(theirs, at)) is not None}
    return [
        Row(
            group=Group.WEEK if due.is_in_force else Group.TODAY,
            matter=Matter.STEP_DUE if due.is_in_force else Matter.STEP_WAITS,
            patient_id=episode.person_id,
            name=episode.person.full_name,
            tag="Step",
            what=f"Step {due.number} of the plan begins today, up to {due.max_mg} mg"
            if due.is_in_force
            else f"Step {due.number} of the plan waits, the dose stays where it is",
            facts="Nothing is to be done if it is still right."
            if due.is_in_force
            else f"Its day was {day_in_words(due.opens_on)}, up to {due.max_mg} mg: {due.waits_for}.",
            since="",
            since_exactly="",
        )
        for episode, due in list_steps_due(episodes, live, at=at)
    ]


def _request_rows(
    orders: dict[uuid.UUID, list[Order]], clinic: Clinic, viewer: User, at: datetime
) -> list[Row]:
    live = {person for person, theirs in orders.items() if _live(theirs, at) is not None}
    return [
        Row(
            group=waiting.group,
            matter=waiting.matter,
            patient_id=waiting.patient_id,
            name=waiting.name,
            tag=waiting.tag,
            what=waiting.what,
            facts=waiting.facts,
            since=days_ago(waiting.since, at),
            since_exactly=moment_in_words(waiting.since),
            request_id=waiting.request_id,
        )
        for waiting in list_requests(clinic=clinic, viewer=viewer, dosed=live)
    ]


def _orders_of(people: list[uuid.UUID]) -> dict[uuid.UUID, list[Order]]:
    """Return the orders of each person's running treatment, in the order of their versions."""
    found: dict[uuid.UUID, list[Order]] = {}
    orders = Order.objects.select_related("period__ended_by", "signed_by", "licence__revocation").filter(
        patient__in=people,
        product=Product.DIAMORPHINE,
        episode__exited_on__isnull=True,
        premises__clinic=F("episode__clinic"),
    )
    for order in orders.order_by("version"):
        found.setdefault(order.patient_id, []).append(order)
    return found


def _live(orders: list[Order], at: datetime) -> Order | None:
    return next((order for order in orders if _is_in_force(order, at)), None)


def _is_in_force(order: Order, at: datetime) -> bool:
    during = order.period.during
    return not during.isempty and during.lower <= at < during.upper


def _covered_until(orders: list[Order], at: datetime) -> datetime | None:
    """Return until when signed orders follow each other without a gap, from the live one on."""
    until: datetime | None = None
    for order in orders:
        during = order.period.during
        if _is_in_force(order, at) or (until is not None and not during.isempty and during.lower == until):
            until = during.upper
    return until


def _begins_at(orders: list[Order], at: datetime) -> datetime | None:
    begins = [
        order.period.during.lower
        for order in orders
        if not order.period.during.isempty and order.period.during.lower > at
    ]
    return min(begins, default=None)
