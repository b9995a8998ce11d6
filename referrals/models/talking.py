"""What clinic and agency ask and answer about a referral, and what an agency has not sent yet."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Agency, Clinic
from referrals.models.referrals import Referral, choices_of
from referrals.rules.talking import MESSAGE_LENGTH, Question


class ReferralMessage(models.Model):
    """One message about a referral: a question of the clinic, or what the agency writes. Rows are only ever added.

    The clinic chooses its question from a fixed list, so that nothing clinical can slip into it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="messages")
    key = models.UUIDField(unique=True)
    is_of_clinic = models.BooleanField()
    question = models.CharField(max_length=20, choices=choices_of(Question), blank=True)
    text = models.CharField(max_length=MESSAGE_LENGTH, blank=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="clinic_asks_from_the_list_and_agency_writes",
                condition=(Q(is_of_clinic=True, text="") & ~Q(question=""))
                | (Q(is_of_clinic=False, question="") & ~Q(text="")),
                violation_error_message="The clinic chooses its question from the list; the agency writes.",
            ),
        ]
        indexes = [models.Index(fields=["referral", "written_at"], name="messages_of_a_referral")]

    def __str__(self) -> str:
        return str(self.id)


class TellingStop(models.Model):
    """The person no longer agrees that the agency is told where its referral stands. Rows are only ever added.

    From then on the agency reads that it is told no more, whatever comes after: nothing of the clinic's work shows.
    """

    referral = models.OneToOneField(Referral, models.PROTECT, primary_key=True, related_name="telling_stop")
    stopped_at = models.DateTimeField()
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.referral_id)


class ReferralDraft(models.Model):
    """What somebody of an agency wrote of a referral and has not sent; nobody else reads it.

    `key` is the key of the form, so that what was sent is no draft any more. `data` is sealed, and empty once the
    referral was sent or the draft thrown away.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.UUIDField(unique=True)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    data = models.TextField(blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["saved_by", "clinic"], name="referral_drafts_of_a_person")]

    def __str__(self) -> str:
        return str(self.id)
