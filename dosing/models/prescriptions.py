"""Prescriptions that were printed from a signed order."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from dosing.models.orders import Licence, Order
from dosing.rules.prescriptions import (
    INSTALMENT_FORM_DAYS,
    USUAL_SUPPLY_DAYS,
    VALID_FOR_DAYS,
    PrescriptionForm,
)
from dosing.rules.protocol import DAILY_CEILING_MG
from dosing.rules.wordings import WORDINGS

FORMS = [(form.value, form.label) for form in PrescriptionForm]


class PrescriptionPrint(models.Model):
    """One prescription as it was printed for one order, an instalment for each whole day. Rows are only added.

    `instalment_mg` is the largest instalment, `total_mg` the sum of all of them, which its parts make up. `sheet` holds
    every line that stands on the paper, so that it is the same paper whenever it is opened.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="prescriptions")
    number = models.PositiveSmallIntegerField()
    form = models.CharField(max_length=8, choices=FORMS)
    strength_mg = models.PositiveSmallIntegerField()
    wordings = ArrayField(models.CharField(max_length=20), size=len(WORDINGS))
    dated_on = models.DateField()
    first_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    instalment_mg = models.PositiveSmallIntegerField()
    total_mg = models.PositiveIntegerField()
    reason = models.TextField(blank=True, default="")
    sheet = models.JSONField()
    licence = models.ForeignKey(Licence, models.PROTECT, related_name="prescriptions")
    printed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    printed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "number"],
                name="prescriptions_of_an_order_are_numbered_once",
                violation_error_message="Somebody printed a prescription of this order meanwhile.",
            ),
            models.CheckConstraint(
                name="prescription_total_is_within_its_instalments",
                condition=Q(
                    number__gte=1,
                    strength_mg__gte=1,
                    days__gte=1,
                    instalment_mg__gte=1,
                    total_mg__gte=F("instalment_mg"),
                    total_mg__lte=F("instalment_mg") * F("days"),
                ),
                violation_error_message="The total is one largest instalment at least, and one for each day at most.",
            ),
            models.CheckConstraint(
                name="instalment_form_is_short_and_has_its_wording",
                condition=~Q(form=PrescriptionForm.FP10MDA.value)
                | Q(days__lte=INSTALMENT_FORM_DAYS, wordings__len__gte=1),
                violation_error_message="An FP10MDA runs for 14 days at most and says how instalments are supplied.",
            ),
            models.CheckConstraint(
                name="prescription_is_first_supplied_in_time",
                condition=Q(
                    first_on__gte=F("dated_on"), first_on__lte=F("dated_on") + timedelta(days=VALID_FOR_DAYS)
                ),
                violation_error_message="The first supply is within 28 days of the date on the prescription.",
            ),
            models.CheckConstraint(
                name="prescription_of_a_long_supply_has_its_reason",
                condition=Q(days__lte=USUAL_SUPPLY_DAYS) | ~Q(reason=""),
                violation_error_message="More than 30 days of supply need a reason.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def full_number(self) -> str:
        """The version of the order, and which of its prescriptions this is, as it stands on the paper."""
        return f"{self.order.version}-{self.number}"


class PrescriptionPart(models.Model):
    """Instalments of one amount within a prescription, one a day from a day on. Rows are only added.

    A prescription is its parts: they follow each other by day and sum up to its days and its total. The database
    asks that at commit (trigger `prescription_is_its_parts`).
    """

    id = models.BigAutoField(primary_key=True)
    prescription = models.ForeignKey(PrescriptionPrint, models.PROTECT, related_name="parts")
    first_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    instalment_mg = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["prescription", "first_on"],
                name="parts_of_a_prescription_begin_on_their_own_days",
                violation_error_message="Another part of this prescription begins on that day.",
            ),
            models.CheckConstraint(
                name="prescription_part_has_days_and_milligrams",
                condition=Q(days__gte=1, instalment_mg__gte=1, instalment_mg__lte=DAILY_CEILING_MG),
                violation_error_message="A part has a day at least, and 1 to 1000 mg for each.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
