"""Who was asked to come and work in a clinic."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q

from hat_clinic.accounts.models.organisations import Agency, Clinic
from hat_clinic.accounts.models.people import User
from hat_clinic.accounts.rules import INVITATION_LASTS, Role


class Invitation(models.Model):
    """One invitation of one person into one clinic, with the roles they get by accepting it.

    The token of its link is kept as a SHA-256 only: a copy of this table opens no door. `roles_start_at` is
    when all these roles begin, None for at once; `roles_end_at` their end, None for roles without one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="invitations")
    email = models.EmailField()
    full_name = models.CharField(max_length=120)
    roles = ArrayField(models.CharField(max_length=20, choices=[(role.value, role.label) for role in Role]))
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="invitations")
    roles_start_at = models.DateTimeField(null=True)
    roles_end_at = models.DateTimeField(null=True)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "email"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="one_waiting_invitation_per_address",
                violation_error_message="An invitation to that address is waiting already.",
            ),
            models.CheckConstraint(
                name="invitation_email_is_lower_case",
                condition=Q(email=Func(F("email"), function="lower")),
                violation_error_message="Write the e-mail address in lower case.",
            ),
            models.CheckConstraint(
                name="invitation_names_a_role",
                condition=Q(roles__len__gte=1),
                violation_error_message="An invitation names at least one role.",
            ),
            models.CheckConstraint(
                name="invited_referrer_has_an_agency",
                condition=Q(roles__contains=[Role.REFERRER.value], agency__isnull=False)
                | (~Q(roles__contains=[Role.REFERRER.value]) & Q(agency__isnull=True)),
                violation_error_message="A referrer works for an agency, and nobody else does.",
            ),
            models.CheckConstraint(
                name="invited_inspector_has_an_end",
                condition=~Q(roles__contains=[Role.INSPECTOR.value]) | Q(roles_end_at__isnull=False),
                violation_error_message="An inspector's role ends within 31 days.",
            ),
            models.CheckConstraint(
                name="invited_roles_start_before_they_end",
                condition=Q(roles_start_at__isnull=True)
                | Q(roles_end_at__isnull=False, roles_end_at__gt=F("roles_start_at")),
                violation_error_message="A role that begins later has an end after its beginning.",
            ),
            models.CheckConstraint(
                name="invitation_lasts_at_most_7_days",
                condition=Q(
                    expires_at__gt=F("invited_at"), expires_at__lte=F("invited_at") + INVITATION_LASTS
                ),
                violation_error_message="An invitation lasts at most 7 days.",
            ),
            models.CheckConstraint(
                name="invitation_accepted_has_when_and_who",
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
                violation_error_message="An accepted invitation says when and by whom.",
            ),
            models.CheckConstraint(
                name="invitation_withdrawn_has_when_and_who",
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                violation_error_message="A withdrawn invitation says when and by whom.",
            ),
            models.CheckConstraint(
                name="invitation_is_accepted_or_withdrawn",
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True),
                violation_error_message="An accepted invitation cannot be withdrawn.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
