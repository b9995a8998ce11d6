"""The clinic's limits: drafts, and dated approved versions. Only ever added to."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import reduce
from operator import and_

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from dosing.rules.protocol import LIMITS, NOT_OVER
from dosing.rules.protocol_versions import REASON_LENGTH
from hat_clinic.accounts.models import Clinic


def _all(conditions: Iterable[Q]) -> Q:
    return reduce(and_, conditions)


NOT_LOOSER = _all(
    Q(**{f"{limit.name}__gte": limit.least, f"{limit.name}__lte": limit.most}) for limit in LIMITS
)
WARNS_FIRST = _all(Q(**{f"{smaller}__lte": F(larger)}) for smaller, larger in NOT_OVER)


class LimitColumns(models.Model):
    """The numbers that a draft and a version have alike."""

    single_warn_mg = models.PositiveSmallIntegerField()
    single_stop_mg = models.PositiveSmallIntegerField(default=400)
    single_block_mg = models.PositiveSmallIntegerField()
    daily_warn_mg = models.PositiveSmallIntegerField()
    daily_block_mg = models.PositiveSmallIntegerField()
    first_dose_mg = models.PositiveSmallIntegerField(default=15)
    first_repeat_minutes = models.PositiveSmallIntegerField(default=20)
    day_one_dose_mg = models.PositiveSmallIntegerField(default=30)
    day_one_gap_minutes = models.PositiveSmallIntegerField(default=30)
    step_percent = models.PositiveSmallIntegerField(default=50)
    interval_block_minutes = models.PositiveSmallIntegerField()
    interval_warn_minutes = models.PositiveSmallIntegerField()
    top_up_minutes = models.PositiveSmallIntegerField(default=20)
    top_up_titration_minutes = models.PositiveSmallIntegerField(default=30)
    sessions_per_day_max = models.PositiveSmallIntegerField(default=2)
    order_days_usual = models.PositiveSmallIntegerField(default=14)
    order_days_max = models.PositiveSmallIntegerField()
    observation_minutes = models.PositiveSmallIntegerField(default=20)
    gap_full_hours = models.PositiveSmallIntegerField(default=26)
    gap_cap_hours = models.PositiveSmallIntegerField(default=50)
    gap_decide_hours = models.PositiveSmallIntegerField(default=74)
    gap_full_missed = models.PositiveSmallIntegerField(default=1)
    gap_cap_missed = models.PositiveSmallIntegerField(default=3)
    gap_decide_missed = models.PositiveSmallIntegerField(default=5)
    gap_cap_percent = models.PositiveSmallIntegerField(default=75)
    gap_decide_percent = models.PositiveSmallIntegerField(default=50)
    oral_delay_minutes = models.PositiveSmallIntegerField(default=30)
    methadone_block_mg = models.PositiveSmallIntegerField(default=150)
    buprenorphine_block_mg = models.PositiveSmallIntegerField(default=24)
    morphine_block_mg = models.PositiveSmallIntegerField(default=1200)
    concentration_mg_per_ml = models.PositiveSmallIntegerField(default=100)

    class Meta:
        abstract = True


class ProtocolDraft(LimitColumns):
    """One draft of a clinic's next limits: who wrote it, when and why. The next draft takes its place.

    It binds nobody. A clinical lead approves it as a version, once, or it stays as it was written.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="protocol_drafts")
    number = models.PositiveIntegerField()
    reason = models.CharField(max_length=REASON_LENGTH)
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "number"],
                name="protocol_drafts_are_numbered_once",
                violation_error_message="This draft of the limits already exists.",
            ),
            models.CheckConstraint(
                name="protocol_draft_has_its_reason",
                condition=~Q(reason=""),
                violation_error_message="A draft says why the limits should change.",
            ),
            models.CheckConstraint(
                name="protocol_draft_is_not_looser_than_the_ceilings",
                condition=NOT_LOOSER,
                violation_error_message="A clinic's limits may be stricter than the ceilings, never looser.",
            ),
            models.CheckConstraint(
                name="protocol_draft_warns_before_it_blocks",
                condition=WARNS_FIRST,
                violation_error_message="A warning comes before the block.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ProtocolVersion(LimitColumns):
    """One approved set of limits of one clinic, in force from a moment until a newer version begins.

    `draft` is what was approved, None for versions that were entered before there were drafts. `confirmed` names
    the unverified numbers that the approver confirmed locally. A trigger refuses numbers that are not the draft's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="protocol_versions")
    number = models.PositiveIntegerField()
    draft = models.OneToOneField(ProtocolDraft, models.PROTECT, null=True, related_name="version")
    confirmed = ArrayField(models.CharField(max_length=40), default=list)
    starts_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "number"],
                name="protocol_versions_are_numbered_once",
                violation_error_message="This protocol version already exists.",
            ),
            models.CheckConstraint(
                name="protocol_starts_not_before_its_approval",
                condition=Q(starts_at__gte=F("approved_at")),
                violation_error_message="Limits come into force when they are approved, or later.",
            ),
            models.CheckConstraint(
                name="protocol_is_not_looser_than_the_ceilings",
                condition=NOT_LOOSER,
                violation_error_message="A clinic's limits may be stricter than the ceilings, never looser.",
            ),
            models.CheckConstraint(
                name="protocol_warns_before_it_blocks",
                condition=WARNS_FIRST,
                violation_error_message="A warning comes before the block.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
