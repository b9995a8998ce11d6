"""What an offence costs each body: tables that were loaded, and their approval."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from hat_clinic.accounts.models import Clinic


class UnitCostTable(models.Model):
    """A table that somebody loaded for a clinic, from a day on. It stands in no report until approved. Only added.

    `rows` is a list of objects, one an offence (a check of the database); an amount that is null is not costed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="unit_cost_tables")
    from_day = models.DateField()
    rows = models.JSONField()
    sha256 = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "sha256", "from_day"],
                name="one_unit_cost_table_per_file_and_day",
                violation_error_message="This file is loaded already.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class UnitCostApproval(models.Model):
    """That somebody else approved a table: it is then the clinic's. Rows only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    table = models.OneToOneField(UnitCostTable, models.PROTECT, related_name="approval")
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.id)
