"""Which stage a treatment is in, and which ones it went through."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from patients.models import Episode, EpisodeStage
from patients.rules.stages import StageFacts, TreatmentStage


@dataclass(frozen=True, slots=True)
class StageShown:
    """The stage that stands and since when: what everybody who helps the person may read. No words, no dose."""

    stage: TreatmentStage
    since_on: date


@dataclass(frozen=True, slots=True)
class StageLine:
    """One stage as prescribers read it, with why and by whom."""

    number: int
    stage: TreatmentStage
    since_on: date
    words: str
    set_by: str
    set_at: datetime


def list_stages(*, episode_id: uuid.UUID) -> tuple[StageLine, ...]:
    """Return the stages that were set in one treatment, the newest first."""
    rows = EpisodeStage.objects.select_related("set_by").filter(episode_id=episode_id)
    return tuple(
        StageLine(
            number=row.number,
            stage=TreatmentStage(row.stage),
            since_on=row.since_on,
            words=row.words,
            set_by=row.set_by.full_name,
            set_at=row.set_at,
        )
        for row in rows.order_by("-number")
    )


def standing_stages(*, episode_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, StageShown]:
    """Return the stage that stands in each treatment that has one, in one query for any number of them."""
    newest = (
        EpisodeStage.objects.filter(episode__in=episode_ids)
        .order_by("episode", "-number")
        .distinct("episode")
        .values_list("episode_id", "stage", "since_on")
    )
    return {episode: StageShown(TreatmentStage(stage), since_on) for episode, stage, since_on in newest}


def stage_facts(episode: Episode, last: StageLine | None, *, today: date) -> StageFacts:
    """Return what `may_set_stage` asks about a treatment and the newest stage of it."""
    return StageFacts(
        stands=last.stage if last else None,
        stands_since=last.since_on if last else None,
        accepted_on=episode.accepted_on,
        started_on=episode.started_on,
        today=today,
    )
