"""The clinic's own four questions."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.models.measures import CORRECTIONS, Stage
from outcomes.rules.support import STRIKING
from patients.models import ImportRun, Person


class OwnAnswers(models.Model):
    """The clinic's own four questions, asked beside the outcome form and never inside it. Only ever added.

    Ours (somebody recorded them) or imported history. A correction is a row that names the one it amends; a row that
    no other amends is the one that counts, unless its correction takes it out. The table refuses a second row of ours
    that counts on one day (a trigger, because which row counts is told by other rows).
    """

    class FamilyContact(models.TextChoices):
        WANTED_HAS = "wanted_has", "wanted, and has it"
        WANTED_NOT = "wanted_not", "wanted, and has it not"
        NOT_WANTED = "not_wanted", "not wanted"
        NOT_SAFE = "not_safe", "not safe"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="own_answers")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="own_answers")
    answered_on = models.DateField()
    stage = models.CharField(max_length=9, choices=Stage)
    spend_week_pence = models.PositiveBigIntegerField(null=True)
    public_injecting = models.BooleanField(null=True)
    unsafe_disposal = models.BooleanField(null=True)
    family_contact = models.CharField(max_length=10, choices=FamilyContact, blank=True)
    key = models.UUIDField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    correction = models.CharField(max_length=14, choices=CORRECTIONS, blank=True)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="own_answers_are_stored_once_per_key",
                violation_error_message="These answers are stored already.",
            ),
            models.CheckConstraint(
                name="own_answers_are_recorded_by_a_person_or_imported",
                condition=Q(
                    import_run__isnull=True,
                    recorded_by__isnull=False,
                    recorded_at__isnull=False,
                    key__isnull=False,
                )
                | Q(
                    import_run__isnull=False,
                    recorded_by__isnull=True,
                    recorded_at__isnull=True,
                    key__isnull=True,
                    amends__isnull=True,
                ),
                violation_error_message="Answers are recorded by a named person, or imported.",
            ),
            models.CheckConstraint(
                name="own_answers_correction_has_its_reason",
                condition=Q(amends__isnull=True, correction="")
                | (Q(amends__isnull=False) & ~Q(correction="")),
                violation_error_message="Say why the answers are written again.",
            ),
            models.CheckConstraint(
                name="own_answers_are_not_all_empty",
                condition=Q(import_run__isnull=False)
                | Q(spend_week_pence__isnull=False)
                | Q(public_injecting__isnull=False)
                | Q(unsafe_disposal__isnull=False)
                | ~Q(family_contact="")
                # What strikes a line of earlier records out says what that line said.
                | Q(correction__in=[str(reason) for reason in STRIKING]),
                violation_error_message="No question has an answer.",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-answered_on"], name="own_answers_of_a_person"),
            models.Index(fields=["clinic", "answered_on"], name="own_answers_of_a_clinic"),
        ]

    def __str__(self) -> str:
        return str(self.id)
