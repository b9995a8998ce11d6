"""Sessions of a day: how they can end."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """How one planned session of one person ended, in the words of the files and the report."""

    GIVEN = "given"
    GIVEN_REDUCED = "given_reduced"
    WITHHELD = "withheld"
    MISSED = "missed"
    EXCUSED = "excused"


class Reason(StrEnum):
    """Why a session did not end with the whole dose."""

    CUSTODY = "custody"
    HOSPITAL = "hospital"
    CLINIC_CLOSED = "clinic_closed"
    ILL = "ill"
    INTOXICATED = "intoxicated"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    OTHER = "other"


DOSED = (Outcome.GIVEN, Outcome.GIVEN_REDUCED)
