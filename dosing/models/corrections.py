"""Why something written in the treatment room was put right, and who signed that. Rows are only ever added."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Q

from dosing.models.amended_injections import InjectionFacts
from dosing.models.oral import OralDose
from dosing.models.sessions import SessionOutcome, Signature
from dosing.models.visits import PreInjectionCheck, Reading
from dosing.rules.corrections import CorrectedFor


def _one_of(*names: str) -> Q:
    """Return the condition that exactly one of the lines is named."""
    return reduce(or_, (Q(**{f"{name}__isnull": name != one for name in names}) for one in names))


class Correction(models.Model):
    """The reason of one amending row: a reading, an outcome, a check, an oral dose, or facts of an injection.

    The first row stays as it is. `key` is of the page that was signed: sent again it is the same correction.
    """

    key = models.UUIDField(primary_key=True)
    reading = models.OneToOneField(Reading, models.PROTECT, null=True, related_name="correction")
    outcome = models.OneToOneField(SessionOutcome, models.PROTECT, null=True, related_name="correction")
    check_made = models.OneToOneField(PreInjectionCheck, models.PROTECT, null=True, related_name="correction")
    facts = models.OneToOneField(InjectionFacts, models.PROTECT, null=True, related_name="correction")
    oral_dose = models.OneToOneField(OralDose, models.PROTECT, null=True, related_name="correction")
    reason = models.CharField(max_length=10, choices=[(why.value, why.label) for why in CorrectedFor])
    words = models.CharField(max_length=200, blank=True)
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    corrected_at = models.DateTimeField()
    corrected_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="correction_is_of_one_thing",
                condition=_one_of("reading", "outcome", "check_made", "facts", "oral_dose"),
                violation_error_message="A correction is of one line of the room.",
            ),
            models.CheckConstraint(
                name="correction_for_another_reason_has_words",
                condition=~Q(reason=CorrectedFor.OTHER) | ~Q(words=""),
                violation_error_message="Write in words why it is put right.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)
