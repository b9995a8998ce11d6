"""The short code that a page of the register carries, by which it can be compared with the register later."""

from __future__ import annotations

from dosing.models import RegisterLine


def latest_code(line: RegisterLine) -> str | None:
    """Return the code of a ledger's newest signed checkpoint, None while there is none."""
    return None
