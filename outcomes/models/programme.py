"""The programme around the clinic: what it cost, what disturbed it, and what is known of the area."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Clinic
from patients.models import ImportRun


class ProgrammeCost(models.Model):
    """Money one payer spent in one month on one category, in pence. `month` is its first day."""

    class Category(models.TextChoices):
        DRUG = "drug"
        STAFF = "staff"
        PREMISES = "premises"
        SETUP = "setup", "set-up"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="costs")
    month = models.DateField()
    payer = models.CharField(max_length=1000)
    category = models.CharField(max_length=8, choices=Category)
    amount_pence = models.BigIntegerField()
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="cost_month_is_its_first_day",
                condition=Q(month__day=1),
                violation_error_message="A month is stored as its first day.",
            ),
            models.CheckConstraint(
                name="cost_is_not_negative",
                condition=Q(amount_pence__gte=0),
                violation_error_message="Write the amount without a sign.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Disruption(models.Model):
    """A period when the service or the area was not as usual; `to_on` is the first day after, empty: still."""

    class Kind(models.TextChoices):
        CLOSED = "closed"
        REDUCED = "reduced"
        AREA_WIDE = "area_wide", "area-wide"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="disruptions")
    from_on = models.DateField()
    to_on = models.DateField(null=True)
    kind = models.CharField(max_length=9, choices=Kind)
    label = models.CharField(max_length=1000)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="disruption_runs_forward",
                condition=Q(to_on__isnull=True) | Q(to_on__gt=F("from_on")),
                violation_error_message="A disruption ends after it begins.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class AreaFigure(models.Model):
    """One published count about the area over one period."""

    class Measure(models.TextChoices):
        RECORDED_ALL = "recorded_all", "all recorded offences"
        RECORDED_THEFT = "recorded_theft", "recorded theft"
        DRUG_DEATHS = "drug_deaths", "drug deaths"
        OVERDOSE_CALLS = "overdose_calls", "ambulance calls to overdoses"
        NEEDLE_FINDS = "needle_finds", "needles found"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="area_figures")
    area = models.CharField(max_length=1000)
    from_on = models.DateField()
    to_on = models.DateField()
    measure = models.CharField(max_length=14, choices=Measure)
    count = models.PositiveIntegerField()
    source = models.CharField(max_length=1000)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="area_figure_runs_forward",
                condition=Q(to_on__gt=F("from_on")),
                violation_error_message="The period ends after it begins.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class NeedEstimate(models.Model):
    """One estimate of how many people in an area need this treatment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="need_estimates")
    as_of = models.DateField()
    area = models.CharField(max_length=1000)
    people = models.PositiveIntegerField()
    method = models.CharField(max_length=1000)
    source = models.CharField(max_length=1000)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return str(self.id)
