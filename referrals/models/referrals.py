"""A referral, and how it ended."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Agency, Clinic
from patients.models import Episode, ImportRun, Person
from referrals.rules.asking import Answer, Identity
from referrals.rules.deciding import DeclineReason, Outcome, WithdrawReason


def choices_of(kind: Any) -> list[tuple[str, str]]:
    """Return the choices of a column that holds one of the members of an enum."""
    return [(member.value, getattr(member, "label", member.value)) for member in kind]


class Referral(models.Model):
    """One request to take one person into one clinic, and where it stands.

    An agency's referral holds who it is about itself: nobody is made a person of ours by being written about.
    `person` is set when the clinic accepts, or from the start where the clinic refers somebody it knows and
    for imported history. `same_as` is the first referral that is likely about the same person.
    """

    class Source(models.TextChoices):
        POLICE = "police"
        PROBATION = "probation"
        PRISON = "prison"
        HEALTH = "health"
        HOUSING = "housing"
        SOCIAL_CARE = "social_care", "social care"
        SELF = "self", "the person themselves"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="referrals")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="referrals")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="referrals")
    source = models.CharField(max_length=12, choices=Source)
    referred_on = models.DateField()
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    given_names = models.CharField(max_length=120, blank=True)
    family_name = models.CharField(max_length=120, blank=True)
    born_on = models.DateField(null=True)
    sex = models.CharField(max_length=1, choices=Person.Sex, blank=True)
    nhs_number = models.CharField(max_length=10, blank=True)
    has_home = models.CharField(max_length=7, choices=choices_of(Answer), blank=True)
    address = models.CharField(max_length=300, blank=True)
    reach = models.CharField(max_length=300, blank=True)
    concern = models.CharField(max_length=500, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    consent_wording = models.CharField(max_length=20, blank=True)
    same_as = models.ForeignKey("self", models.PROTECT, null=True, related_name="repeats")
    key = models.UUIDField(unique=True, null=True)
    content_sha256 = models.CharField(max_length=64, blank=True)
    first_seen_at = models.DateTimeField(null=True)
    first_seen_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    assessment_due_on = models.DateField(null=True)
    assessed_on = models.DateField(null=True)
    is_eligible = models.BooleanField(null=True)
    episode = models.OneToOneField(Episode, models.PROTECT, null=True, related_name="referral")
    closed_on = models.DateField(null=True)
    closed_reason = models.CharField(max_length=12, choices=Episode.ExitReason, blank=True)
    area = models.CharField(max_length=1000, blank=True)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="referral_dates_in_order",
                condition=Q(assessed_on__isnull=True) | Q(assessed_on__gte=F("referred_on")),
                violation_error_message="The assessment cannot be before the referral.",
            ),
            models.CheckConstraint(
                name="referral_closed_has_date_and_reason",
                condition=Q(closed_on__isnull=True, closed_reason="")
                | (Q(closed_on__isnull=False) & ~Q(closed_reason="")),
                violation_error_message="Closing a referral needs both the date and the reason.",
            ),
            models.CheckConstraint(
                name="no_episode_for_somebody_not_eligible",
                condition=Q(episode__isnull=True) | ~Q(is_eligible=False),
                violation_error_message="Somebody who is not eligible cannot start.",
            ),
            models.CheckConstraint(
                name="referral_names_somebody",
                condition=Q(person__isnull=False)
                | (~Q(given_names="") & ~Q(family_name="") & Q(born_on__isnull=False)),
                violation_error_message="A referral names a person: names and date of birth.",
            ),
            models.CheckConstraint(
                name="accepted_referral_has_a_person",
                condition=Q(episode__isnull=True) | Q(person__isnull=False),
                violation_error_message="Somebody accepted is a person of the clinic.",
            ),
            models.CheckConstraint(
                name="agency_referral_is_agreed_and_signed",
                condition=Q(key__isnull=True)
                | (
                    Q(sent_by__isnull=False, import_run__isnull=True)
                    & (Q(agency__isnull=False) | Q(source="self"))
                    & ~Q(consent_wording="")
                    & ~Q(content_sha256="")
                ),
                violation_error_message="A referral that was sent says who sent it, and that the person agreed.",
            ),
            models.CheckConstraint(
                name="referral_first_seen_at_and_by",
                condition=Q(first_seen_at__isnull=True, first_seen_by__isnull=True)
                | Q(first_seen_at__isnull=False, first_seen_by__isnull=False),
                violation_error_message="A first look has both its moment and its reader.",
            ),
            models.CheckConstraint(
                name="referral_sent_at_and_by",
                condition=Q(sent_at__isnull=True, sent_by__isnull=True)
                | Q(sent_at__isnull=False, sent_by__isnull=False),
                violation_error_message="What was sent has both its moment and its sender.",
            ),
            models.CheckConstraint(
                name="referral_nhs_number_is_ten_digits",
                condition=Q(nhs_number="") | Q(nhs_number__regex=r"^[0-9]{10}$"),
                violation_error_message="An NHS number is ten digits.",
            ),
            models.CheckConstraint(
                name="referral_is_not_the_same_as_itself",
                condition=Q(same_as__isnull=True) | ~Q(same_as=F("id")),
                violation_error_message="A referral repeats another one, not itself.",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "referred_on"], name="referrals_of_a_clinic"),
            models.Index(fields=["agency", "clinic"], name="referrals_of_an_agency"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def subject_id(self) -> uuid.UUID:
        """The id by which the trail and the reports know whom this is about.

        That of the person; before there is one, that of the first referral about them, which the person
        takes over when they are accepted.
        """
        return self.person_id or self.same_as_id or self.id

    @property
    def identity(self) -> Identity:
        """What tells the person from others: as referred, else as known."""
        if self.born_on is not None or self.person is None:
            return Identity(self.given_names, self.family_name, self.born_on, self.nhs_number or None)
        person = self.person
        return Identity(person.given_names, person.family_name, person.born_on, person.nhs_number)

    @property
    def full_name(self) -> str:
        """The name as the agency wrote it, else as known, else the reference of an imported person."""
        if self.given_names or self.person is None:
            return f"{self.given_names} {self.family_name}"
        return self.person.full_name


class ReferralDecision(models.Model):
    """How one referral ended, once, by whom and why. Rows are only ever added.

    `reason` is empty for an acceptance, a DeclineReason or a WithdrawReason otherwise; no agency reads it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.OneToOneField(Referral, models.PROTECT, related_name="decision")
    outcome = models.CharField(max_length=9, choices=choices_of(Outcome))
    reason = models.CharField(
        max_length=20, choices=[*choices_of(DeclineReason), *choices_of(WithdrawReason)], blank=True
    )
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="decision_has_a_reason_unless_accepted",
                condition=Q(outcome=Outcome.ACCEPTED, reason="")
                | (~Q(outcome=Outcome.ACCEPTED) & ~Q(reason="")),
                violation_error_message="Not taking somebody in has a reason.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
