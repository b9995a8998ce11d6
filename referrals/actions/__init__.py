"""Every write about how a person comes in."""

from referrals.actions.asking import (
    KeyReused,
    PersonReferred,
    ReferralRefused,
    TriedBefore,
    receive_referral,
    refer_oneself,
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
from referrals.actions.eligibility import (
    CriteriaRefused,
    FactRefused,
    approve_criteria,
    note_fact,
    write_criteria,
)
from referrals.actions.history import ImportedReferral, import_history
from referrals.actions.importing import Imported, ImportRefused, import_referrals
from referrals.actions.releases import ReleaseRefused, plan_release, tell_release
from referrals.actions.talking import (
    MessageRefused,
    ask_agency,
    drop_referral_draft,
    purge_referral_drafts,
    save_referral_draft,
    stop_telling,
    write_to_clinic,
)

__all__ = [
    "AcceptanceRefused",
    "ClosingRefused",
    "CriteriaRefused",
    "FactRefused",
    "ImportRefused",
    "Imported",
    "ImportedReferral",
    "KeyReused",
    "MessageRefused",
    "PersonReferred",
    "ReferralRefused",
    "ReleaseRefused",
    "TriedBefore",
    "accept_referral",
    "approve_criteria",
    "ask_agency",
    "decline_referral",
    "drop_referral_draft",
    "import_history",
    "import_referrals",
    "note_fact",
    "note_first_look",
    "plan_assessment",
    "plan_release",
    "purge_referral_drafts",
    "receive_referral",
    "refer_oneself",
    "refer_person",
    "save_referral_draft",
    "stop_telling",
    "tell_release",
    "withdraw_referral",
    "write_criteria",
    "write_to_clinic",
]
