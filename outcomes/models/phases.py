"""The phases of a programme as they were entered, line by line."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Clinic, Phase
from outcomes.rules.costs import REASONS
from patients.models import ImportRun


class PhaseLine(models.Model):
    """What somebody wrote about one phase: its name, its days, its places and sessions a day, and who pays until when.

    Ours (somebody entered it) or imported history. Only ever added: a correction is a row that names the one it amends.
    `accounts.Phase` is what stands: a trigger makes it from the first line and changes it by each correction, and
    nothing else changes it. A phase that was struck out stays there and holds no day.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="phase_lines")
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="lines")
    name = models.CharField(max_length=1000)
    from_on = models.DateField()
    to_on = models.DateField(null=True)
    places = models.PositiveIntegerField()
    sessions_per_day = models.PositiveSmallIntegerField()
    funded_by = models.CharField(max_length=1000, blank=True)
    funded_until = models.DateField(null=True)
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
                name="one_phase_line_per_key",
                violation_error_message="This line is stored already.",
            ),
            models.UniqueConstraint(
                fields=["phase"],
                condition=Q(amends__isnull=True),
                name="one_first_line_per_phase",
                violation_error_message="A phase has one first line; the others amend it.",
            ),
            models.CheckConstraint(
                name="phase_line_is_recorded_by_a_person_or_imported",
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
                violation_error_message="A phase is entered by a named person, or imported.",
            ),
            models.CheckConstraint(
                name="phase_line_correction_has_its_reason",
                condition=Q(amends__isnull=True, correction="")
                | (Q(amends__isnull=False) & ~Q(correction="")),
                violation_error_message="Say why the line is written again.",
            ),
            models.CheckConstraint(
                name="phase_line_runs_forward",
                condition=Q(to_on__isnull=True) | Q(to_on__gt=F("from_on")),
                violation_error_message="A phase ends after it begins.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
