"""Which class of readers reads which edition of the reports: dated lines, written by one, approved by another."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.rules.evaluation.editions import Edition
from outcomes.rules.readers import SOURCE_LENGTH, Reader

WITHOUT_RESTRICTED = [one.value for one in Reader if Edition.RESTRICTED not in one.most]


class ReaderEditions(models.Model):
    """What somebody wrote that a class of readers is given besides the public edition, from a day on. Only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="reader_editions")
    reader = models.CharField(max_length=20, choices=[(one.value, one.label) for one in Reader])
    from_day = models.DateField()
    has_restricted = models.BooleanField()
    has_justice = models.BooleanField()
    source = models.CharField(max_length=SOURCE_LENGTH)
    key = models.UUIDField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_line_of_reader_editions_per_key",
                violation_error_message="This form was sent before.",
            ),
            models.CheckConstraint(
                name="readers_of_health_in_exact_numbers_may_have_them",
                condition=Q(has_restricted=False) | ~Q(reader__in=WITHOUT_RESTRICTED),
                violation_error_message="That class is never given the restricted edition.",
            ),
            models.CheckConstraint(
                name="reader_editions_rest_on_an_agreement",
                condition=~Q(source="") & ~Q(reader=Reader.PUBLIC.value),
                violation_error_message="Say what it rests on; the public edition is for everybody.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ReaderEditionsApproval(models.Model):
    """That somebody else approved a line, on its first day at the latest: it then holds. Rows are only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    editions = models.OneToOneField(ReaderEditions, models.PROTECT, related_name="approval")
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.id)
