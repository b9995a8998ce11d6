"""How people come in."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Agency, Clinic
from patients.models import Episode, ImportRun, Person


class Referral(models.Model):
    """One request to take one person into one clinic, and what was decided."""

    class Source(models.TextChoices):
        POLICE = "police"
        PROBATION = "probation"
        PRISON = "prison"
        HEALTH = "health"
        HOUSING = "housing"
        SOCIAL_CARE = "social_care", "social care"
        SELF = "self", "the person themselves"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="referrals")
    person = models.ForeignKey(Person, models.PROTECT, related_name="referrals")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="referrals")
    source = models.CharField(max_length=12, choices=Source)
    referred_on = models.DateField()
    assessed_on = models.DateField(null=True)
    is_eligible = models.BooleanField(null=True)
    episode = models.OneToOneField(Episode, models.PROTECT, null=True, related_name="referral")
    closed_on = models.DateField(null=True)
    closed_reason = models.CharField(max_length=12, choices=Episode.ExitReason, blank=True)
    area = models.CharField(max_length=1000, blank=True)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="referral_dates_in_order",
                condition=Q(assessed_on__isnull=True) | Q(assessed_on__gte=F("referred_on")),
                violation_error_message="The assessment cannot be before the referral.",
            ),
            models.CheckConstraint(
                name="referral_closed_has_date_and_reason",
                condition=Q(closed_on__isnull=True, closed_reason="")
                | (Q(closed_on__isnull=False) & ~Q(closed_reason="")),
                violation_error_message="Closing a referral needs both the date and the reason.",
            ),
            models.CheckConstraint(
                name="no_episode_for_somebody_not_eligible",
                condition=Q(episode__isnull=True) | ~Q(is_eligible=False),
                violation_error_message="Somebody who is not eligible cannot start.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "referred_on"], name="referrals_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)
