"""The clinic's limits: dated, approved, only ever added to."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dosing.rules import protocol as ceilings
from hat_clinic.accounts.models import Clinic


class ProtocolVersion(models.Model):
    """One approved set of limits of one clinic, in force from a moment until the next version begins."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="protocol_versions")
    number = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()
    single_warn_mg = models.PositiveSmallIntegerField()
    single_block_mg = models.PositiveSmallIntegerField()
    daily_warn_mg = models.PositiveSmallIntegerField()
    daily_block_mg = models.PositiveSmallIntegerField()
    interval_block_minutes = models.PositiveSmallIntegerField()
    interval_warn_minutes = models.PositiveSmallIntegerField()
    order_days_max = models.PositiveSmallIntegerField()
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
                condition=Q(
                    single_block_mg__gte=1,
                    single_block_mg__lte=ceilings.SINGLE_CEILING_MG,
                    daily_block_mg__gte=1,
                    daily_block_mg__lte=ceilings.DAILY_CEILING_MG,
                    interval_block_minutes__gte=ceilings.INTERVAL_FLOOR_MINUTES,
                    order_days_max__gte=1,
                    order_days_max__lte=ceilings.ORDER_DAYS_CEILING,
                    concentration_mg_per_ml__gte=1,
                ),
                violation_error_message="A clinic's limits may be stricter than the ceilings, never looser.",
            ),
            models.CheckConstraint(
                name="protocol_warns_before_it_blocks",
                condition=Q(
                    single_warn_mg__lte=F("single_block_mg"),
                    daily_warn_mg__lte=F("daily_block_mg"),
                    interval_warn_minutes__gte=F("interval_block_minutes"),
                ),
                violation_error_message="A warning comes before the block.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
