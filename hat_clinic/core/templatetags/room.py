"""What only the pages of the treatment room print."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def minutes_and_seconds(seconds: int) -> str:
    """Write a number of seconds as a clock shows it: 672 is "11:12"."""
    minutes, rest = divmod(max(int(seconds), 0), 60)
    return f"{minutes:02d}:{rest:02d}"


@register.filter
def percent_of(part: int, whole: int) -> int:
    """Return how much of a whole has passed, 0 to 100."""
    return min(100, max(0, 100 * part // whole)) if whole else 0
