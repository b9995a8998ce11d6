"""Sessions in which a reading that stands asked for rousing or more."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists

from dosing.models import Reading


def roused_in(session_id: Any) -> Exists:
    """Return the condition that a reading that stands asked for rousing or more in a session (an outer reference)."""
    return Exists(
        Reading.objects.filter(session_id=session_id, amended_by__isnull=True).exclude(escalation="")
    )
