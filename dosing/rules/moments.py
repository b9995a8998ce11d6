"""Moments as they are said in the clinic: Europe/London, with the day named."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from dosing.rules.orders import LONDON


def day_in_words(day: date) -> str:
    """Return such as "8 December 2026"."""
    return f"{day.day} {day:%B %Y}"


def days_in_words(first_on: date, last_on: date) -> str:
    """Return such as "30 November to 2 December 2026", or the one day; both years where they differ."""
    if first_on == last_on:
        return day_in_words(first_on)
    first = day_in_words(first_on) if first_on.year != last_on.year else f"{first_on.day} {first_on:%B}"
    return f"{first} to {day_in_words(last_on)}"


def moment_in_words(at: datetime) -> str:
    """Return such as "24 November 2026 at 09:44"."""
    wall = at.astimezone(LONDON)
    return f"{day_in_words(wall.date())} at {wall:%H:%M}"


def exact_moment(at: datetime) -> str:
    """Return such as "24 November 2026 at 09:44:07", for what ended what at which second."""
    wall = at.astimezone(LONDON)
    return f"{day_in_words(wall.date())} at {wall:%H:%M:%S}"


def end_in_words(ends_at: datetime) -> str:
    """Return when something ends; midnight is said as the end of the day before, never as 00:00 of the next."""
    wall = ends_at.astimezone(LONDON)
    if wall.time() == time.min:
        return f"the end of {day_in_words(wall.date() - timedelta(days=1))}"
    return moment_in_words(ends_at)


def ends_when(ends_at: datetime) -> str:
    """Return the same with its preposition: "at the end of 8 December 2026" or "on 8 December 2026 at 09:44"."""
    words = end_in_words(ends_at)
    return f"at {words}" if words.startswith("the end") else f"on {words}"


def end_of_day(day: date) -> datetime:
    """Return the first moment after a Europe/London day."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=LONDON)


def days_ago(then: datetime, at: datetime) -> str:
    """Return how long ago something was: minutes up to an hour, hours up to two days, then days."""
    minutes = max(0, int((at - then).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h"
    return f"{minutes // (24 * 60)} days"
