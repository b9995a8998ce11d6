"""What an order says beyond one dose: the steps of a titration, a session's own dose, and a doctor's word on a gap."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from dosing.models.orders import Licence, Order
from dosing.rules.protocol import SINGLE_CEILING_MG
from hat_clinic.accounts.models import Slot
from patients.models import Episode, Person


class OrderStep(models.Model):
    """One step of a titration order, from a day on: the most milligrams of one dose. Rows are only ever added.

    `first_mg` and `repeat_mg` are the very first dose and its repeat, on day 1 alone.
    """

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="steps")
    day = models.PositiveSmallIntegerField()
    first_mg = models.PositiveSmallIntegerField(null=True)
    repeat_mg = models.PositiveSmallIntegerField(null=True)
    max_mg = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "day"],
                name="one_step_of_an_order_for_a_day",
                violation_error_message="A plan has one step for a day.",
            ),
            models.CheckConstraint(
                name="order_step_is_within_the_ceiling",
                condition=Q(day__gte=1, max_mg__gte=1, max_mg__lte=SINGLE_CEILING_MG),
                violation_error_message="A step is at least 1 mg and never over the ceiling.",
            ),
            models.CheckConstraint(
                name="first_dose_of_a_plan_is_on_its_first_day",
                condition=Q(day=1) | Q(first_mg__isnull=True, repeat_mg__isnull=True),
                violation_error_message="Only the first day has a first dose and its repeat.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class OrderSlot(models.Model):
    """The dose of one session of the day, where it is less than the order's. Rows are only ever added."""

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="slots")
    slot = models.CharField(max_length=3, choices=Slot)
    dose_mg = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "slot"],
                name="one_dose_of_an_order_for_a_session",
                violation_error_message="A session has one dose.",
            ),
            models.CheckConstraint(
                name="dose_of_a_session_is_within_the_ceiling",
                condition=Q(dose_mg__gte=1, dose_mg__lte=SINGLE_CEILING_MG),
                violation_error_message="A dose is at least 1 mg and never over the ceiling.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class GapDecision(models.Model):
    """A licensed doctor's decision that the next dose may be given after a gap. Rows are only ever added.

    `seen` names the gap and how many sessions were missed in it when it was decided.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Person, models.PROTECT, related_name="gap_decisions")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="gap_decisions")
    ceiling_mg = models.PositiveSmallIntegerField()
    reason = models.TextField()
    seen = models.CharField(max_length=60)
    licence = models.ForeignKey(Licence, models.PROTECT, related_name="gap_decisions")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="gap_decision_has_a_ceiling_and_a_reason",
                condition=Q(ceiling_mg__gte=1, ceiling_mg__lte=SINGLE_CEILING_MG) & ~Q(reason=""),
                violation_error_message="A decision on a gap has a ceiling and a reason.",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-decided_at"], name="gap_decisions_of_a_person")]

    def __str__(self) -> str:
        return str(self.id)
