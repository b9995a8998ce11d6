"""The programme around the clinic: what it cost, what disturbed it, and what is known of the area."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Clinic
from outcomes.rules.costs import REASONS
from patients.models import ImportRun


class ProgrammeCost(models.Model):
    """Money one payer spent in one month on one category, in pence. `month` is its first day.

    Ours (somebody entered it) or imported history. Only ever added: a correction is a row that names the one it amends.
    A row that no other amends is the one that counts, unless its correction takes it out. A month without a line was
    not entered: it is not zero. Of one month, payer and category one line of ours counts (a trigger, because which row
    counts is told by other rows).
    """

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
    key = models.UUIDField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    correction = models.CharField(
        max_length=14, choices=[(reason.value, reason.label) for reason in REASONS], blank=True
    )
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_cost_per_key",
                violation_error_message="This line is stored already.",
            ),
            models.CheckConstraint(
                name="cost_is_recorded_by_a_person_or_imported",
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
                violation_error_message="A cost is entered by a named person, or imported.",
            ),
            models.CheckConstraint(
                name="cost_correction_has_its_reason",
                condition=Q(amends__isnull=True, correction="")
                | (Q(amends__isnull=False) & ~Q(correction="")),
                violation_error_message="Say why the line is written again.",
            ),
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
    """A period when the service or the area was not as usual; `to_on` is the first day after, empty: still.

    Ours (somebody entered it) or imported history. Only ever added: a correction is a row that names the one it amends.
    A row that no other amends is the one that counts, unless its correction takes it out. Two of ours of one kind do
    not share a day (a trigger, because which row counts is told by other rows).
    """

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
    key = models.UUIDField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    correction = models.CharField(
        max_length=14, choices=[(reason.value, reason.label) for reason in REASONS], blank=True
    )
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_disruption_per_key",
                violation_error_message="This line is stored already.",
            ),
            models.CheckConstraint(
                name="disruption_is_recorded_by_a_person_or_imported",
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
                violation_error_message="A disruption is entered by a named person, or imported.",
            ),
            models.CheckConstraint(
                name="disruption_correction_has_its_reason",
                condition=Q(amends__isnull=True, correction="")
                | (Q(amends__isnull=False) & ~Q(correction="")),
                violation_error_message="Say why the line is written again.",
            ),
            models.CheckConstraint(
                name="disruption_runs_forward",
                condition=Q(to_on__isnull=True) | Q(to_on__gt=F("from_on")),
                violation_error_message="A disruption ends after it begins.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class AreaFigure(models.Model):
    """One published count about the area over one period.

    Ours (somebody entered it) or imported history. Only ever added: a correction is a row that names the one it amends.
    A row that no other amends is the one that counts, unless its correction takes it out.
    """

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
    key = models.UUIDField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    correction = models.CharField(
        max_length=14, choices=[(reason.value, reason.label) for reason in REASONS], blank=True
    )
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_area_figure_per_key",
                violation_error_message="This line is stored already.",
            ),
            models.CheckConstraint(
                name="area_figure_is_recorded_by_a_person_or_imported",
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
                violation_error_message="A count is entered by a named person, or imported.",
            ),
            models.CheckConstraint(
                name="area_figure_correction_has_its_reason",
                condition=Q(amends__isnull=True, correction="")
                | (Q(amends__isnull=False) & ~Q(correction="")),
                violation_error_message="Say why the line is written again.",
            ),
            models.CheckConstraint(
                name="area_figure_runs_forward",
                condition=Q(to_on__gt=F("from_on")),
                violation_error_message="The period ends after it begins.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class NeedEstimate(models.Model):
    """One estimate of how many people in an area need this treatment; kept as AreaFigure is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="need_estimates")
    as_of = models.DateField()
    area = models.CharField(max_length=1000)
    people = models.PositiveIntegerField()
    method = models.CharField(max_length=1000)
    source = models.CharField(max_length=1000)
    key = models.UUIDField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    correction = models.CharField(
        max_length=14, choices=[(reason.value, reason.label) for reason in REASONS], blank=True
    )
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_need_estimate_per_key",
                violation_error_message="This line is stored already.",
            ),
            models.CheckConstraint(
                name="need_estimate_is_recorded_by_a_person_or_imported",
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
                violation_error_message="An estimate is entered by a named person, or imported.",
            ),
            models.CheckConstraint(
                name="need_estimate_correction_has_its_reason",
                condition=Q(amends__isnull=True, correction="")
                | (Q(amends__isnull=False) & ~Q(correction="")),
                violation_error_message="Say why the line is written again.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
