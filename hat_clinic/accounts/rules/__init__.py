"""Roles and who gets them, signing PINs, and the length of a session."""

from hat_clinic.accounts.rules.invitations import (
    INVITATION_LASTS,
    InvitationState,
    invitation_sentence,
    invitation_state,
    may_invite,
)
from hat_clinic.accounts.rules.membership import (
    INSPECTOR_LIMIT,
    may_close_account,
    may_end_role,
    may_grant_role,
)
from hat_clinic.accounts.rules.pins import (
    FREE_WRONG_PINS,
    LAST_WRONG_PIN,
    PIN_DIGITS,
    WAIT_AFTER_WRONG_PIN,
    may_choose_pin,
    may_try_pin,
    wrong_pin_sentence,
)
from hat_clinic.accounts.rules.roles import (
    ALLOWED,
    AT_TERMINAL,
    Permission,
    Role,
    may,
    signs_with_pin,
)
from hat_clinic.accounts.rules.sessions import (
    IDLE_LIMIT,
    SESSION_LIMIT,
    session_end_sentence,
)

__all__ = [
    "ALLOWED",
    "AT_TERMINAL",
    "FREE_WRONG_PINS",
    "IDLE_LIMIT",
    "INSPECTOR_LIMIT",
    "INVITATION_LASTS",
    "LAST_WRONG_PIN",
    "PIN_DIGITS",
    "SESSION_LIMIT",
    "WAIT_AFTER_WRONG_PIN",
    "InvitationState",
    "Permission",
    "Role",
    "invitation_sentence",
    "invitation_state",
    "may",
    "may_choose_pin",
    "may_close_account",
    "may_end_role",
    "may_grant_role",
    "may_invite",
    "may_try_pin",
    "session_end_sentence",
    "signs_with_pin",
    "wrong_pin_sentence",
]
