"""What a person reads about their own PIN."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hat_clinic.accounts.models import Membership, SigningPin, User
from hat_clinic.accounts.queries.people import standing
from hat_clinic.accounts.rules import LAST_WRONG_PIN, Role, signs_with_pin


@dataclass(frozen=True, slots=True)
class PinPage:
    """One's own PIN: since when there is one, whether it is off, whether any role signs with it."""

    is_needed: bool
    set_at: datetime | None
    is_off: bool

    @property
    def may_choose(self) -> bool:
        """Whether a PIN may be set now: one that is off comes back by signing in, not by a new one."""
        return self.is_needed and not self.is_off


def get_pin_page(*, user: User, at: datetime) -> PinPage:
    """Return what a person reads about their own PIN."""
    roles = Membership.objects.filter(standing(at), user=user).values_list("role", flat=True)
    pin = SigningPin.objects.filter(user=user).first()
    return PinPage(
        is_needed=signs_with_pin(frozenset(Role(role) for role in roles)),
        set_at=pin.set_at if pin else None,
        is_off=pin is not None and pin.failures >= LAST_WRONG_PIN,
    )
