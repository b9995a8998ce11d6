"""Health-service use over a period, as somebody asked or looked it up, or brought it in."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Clinic
from outcomes.rules.support import Correction
from patients.models import ImportRun, Person


class ServiceUse(models.Model):
    """Health-service use of one person over one period, told or looked up. Empty counts were not asked.

    Ours (somebody recorded it) or imported history. Only ever added: a correction is a row that names the one it
    amends. A row that no other amends is the one that counts, unless its correction takes it out. What the person told
    and what another service's record says are never added together; a period of ours shares no day with another of
    its source (a trigger, because which row counts is told by other rows).
    """

    class Source(models.TextChoices):
        SELF_REPORTED = "self_reported", "told by the person"
        RECORD = "record", "another service's record"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="service_use")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="service_use")
    from_on = models.DateField()
    to_on = models.DateField()
    source = models.CharField(max_length=13, choices=Source)
    ambulance = models.PositiveIntegerField(null=True)
    ae = models.PositiveIntegerField(null=True)
    inpatient = models.PositiveIntegerField(null=True)
    key = models.UUIDField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    correction = models.CharField(
        max_length=14, choices=[(reason.value, reason.label) for reason in Correction], blank=True
    )
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "service use"
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_service_use_per_key",
                violation_error_message="This period is stored already.",
            ),
            models.CheckConstraint(
                name="service_use_period_runs_forward",
                condition=Q(to_on__gt=F("from_on")),
                violation_error_message="The period ends after it begins.",
            ),
            models.CheckConstraint(
                name="service_use_is_recorded_by_a_person_or_imported",
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
                violation_error_message="Health-service use is recorded by a named person, or imported.",
            ),
            # Imported history may tell a period and no number, and so may the line that strikes it out.
            models.CheckConstraint(
                name="service_use_of_ours_tells_a_number",
                condition=Q(import_run__isnull=False)
                | Q(amends__isnull=False)
                | Q(ambulance__isnull=False)
                | Q(ae__isnull=False)
                | Q(inpatient__isnull=False),
                violation_error_message="Write at least one number.",
            ),
            models.CheckConstraint(
                name="service_use_correction_has_its_reason",
                condition=Q(amends__isnull=True, correction="")
                | (Q(amends__isnull=False) & ~Q(correction="")),
                violation_error_message="Say why the period is written again.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
