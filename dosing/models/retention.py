"""Legal holds: what may not be removed, however old it is."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from dosing.models.register import RegisterLine
from dosing.rules.retention import REASON_LENGTH
from hat_clinic.accounts.models import Clinic
from patients.models import Person


class LegalHold(models.Model):
    """From a moment on nothing is removed of one person, of one ledger, or, with neither, of the whole clinic.

    Rows are only ever added; the hold stands until there is a `LegalHoldLift`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="legal_holds")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="legal_holds")
    line = models.ForeignKey(RegisterLine, models.PROTECT, null=True, related_name="legal_holds")
    reason = models.CharField(max_length=REASON_LENGTH)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="legal_hold_is_on_one_thing",
                condition=Q(person__isnull=True) | Q(line__isnull=True),
                violation_error_message="A legal hold stands on one person, one register, or the whole clinic.",
            ),
            models.CheckConstraint(
                name="legal_hold_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="Write why nothing may be removed.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class LegalHoldLift(models.Model):
    """The end of one legal hold, with its reason. Rows are only ever added."""

    hold = models.OneToOneField(LegalHold, models.PROTECT, primary_key=True, related_name="lift")
    reason = models.CharField(max_length=REASON_LENGTH)
    lifted_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="lifted_legal_hold_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="Write why things may be removed again.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
