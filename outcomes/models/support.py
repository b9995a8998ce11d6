"""Help around treatment."""

from __future__ import annotations

import uuid

from django.db import models

from hat_clinic.accounts.models import Agency, Clinic
from patients.models import ImportRun, Person


class SupportSession(models.Model):
    """One housing, health, welfare or similar session that was booked with one person."""

    class Domain(models.TextChoices):
        HOUSING = "housing"
        HEALTH = "health"
        WELFARE = "welfare"
        EMPLOYMENT = "employment"
        MENTAL_HEALTH = "mental_health", "mental health"
        FAMILY = "family"
        PSYCHOSOCIAL = "psychosocial"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="support_sessions")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="support_sessions")
    booked_on = models.DateField()
    domain = models.CharField(max_length=14, choices=Domain)
    attended = models.BooleanField()
    minutes = models.PositiveIntegerField(null=True)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="support_sessions")
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["clinic", "booked_on"], name="support_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)
