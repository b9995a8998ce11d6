"""The aims of a programme: versions, written by one and approved by another."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.rules.evaluation.written_aims import LONGEST_SOURCE


class AimsVersion(models.Model):
    """Aims that somebody wrote for a clinic, from a day on. They stand in no report until approved. Rows only added.

    `aims` is a list of one to eight objects with words, figures and unknown (a check of the database).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="aims_versions")
    from_day = models.DateField()
    aims = models.JSONField()
    source = models.CharField(max_length=LONGEST_SOURCE)
    key = models.UUIDField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_aims_version_per_key",
                violation_error_message="This form was sent before.",
            ),
            models.CheckConstraint(
                name="aims_say_where_they_come_from",
                condition=~Q(source=""),
                violation_error_message="Write where the aims come from.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class AimsApproval(models.Model):
    """That somebody else approved a version: it is then the clinic's. Rows only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.OneToOneField(AimsVersion, models.PROTECT, related_name="approval")
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.id)
