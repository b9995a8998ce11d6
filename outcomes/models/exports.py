"""Records that leave for an independent evaluator: asked for by one, approved by another, made once."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.rules.exports import RECIPIENT_LENGTH, TEXT_LENGTH


class CohortExport(models.Model):
    """That somebody asked for an export: for whom, what for, under which agreement. Rows are only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="cohort_exports")
    recipient = models.CharField(max_length=RECIPIENT_LENGTH)
    purpose = models.CharField(max_length=TEXT_LENGTH)
    agreement = models.CharField(max_length=TEXT_LENGTH)
    as_of = models.DateField()
    key = models.UUIDField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_cohort_export_per_key",
                violation_error_message="This form was sent before.",
            ),
            models.CheckConstraint(
                name="cohort_export_says_for_whom",
                condition=~Q(recipient="") & ~Q(purpose="") & ~Q(agreement=""),
                violation_error_message="Write who receives the records, what for and under which agreement.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class CohortExportApproval(models.Model):
    """That somebody else approved an export. A trigger refuses whoever asked for it. Rows are only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    export = models.OneToOneField(CohortExport, models.PROTECT, related_name="approval")
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.id)


class CohortExportMade(models.Model):
    """That the folder was written: how many people are in it and how many were left out. Rows are only added.

    A trigger refuses one that nobody approved, and one that was approved too long ago.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    export = models.OneToOneField(CohortExport, models.PROTECT, related_name="made")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    people = models.PositiveIntegerField()
    left_out = models.PositiveIntegerField()
    counts = models.JSONField()
    folder_sha256 = models.CharField(max_length=64)
    extract_sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.id)
