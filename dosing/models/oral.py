"""Oral opioids: what was ordered, when each order was in force, what was given; and naloxone to take home.

Orders and doses are only ever added. The database compares each dose with its order, its day, and the injections.
"""

from __future__ import annotations

import uuid
from functools import reduce
from operator import or_

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from dosing.models.downtime import DowntimePack
from dosing.models.orders import END_REASONS
from dosing.models.protocol import ProtocolVersion
from dosing.models.sessions import PlannedSession, Signature
from dosing.models.visits import SEDATION
from dosing.rules.checks import BREATHS_HOLD_BELOW
from dosing.rules.oral import LIMIT_NAME, OralDrug
from dosing.rules.oral_doses import AWAKE
from dosing.rules.orders import EndReason
from dosing.rules.paper import Stands
from dosing.rules.protocol import limit_of
from hat_clinic.accounts.models import Premises
from patients.models import Episode, Person

DRUGS = [(drug.value, drug.label) for drug in OralDrug]
USER = settings.AUTH_USER_MODEL


def _within_the_ceilings() -> Q:
    """Return the condition that a day's milligrams are within what no clinic may pass, drug by drug."""
    return reduce(
        or_,
        (
            Q(drug=drug.value, daily_mg__gte=1, daily_mg__lte=limit_of(name).most)
            for drug, name in LIMIT_NAME.items()
        ),
    )


class OralOrder(models.Model):
    """One signed order of one oral opioid for one person. Never changed: a change is a new version that replaces it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Person, models.PROTECT, related_name="oral_orders")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="oral_orders")
    premises = models.ForeignKey(Premises, models.PROTECT, related_name="oral_orders")
    drug = models.CharField(max_length=20, choices=DRUGS)
    version = models.PositiveIntegerField(default=1)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    daily_mg = models.PositiveSmallIntegerField()
    is_supervised = models.BooleanField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    basis = models.TextField()
    protocol = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="oral_orders")
    signed_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="oral_order_is_within_the_ceilings",
                condition=_within_the_ceilings(),
                violation_error_message="No clinic may order more of that drug in a day.",
            ),
            models.CheckConstraint(
                name="oral_order_runs_forward_from_its_signature",
                condition=Q(starts_at__gte=F("signed_at"), ends_at__gt=F("starts_at")),
                violation_error_message="An order starts when it is signed or later, and ends after it starts.",
            ),
            models.CheckConstraint(
                name="oral_order_says_its_basis",
                condition=~Q(basis=""),
                violation_error_message="An order says what its dose rests on.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class OralOrderPeriod(models.Model):
    """When one oral order is in force. The order never changes; its period may be ended or cut short.

    An order that was replaced or ended before it began has an empty period.
    """

    order = models.OneToOneField(OralOrder, models.PROTECT, primary_key=True, related_name="period")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="oral_order_periods")
    drug = models.CharField(max_length=20, choices=DRUGS)
    during = DateTimeRangeField()
    ended_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=10, choices=END_REASONS, blank=True, default="")
    end_words = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_oral_order_in_force_per_patient_and_drug",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("drug", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                violation_error_message="Another order for this drug is in force at that time.",
            ),
            models.CheckConstraint(
                name="oral_order_period_ended_at_and_by",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                violation_error_message="Ending an order names who and when.",
            ),
            models.CheckConstraint(
                name="oral_order_period_end_has_its_reason",
                condition=Q(ended_at__isnull=True, end_reason="", end_words="")
                | Q(ended_at__isnull=False, end_reason=EndReason.REPLACED.value, end_words="")
                | (
                    Q(ended_at__isnull=False)
                    & ~Q(end_reason__in=["", EndReason.REPLACED.value])
                    & ~Q(end_words="")
                ),
                violation_error_message="Ending an order says why, in a sentence of its own.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.order_id)


class OralDecision(models.Model):
    """A prescriber lets an oral dose go ahead although an injection was withheld that day. Only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(OralOrder, models.PROTECT, related_name="decisions")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="oral_decisions")
    reason = models.CharField(max_length=500)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="oral_decision_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="A decision says why.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class StandingOralDoses(models.Manager["OralDose"]):
    """Oral doses that count: each as it was last put right, and none of paper that was settled away."""

    def get_queryset(self) -> models.QuerySet[OralDose]:
        """Return every dose that none amends and that no settlement set aside."""
        standing = super().get_queryset().filter(amended_by__isnull=True)
        return standing.exclude(settlement__stands=Stands.COMPUTER)


