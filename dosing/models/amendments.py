"""What was written beside a line of the register. Rows are only ever added."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from dosing.models.register import RegisterEntry
from dosing.models.sessions import Signature


class Amendment(models.Model):
    """A later line that corrects an earlier one of its ledger: a note, or an adjustment with its two signatures.

    The line that was wrong stays as it is. The later one is in the chain like any other, with its reason in
    what is hashed. Who wrote it asked for it; an adjustment is entered by the lead and witnessed by the second.
    """

    entry = models.OneToOneField(RegisterEntry, models.PROTECT, primary_key=True, related_name="amendment")
    amends = models.ForeignKey(RegisterEntry, models.PROTECT, related_name="amendments")
    reason = models.CharField(max_length=500)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signature = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    witness_signature = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="amendment_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="Write what was wrong and what is right.",
            ),
            models.CheckConstraint(
                name="adjustment_is_signed_by_both_or_is_a_note",
                condition=Q(signature__isnull=True, witness_signature__isnull=True)
                | Q(signature__isnull=False, witness_signature__isnull=False),
                violation_error_message="An adjustment is signed by the lead and by a second person.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.entry_id)
