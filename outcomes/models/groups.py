"""Groups: one session held with several people."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Agency, Clinic
from outcomes.models.support import SupportSession
from outcomes.rules.support import LONGEST_LINE, LONGEST_MINUTES


class GroupSession(models.Model):
    """One group as it was held. Only ever added; who came stands in the support session of each person.

    What was wrong about one person is corrected in their session. The group stays as it was first written.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="group_sessions")
    held_on = models.DateField()
    domain = models.CharField(max_length=14, choices=SupportSession.Domain)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="group_sessions")
    minutes = models.PositiveIntegerField()
    done = ArrayField(models.CharField(max_length=40))
    note = models.CharField(max_length=LONGEST_LINE, blank=True)
    key = models.UUIDField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_group_session_per_key",
                violation_error_message="This group is stored already.",
            ),
            models.CheckConstraint(
                name="group_session_took_some_time",
                condition=Q(minutes__range=(1, LONGEST_MINUTES)),
                violation_error_message="Say how long the group took.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "held_on"], name="groups_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)
