"""Who read everything held about somebody before it was handed over. Rows are only ever added."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from patients.rules.harm_checks import LONGEST_WORDS


class HarmCheck(models.Model):
    """One clinician's signature that an export does nobody serious harm, and what is kept back. Only ever added.

    `person_id` is a person's, or that of a referral of somebody who is no person here yet.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person_id = models.UUIDField()
    record_sha256 = models.CharField(max_length=64)
    kept_back = models.CharField(max_length=LONGEST_WORDS, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="harm_check_is_of_one_record",
                condition=Q(record_sha256__regex="^[0-9a-f]{64}$"),
                violation_error_message="A signature before handing over is of the record that was read.",
            ),
        ]
        indexes = [models.Index(fields=["person_id", "-signed_at"], name="harm_checks_of_a_person")]

    def __str__(self) -> str:
        return str(self.id)