class OralDose(models.Model):
    """One oral dose, whole milligrams, signed by the nurse who saw it taken or handed it over. Only ever added.

    `given_on` is its Europe/London day. `breaths` is there where they were counted, and `decision` where an
    injection had been withheld. No line of the controlled-drug register is written for it. One that amends another has
    its order and day; `objects` are those that count, `written` all. One that was written on a paper pack names it, in
    `conflicts` why it is contested, and in `away_reason` why somebody else signed for who gave it; its sedation is empty
    where the paper has none.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(OralOrder, models.PROTECT, related_name="doses")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="oral_doses")
    drug = models.CharField(max_length=20, choices=DRUGS)
    protocol = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="+")
    session = models.ForeignKey(PlannedSession, models.PROTECT, null=True, related_name="oral_doses")
    decision = models.ForeignKey(OralDecision, models.PROTECT, null=True, related_name="doses")
    mg = models.PositiveSmallIntegerField()
    sedation = models.CharField(max_length=1, choices=SEDATION, blank=True)
    breaths = models.PositiveSmallIntegerField(null=True)
    given_at = models.DateTimeField()
    given_on = models.DateField()
    supervised_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    key = models.UUIDField(unique=True)
    recorded_at = models.DateTimeField(db_default=models.Func(function="hat_now"))
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    pack = models.ForeignKey(DowntimePack, models.PROTECT, null=True, related_name="oral_doses")
    conflicts = ArrayField(models.CharField(max_length=40), default=list)
    away_reason = models.CharField(max_length=300, blank=True, default="")

    objects = StandingOralDoses()
    written: models.Manager[OralDose] = models.Manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="oral_dose_is_at_least_one_mg",
                condition=Q(mg__gte=1),
                violation_error_message="An oral dose is at least 1 mg.",
            ),
            models.CheckConstraint(
                name="oral_dose_is_given_to_somebody_awake",
                # What was so is written, also where nothing should have been given.
                condition=(
                    Q(sedation__in=[step.value for step in AWAKE])
                    & (Q(breaths__isnull=True) | Q(breaths__gte=BREATHS_HOLD_BELOW, breaths__lte=60))
                )
                | (
                    (Q(amends__isnull=False) | Q(pack__isnull=False, conflicts__len__gte=1))
                    & (Q(breaths__isnull=True) | Q(breaths__lte=60))
                ),
                violation_error_message="Nobody drowsy or breathing slowly is given an oral opioid.",
            ),
            models.CheckConstraint(
                name="contested_oral_dose_is_of_paper",
                condition=Q(pack__isnull=False, amends__isnull=True) | Q(conflicts__len=0, away_reason=""),
                violation_error_message="Only what stood on paper is contested, or signed for somebody away.",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-given_at"], name="last_oral_doses_of_a_patient")]

    def __str__(self) -> str:
        return str(self.id)


class OralSettlement(models.Model):
    """Whether a contested oral dose of paper stands, why, and the PIN of who settled it. The dose is kept."""

    dose = models.OneToOneField(OralDose, models.PROTECT, primary_key=True, related_name="settlement")
    stands = models.CharField(max_length=8, choices=[(one.value, one.label) for one in Stands])
    reason = models.CharField(max_length=300)
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    settled_at = models.DateTimeField()
    settled_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="oral_settlement_has_a_reason",
                condition=~Q(reason="") & Q(stands__in=list(Stands)),
                violation_error_message="Write how you know whether it stands.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.dose_id)


class NaloxoneOrder(models.Model):
    """Naloxone kits to take home, ordered by a prescriber: micrograms in one dose, and kits. Only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Person, models.PROTECT, related_name="naloxone_orders")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="naloxone_orders")
    dose_ug = models.PositiveSmallIntegerField()
    kits = models.PositiveSmallIntegerField()
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="naloxone_order_is_of_something",
                condition=Q(dose_ug__gte=1, dose_ug__lte=9999, kits__gte=1, kits__lte=9),
                violation_error_message="Naloxone is ordered in whole micrograms, 1 to 9 kits.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
