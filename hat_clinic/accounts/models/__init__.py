"""People who sign in, the organisations they work for, and the terminals they work at."""

from hat_clinic.accounts.models.drafts import (
    Draft,
)
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
from hat_clinic.accounts.models.terminals import (
    Terminal,
    TerminalEnrolment,
)

__all__ = [
    "Agency",
    "Clinic",
    "Draft",
    "Invitation",
    "Membership",
    "Phase",
    "Premises",
    "SessionSlot",
    "SigningPin",
    "Slot",
    "Terminal",
    "TerminalEnrolment",
    "User",
    "UserManager",
]
