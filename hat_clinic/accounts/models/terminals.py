"""Treatment-room terminals, and the links that make a browser one."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models.organisations import Clinic, Premises
from hat_clinic.accounts.models.people import User


class Terminal(models.Model):
    """One browser that stands in a treatment room, known by a secret in its cookie, until it is retired.

    Of the secret only its SHA-256 is kept. The terminal is open until `open_until`: somebody of the clinic signed
    in at it with password and second factor, and until then a PIN is enough. `failures` counts the wrong PINs in
    a row typed at it, whoever's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="terminals")
    premises = models.ForeignKey(Premises, models.PROTECT, null=True, related_name="terminals")
    name = models.CharField(max_length=60)
    secret_sha256 = models.CharField(max_length=64, unique=True)
    enrolled_at = models.DateTimeField()
    enrolled_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    open_until = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    failures = models.PositiveIntegerField(default=0)
    last_failed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "name"],
                condition=Q(retired_at__isnull=True),
                name="one_standing_terminal_of_a_name_per_clinic",
                violation_error_message="This clinic already has a terminal of that name.",
            ),
            models.CheckConstraint(
                name="terminal_is_opened_by_somebody",
                condition=Q(opened_at__isnull=True, opened_by__isnull=True)
                | Q(opened_at__isnull=False, opened_by__isnull=False),
                violation_error_message="A terminal is opened by somebody at a moment, or not at all.",
            ),
            models.CheckConstraint(
                name="terminal_is_open_for_a_while",
                condition=Q(opened_at__isnull=True, open_until__isnull=True)
                | Q(opened_at__isnull=False, open_until__gt=F("opened_at")),
                violation_error_message="A terminal is open from when it was opened until a later moment.",
            ),
            models.CheckConstraint(
                name="terminal_is_retired_by_somebody",
                condition=Q(retired_at__isnull=True, retired_by__isnull=True)
                | Q(retired_at__isnull=False, retired_by__isnull=False),
                violation_error_message="A terminal is retired by somebody at a moment, or not at all.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class TerminalEnrolment(models.Model):
    """One link that makes one browser a terminal, once, until it expires. Only the SHA-256 of its token is kept.

    `opens_terminal` is the demo's: its terminal is open from the start, so that a newcomer begins with a PIN.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    premises = models.ForeignKey(Premises, models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=60)
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    opens_terminal = models.BooleanField(default=False)
    used_at = models.DateTimeField(null=True)
    terminal = models.OneToOneField(Terminal, models.PROTECT, null=True, related_name="enrolment")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="enrolment_expires_after_it_is_made",
                condition=Q(expires_at__gt=F("made_at")),
                violation_error_message="A link expires after it is made.",
            ),
            models.CheckConstraint(
                name="enrolment_is_used_for_a_terminal",
                condition=Q(used_at__isnull=True, terminal__isnull=True)
                | Q(used_at__isnull=False, terminal__isnull=False),
                violation_error_message="A link is used for one terminal at a moment, or not at all.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
