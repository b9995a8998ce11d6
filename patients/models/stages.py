"""The stages of a treatment, as prescribers set them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from patients.models.people import Episode
from patients.rules.stages import LONGEST_WORDS, TreatmentStage

STAGES = [(stage.value, stage.label) for stage in TreatmentStage]


class EpisodeStage(models.Model):
    """One stage of one treatment, from a day on until the next row. Rows are only ever added.

    The words say why and are for clinicians; the stage and its day are for everybody who helps the person.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="stages")
    number = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=9, choices=STAGES)
    since_on = models.DateField()
    words = models.CharField(max_length=LONGEST_WORDS)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "number"],
                name="stages_are_numbered_once",
                violation_error_message="Somebody set the stage meanwhile. Read it first.",
            ),
            models.CheckConstraint(
                name="stage_is_one_of_three_and_says_why",
                condition=Q(number__gte=1, stage__in=[stage.value for stage in TreatmentStage])
                & ~Q(words=""),
                violation_error_message="A stage is titrating, settled or leaving, and says why.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
