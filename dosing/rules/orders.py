"""What can be ordered, by whom, and when an order is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from dosing.rules.limits import (
    OrderKind,
    Step,
)

LONDON: Final = ZoneInfo("Europe/London")
# How long an order runs unless its prescriber says otherwise. Source: clinical rule 6.
USUAL_ORDER_DAYS: Final = 14
# How long a changed dose is marked as new. Source: clinical rule 5.
NEW_FOR: Final = timedelta(hours=72)


class Product(StrEnum):
    """A controlled drug of the programme, with its salt."""

    DIAMORPHINE = "diamorphine"

    @property
    def label(self) -> str:
        """The product in words."""
        return "diamorphine hydrochloride"


class Route(StrEnum):
    """How a dose is taken."""

    INTRAVENOUS = "iv"
    INTRAMUSCULAR = "im"
    SUBCUTANEOUS = "sc"

    @property
    def label(self) -> str:
        """The route in words."""
        return {"iv": "into a vein", "im": "into a muscle", "sc": "under the skin"}[self.value]


class Site(StrEnum):
    """Where on the body. Neck and groin are not offered. Source: clinical rule 23."""

    LEFT_ARM = "left_arm"
    RIGHT_ARM = "right_arm"
    LEFT_HAND = "left_hand"
    RIGHT_HAND = "right_hand"
    LEFT_THIGH = "left_thigh"
    RIGHT_THIGH = "right_thigh"
    LEFT_BUTTOCK = "left_buttock"
    RIGHT_BUTTOCK = "right_buttock"

    @property
    def label(self) -> str:
        """The site in words; right is the person's right."""
        return self.value.replace("_", " ")


class EndReason(StrEnum):
    """Why an order ended before its time."""

    REPLACED = "replaced"
    SAFETY = "safety"
    MISSED = "missed"
    ASKED = "asked"
    LEAVING = "leaving"
    MISTAKE = "mistake"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The reason in words."""
        return _REASONS[self]


_REASONS: Final = {
    EndReason.REPLACED: "a new order took its place",
    EndReason.SAFETY: "dosing is not safe now",
    EndReason.MISSED: "sessions were missed",
    EndReason.ASKED: "the person asked for it",
    EndReason.LEAVING: "the person leaves or moves to another service",
    EndReason.MISTAKE: "the order was written wrong",
    EndReason.OTHER: "another reason",
}
# What somebody may choose who ends an order; the other one is written by signing the next.
REASONS_TO_END: Final = tuple(reason for reason in EndReason if reason is not EndReason.REPLACED)


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """What a prescriber is about to sign: milligrams a session, sessions a day, minutes, and its period.

    `injections_per_session` is into how many injections a session's dose may be divided. `least_mg` is the least of a
    range, None for one dose; `slots` holds the dose of each session where they
    differ, `dose_mg` being the highest; `plan` holds the steps of a titration, empty for any other kind.
    """

    dose_mg: int
    sessions_per_day: int
    daily_max_mg: int
    interval_minutes: int
    starts_at: datetime
    ends_at: datetime
    kind: OrderKind = OrderKind.MAINTENANCE
    least_mg: int | None = None
    slots: tuple[tuple[str, int], ...] = ()
    plan: tuple[Step, ...] = ()
    injections_per_session: int = 1

    @property
    def day_mg(self) -> int:
        """What the sessions of one day come to."""
        return sum(mg for _, mg in self.slots) if self.slots else self.dose_mg * self.sessions_per_day


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What an order states besides its numbers: where it is injected, minutes of watching, and in words why.

    `high_dose_reason` is empty unless the dose asks for one. `gap_cap_percent` is the order's own plan after
    missed sessions, None for the clinic's ladder. `hold_criteria` and `oral_plan` are stated in words.
    """

    routes: tuple[str, ...]
    sites: tuple[str, ...]
    observation_minutes: int
    basis: str
    high_dose_reason: str = ""
    gap_cap_percent: int | None = None
    hold_criteria: str = ""
    oral_plan: str = ""


def is_new_dose(*, dose_mg: int, earlier_mg: int | None, since: datetime, at: datetime) -> bool:
    """Tell whether an order's dose differs from the one before it and is at most 72 hours old.

    Source: clinical rule 5.
    """
    return earlier_mg is not None and earlier_mg != dose_mg and since <= at <= since + NEW_FOR


def usual_last_day(today: date, *, days: int, licence_ends_at: datetime | None) -> date | None:
    """Return the last day of an order that runs as long as orders usually do, today counted.

    Never past the last whole day of the signer's licence; None where that is over already. It is a day, not a dose:
    it may stand in the form, and whoever signs may change it. Source: clinical rules 1 and 6.
    """
    last = today + timedelta(days=days - 1)
    if licence_ends_at is not None:
        last = min(last, licence_ends_at.astimezone(LONDON).date() - timedelta(days=1))
    return last if last >= today else None


def latest_end(starts_at: datetime, days: int) -> datetime:
    """Return the latest moment that an order may end: so many calendar days on, at the same wall time.

    Across a clock change a day is an hour shorter or longer. Source: clinical rules 6 and 7.11.
    """
    return starts_at.astimezone(LONDON) + timedelta(days=days)
