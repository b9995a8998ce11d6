"""Ampoules on the shelf: whose they are, which of them may be used, and how numbers and expiry dates are read."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, block

_WHOLE: Final = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_EXPIRY: Final = re.compile(r"(?:([0-9]{1,2})/)?([0-9]{1,2})/([0-9]{4})", re.ASCII)
# Two clocks that are a moment apart make no future. Source: trust design 4.
CLOCK_SLACK: Final = timedelta(seconds=1)


# The one form that is kept: an ampoule of powder for injection.
AMPOULE_POWDER: Final = "ampoule_powder"


class Supply(StrEnum):
    """Whose ampoules a ledger keeps: the service's own stock, or what was dispensed for named patients."""

    SERVICE = "service"
    NAMED = "named"

    @property
    def label(self) -> str:
        """The same in the clinic's words."""
        return {"service": "service stock", "named": "patients' own"}[self.value]


@dataclass(frozen=True, slots=True)
class BatchFacts:
    """One batch as its ledger stands: all ampoules, those in quarantine, and those drawn up without an ending."""

    ampoules: int
    quarantined: int
    drawn: int
    expires_on: date

    @property
    def in_cabinet(self) -> int:
        """Ampoules that nobody has drawn up and that are not in quarantine."""
        return self.ampoules - self.quarantined - self.drawn


def parse_ampoules(text: str) -> int | None:
    """Return a whole number of ampoules from 1 to 9999, or None when the text is anything else.

    Only the digits 0-9 are read: a sign, point, separator, exponent or another script is refused, never
    cleaned; spaces around the number are let pass. Source: clinical rules 7.11.
    """
    stripped = text.strip(" ")
    return int(stripped) if _WHOLE.fullmatch(stripped) else None


def parse_ampoules_or_none(text: str) -> int | None:
    """Return a whole number of ampoules from 0 to 9999, read as strictly. Source: clinical rules 7.11."""
    return 0 if text.strip(" ") == "0" else parse_ampoules(text)


def last_day_of_use(text: str) -> date | None:
    """Return the last day of use as it is printed, 30/06/2028 or 06/2028, or None when it is no such day.

    A month alone is good to its last day. Source: clinical rules 7.11.
    """
    found = _EXPIRY.fullmatch(text.strip(" "))
    if found is None:
        return None
    day, month, year = found.groups()
    if not 1 <= int(month) <= 12 or not 1900 <= int(year) <= 2999:
        return None
    last = calendar.monthrange(int(year), int(month))[1]
    if day is not None and not 1 <= int(day) <= last:
        return None
    return date(int(year), int(month), int(day) if day is not None else last)


def is_usable_on(expires_on: date, on: date) -> bool:
    """Decide whether a batch may be used on a Europe/London day: to the end of its last one.

    Source: clinical rules 7.11.
    """
    return on <= expires_on


def in_the_future(occurred_at: datetime, at: datetime) -> Finding | None:
    """Return why something is not entered before it has happened, or None. Source: clinical rule 39."""
    if occurred_at <= at + CLOCK_SLACK:
        return None
    message = "That lies in the future. The register holds what has happened: enter it when it has."
    return block("future", message, "clinical rule 39")


def may_open_register(*, is_open: bool) -> Decision:
    """Decide whether a ledger may be opened: one for each premises, class, strength, form and kind of supply.

    Source: clinical rules 36 and 49.
    """
    if not is_open:
        return Decision()
    message = "This register already exists at these premises. Write in that one."
    return Decision((block("register_exists", message, "clinical rule 36"),))
