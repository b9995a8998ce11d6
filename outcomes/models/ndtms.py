"""The national dataset: the code sets a clinic loaded, and each file that was made with one. Only ever added."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.rules.ndtms import LONGEST_LINE


class CodeSet(models.Model):
    """One version of the dataset's fields and codes as a clinic loaded it; the newest loaded is what is used.

    `verified_by` is empty where nobody checked it against the national documents.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="code_sets")
    dataset = models.CharField(max_length=LONGEST_LINE)
    version = models.CharField(max_length=LONGEST_LINE)
    valid_from = models.DateField()
    source = models.CharField(max_length=LONGEST_LINE)
    verified_by = models.CharField(max_length=LONGEST_LINE, blank=True)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "dataset", "version"],
                name="one_code_set_per_version",
                violation_error_message="This version is loaded already.",
            ),
            models.CheckConstraint(
                name="code_set_says_what_it_is",
                condition=~Q(dataset="") & ~Q(version="") & ~Q(source=""),
                violation_error_message="A code set says its dataset, its version and its source.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class DatasetExport(models.Model):
    """One file that was made: with which code set, how many treatments are in it, and how many were left out."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="dataset_exports")
    code_set = models.ForeignKey(CodeSet, models.PROTECT, related_name="exports")
    treatments = models.PositiveIntegerField()
    without_consent = models.PositiveIntegerField()
    with_gaps = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    key = models.UUIDField()
    exported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    exported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_dataset_export_per_key",
                violation_error_message="This file was made already.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-exported_at"], name="dataset_exports_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)
