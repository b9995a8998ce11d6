"""Whether the outcome form of a day can be asked at all, before somebody answers two dozen questions for nothing."""

from __future__ import annotations

import uuid
from datetime import date

from hat_clinic.accounts.models import Clinic
from hat_clinic.core.decisions import Decision
from outcomes.queries.askings import asking_of, list_stays
from outcomes.queries.outcome_forms import standing_outcome_forms
from outcomes.rules.askings import FormStage, may_store_answers


def may_ask_today(*, clinic: Clinic, person_id: uuid.UUID, stage: FormStage, today: date) -> Decision:
    """Return what the rule will say of answers of today, whatever they are. The person was accepted here."""
    taken = standing_outcome_forms(clinic).filter(patient_id=person_id, completed_on=today)
    return may_store_answers(
        asking_of(
            list_stays(clinic=clinic, person_id=person_id),
            on=today,
            stage=stage,
            today=today,
            is_empty=False,
            day_is_taken=taken.exists(),
        )
    )
