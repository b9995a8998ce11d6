"""Somebody who came after their session had ended without a dose. Rows are only ever added."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from dosing.models.sessions import PlannedSession, SessionOutcome
from dosing.rules.visits import LateReason

USER = settings.AUTH_USER_MODEL


class LateArrival(models.Model):
    """The end of an outcome without a dose: the person came late, or changed their mind. Both facts stay.

    The outcome it `ends` stays as it was recorded; the next outcome of the session amends it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(PlannedSession, models.PROTECT, related_name="late_arrivals")
    ends = models.OneToOneField(SessionOutcome, models.PROTECT, related_name="late_arrival")
    reason = models.CharField(max_length=12, choices=[(one.value, one.label) for one in LateReason])
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="late_arrival_has_a_reason",
                condition=Q(reason__in=[one.value for one in LateReason]),
                violation_error_message="A session goes on because somebody came late or changed their mind.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
