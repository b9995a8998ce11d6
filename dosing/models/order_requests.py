"""Orders that an unlicensed doctor wrote for a licensed one to sign. Nobody is given a dose on a request."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from dosing.models.orders import KINDS, PRODUCTS, ROUTES, Order
from dosing.models.protocol import ProtocolVersion
from dosing.rules.limits import OrderKind
from dosing.rules.order_requests import OrderRequestStatus
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

STATUSES = [(status.value, status.label) for status in OrderRequestStatus]


class OrderRequest(models.Model):
    """One order as an unlicensed doctor wrote it, with all of its terms. Rows are only ever added.

    The numbers mean what they mean on an order. `starts_at` is None for one that starts when it is signed.
    `slots` holds the sessions whose doses differ, as pairs, and `steps` the plan of a titration, as mappings.
    `seen` is the person's order that the author saw, `protocol` the limits it was judged by, and `codes` the notes
    that the author read.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Person, models.PROTECT, related_name="order_requests")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="order_requests")
    premises = models.ForeignKey(Premises, models.PROTECT, related_name="order_requests")
    product = models.CharField(max_length=20, choices=PRODUCTS)
    routes = ArrayField(models.CharField(max_length=4, choices=ROUTES), size=3)
    sites = ArrayField(models.CharField(max_length=20), size=20)
    kind = models.CharField(max_length=11, choices=KINDS, default=OrderKind.MAINTENANCE.value)
    dose_mg = models.PositiveSmallIntegerField()
    least_mg = models.PositiveSmallIntegerField(null=True)
    slots = models.JSONField(default=list)
    steps = models.JSONField(default=list)
    sessions_per_day = models.PositiveSmallIntegerField()
    daily_max_mg = models.PositiveSmallIntegerField()
    interval_minutes = models.PositiveSmallIntegerField()
    injections_per_session = models.PositiveSmallIntegerField(default=1)
    observation_minutes = models.PositiveSmallIntegerField()
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField()
    basis = models.TextField()
    high_dose_reason = models.TextField(blank=True, default="")
    gap_cap_percent = models.PositiveSmallIntegerField(null=True)
    hold_criteria = models.TextField()
    oral_plan = models.TextField()
    seen = models.CharField(max_length=100)
    codes = ArrayField(models.CharField(max_length=40), default=list)
    protocol = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="order_requests")
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="order_request_is_within_the_ceilings",
                condition=Q(
                    dose_mg__gte=1,
                    dose_mg__lte=SINGLE_CEILING_MG,
                    daily_max_mg__gte=F("dose_mg"),
                    daily_max_mg__lte=DAILY_CEILING_MG,
                    interval_minutes__gte=INTERVAL_FLOOR_MINUTES,
                    observation_minutes__gte=OBSERVATION_FLOOR_MINUTES,
                    injections_per_session__gte=1,
                    injections_per_session__lte=INJECTIONS_MOST,
                )
                & (Q(least_mg__isnull=True) | Q(least_mg__gte=1, least_mg__lt=F("dose_mg")))
                & (Q(gap_cap_percent__isnull=True) | Q(gap_cap_percent__lte=GAP_CAP_CEILING_PERCENT))
                & (Q(dose_mg__lte=SINGLE_STOP_CEILING_MG) | ~Q(high_dose_reason="")),
                violation_error_message="No clinic may order that, so nobody asks for it.",
            ),
            models.CheckConstraint(
                name="order_request_runs_forward_from_its_writing",
                condition=Q(ends_at__gt=F("written_at"))
                & (Q(starts_at__isnull=True) | Q(starts_at__gte=F("written_at"), starts_at__lt=F("ends_at"))),
                violation_error_message="What is asked for starts when it is written or later, and then ends.",
            ),
            models.CheckConstraint(
                name="order_request_says_all_that_an_order_says",
                condition=Q(routes__len__gte=1, sites__len__gte=1)
                & ~Q(basis="")
                & ~Q(hold_criteria="")
                & ~Q(oral_plan=""),
                violation_error_message="A request names route, sites, basis, hold and oral medicine.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class OrderRequestStanding(models.Model):
    """Whether one request still waits, or how it ended: signed as an order, sent back, withdrawn or lapsed.

    The request never changes; its standing changes once, from open to its end.
    """

    request = models.OneToOneField(OrderRequest, models.PROTECT, primary_key=True, related_name="standing")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="order_request_standings")
    product = models.CharField(max_length=20, choices=PRODUCTS)
    status = models.CharField(max_length=10, choices=STATUSES, default=OrderRequestStatus.OPEN.value)
    order = models.OneToOneField(Order, models.PROTECT, null=True, related_name="asked")
    reason = models.TextField(blank=True, default="")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "product"],
                condition=Q(status=OrderRequestStatus.OPEN.value),
                name="one_open_order_request_per_patient_and_product",
                violation_error_message="Another request for this person and drug is open.",
            ),
            models.CheckConstraint(
                name="order_request_ended_at_and_by",
                condition=Q(
                    status=OrderRequestStatus.OPEN.value, ended_at__isnull=True, ended_by__isnull=True
                )
                | (
                    ~Q(status=OrderRequestStatus.OPEN.value)
                    & Q(ended_at__isnull=False, ended_by__isnull=False)
                ),
                violation_error_message="The end of a request names who and when.",
            ),
            models.CheckConstraint(
                name="order_request_end_says_what_came_of_it",
                condition=Q(
                    status__in=[OrderRequestStatus.OPEN.value, OrderRequestStatus.LAPSED.value],
                    order__isnull=True,
                    reason="",
                )
                | Q(status=OrderRequestStatus.SIGNED.value, order__isnull=False, reason="")
                | (
                    Q(
                        status__in=[OrderRequestStatus.SENT_BACK.value, OrderRequestStatus.WITHDRAWN.value],
                        order__isnull=True,
                    )
                    & ~Q(reason="")
                ),
                violation_error_message="A request ends with its order, or with a reason.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.request_id)
