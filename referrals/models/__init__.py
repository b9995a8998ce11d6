"""How people come in."""

from referrals.models.eligibility import CriteriaApproval, CriteriaSet, EligibilityFact, EligibilityJudgement
from referrals.models.facts import AgencyFlag, PriorTreatment
from referrals.models.referrals import Referral, ReferralDecision
from referrals.models.releases import ReleasePlan
from referrals.models.talking import ReferralDraft, ReferralMessage, TellingStop

__all__ = [
    "AgencyFlag",
    "CriteriaApproval",
    "CriteriaSet",
    "EligibilityFact",
    "EligibilityJudgement",
    "PriorTreatment",
    "Referral",
    "ReferralDecision",
    "ReferralDraft",
    "ReferralMessage",
    "ReleasePlan",
    "TellingStop",
]
