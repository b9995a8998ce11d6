"""What was done to reach people who missed sessions."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from dosing.rules.contacts import LONGEST_WORDS, How, Reached
from hat_clinic.accounts.models import Clinic
from patients.models import Episode, Person


class Contact(models.Model):
    """One contact about somebody, or one that was tried: whom it reached, how, and what was said. Only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="contacts")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="contacts")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="contacts")
    reached = models.CharField(max_length=8, choices=[(one.value, one.label) for one in Reached])
    how = models.CharField(max_length=7, choices=[(how.value, how.label) for how in How])
    words = models.CharField(max_length=LONGEST_WORDS)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contact_says_whom_how_and_what",
                condition=Q(reached__in=[one.value for one in Reached], how__in=[how.value for how in How])
                & ~Q(words=""),
                violation_error_message="A contact says whom it reached, how, and what was said.",
            ),
        ]
        indexes = [models.Index(fields=["episode", "-noted_at"], name="contacts_of_a_treatment")]

    def __str__(self) -> str:
        return str(self.id)
