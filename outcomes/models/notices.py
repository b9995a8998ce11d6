"""Who is told of a report that was signed off, and what became of the letter."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from outcomes.models.releases import ReportRelease
from outcomes.rules.notices import Telling


class ReportNotice(models.Model):
    """Somebody is to be told of a report that was signed off: one row for a reader and a report. Only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    release = models.ForeignKey(ReportRelease, models.PROTECT, related_name="notices")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release", "reader"],
                name="one_notice_of_a_report_per_reader",
                violation_error_message="This person is told already.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class NoticeLetter(models.Model):
    """The letter of one notice was handed to the mail server, or was no longer needed. Only added, once for a notice."""

    notice = models.OneToOneField(ReportNotice, models.PROTECT, primary_key=True, related_name="letter")
    outcome = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Telling])
    settled_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)
