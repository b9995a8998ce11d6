"""Stays in custody, as somebody wrote them down or brought them in."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.rules.custody import REASONS
from patients.models import ImportRun, Person


class CustodyStay(models.Model):
    """One stay in prison or police custody, the first day in and the first day out again (empty: still in).

    Ours (somebody recorded it) or imported history, of which nobody told the kind and the source (both empty). Only
    ever added: a correction, and the end of an open stay, is a row that names the one it amends. A row that no other
    amends is the one that counts, unless its correction takes it out. What the person told and what another service
    told may be of the same days; two of one source may not (a trigger, because which row counts is told by other
    rows).
    """

    class Kind(models.TextChoices):
        POLICE = "police", "police custody"
        PRISON = "prison"

    class Source(models.TextChoices):
        SELF_REPORTED = "self_reported", "told by the person"
        RECORD = "record", "another service's record"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="custody_stays")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="custody_stays")
    during = DateRangeField()
    kind = models.CharField(max_length=6, choices=Kind, blank=True)
    source = models.CharField(max_length=13, choices=Source, blank=True)
    key = models.UUIDField(null=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    correction = models.CharField(max_length=14, choices=list(REASONS.items()), blank=True)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_custody_stay_per_key",
                violation_error_message="This stay is stored already.",
            ),
            models.CheckConstraint(
                name="custody_stay_has_a_first_day",
                condition=Q(during__isempty=False, during__lower_inf=False),
                violation_error_message="A stay has its first day, and ends after it.",
            ),
            models.CheckConstraint(
                name="custody_is_recorded_by_a_person_or_imported",
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
                    kind="",
                    source="",
                ),
                violation_error_message="A stay in custody is recorded by a named person, or imported.",
            ),
            # A correction of imported history may leave open what nobody knows.
            models.CheckConstraint(
                name="custody_of_ours_has_kind_and_source",
                condition=Q(import_run__isnull=False)
                | Q(amends__isnull=False)
                | (~Q(kind="") & ~Q(source="")),
                violation_error_message="Say which custody it was, and who told it.",
            ),
            models.CheckConstraint(
                name="custody_correction_has_its_reason",
                condition=Q(amends__isnull=True, correction="")
                | (Q(amends__isnull=False) & ~Q(correction="")),
                violation_error_message="Say why the stay is written again.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
