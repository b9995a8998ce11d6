"""Every write about how a person comes in."""

from referrals.actions.asking import (
    KeyReused,
    PersonReferred,
    ReferralRefused,
    TriedBefore,
    receive_referral,
    refer_person,
)
from referrals.actions.deciding import (
    AcceptanceRefused,
    ClosingRefused,
    accept_referral,
    decline_referral,
    note_first_look,
    plan_assessment,
    withdraw_referral,
)
from referrals.actions.history import ImportedReferral, import_history

__all__ = [
    "AcceptanceRefused",
    "ClosingRefused",
    "ImportedReferral",
    "KeyReused",
    "PersonReferred",
    "ReferralRefused",
    "TriedBefore",
    "accept_referral",
    "decline_referral",
    "import_history",
    "note_first_look",
    "plan_assessment",
    "receive_referral",
    "refer_person",
    "withdraw_referral",
]
