"""What an injection should have said. Rows are only ever added; the injection and its register line stay."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from dosing.models.orders import ROUTES
from dosing.models.register import RegisterEntry
from dosing.models.sessions import SITES, Injection, PlannedSession, Signature


class InjectionFacts(models.Model):
    """Milligrams, route, site and syringe of one injection as they stand; the last of a chain counts.

    `entry` is the note beside the register line of the injection, where the milligrams change, and `witness_signature`
    the second person's: drawn is given and wasted, so no ampoule moves. A dose counts as tolerated up to the lowest
    that was ever written of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    injection = models.ForeignKey(Injection, models.PROTECT, related_name="facts")
    session = models.ForeignKey(PlannedSession, models.PROTECT, related_name="+")
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    given_mg = models.PositiveSmallIntegerField()
    wasted_mg = models.PositiveSmallIntegerField()
    route = models.CharField(max_length=4, choices=ROUTES)
    site = models.CharField(max_length=20, choices=SITES)
    syringe_returned = models.BooleanField()
    entry = models.OneToOneField(RegisterEntry, models.PROTECT, null=True, related_name="+")
    witness_signature = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["injection"],
                condition=Q(amends__isnull=True),
                name="one_first_amendment_per_injection",
                violation_error_message="Somebody has put this injection right meanwhile.",
            ),
            models.CheckConstraint(
                name="other_milligrams_are_noted_and_seen_by_two",
                condition=Q(entry__isnull=True, witness_signature__isnull=True)
                | Q(entry__isnull=False, witness_signature__isnull=False),
                violation_error_message="Other milligrams stand in the register, signed by a second person.",
            ),
            models.CheckConstraint(
                name="something_of_an_injection_went_in",
                condition=Q(given_mg__gte=1),
                violation_error_message="At least 1 mg went in; a dose of which nothing went in is waste.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
