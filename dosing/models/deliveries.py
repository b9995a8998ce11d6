"""What was ordered for the stock, and what came of it. Rows are only ever added."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from dosing.models.register import RegisterEntry, RegisterLine
from dosing.models.sessions import Signature
from patients.models import Person


class Requisition(models.Model):
    """Ampoules ordered for one ledger: who ordered how many of whom, under which number, and when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    line = models.ForeignKey(RegisterLine, models.PROTECT, related_name="requisitions")
    number = models.CharField(max_length=120)
    supplier_name = models.CharField(max_length=250)
    supplier_address = models.CharField(max_length=300)
    ampoules = models.PositiveIntegerField()
    key = models.UUIDField(unique=True)
    ordered_at = models.DateTimeField()
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "number"],
                name="requisition_number_stands_once_in_a_ledger",
                violation_error_message="A requisition of that number is recorded for this register.",
            ),
            models.CheckConstraint(
                name="requisition_orders_something_of_somebody",
                condition=Q(ampoules__gte=1) & ~Q(number="") & ~Q(supplier_name="") & ~Q(supplier_address=""),
                violation_error_message="A requisition has a number, a supplier with an address, and ampoules.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class RequisitionClosing(models.Model):
    """A requisition of which nothing more is expected, and why. What still comes is taken in all the same."""

    requisition = models.OneToOneField(Requisition, models.PROTECT, primary_key=True, related_name="closing")
    reason = models.CharField(max_length=300)
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="requisition_is_closed_with_a_reason",
                condition=~Q(reason=""),
                violation_error_message="Write why no more is expected.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.requisition_id)


class Delivery(models.Model):
    """What came, by its register line, signed by who took it in and who saw it.

    Service stock comes on a `requisition`; what a pharmacy dispensed comes for a `patient`.
    """

    entry = models.OneToOneField(RegisterEntry, models.PROTECT, primary_key=True, related_name="delivery")
    requisition = models.ForeignKey(Requisition, models.PROTECT, null=True, related_name="deliveries")
    patient = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    witness_signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.CheckConstraint(
                name="delivery_is_on_a_requisition_or_for_a_patient",
                condition=Q(requisition__isnull=False, patient__isnull=True)
                | Q(requisition__isnull=True, patient__isnull=False),
                violation_error_message="A delivery is on a requisition, or for one patient.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.entry_id)
