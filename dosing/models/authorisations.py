"""What a doctor let a dose pass at the hatch, and what was read before one was drawn up."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from dosing.models.orders import Licence
from dosing.models.sessions import PlannedSession, Signature
from dosing.models.visits import PreInjectionCheck, Preparation
from dosing.rules.authorisations import AUTHORISABLE, AuthorisedFor
from hat_clinic.accounts.models import Clinic
from patients.models import Person

USER = settings.AUTH_USER_MODEL


class Authorisation(models.Model):
    """A licensed doctor's reason why one dose may go ahead over one finding of one check. Rows are only ever added.

    `signature` is the doctor's PIN at the terminal, None where it was signed at a desk with the password;
    `entered_by` is who was active there. `message` is the finding as it was read.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="authorisations")
    session = models.ForeignKey(PlannedSession, models.PROTECT, related_name="authorisations")
    check_made = models.ForeignKey(PreInjectionCheck, models.PROTECT, related_name="authorisations")
    code = models.CharField(max_length=40)
    message = models.CharField(max_length=300)
    reason = models.CharField(max_length=16, choices=[(why.value, why.label) for why in AuthorisedFor])
    words = models.CharField(max_length=300)
    licence = models.ForeignKey(Licence, models.PROTECT, related_name="authorisations")
    signature = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="authorisation")
    authorised_at = models.DateTimeField()
    authorised_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="authorisation_is_of_a_stop",
                condition=Q(code__in=sorted(AUTHORISABLE)),
                violation_error_message="No doctor's reason lets a dose pass that finding.",
            ),
            models.CheckConstraint(
                name="authorisation_says_why",
                condition=~Q(words="") & Q(reason__in=[why.value for why in AuthorisedFor]),
                violation_error_message="A doctor says why a dose may go ahead.",
            ),
        ]
        indexes = [models.Index(fields=["check_made"], name="authorisations_of_a_check")]

    def __str__(self) -> str:
        return str(self.id)


class AuthorisationUse(models.Model):
    """The one drawn dose that an authorisation was used for. Rows are only ever added."""

    authorisation = models.OneToOneField(Authorisation, models.PROTECT, primary_key=True, related_name="use")
    preparation = models.ForeignKey(Preparation, models.PROTECT, related_name="authorisations_used")

    def __str__(self) -> str:
        return str(self.authorisation_id)


class Acknowledgement(models.Model):
    """One note that whoever drew a dose up ticked as read. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    preparation = models.ForeignKey(Preparation, models.PROTECT, related_name="acknowledgements")
    code = models.CharField(max_length=40)
    message = models.CharField(max_length=300)
    acknowledged_at = models.DateTimeField()
    acknowledged_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["preparation", "code"],
                name="each_note_is_acknowledged_once",
                violation_error_message="That note is ticked already.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
