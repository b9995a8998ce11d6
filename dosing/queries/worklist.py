"""What waits for a prescriber: read for a whole clinic in the same number of queries for 1 person and for 60."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F

from dosing.models import Hold, Order
from dosing.queries.licences import list_licence_notices
from dosing.queries.order_pages import how_often
from dosing.queries.orders import is_suspended
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.queries.readiness import list_assessed, list_consented
from dosing.queries.visits import hold_reasons
from dosing.queries.worklist_gaps import list_gaps
from dosing.queries.worklist_requests import list_requests
from dosing.rules.moments import (
    day_in_words,
    days_ago,
    end_in_words,
    ends_when,
    exact_moment,
    moment_in_words,
)
from dosing.rules.orders import EndReason, Product
from dosing.rules.worklist import (
    Group,
    Matter,
    PersonFacts,
    is_last_day,
    licence_group,
    matters_of,
)
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.core.clock import london_date
from patients.models import Episode

_TO_SIGN = (
    *(Matter.SUSPENDED, Matter.NO_ORDER, Matter.ENDS, Matter.FIRST_ORDER, Matter.RESTART),
    *(Matter.TO_AUTHORISE, Matter.SENT_BACK),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One decision: about whom, what is to be decided, the facts, since when. `patient_id` is None for staff."""

    group: Group
    matter: Matter
    patient_id: uuid.UUID | None
    name: str
    tag: str
    what: str
    facts: str
    since: str
    since_exactly: str
    hold_id: uuid.UUID | None = None
    request_id: uuid.UUID | None = None

    @property
    def is_to_sign(self) -> bool:
        """True where the next thing is an order; else something is missing before one."""
        return self.matter in _TO_SIGN


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
    rows = [*_protocol_row(clinic, at), *_hold_rows(clinic, at), *_licence_rows(clinic, viewer, at)]
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
            _person_row(group, matter, episode, facts, live or (theirs[-1] if theirs else None), at)
            for group, matter in matters_of(facts, at)
        ]
    rows += _gap_rows(episodes, orders, clinic, at)
    rows += _request_rows(orders, clinic, viewer, at)
    turn = list(Group)
    rows.sort(key=lambda row: turn.index(row.group))
    return Worklist(
        rows=tuple(rows),
        next_end=ends_when(min(ends)) if ends else "",
        people=tuple(dict.fromkeys(row.patient_id for row in rows if row.patient_id is not None)),
        looked_at=at,
    )


