"""People, their PINs, and the organisations they work for."""

from hat_clinic.accounts.actions.drafts import (
    empty_draft,
    save_draft,
)
from hat_clinic.accounts.actions.invitations import (
    InvitationRefused,
    Invited,
    InviteRefused,
    NoSuchInvitation,
    accept_invitation,
    invite_person,
    store_invitation,
    withdraw_invitation,
)
from hat_clinic.accounts.actions.organisations import (
    AgencyRefused,
    add_agency,
    open_clinic,
    open_premises,
)
from hat_clinic.accounts.actions.people import (
    AccountRefused,
    RoleRefused,
    UserRefused,
    close_account,
    create_user,
    end_role,
    enrol_totp,
    get_program,
    grant_role,
)
from hat_clinic.accounts.actions.pins import (
    PIN_HASHER,
    PinProof,
    PinRefused,
    forgive_wrong_pins,
    prove_pin,
    set_pin,
)
from hat_clinic.accounts.actions.terminals import (
    TerminalRefused,
    add_terminal,
    enrol_terminal,
    note_locked,
    open_terminal,
    retire_terminal,
)

__all__ = [
    "PIN_HASHER",
    "AccountRefused",
    "AgencyRefused",
    "InvitationRefused",
    "InviteRefused",
    "Invited",
    "NoSuchInvitation",
    "PinProof",
    "PinRefused",
    "RoleRefused",
    "TerminalRefused",
    "UserRefused",
    "accept_invitation",
    "add_agency",
    "add_terminal",
    "close_account",
    "create_user",
    "empty_draft",
    "end_role",
    "enrol_terminal",
    "enrol_totp",
    "forgive_wrong_pins",
    "get_program",
    "grant_role",
    "invite_person",
    "note_locked",
    "open_clinic",
    "open_premises",
    "open_terminal",
    "prove_pin",
    "retire_terminal",
    "save_draft",
    "set_pin",
    "store_invitation",
    "withdraw_invitation",
]
