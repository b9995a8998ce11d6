"""The files of the programme that were brought in."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.rules.programme_files import FILES


class ProgrammeFile(models.Model):
    """One file that was brought in whole: which it was, its fingerprint and how many lines it had. Rows only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="programme_files")
    name = models.CharField(max_length=20, choices=[(name, name) for name in FILES])
    sha256 = models.CharField(max_length=64)
    lines = models.PositiveIntegerField()
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "name", "sha256"],
                name="one_programme_file_of_a_content",
                violation_error_message="This file was brought in before.",
            ),
            models.CheckConstraint(
                name="programme_file_is_known_and_has_lines",
                condition=Q(name__in=FILES, lines__gte=1, sha256__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="A file is one of the four, and has lines.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
