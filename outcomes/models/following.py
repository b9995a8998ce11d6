"""What is done because somebody did not come."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.models.support import SupportSession
from outcomes.rules.support import LONGEST_LINE
from patients.models import Person


class FollowUp(models.Model):
    """What one colleague does by a day because a person did not come to a session. Only ever added.

    It is open until a row of FollowUpDone names it, or the session is corrected.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="follow_ups")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="follow_ups")
    session = models.OneToOneField(SupportSession, models.PROTECT, related_name="follow_up")
    what = models.CharField(max_length=LONGEST_LINE)
    due_on = models.DateField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="follow_ups")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="follow_up_says_what",
                condition=~Q(what=""),
                violation_error_message="Say what happens next.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "due_on"], name="follow_ups_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)


class FollowUpDone(models.Model):
    """One follow-up is done, and what came of it. Only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    follow_up = models.OneToOneField(FollowUp, models.PROTECT, related_name="done")
    how = models.CharField(max_length=LONGEST_LINE)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    done_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="follow_up_says_what_came_of_it",
                condition=~Q(how=""),
                violation_error_message="Say what came of it.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
