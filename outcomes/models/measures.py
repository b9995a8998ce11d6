"""What is measured: outcome forms, urine tests, offences, housing, health-service use."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Clinic
from outcomes.rules.support import Correction
from patients.models import ImportRun, Person

CORRECTIONS = [(correction.value, correction.label) for correction in Correction]


class Stage(models.TextChoices):
    """When in treatment a form was filled in."""

    START = "start"
    REVIEW = "review"
    EXIT = "exit"
    POST_EXIT = "post_exit", "after exit"


class UrineTest(models.Model):
    """One sample that was due, and what became of it."""

    class Assay(models.TextChoices):
        STREET_HEROIN_MARKER = "street_heroin_marker", "street-heroin marker"
        GENERIC_OPIATE = "generic_opiate", "generic opiate"
        COCAINE = "cocaine"
        BENZODIAZEPINE = "benzodiazepine"
        AMPHETAMINE = "amphetamine"

    class Result(models.TextChoices):
        NEGATIVE = "negative"
        POSITIVE = "positive"
        VOID = "void"
        NOT_TAKEN = "not_taken", "not taken"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="urine_tests")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="urine_tests")
    due_on = models.DateField()
    taken_on = models.DateField(null=True)
    assay = models.CharField(max_length=20, choices=Assay)
    result = models.CharField(max_length=9, choices=Result)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="urine_taken_unless_not_taken",
                condition=Q(result="not_taken", taken_on__isnull=True)
                | (~Q(result="not_taken") & Q(taken_on__isnull=False)),
                violation_error_message="A sample that was taken has the day it was taken.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "due_on"], name="urine_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)


class OffenceType(models.Model):
    """One kind of offence with its severity weight and unit costs: a loaded, versioned table, not ours."""

    code = models.CharField(max_length=40, primary_key=True)
    label = models.CharField(max_length=120)
    group = models.CharField(max_length=12)
    severity_weight = models.PositiveIntegerField(null=True)
    harm_days = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    response_cost_gbp = models.PositiveIntegerField(null=True)
    social_cost_gbp = models.PositiveIntegerField(null=True)
    source = models.CharField(max_length=200)
    is_verified = models.BooleanField()

    def __str__(self) -> str:
        return self.code


class Offence(models.Model):
    """One offence of one person, told by the person or in imported history; the two sources are never merged.

    Only ever added. What our case workers write down is always told by the person; what police recorded comes in a file
    and by no form. A correction is a row that names the one it amends; a row that no other amends is the one that
    counts, unless its correction takes it out. Names the person by identifier only, without a foreign key.
    """

    class Source(models.TextChoices):
        POLICE_RECORDED = "police_recorded", "recorded by police"
        SELF_REPORTED = "self_reported", "told by the person"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic_id = models.UUIDField()
    person_id = models.UUIDField()
    occurred_on = models.DateField()
    type = models.ForeignKey(OffenceType, models.PROTECT, related_name="offences")
    source = models.CharField(max_length=15, choices=Source)
    key = models.UUIDField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    correction = models.CharField(max_length=14, choices=CORRECTIONS, blank=True)
    import_run_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_offence_per_key",
                violation_error_message="This offence is stored already.",
            ),
            models.CheckConstraint(
                name="offence_is_told_to_a_person_or_imported",
                condition=Q(
                    import_run_id__isnull=True,
                    source="self_reported",
                    recorded_by__isnull=False,
                    recorded_at__isnull=False,
                    key__isnull=False,
                )
                | Q(
                    import_run_id__isnull=False,
                    recorded_by__isnull=True,
                    recorded_at__isnull=True,
                    key__isnull=True,
                    amends__isnull=True,
                ),
                violation_error_message="What a named person writes down was told by the person; the rest is imported.",
            ),
            models.CheckConstraint(
                name="offence_correction_has_its_reason",
                condition=Q(amends__isnull=True, correction="")
                | (Q(amends__isnull=False) & ~Q(correction="")),
                violation_error_message="Say why the offence is written again.",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic_id", "occurred_on"], name="offences_of_a_clinic"),
            models.Index(fields=["person_id", "-occurred_on"], name="offences_of_a_person"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ServiceUse(models.Model):
    """Health-service use of one person over one period, told or looked up. Empty counts were not asked."""

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
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "service use"
        constraints = [
            models.CheckConstraint(
                name="service_use_period_runs_forward",
                condition=Q(to_on__gt=F("from_on")),
                violation_error_message="The period ends after it begins.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class HousingRecord(models.Model):
    """Where one person has lived since one day. Only ever added.

    Ours (somebody recorded it) or imported history. A correction is a row that names the one it amends; a row that
    no other amends is the one that counts, unless its correction takes it out. The table refuses a second row that
    counts on one day (a trigger, because which row counts is told by other rows).
    """

    class State(models.TextChoices):
        ROUGH = "rough", "sleeping rough"
        EMERGENCY = "emergency", "emergency shelter"
        SOFA = "sofa", "with friends, no home"
        SUPPORTED = "supported", "supported housing"
        OWN = "own", "own home"
        INSTITUTION = "institution"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="housing_records")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="housing_records")
    recorded_on = models.DateField()
    state = models.CharField(max_length=11, choices=State)
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
                name="one_housing_record_per_key",
                violation_error_message="This line is stored already.",
            ),
            models.CheckConstraint(
                name="housing_is_recorded_by_a_person_or_imported",
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
                violation_error_message="Where somebody lives is recorded by a named person, or imported.",
            ),
            models.CheckConstraint(
                name="housing_correction_has_its_reason",
                condition=Q(amends__isnull=True, correction="")
                | (Q(amends__isnull=False) & ~Q(correction="")),
                violation_error_message="Say why the line is written again.",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-recorded_on"], name="housing_of_a_person")]

    def __str__(self) -> str:
        return str(self.id)
