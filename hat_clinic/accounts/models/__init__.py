"""People who sign in, and the organisations they work for."""

from hat_clinic.accounts.models.invitations import (
    Invitation,
)
from hat_clinic.accounts.models.organisations import (
    Agency,
    Clinic,
    Membership,
    Phase,
    Premises,
    SessionSlot,
    Slot,
)
from hat_clinic.accounts.models.people import (
    SigningPin,
    User,
    UserManager,
)

__all__ = [
    "Agency",
    "Clinic",
    "Invitation",
    "Membership",
    "Phase",
    "Premises",
    "SessionSlot",
    "SigningPin",
    "Slot",
    "User",
    "UserManager",
]
