"""Whether a clinician's signature stands for a record that is to be handed over."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from hat_clinic.accounts.models import User
from hat_clinic.core.decisions import Decision
from patients.models import HarmCheck
from patients.rules.harm_checks import HarmCheckFacts, may_hand_over


@dataclass(frozen=True, slots=True)
class HandingOver:
    """Whether a record may be handed over, and what the clinician asks to keep back."""

    decision: Decision
    kept_back: str


def get_handing_over(*, person_id: uuid.UUID, held: str, by: User, at: datetime) -> HandingOver:
    """Return whether what is held, by its fingerprint, may be handed over by somebody at a moment."""
    newest = HarmCheck.objects.filter(person_id=person_id, signed_at__lte=at).order_by("-signed_at").first()
    facts = HarmCheckFacts(
        signed_at=newest.signed_at if newest else None,
        is_unchanged=newest is not None and newest.record_sha256 == held,
        is_own=newest is not None and newest.signed_by_id == by.id,
        at=at,
    )
    return HandingOver(may_hand_over(facts), newest.kept_back if newest else "")
