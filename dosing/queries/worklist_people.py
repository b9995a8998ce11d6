"""Rows of the worklist about one person's order, consent and assessment, in words."""

from __future__ import annotations

from datetime import date, datetime

from dosing.models import Order
from dosing.queries.order_pages import how_often
from dosing.queries.worklist_row import Row
from dosing.rules.moments import (
    day_in_words,
    days_ago,
    end_in_words,
    ends_when,
    exact_moment,
    moment_in_words,
)
from dosing.rules.orders import EndReason
from dosing.rules.worklist import Group, Matter, PersonFacts, is_last_day
from hat_clinic.core.clock import london_date
from patients.models import Episode


def person_row(
    group: Group, matter: Matter, episode: Episode, facts: PersonFacts, order: Order | None, at: datetime
) -> Row:
    """Return the row of one matter; `order` is the live order, else the last one, or None."""
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
