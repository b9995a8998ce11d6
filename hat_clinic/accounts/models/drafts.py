"""What somebody typed and has not sent."""

from __future__ import annotations

import uuid

from django.db import models

from hat_clinic.accounts.models.people import User


class Draft(models.Model):
    """What one person typed on one page and has not saved yet; nobody else ever reads it.

    `data` is sealed, since it may hold clinical text, and empty once the page was saved. It is no record: what
    was never sent was never said.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    path = models.CharField(max_length=300)
    data = models.TextField(blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "path"],
                name="one_draft_per_person_and_page",
                violation_error_message="This person already has a draft of that page.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
