"""Setting the stage of a treatment."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from hat_clinic.accounts.models import User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused, block
from patients.models import Episode, EpisodeStage
from patients.queries.stages import StageLine, list_stages, stage_facts
from patients.rules.stages import StageContent, may_set_stage


class StageRefused(Refused):
    """The stage was not set; `decision` holds every reason."""


def set_stage(
    *, episode: Episode, content: StageContent, follows: int, by: User, at: datetime
) -> EpisodeStage:
    """Set the stage of a treatment that runs, from a day on.

    `follows` is the number of the newest stage the prescriber had before them, 0 for none: if another was set
    since, this one is refused with what stands. Pressing twice stores one.
    Raises StageRefused with every reason; the refusal is in the audit trail. Source: product P 9.
    """
    with transaction.atomic(durable=True):
        episode = Episode.objects.select_for_update(of=("self",)).get(id=episode.id)
        last = next(iter(list_stages(episode_id=episode.id)), None)
        decision = _decide(episode, content, last, follows, at=at)
        if decision.is_allowed and content.stage is not None and content.since_on is not None:
            stage = EpisodeStage.objects.create(
                episode=episode,
                number=follows + 1,
                stage=content.stage,
                since_on=content.since_on,
                words=content.words,
                set_by=by,
                set_at=at,
            )
            record(
                "patients.stage_set",
                by=by,
                at=at,
                clinic=episode.clinic_id,
                person=episode.person_id,
                thing=stage,
                number=stage.number,
                stage=stage.stage,
            )
            return stage
        record(
            "patients.stage_set",
            by=by,
            at=at,
            clinic=episode.clinic_id,
            person=episode.person_id,
            refused=True,
            codes=sorted({finding.code for finding in decision.refusals}),
        )
    raise StageRefused(decision)


def _decide(
    episode: Episode, content: StageContent, last: StageLine | None, follows: int, *, at: datetime
) -> Decision:
    if episode.exited_on is not None:
        message = "This treatment has ended. Nothing was set."
        return Decision((block("treatment_ended", message, "product P 9"),))
    if last is not None and last.number != follows:
        message = (
            f"{last.set_by} set the stage meanwhile: {last.stage.value}, since {last.since_on:%-d %B %Y}. "
            "Read it, then set another if it is not right."
        )
        return Decision((block("set_meanwhile", message, "product P 9"),))
    return may_set_stage(content, stage_facts(episode, last, today=london_date(at)))
