"""The order in which people wait, and why each stands where they stand.

Source: product R 3.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from referrals.rules.releases import LIST_DAYS, is_soon

RULE: Final = (
    f"First those expected out of prison within {LIST_DAYS} days, as prison or probation told or with an appointment "
    "set, by the day of release; then by the day of the first referral, the longest first. Nothing else moves "
    "anybody. The order is unverified: our own choice, to be confirmed by a clinical lead."
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One person who waits, by their first open referral. `referrals` counts all that stand open about them."""

    id: uuid.UUID
    first_on: date
    sent_at: datetime | None
    referrals: int
    release_on: date | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands, and why, in words."""

    id: uuid.UUID
    number: int
    why: str


def in_line(people: Iterable[Waiting], *, today: date) -> tuple[Place, ...]:
    """Return everybody who waits in the order of the line, each with the reason. Source: product R 3."""
    ordered = sorted(people, key=lambda one: _key(one, today))
    return tuple(Place(one.id, number, _why(one, today)) for number, one in enumerate(ordered, start=1))


def _key(one: Waiting, today: date) -> tuple[bool, date, date, float, str]:
    soon = is_soon(one.release_on, today=today)
    sent = one.sent_at.timestamp() if one.sent_at else 0.0
    day = one.release_on if soon and one.release_on else one.first_on
    return (not soon, day, one.first_on, sent, str(one.id))


def _why(one: Waiting, today: date) -> str:
    since = f"referred on {one.first_on:%-d %B %Y}"
    if one.referrals > 1:
        since = f"first referred on {one.first_on:%-d %B %Y}, by {one.referrals} referrals"
    if is_soon(one.release_on, today=today) and one.release_on:
        return f"Release expected on {one.release_on:%-d %B}; {since}"
    return f"{since[0].upper()}{since[1:]}"
