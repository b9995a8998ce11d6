"""Roles and who gets them, signing PINs, and the length of a session."""

from hat_clinic.accounts.rules.credentials import (
    AT_TERMINAL,
    FULL_SIGN_IN,
    signs_with_pin,
)
from hat_clinic.accounts.rules.drafts import (
    fields_to_keep,
    is_draft_alive,
)
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
from hat_clinic.accounts.rules.permissions import Permission
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
    Role,
    may,
)
from hat_clinic.accounts.rules.sessions import (
    IDLE_LIMIT,
    SESSION_LIMIT,
    session_end_sentence,
)
from hat_clinic.accounts.rules.terminals import (
    DEMO_LINK_LASTS,
    LINK_LASTS,
    LOCK_AFTER,
    OPEN_FOR,
    TOUCH_IS_WRITTEN_AFTER,
    acts_at_terminal,
    is_touch_written,
    may_try_pin_here,
    must_lock,
)

__all__ = [
    "ALLOWED",
    "AT_TERMINAL",
    "DEMO_LINK_LASTS",
    "FREE_WRONG_PINS",
    "FULL_SIGN_IN",
    "IDLE_LIMIT",
    "INSPECTOR_LIMIT",
    "INVITATION_LASTS",
    "LAST_WRONG_PIN",
    "LINK_LASTS",
    "LOCK_AFTER",
    "OPEN_FOR",
    "PIN_DIGITS",
    "SESSION_LIMIT",
    "TOUCH_IS_WRITTEN_AFTER",
    "WAIT_AFTER_WRONG_PIN",
    "InvitationState",
    "Permission",
    "Role",
    "acts_at_terminal",
    "fields_to_keep",
    "invitation_sentence",
    "invitation_state",
    "is_draft_alive",
    "is_touch_written",
    "may",
    "may_choose_pin",
    "may_close_account",
    "may_end_role",
    "may_grant_role",
    "may_invite",
    "may_try_pin",
    "may_try_pin_here",
    "must_lock",
    "session_end_sentence",
    "signs_with_pin",
    "wrong_pin_sentence",
]
