"""What people look like."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Func
from django.db.models.lookups import LessThanOrEqual

from patients.models.people import Person
from patients.rules.photos import MOST_BYTES_KEPT


class PersonPhoto(models.Model):
    """One photo of one person as it was made small and stripped: a JPEG. The newest counts; rows are only added.

    Photos stand in the database, under its rights and its backups, and in no folder that a web server hands out.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="photos")
    jpeg = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="photo_is_small",
                condition=LessThanOrEqual(
                    Func(F("jpeg"), function="octet_length", output_field=models.IntegerField()),
                    MOST_BYTES_KEPT,
                ),
                violation_error_message="A photo that is kept has at most 200 kB.",
            ),
        ]
        indexes = [models.Index(fields=["person", "-added_at"], name="photos_of_a_person")]

    def __str__(self) -> str:
        return str(self.id)
