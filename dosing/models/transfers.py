"""Ampoules from one premises to another. Rows are only ever added."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from dosing.models.register import Batch, RegisterEntry, RegisterLine
from dosing.models.sessions import Signature


class Transfer(models.Model):
    """Ampoules of one batch sent to the ledger of other premises, by the line of the ledger they left.

    Until there is a `TransferReceipt` they are on the way, and in nobody's balance.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entry = models.OneToOneField(RegisterEntry, models.PROTECT, related_name="transfer")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="transfers")
    target = models.ForeignKey(RegisterLine, models.PROTECT, related_name="transfers_in")
    ampoules = models.PositiveIntegerField()
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    witness_signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="transfer_sends_something",
                condition=Q(ampoules__gte=1),
                violation_error_message="At least one ampoule is sent.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class TransferReceipt(models.Model):
    """What came of a transfer, by the line of the ledger that it came into; `reason` tells of what did not.

    Where nothing came the line is a note that moves nothing, and the transfer has ended.
    """

    transfer = models.OneToOneField(Transfer, models.PROTECT, primary_key=True, related_name="receipt")
    entry = models.OneToOneField(RegisterEntry, models.PROTECT, related_name="transfer_receipt")
    missing = models.PositiveIntegerField()
    reason = models.CharField(max_length=300, blank=True)
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    witness_signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="what_is_missing_of_a_transfer_has_a_reason",
                condition=Q(missing=0) | ~Q(reason=""),
                violation_error_message="Write what is known of the ampoules that did not come.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.transfer_id)
