"""What waits for a prescriber's decision, and how soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from dosing.rules.orders import LONDON
from patients.rules.closings import WARNED_DAYS, days_left

# An order is shown this long before it ends.
SHOWN_BEFORE_THE_END: Final = timedelta(days=7)
# An assessment is shown this long before it is due again. Unverified, our own proposal.
ASSESSMENT_SHOWN_BEFORE: Final = timedelta(days=14)
# When the end of a licence is told, in days before it. Source: clinical rule 1.
LICENCE_DAYS: Final = (7, 30, 90)


class Group(StrEnum):
    """How soon something must be decided; in the order of the page."""

    NOW = "now"
    TODAY = "today"
    WEEK = "week"

    @property
    def label(self) -> str:
        """The heading of the group."""
        return {"now": "Somebody is waiting now", "today": "Today", "week": "This week"}[self.value]


class Matter(StrEnum):
    """What is to be decided."""

    NO_PROTOCOL = "no_protocol"
    PROTOCOL_DRAFT = "protocol_draft"
    HOLD = "hold"
    AT_HATCH = "at_hatch"
    TO_AUTHORISE = "to_authorise"
    SENT_BACK = "sent_back"
    GAP_DECIDE = "gap_decide"
    RESTART = "restart"
    DAYS_MISSED = "days_missed"
    CONTACT = "contact"
    CLOSED = "closed"
    LEFT_EARLY = "left_early"
    SYRINGE = "syringe"
    EVENT = "event"
    GAP_CAPPED = "gap_capped"
    STEP_WAITS = "step_waits"
    STEP_DUE = "step_due"
    SUSPENDED = "suspended"
    NO_CONSENT = "no_consent"
    NO_ORDER = "no_order"
    ENDS = "ends"
    NO_ASSESSMENT = "no_assessment"
    ASSESSMENT_DUE = "assessment_due"
    FIRST_ORDER = "first_order"
    NOT_READY = "not_ready"
    LICENCE = "licence"
    NO_PLAN = "no_plan"


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is known of one person in treatment: their live order, the one signed for later, and what it needs.

    `ends_at` is the end of the live order, None without one. `covered_until` is the end of the last signed
    order that follows without a gap, None without any. `had_order` says that one was signed before.
    `assessment_due_on` is the day by which the newest assessment is to be made anew, None without an assessment.
    """

    ends_at: datetime | None
    is_suspended: bool
    covered_until: datetime | None
    begins_at: datetime | None
    had_order: bool
    has_consent: bool
    assessment_due_on: date | None

    @property
    def has_assessment(self) -> bool:
        """Tell whether one is signed, overdue or not."""
        return self.assessment_due_on is not None


def matters_of(facts: PersonFacts, at: datetime) -> tuple[tuple[Group, Matter], ...]:
    """Return what is to be decided about one person, the most pressing first.

    Somebody whose doses have stopped is waiting now. An order that ends with this Europe/London day is of
    today, one that ends within 7 days of this week. An assessment that is due again today or overdue is of today,
    one within 14 days of this week, whether there is an order or not. Source: clinical rules 4, 6 and 7.11.
    """
    return (*_about_the_order(facts, at), *_about_the_assessment(facts, at))


def _about_the_assessment(facts: PersonFacts, at: datetime) -> tuple[tuple[Group, Matter], ...]:
    due_on, today = facts.assessment_due_on, at.astimezone(LONDON).date()
    if due_on is None or due_on > today + ASSESSMENT_SHOWN_BEFORE:
        return ()
    return ((Group.TODAY if due_on <= today else Group.WEEK, Matter.ASSESSMENT_DUE),)


def _about_the_order(facts: PersonFacts, at: datetime) -> tuple[tuple[Group, Matter], ...]:
    if facts.ends_at is None:
        return _without_order(facts)
    found = []
    if not facts.has_consent:
        found.append((Group.NOW, Matter.NO_CONSENT))
    if facts.is_suspended:
        found.append((Group.NOW, Matter.SUSPENDED))
    elif (ends := facts.covered_until or facts.ends_at) <= at + SHOWN_BEFORE_THE_END:
        found.append((Group.TODAY if is_last_day(ends, at) else Group.WEEK, Matter.ENDS))
    if not facts.has_assessment:
        found.append((Group.WEEK, Matter.NO_ASSESSMENT))
    return tuple(found)


def _without_order(facts: PersonFacts) -> tuple[tuple[Group, Matter], ...]:
    if facts.begins_at is not None:
        return ()
    if facts.had_order:
        return ((Group.NOW, Matter.NO_ORDER),)
    if facts.has_consent and facts.has_assessment:
        return ((Group.WEEK, Matter.FIRST_ORDER),)
    return ((Group.WEEK, Matter.NOT_READY),)


def plan_group(last_on: date, at: datetime) -> Group | None:
    """Return how soon somebody needs a whole plan before their programme ends; None more than 90 days before.

    Within a week of the last day, and after it, it is of today. Source: product P 7.
    """
    left = days_left(last_on, today=at.astimezone(LONDON).date())
    if left > WARNED_DAYS:
        return None
    return Group.TODAY if left <= SHOWN_BEFORE_THE_END.days else Group.WEEK


def request_group(*, is_dosed: bool) -> Group:
    """Return how soon a request is answered: now where the person has no order in force, so no dose until then.

    Source: clinical rule 3.
    """
    return Group.TODAY if is_dosed else Group.NOW


def is_last_day(ends_at: datetime, at: datetime) -> bool:
    """Tell whether something that ends at a moment ends with the Europe/London day of another.

    Midnight belongs to the day it ends.
    """
    last = ends_at.astimezone(LONDON) - timedelta(microseconds=1)
    return last.date() <= at.astimezone(LONDON).date()


def licence_notice(ends_at: datetime, at: datetime) -> int | None:
    """Return which notice a licence's end is under: 7, 30 or 90 days; None while it is further off.

    Source: clinical rule 1.
    """
    return next((days for days in LICENCE_DAYS if ends_at <= at + timedelta(days=days)), None)


def licence_group(ends_at: datetime, at: datetime) -> Group:
    """Return how soon a licence's end must be seen to: an ended one and the last 7 days are of today."""
    return Group.TODAY if licence_notice(ends_at, at) == LICENCE_DAYS[0] else Group.WEEK
