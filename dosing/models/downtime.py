"""Packs on paper for when the computer is off: which was made of whom, and its file while it is of use."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic, Slot


class DowntimePack(models.Model):
    """One pack: its number in the clinic, its session, and who stands on which line. Rows are only ever added.

    `people` are in the order of the lines, the first on line 1, so that a reference on paper names its person for
    good, whatever became of the file.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="downtime_packs")
    number = models.PositiveIntegerField()
    service_date = models.DateField()
    slot = models.CharField(max_length=3, choices=Slot)
    people = ArrayField(models.UUIDField())
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "number"],
                name="downtime_packs_are_numbered_once",
                violation_error_message="Somebody else has just made a pack. Try again.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-made_at"], name="newest_downtime_pack")]

    def __str__(self) -> str:
        return str(self.id)


class DowntimeFile(models.Model):
    """The file of a pack. It is emptied once newer packs of the session stand; a copy, and no record."""

    pack = models.OneToOneField(DowntimePack, models.PROTECT, primary_key=True, related_name="file")
    pdf = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    emptied_at = models.DateTimeField(null=True)
    emptied_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="downtime_file_says_when_it_was_emptied",
                condition=(Q(emptied_at__isnull=True, emptied_by__isnull=True) & ~Q(pdf=b""))
                | Q(emptied_at__isnull=False, emptied_by__isnull=False, pdf=b""),
                violation_error_message="A file of a pack is whole, or says when it was emptied.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pack_id)
