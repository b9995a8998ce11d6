"""Offences that police recorded: the agreement they come under, the references they name people by, and the files.

The offences themselves stand in a schema of their own. The application's login may add them and never read them; what
reads them is the database alias `police`, whose login reads nothing else.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Agency, Clinic
from outcomes.rules.police import LONGEST_REFERENCE, LONGEST_WORDS, Basis, Importer, WhyTakenBack
from patients.models import Person

POLICE = "police"


class PoliceAgreement(models.Model):
    """What one clinic and one police force agreed: what may come in, for what, resting on what, from when until when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="police_agreements")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="police_agreements")
    starts_on = models.DateField()
    ends_on = models.DateField()
    purpose = models.CharField(max_length=LONGEST_WORDS)
    basis = models.CharField(max_length=7, choices=[(basis.value, basis.label) for basis in Basis])
    basis_words = models.CharField(max_length=LONGEST_WORDS)
    signatories = models.CharField(max_length=LONGEST_WORDS)
    importer = models.CharField(max_length=15, choices=[(one.value, one.label) for one in Importer])
    case_workers_see = models.BooleanField()
    key = models.UUIDField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_police_agreement_per_key",
                violation_error_message="This agreement is stored already.",
            ),
            models.CheckConstraint(
                name="police_agreement_says_all",
                condition=Q(ends_on__gt=F("starts_on"))
                & ~Q(purpose="")
                & ~Q(basis_words="")
                & ~Q(signatories=""),
                violation_error_message="An agreement ends after it starts, and says what for, on what basis, by whom.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class PoliceAgreementEnd(models.Model):
    """One agreement that was ended before its last day, with effect at once."""

    agreement = models.OneToOneField(PoliceAgreement, models.PROTECT, primary_key=True, related_name="end")
    why = models.CharField(max_length=LONGEST_WORDS)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="police_agreement_end_has_its_reason",
                condition=~Q(why=""),
                violation_error_message="Say why the agreement ends.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.agreement_id)


class PoliceReference(models.Model):
    """What police call one person under one agreement: a reference that tells nothing of who they are.

    It stands until it is taken back. Under one agreement a person has one that stands, and nobody else has the same (a
    trigger, because which row stands is told by other rows).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agreement = models.ForeignKey(PoliceAgreement, models.PROTECT, related_name="references")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="police_references")
    reference = models.CharField(max_length=LONGEST_REFERENCE)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="police_reference_is_capitals_and_digits",
                condition=Q(reference__regex=r"^[A-Z0-9]{6,20}$"),
                violation_error_message="A reference is 6 to 20 capital letters and digits.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class PoliceReferenceEnd(models.Model):
    """One reference that was taken back: it matches nothing from then on, and what it matched counts for nobody."""

    reference = models.OneToOneField(PoliceReference, models.PROTECT, primary_key=True, related_name="end")
    why = models.CharField(max_length=13, choices=[(why.value, why.label) for why in WhyTakenBack])
    taken_back_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    taken_back_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="police_reference_end_has_its_reason",
                condition=Q(why__in=[why.value for why in WhyTakenBack]),
                violation_error_message="Say why the reference is taken back.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference_id)


class PoliceFile(models.Model):
    """One file of one agreement, about a period: what came in, and which file before it this one puts right."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agreement = models.ForeignKey(PoliceAgreement, models.PROTECT, related_name="files")
    during = DateRangeField()
    sha256 = models.CharField(max_length=64)
    offences = models.PositiveIntegerField()
    not_stored = models.PositiveIntegerField()
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["agreement", "sha256"], name="police_file_by_content")]

    def __str__(self) -> str:
        return str(self.id)


class PoliceStrike(models.Model):
    """That one file tells of the person of a reference that was taken back: those offences are somebody else's.

    Which rows of the file they are, the application cannot read; it knows that the reference matched them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    end = models.ForeignKey(PoliceReferenceEnd, models.PROTECT, related_name="strikes")
    file = models.ForeignKey(PoliceFile, models.PROTECT, related_name="strikes")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["end", "file"],
                name="one_police_strike_per_file",
                violation_error_message="This file is struck for that reference already.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class RecordedOffences(models.Manager["PoliceOffence"]):
    """Reads by the login that reads these and nothing else."""

    def get_queryset(self) -> models.QuerySet[PoliceOffence]:
        """Read through the alias of the police schema."""
        return super().get_queryset().using(POLICE)


class PoliceOffence(models.Model):
    """One offence of one file, in the schema of its own. Names everything by identifier, without a foreign key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file_id = models.UUIDField()
    clinic_id = models.UUIDField()
    person_id = models.UUIDField()
    line = models.PositiveIntegerField()
    occurred_on = models.DateField()
    kind = models.CharField(max_length=40)

    objects = RecordedOffences()

    class Meta:
        db_table = '"police"."offence"'
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["file_id", "line"],
                name="one_police_offence_per_line",
                violation_error_message="This line of the file is stored already.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
