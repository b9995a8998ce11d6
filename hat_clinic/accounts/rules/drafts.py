"""Which fields of a half-filled page are kept, and for how long."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

DRAFT_LASTS = timedelta(hours=12)  # a shift: what was typed yesterday is not what is seen today
LONGEST_DRAFT = 20_000  # characters of all fields together
# Words of a field's name that say it proves who somebody is, or ties the page to one opening of it.
_NEVER_KEPT = {"pin", "password", "passcode", "code", "otp", "key", "seal", "csrfmiddlewaretoken", "draft"}


def fields_to_keep(fields: Mapping[str, Sequence[str]]) -> dict[str, list[str]] | None:
    """Return what of a page's fields may wait for the person who typed it; None when it is too much to keep.

    PINs, passwords, codes, form tokens, seals and keys of requests never wait. Source: trust design 2.
    """
    kept = {
        name: list(values)
        for name, values in fields.items()
        if not _NEVER_KEPT & set(re.split(r"[^a-z]+", name.lower()))
    }
    length = sum(len(name) + sum(map(len, values)) for name, values in kept.items())
    return kept if length <= LONGEST_DRAFT else None


def is_draft_alive(*, saved_at: datetime, at: datetime) -> bool:
    """Decide whether what was typed is still offered again. Source: trust design 2."""
    return at - saved_at < DRAFT_LASTS
