"""Who did or looked at what, when. Rows are only ever added."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class AuditEvent(models.Model):
    """One act or one look: written in the same transaction as what it tells of.

    `is_look` parts what was only read from what was done: looks are many, and are read by other people.
    Points at nothing but the actor: `person` and the object are plain ids, so that the trail never blocks a
    lawful deletion. `detail` holds ids, codes and numbers, never a name or free text.
    """

    class Outcome(models.TextChoices):
        DONE = "done"
        REFUSED = "refused"

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=models.Func(function="hat_now"))
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    clinic = models.UUIDField(null=True)
    event = models.CharField(max_length=80)
    is_look = models.BooleanField(default=False, db_default=False)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.DONE)
    person = models.UUIDField(null=True)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["person", "at"], name="audit_by_person"),
            models.Index(fields=["clinic", "at"], name="audit_by_clinic"),
            models.Index(fields=["actor", "at"], name="audit_by_actor"),
            # Acts are a few among many looks: the pages that list them must not read past the looks.
            models.Index(fields=["at", "id"], condition=models.Q(is_look=False), name="acts_by_time"),
            models.Index(fields=["actor", "at"], condition=models.Q(is_look=False), name="acts_by_actor"),
            models.Index(
                fields=["at", "id"],
                condition=models.Q(is_look=False, outcome="refused"),
                name="refused_acts_by_time",
            ),
            # What happened before anybody was signed in, found by whose account it was about.
            models.Index(
                fields=["object_id", "at"],
                condition=models.Q(is_look=False, actor__isnull=True),
                name="acts_of_nobody_by_object",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="audit_event_is_a_name",
                condition=models.Q(event__regex=r"^[a-z_]+\.[a-z_]+$"),
                violation_error_message="An audit event is named app.thing_done.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.id}"