def _hold_rows(clinic: Clinic, at: datetime) -> list[Row]:
    """Return the holds that stand: whoever is on one waits for a doctor, in the clinic or at home."""
    holds = Hold.objects.select_related("patient", "opened_by").filter(clinic=clinic, lifted_at__isnull=True)
    return [
        Row(
            group=Group.NOW,
            matter=Matter.HOLD,
            patient_id=hold.patient_id,
            name=hold.patient.full_name,
            tag="Hold",
            what="Lift this hold, or let it stand?",
            facts=f"For {hold_reasons(hold)}. Opened by {hold.opened_by.full_name}. A new check comes first.",
            since=days_ago(hold.opened_at, at),
            since_exactly=moment_in_words(hold.opened_at),
            hold_id=hold.id,
        )
        for hold in holds.order_by("opened_at")
    ]


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
    }
    return [
        Row(
            group=group,
            matter=matter,
            patient_id=episode.person_id,
            name=episode.person.full_name,
            tag=words[matter][0],
            what=words[matter][1],
            facts=why,
            since=days_ago(standing.gap.since, at) if standing.gap else "",
            since_exactly=moment_in_words(standing.gap.since) if standing.gap else "",
        )
        for episode, group, matter, why, standing in list_gaps(episodes, live, protocol=protocol, at=at)
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


def _person_row(
    group: Group, matter: Matter, episode: Episode, facts: PersonFacts, order: Order | None, at: datetime
) -> Row:
    tag, what, why, since = _in_words(matter, episode, facts, order, at)
    return Row(
        group=group,
        matter=matter,
        patient_id=episode.person_id,
        name=episode.person.full_name,
        tag=tag,
        what=what,
        facts=why,
        since=days_ago(since, at) if since else "",
        since_exactly=moment_in_words(since) if since else "",
    )


def _in_words(
    matter: Matter, episode: Episode, facts: PersonFacts, order: Order | None, at: datetime
) -> tuple[str, str, str, datetime | None]:
    """Return the tag, what is to be decided, the facts, and since when."""
    if matter is Matter.ASSESSMENT_DUE and facts.assessment_due_on is not None:
        return _assessment_due(facts.assessment_due_on, at)
    missing = " and ".join(
        word
        for word, is_there in (
            ("no treatment consent stands", facts.has_consent),
            ("no medical assessment is signed", facts.has_assessment),
        )
        if not is_there
    )
    if order is None:
        if missing:
            return "Not ready", "Accepted, and not ready for an order", _sentence(missing), None
        return "New", "Assessed: no order yet", "Consent stands and the assessment is signed.", None
    doses = f"{order.dose_mg} mg {how_often(order.sessions_per_day)}"
    if matter is Matter.NO_CONSENT:
        return "No dose", "Treatment consent does not stand: nothing may be given", _sentence(doses), None
    if matter is Matter.SUSPENDED:
        who = order.signed_by.full_name
        return (
            "Suspended",
            "Order suspended: sign a new one, or end it?",
            f"{doses}. {who}, who signed it, "
            + ("has lost the licence." if order.signed_by.is_active else "has left."),
            None,
        )
    if matter is Matter.ENDS:
        until = facts.covered_until or order.ends_at
        is_last = is_last_day(until, at)
        what = f"Order ends {ends_when(until)}"
        return (
            "Ends today" if is_last else "Ends soon",
            what,
            f"{doses}, since {moment_in_words(order.period.during.lower)}. No dose after it without a new order.",
            None,
        )
    if matter is Matter.NO_ASSESSMENT:
        return (
            "To assess",
            "No medical assessment is signed",
            f"{_sentence(doses)} No new order without one.",
            None,
        )
    return _no_order(order, doses, f" {_sentence(missing)}" if missing else "")


def _assessment_due(due_on: date, at: datetime) -> tuple[str, str, str, datetime | None]:
    days = (due_on - london_date(at)).days
    if days < 0:
        what = f"Medical assessment overdue since {day_in_words(due_on)}"
        return (
            "Overdue",
            what,
            "A new order carries a note about it until the next is signed.",
            None,
        )
    when = "today" if days == 0 else f"on {day_in_words(due_on)}"
    return "Due today" if days == 0 else "Due soon", f"Medical assessment due again {when}", "", None


def _no_order(order: Order, doses: str, missing: str) -> tuple[str, str, str, datetime | None]:
    period = order.period
    if period.ended_by is None or period.ended_at is None:
        return (
            "No dose",
            "Order ran out: no dose until you sign",
            f"{doses}, until {end_in_words(order.ends_at)}.{missing}",
            order.ends_at,
        )
    reason = EndReason(period.end_reason).label
    return (
        "No dose",
        "Order ended: no dose until you sign",
        f"{doses}. Ended by {period.ended_by.full_name} on {exact_moment(period.ended_at)}: {reason}."
        + (f" “{period.end_words}”" if period.end_words else "")
        + missing,
        period.ended_at,
    )


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _protocol_row(clinic: Clinic, at: datetime) -> list[Row]:
    if get_protocol_in_force(clinic_id=clinic.id, at=at) is not None:
        return []
    return [
        Row(
            group=Group.NOW,
            matter=Matter.NO_PROTOCOL,
            patient_id=None,
            name="The clinic",
            tag="No dose",
            what="No limits are approved: nothing may be signed or given",
            facts="The clinical lead approves the limits.",
            since="",
            since_exactly="",
        )
    ]


def _licence_rows(clinic: Clinic, viewer: User, at: datetime) -> list[Row]:
    """Return a row for each doctor and premises whose last licence ends within 90 days or has ended."""
    rows = []
    for found in list_licence_notices(clinic=clinic, at=at):
        own = found.doctor_id == viewer.id
        whose, who = ("Your", "you") if own else (f"{found.doctor}’s", found.doctor)
        ends = end_in_words(found.ends_at)
        rows.append(
            Row(
                group=licence_group(found.ends_at, at),
                matter=Matter.LICENCE,
                patient_id=None,
                name="You" if own else found.doctor,
                tag="Ended" if found.is_over else found.left,
                what=f"{whose} licence for diamorphine at {found.premises} {found.ends_in_words}",
                facts=f"{'Since' if found.is_over else 'After'} {ends} {who} cannot sign. Tell the clinic’s manager.",
                since=days_ago(found.ends_at, at) if found.is_over else "",
                since_exactly=moment_in_words(found.ends_at) if found.is_over else "",
            )
        )
    return rows
