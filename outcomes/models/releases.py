"""Who signed a report off, so that those outside the clinic may read it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from outcomes.models.evaluation import ReportRun


class ReportRelease(models.Model):
    """One report signed off under the hashes of what was frozen; until then only the clinic's own staff read it.

    Rows are only added. A trigger refuses the signature of whoever built or asked for it, other hashes than the
    report's own, a report that has no PDF yet, and one that a newer issue has replaced.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.OneToOneField(ReportRun, models.PROTECT, related_name="release")
    extract_sha256 = models.CharField(max_length=64)
    figures_sha256 = models.CharField(max_length=64)
    key = models.UUIDField()
    released_at = models.DateTimeField()
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_release_per_key",
                violation_error_message="This form was sent before.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
