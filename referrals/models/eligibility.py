"""A clinic's criteria as dated, approved data; what is known of a person for each; and what a decision rested on."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from referrals.models.referrals import Referral, ReferralDecision, choices_of
from referrals.rules.asking import Answer
from referrals.rules.criteria import REASON_LENGTH, Criterion
from referrals.rules.eligibility import EVIDENCE_LENGTH, FactSource


class CriteriaSet(models.Model):
    """One set of criteria that somebody wrote for a clinic. It binds nobody until it is approved. Rows only added.

    `data` holds every number and the exclusions, `sha256` its fingerprint; `basis` names the published example that
    it began from, or is empty.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="criteria_sets")
    number = models.PositiveIntegerField()
    basis = models.CharField(max_length=20, blank=True)
    data = models.JSONField()
    sha256 = models.CharField(max_length=64)
    reason = models.CharField(max_length=REASON_LENGTH)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "number"],
                name="criteria_sets_are_numbered_once",
                violation_error_message="Other criteria were written meanwhile. Look at them again.",
            ),
            models.CheckConstraint(
                name="criteria_set_has_reason_and_fingerprint",
                condition=~Q(reason="") & Q(sha256__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="Criteria say why they are written, and have their fingerprint.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class CriteriaApproval(models.Model):
    """That a clinical lead approved a set, once: from then on it is the clinic's, until the next. Rows only added.

    `confirmed` names the unverified numbers that the approver confirmed locally. `sha256` is the fingerprint of what
    was approved; a trigger refuses any other than the set's.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    criteria = models.OneToOneField(CriteriaSet, models.PROTECT, related_name="approval")
    sha256 = models.CharField(max_length=64)
    confirmed = ArrayField(models.CharField(max_length=40), default=list)
    approved_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.id)


class EligibilityFact(models.Model):
    """What a clinician found out for one criterion, on what evidence; the newest counts. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, models.PROTECT, related_name="eligibility_facts")
    criterion = models.CharField(max_length=20, choices=choices_of(Criterion))
    number = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=7, choices=choices_of(Answer), blank=True)
    evidence = models.CharField(max_length=EVIDENCE_LENGTH)
    source = models.CharField(max_length=10, choices=choices_of(FactSource))
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="eligibility_fact_is_a_number_or_an_answer",
                condition=Q(number__isnull=False, answer="") | (Q(number__isnull=True) & ~Q(answer="")),
                violation_error_message="A fact is a number or an answer.",
            ),
            models.CheckConstraint(
                name="eligibility_fact_has_its_evidence",
                condition=~Q(evidence="") & ~Q(source=""),
                violation_error_message="A fact says what it rests on, and where that comes from.",
            ),
        ]
        indexes = [models.Index(fields=["referral", "criterion", "noted_at"], name="facts_of_a_referral")]

    def __str__(self) -> str:
        return str(self.id)


class EligibilityJudgement(models.Model):
    """What stood for each criterion at the moment of a decision, and why it was decided otherwise. Rows only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    decision = models.OneToOneField(ReferralDecision, models.PROTECT, related_name="judgement")
    criteria = models.ForeignKey(CriteriaSet, models.PROTECT, related_name="judgements")
    standings = models.JSONField()
    unmet = ArrayField(models.CharField(max_length=20), default=list)
    is_override = models.BooleanField()
    override_reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="override_has_its_reason_and_what_it_overrides",
                condition=Q(is_override=False, override_reason="")
                | (Q(is_override=True, unmet__len__gt=0) & ~Q(override_reason="")),
                violation_error_message="Accepting against the criteria has a reason, and says against which.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
