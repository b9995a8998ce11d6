"""Somebody being observed: the readings so far, as rules read them and as the page shows them."""

from __future__ import annotations

from dosing.models import Reading, Visit
from dosing.rules.checks import Readings, Sedation
from dosing.rules.observation import ReadingTaken, Watched


def get_watched(*, visit: Visit) -> Watched:
    """Return the observation of a visit that has come to it, as rules read it.

    Raises ValueError for one that has not.
    """
    if visit.injected_at is None or visit.observe_minutes is None:
        raise ValueError("This visit has no observation.")
    return Watched(
        ended_at=visit.injected_at,
        minutes=visit.observe_minutes,
        readings=tuple(
            ReadingTaken(readings=as_readings(reading), taken_at=reading.taken_at, minute=reading.minute)
            for reading in Reading.objects.filter(session_id=visit.session_id).order_by("taken_at")
        ),
    )


def as_readings(reading: Reading) -> Readings:
    """Return a stored set as rules read it."""
    return Readings(
        sedation=Sedation(reading.sedation),
        breaths=reading.breaths,
        oxygen=reading.oxygen,
        pulse=reading.pulse,
    )
