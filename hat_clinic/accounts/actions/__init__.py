"""People, their PINs, and the organisations they work for."""

from hat_clinic.accounts.actions.invitations import (
    InvitationRefused,
    Invited,
    InviteRefused,
    NoSuchInvitation,
    accept_invitation,
    invite_person,
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
    "UserRefused",
    "accept_invitation",
    "add_agency",
    "close_account",
    "create_user",
    "end_role",
    "enrol_totp",
    "forgive_wrong_pins",
    "get_program",
    "grant_role",
    "invite_person",
    "open_clinic",
    "open_premises",
    "prove_pin",
    "set_pin",
    "withdraw_invitation",
]
