"""Who may order diamorphine, what was ordered, and when each order was in force."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from dosing.models.protocol import ProtocolVersion
from dosing.rules.limits import OrderKind
from dosing.rules.orders import EndReason, Product, Route
from dosing.rules.protocol import (
    DAILY_CEILING_MG,
    GAP_CAP_CEILING_PERCENT,
    INTERVAL_FLOOR_MINUTES,
    OBSERVATION_FLOOR_MINUTES,
    SINGLE_CEILING_MG,
    SINGLE_STOP_CEILING_MG,
)
from dosing.rules.sessions import INJECTIONS_MOST
from hat_clinic.accounts.models import Premises
from patients.models import Episode, Person

PRODUCTS = [(product.value, product.label) for product in Product]
ROUTES = [(route.value, route.label) for route in Route]
KINDS = [(kind.value, kind.label) for kind in OrderKind]
END_REASONS = [(reason.value, reason.label) for reason in EndReason]


class Licence(models.Model):
    """One doctor's licence to order one product at one premises, half-open. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    doctor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="licences")
    premises = models.ForeignKey(Premises, models.PROTECT, related_name="licences")
    product = models.CharField(max_length=20, choices=PRODUCTS)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="licence_starts_before_it_ends",
                condition=Q(starts_at__lt=F("ends_at")),
                violation_error_message="A licence starts before it ends.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class LicenceRevocation(models.Model):
    """One licence taken away, at once and for good: it signs nothing more, and its orders are suspended."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    licence = models.OneToOneField(Licence, models.PROTECT, related_name="revocation")
    reason = models.TextField()
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="licence_revocation_has_its_reason",
                condition=~Q(reason=""),
                violation_error_message="Revoking a licence says why.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Order(models.Model):
    """One signed order for one person. Never changed: a change is a new version that replaces it.

    `dose_mg` is the session's dose, or the most of its range or plan; `least_mg` the least of a range.
    `day_mg` is what the sessions of a day come to where their doses differ, None where all are alike.
    `gap_cap_percent` is the order's own plan after missed sessions where it says less than the ladder.
    `injections_per_session` is into how many injections a session's dose may be divided.
    `written_by` is the unlicensed doctor who wrote what a licensed one signed, None where the signer wrote it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Person, models.PROTECT, related_name="orders")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="orders")
    premises = models.ForeignKey(Premises, models.PROTECT, related_name="orders")
    product = models.CharField(max_length=20, choices=PRODUCTS)
    version = models.PositiveIntegerField(default=1)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    routes = ArrayField(models.CharField(max_length=4, choices=ROUTES), size=3)
    sites = ArrayField(models.CharField(max_length=20), size=20)
    kind = models.CharField(max_length=11, choices=KINDS, default=OrderKind.MAINTENANCE.value)
    dose_mg = models.PositiveSmallIntegerField()
    least_mg = models.PositiveSmallIntegerField(null=True)
    sessions_per_day = models.PositiveSmallIntegerField()
    injections_per_session = models.PositiveSmallIntegerField(default=1)
    day_mg = models.PositiveSmallIntegerField(null=True)
    daily_max_mg = models.PositiveSmallIntegerField()
    interval_minutes = models.PositiveSmallIntegerField()
    observation_minutes = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    basis = models.TextField()
    high_dose_reason = models.TextField(blank=True, default="")
    gap_cap_percent = models.PositiveSmallIntegerField(null=True)
    hold_criteria = models.TextField(blank=True, default="")
    oral_plan = models.TextField(blank=True, default="")
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    licence = models.ForeignKey(Licence, models.PROTECT, related_name="orders")
    protocol = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="orders")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="order_dose_is_whole_and_within_its_day",
                condition=Q(dose_mg__gte=1, daily_max_mg__gte=F("dose_mg"))
                & (
                    Q(kind=OrderKind.TITRATION.value)
                    | Q(least_mg__isnull=False)
                    | Q(day_mg__isnull=True, daily_max_mg__gte=F("dose_mg") * F("sessions_per_day"))
                    | Q(day_mg__isnull=False, day_mg__gte=F("dose_mg"), daily_max_mg__gte=F("day_mg"))
                ),
                violation_error_message="Sessions times dose may not exceed the order's own daily maximum.",
            ),
            models.CheckConstraint(
                name="order_runs_forward_from_its_signature",
                condition=Q(starts_at__gte=F("signed_at"), ends_at__gt=F("starts_at")),
                violation_error_message="An order starts when it is signed or later, and ends after it starts.",
            ),
            models.CheckConstraint(
                name="order_has_a_route_and_a_site",
                condition=Q(routes__len__gte=1, sites__len__gte=1) & ~Q(basis=""),
                violation_error_message="An order names its route, its sites and the basis of its dose.",
            ),
            models.CheckConstraint(
                name="order_is_within_the_ceilings",
                condition=Q(
                    dose_mg__lte=SINGLE_CEILING_MG,
                    daily_max_mg__lte=DAILY_CEILING_MG,
                    interval_minutes__gte=INTERVAL_FLOOR_MINUTES,
                    observation_minutes__gte=OBSERVATION_FLOOR_MINUTES,
                ),
                violation_error_message="No clinic may order more, sooner or with less watching than that.",
            ),
            models.CheckConstraint(
                name="order_is_for_one_to_three_injections_a_session",
                condition=Q(injections_per_session__gte=1, injections_per_session__lte=INJECTIONS_MOST),
                violation_error_message="A session has one to three injections.",
            ),
            models.CheckConstraint(
                name="order_range_goes_up",
                condition=Q(least_mg__isnull=True) | Q(least_mg__gte=1, least_mg__lt=F("dose_mg")),
                violation_error_message="The least of a range is under its most.",
            ),
            models.CheckConstraint(
                name="order_gap_plan_is_stricter",
                condition=Q(gap_cap_percent__isnull=True) | Q(gap_cap_percent__lte=GAP_CAP_CEILING_PERCENT),
                violation_error_message="An order's own plan after missed sessions may only be stricter.",
            ),
            models.CheckConstraint(
                name="order_of_a_high_dose_has_its_reason",
                condition=Q(dose_mg__lte=SINGLE_STOP_CEILING_MG) | ~Q(high_dose_reason=""),
                violation_error_message="A dose this high needs its reason.",
            ),
            models.CheckConstraint(
                name="order_is_not_signed_by_its_author",
                condition=Q(written_by__isnull=True) | ~Q(written_by=F("signed_by")),
                violation_error_message="What one doctor wrote is signed by another, who is licensed.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class OrderPeriod(models.Model):
    """When one order is in force. The order never changes; its period may be ended or cut short.

    An order that was replaced or ended before it began has an empty period.
    """

    order = models.OneToOneField(Order, models.PROTECT, primary_key=True, related_name="period")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="order_periods")
    product = models.CharField(max_length=20, choices=PRODUCTS)
    during = DateTimeRangeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=10, choices=END_REASONS, blank=True, default="")
    end_words = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_order_in_force_per_patient_and_product",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("product", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                violation_error_message="Another order for this product is in force at that time.",
            ),
            models.CheckConstraint(
                name="order_period_ended_at_and_by",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                violation_error_message="Ending an order names who and when.",
            ),
            models.CheckConstraint(
                name="order_period_end_has_its_reason",
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
