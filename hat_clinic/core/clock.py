"""The one clock: the database's. A view reads it once and passes the time down as `at`."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import connection

LONDON = ZoneInfo("Europe/London")


def now() -> datetime:
    """Return the database's time, timezone-aware in UTC.

    In a scratch, test or demo-building database the owner may have set it (table clock_override).
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT hat_now()")
        at: datetime = cursor.fetchone()[0]
    return at


def london_date(at: datetime) -> date:
    """Return the Europe/London calendar date of a moment."""
    return at.astimezone(LONDON).date()
