"""The clinic's limits: dated, approved, only ever added to."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import reduce
from operator import and_

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dosing.rules.protocol import LIMITS, NOT_OVER
from hat_clinic.accounts.models import Clinic


def _all(conditions: Iterable[Q]) -> Q:
    return reduce(and_, conditions)


class ProtocolVersion(models.Model):
    """One approved set of limits of one clinic, in force from a moment until the next version begins."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="protocol_versions")
    number = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()
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
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "number"],
                name="protocol_versions_are_numbered_once",
                violation_error_message="This protocol version already exists.",
            ),
            models.CheckConstraint(
                name="protocol_is_not_looser_than_the_ceilings",
                condition=_all(
                    Q(**{f"{limit.name}__gte": limit.least, f"{limit.name}__lte": limit.most})
                    for limit in LIMITS
                ),
                violation_error_message="A clinic's limits may be stricter than the ceilings, never looser.",
            ),
            models.CheckConstraint(
                name="protocol_warns_before_it_blocks",
                condition=_all(Q(**{f"{smaller}__lte": F(larger)}) for smaller, larger in NOT_OVER),
                violation_error_message="A warning comes before the block.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
