"""What stands beside the doses of the demo people: one oral order, and the stage of some treatments."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from dosing.actions.oral import sign_oral_order
from dosing.actions.orders import SentPage
from dosing.queries.oral import as_oral_seen, get_last_oral_orders, list_standing_oral_periods
from dosing.rules.oral import OralDraft, OralDrug
from hat_clinic.accounts.models import Clinic, Premises, User
from hat_clinic.core.clock import london_date, now
from patients.actions.stages import set_stage
from patients.models import Episode
from patients.queries.stages import list_stages
from patients.rules.stages import StageContent, TreatmentStage

ORAL_DAYS = 14
# Whose oral opioid is ordered, and of which the order of diamorphine says so.
ORAL = "Lorraine"
STAGES = {
    "Danny": TreatmentStage.SETTLED,
    "Lorraine": TreatmentStage.SETTLED,
    "Jade": TreatmentStage.TITRATING,
    "Terry": TreatmentStage.LEAVING,
}
WORDS = {
    TreatmentStage.TITRATING: "Demo: still finding what holds through the night.",
    TreatmentStage.SETTLED: "Demo: comes twice a day, uses nothing on top.",
    TreatmentStage.LEAVING: "Demo: moves to the coast in spring, with a place there.",
}


def order_oral(*, episode: Episode, premises: Premises, by: User, at: datetime) -> None:
    """Sign an oral order for a demo person who has none. It is timed by the clock, as from its page."""
    person_id = episode.person_id
    if list_standing_oral_periods(patient_id=person_id, at=at):
        return
    sign_oral_order(
        episode=episode,
        premises=premises,
        draft=OralDraft(
            drug=OralDrug.METHADONE,
            daily_mg=30,
            is_supervised=True,
            starts_at=at,
            ends_at=max(at, now()) + timedelta(days=ORAL_DAYS),
            basis="Demo order for an invented person, for the hours of the night.",
        ),
        page=SentPage(
            key=uuid.uuid4(),
            seen=as_oral_seen(get_last_oral_orders(patient_id=person_id)),
            starts_at_once=True,
        ),
        by=by,
        at=at,
    )


def set_demo_stage(*, episode: Episode, stage: TreatmentStage, by: User, at: datetime) -> None:
    """Say the stage of a demo treatment that has none yet, from the day of its first dose here."""
    if list_stages(episode_id=episode.id):
        return
    since: date = episode.started_on or london_date(at)
    content = StageContent(
        stage=stage if episode.started_on else TreatmentStage.TITRATING, since_on=since, words=WORDS[stage]
    )
    set_stage(episode=episode, content=content, follows=0, by=by, at=at)


def stand_beside_doses(
    *, clinic: Clinic, premises: Premises, doctor: User, prescriber: User, at: datetime
) -> None:
    """Order what is oral, and say the stages, for the demo people who have neither."""
    episodes = Episode.objects.select_related("person").filter(clinic=clinic, exited_on__isnull=True)
    for episode in episodes.filter(person__given_names__in=[*STAGES, ORAL]).order_by("person__nhs_number"):
        name = episode.person.given_names
        if name == ORAL:
            order_oral(episode=episode, premises=premises, by=prescriber, at=at)
        set_demo_stage(episode=episode, stage=STAGES[name], by=doctor, at=at)
