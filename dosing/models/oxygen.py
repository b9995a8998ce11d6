"""A person's own target for oxygen."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dosing.models.orders import Licence
from dosing.rules.oxygen import USUAL_TARGET, OxygenScale
from patients.models import Episode, Person

USER = settings.AUTH_USER_MODEL


class OxygenBaseline(models.Model):
    """What a doctor set as the lower limit of one person's oxygen, in percent. The newest holds; only ever added.

    It holds to the end of `review_on`, then the clinic's limit is back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Person, models.PROTECT, related_name="oxygen_baselines")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="oxygen_baselines")
    percent = models.PositiveSmallIntegerField()
    scale = models.PositiveSmallIntegerField(choices=[(scale.value, scale.label) for scale in OxygenScale])
    evidence = models.CharField(max_length=300)
    review_on = models.DateField()
    licence = models.ForeignKey(Licence, models.PROTECT, related_name="oxygen_baselines")
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="oxygen_baseline_is_not_under_its_scale",
                condition=Q(percent__lte=USUAL_TARGET)
                & (Q(scale=1, percent__gte=90) | Q(scale=2, percent__gte=88)),
                violation_error_message="A target is 90 % or more on scale 1, 88 % or more on scale 2.",
            ),
            models.CheckConstraint(
                name="oxygen_baseline_has_evidence",
                condition=~Q(evidence=""),
                violation_error_message="A target for oxygen says what it rests on.",
            ),
            models.CheckConstraint(
                name="oxygen_baseline_is_reviewed_later",
                condition=Q(review_on__gte=F("set_at__date")),
                violation_error_message="A target for oxygen is reviewed after it was set.",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-set_at"], name="oxygen_baselines_of_a_person")]

    def __str__(self) -> str:
        return str(self.id)
