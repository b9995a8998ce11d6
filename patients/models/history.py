"""Where people of earlier records came from."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from hat_clinic.accounts.models import Clinic


class ImportRun(models.Model):
    """One folder of a clinic's history that was taken in, whole. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="import_runs")
    folder_sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    counts = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "folder_sha256"],
                name="one_import_of_a_folder_per_clinic",
                violation_error_message="This folder was already imported into this clinic.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
