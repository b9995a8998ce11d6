"""The demo's way in: a one-time link that makes a browser the demo clinic's terminal, open from the start."""

from __future__ import annotations

from datetime import datetime

from hat_clinic.accounts.actions import add_terminal
from hat_clinic.accounts.models import Clinic, Terminal, User
from hat_clinic.accounts.rules import DEMO_LINK_LASTS


def make_terminal_link(*, clinic_code: str, by: User, at: datetime) -> str:
    """Make a link for the next free "Treatment room N" of the demo clinic and return its token.

    Each run makes a new one, since a token is shown once and kept nowhere: whoever starts the demo again, in
    another browser, needs another.
    """
    clinic = Clinic.objects.get(code=clinic_code)
    taken = set(Terminal.objects.filter(clinic=clinic, retired_at=None).values_list("name", flat=True))
    number = next(number for number in range(1, len(taken) + 2) if f"Treatment room {number}" not in taken)
    premises_id = clinic.premises.order_by("name").values_list("id", flat=True).first()
    return add_terminal(
        clinic=clinic,
        premises_id=premises_id,
        name=f"Treatment room {number}",
        by=by,
        at=at,
        lasts=DEMO_LINK_LASTS,
        opens_terminal=True,
    )
