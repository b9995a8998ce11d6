"""How many people a clinic takes, and how many it has.

Source: product R 3.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from hat_clinic.accounts.models import Clinic, Phase
from patients.models import Episode
from referrals.models import Referral, ReferralDecision
from referrals.queries.matching import list_treated_elsewhere
from referrals.rules.deciding import AcceptanceFacts
from referrals.rules.eligibility import CriterionStanding


@dataclass(frozen=True, slots=True)
class Places:
    """Whole numbers of people: how many may be in treatment, and how many are."""

    places: int
    taken: int

    @property
    def free(self) -> int:
        """Places that are free; none where more people are in treatment than there are places."""
        return max(self.places - self.taken, 0)


def get_places(*, clinic: Clinic, on: date) -> Places:
    """Return the places of the phase in force on a day, else those of the clinic, and the open treatments."""
    phase = Phase.objects.filter(clinic=clinic, during__contains=on).first()
    return Places(
        places=clinic.places if phase is None else phase.places,
        taken=Episode.objects.filter(clinic=clinic, exited_on__isnull=True).count(),
    )


def get_acceptance_facts(
    *,
    referral: Referral,
    clinic: Clinic,
    person_id: uuid.UUID | None,
    has_known_match: bool,
    is_chosen: bool,
    on: date,
    standings: tuple[CriterionStanding, ...] = (),
) -> AcceptanceFacts:
    """Gather what the rule of accepting asks; whoever writes holds the clinic's row meanwhile."""
    places = get_places(clinic=clinic, on=on)
    elsewhere = list_treated_elsewhere(referral)
    return AcceptanceFacts(
        places=places.places,
        taken=places.taken,
        is_decided=ReferralDecision.objects.filter(referral=referral).exists(),
        is_closed=referral.closed_on is not None,
        referred_on=referral.referred_on,
        today=on,
        has_known_match=has_known_match,
        is_chosen=is_chosen,
        is_in_treatment=person_id is not None
        and Episode.objects.filter(person_id=person_id, exited_on__isnull=True).exists(),
        is_elsewhere=any(has_number for has_number in elsewhere),
        may_be_elsewhere=bool(elsewhere),
        standings=standings,
        has_criteria=bool(standings),
    )
