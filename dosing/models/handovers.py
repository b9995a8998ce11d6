"""What one team told the next: facts as they stood, what was written beside them, who read it. Only ever added."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from dosing.rules.handovers import GENERAL_LENGTH, NOTE_LENGTH
from hat_clinic.accounts.models import Clinic, Slot
from patients.models import Person

USER = settings.AUTH_USER_MODEL


class Handover(models.Model):
    """The end of one session of one clinic, signed with a PIN. `facts` is what the program listed at that moment.

    `number` is 1, and higher for what was added afterwards.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="handovers")
    service_date = models.DateField()
    slot = models.CharField(max_length=3, choices=Slot)
    number = models.PositiveSmallIntegerField(default=1)
    facts = models.JSONField()
    words = models.CharField(max_length=GENERAL_LENGTH, blank=True)
    content_sha256 = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "service_date", "slot", "number"],
                name="a_session_is_handed_over_once",
                violation_error_message="This session is handed over already.",
            ),
            models.CheckConstraint(
                name="handover_is_numbered_from_one",
                condition=Q(number__gte=1),
                violation_error_message="The first handover of a session is number 1.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-signed_at"], name="handovers_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)


class HandoverNote(models.Model):
    """One line that was written about one person in a handover. Only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    handover = models.ForeignKey(Handover, models.PROTECT, related_name="notes")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="+")
    words = models.CharField(max_length=NOTE_LENGTH)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["handover", "patient"],
                name="one_handover_note_per_person",
                violation_error_message="That person has a line in this handover.",
            ),
            models.CheckConstraint(
                name="handover_note_says_something",
                condition=~Q(words=""),
                violation_error_message="A line of a handover says something.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class HandoverAcknowledgement(models.Model):
    """The next team has read a handover: one of them signed for it with a PIN. Only ever added."""

    handover = models.OneToOneField(
        Handover, models.PROTECT, primary_key=True, related_name="acknowledgement"
    )
    content_sha256 = models.CharField(max_length=64)
    acknowledged_at = models.DateTimeField()
    acknowledged_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.handover_id)
