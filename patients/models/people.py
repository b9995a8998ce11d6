"""Who the people in treatment are. Everything clinical hangs off the episode."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models import Clinic
from patients.models.history import ImportRun
from patients.rules.people import Allergies


class Person(models.Model):
    """One human being, wherever they are treated.

    Imported history knows people only by a reference of their old records; everybody else has a name and a
    date of birth.
    """

    class Sex(models.TextChoices):
        FEMALE = "F", "female"
        MALE = "M", "male"
        OTHER = "X", "another"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    given_names = models.CharField(max_length=120, blank=True)
    family_name = models.CharField(max_length=120, blank=True)
    born_on = models.DateField(null=True)
    birth_year = models.PositiveSmallIntegerField(null=True)
    sex = models.CharField(max_length=1, choices=Sex, blank=True)
    nhs_number = models.CharField(max_length=10, unique=True, null=True)
    address = models.CharField(max_length=300, blank=True)
    has_no_fixed_abode = models.BooleanField(default=False)
    name_used = models.CharField(max_length=120, blank=True)
    languages = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    gp_name = models.CharField(max_length=120, blank=True)
    gp_practice = models.CharField(max_length=200, blank=True)
    allergies_asked = models.CharField(
        max_length=10,
        choices=[(one.value, one.label) for one in Allergies],
        default=Allergies.NOT_ASKED.value,
    )
    allergies = models.CharField(max_length=500, blank=True)
    next_of_kin = models.CharField(max_length=200, blank=True)
    next_of_kin_phone = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1)
    is_invented = models.BooleanField(default=False)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="people")
    imported_ref = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.CheckConstraint(
                name="person_has_name_and_birth_date_unless_imported",
                condition=(
                    Q(import_run__isnull=False)
                    | (~Q(given_names="") & ~Q(family_name="") & Q(born_on__isnull=False))
                ),
                violation_error_message="Write the given names, the family name and the date of birth.",
            ),
            models.CheckConstraint(
                name="person_has_reference_when_imported",
                condition=Q(import_run__isnull=True, imported_ref="")
                | (Q(import_run__isnull=False) & ~Q(imported_ref="")),
                violation_error_message="An imported person keeps the reference of their old records.",
            ),
            models.CheckConstraint(
                name="nhs_number_is_ten_digits",
                condition=Q(nhs_number__isnull=True) | Q(nhs_number__regex=r"^[0-9]{10}$"),
                violation_error_message="An NHS number is ten digits.",
            ),
            models.CheckConstraint(
                name="no_fixed_abode_has_no_address",
                condition=Q(has_no_fixed_abode=False) | Q(address=""),
                violation_error_message="Somebody of no fixed abode has no address.",
            ),
            models.CheckConstraint(
                name="allergies_are_written_when_there_are_any",
                condition=(Q(allergies_asked=Allergies.KNOWN.value) & ~Q(allergies=""))
                | (~Q(allergies_asked=Allergies.KNOWN.value) & Q(allergies="")),
                violation_error_message="Write the allergies, or say that none are known.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def full_name(self) -> str:
        """Given names and family name, or the reference of an imported person."""
        return f"{self.given_names} {self.family_name}".strip() or self.imported_ref


class PersonChange(models.Model):
    """One change of who somebody is: which details, from what to what. Rows are only ever added.

    The audit trail names the details and holds no value of them, because people read it who may not see the
    person. The values stand here, so that somebody can be found by the name or address they had.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="changes")
    version = models.PositiveIntegerField()
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "version"],
                name="each_version_of_a_person_is_made_once",
                violation_error_message="Somebody changed this person meanwhile.",
            ),
            models.CheckConstraint(
                name="first_version_of_a_person_is_no_change",
                condition=Q(version__gte=2),
                violation_error_message="The first version is what was registered.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Episode(models.Model):
    """One stretch of treatment of one person in one clinic: accepted, started, left."""

    class ExitReason(models.TextChoices):
        COMPLETED = "completed"
        TRANSFERRED = "transferred", "transferred to another service"
        DROPPED_OUT = "dropped_out", "dropped out"
        WITHDRAWN = "withdrawn", "chose to stop"
        PRISON = "prison", "went to prison"
        DECLINED = "declined"
        DIED = "died"
        OTHER = "other", "another reason"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="episodes")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="episodes")
    accepted_on = models.DateField()
    started_on = models.DateField(null=True)
    exited_on = models.DateField(null=True)
    exit_reason = models.CharField(max_length=12, choices=ExitReason, blank=True)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="episode_dates_in_order",
                condition=(Q(started_on__isnull=True) | Q(started_on__gte=F("accepted_on")))
                & (
                    Q(exited_on__isnull=True) | Q(started_on__isnull=True) | Q(exited_on__gte=F("started_on"))
                ),
                violation_error_message="Accepted, started and left must follow each other.",
            ),
            models.CheckConstraint(
                name="episode_exit_has_date_and_reason",
                condition=Q(exited_on__isnull=True, exit_reason="")
                | (Q(exited_on__isnull=False) & ~Q(exit_reason="")),
                violation_error_message="Leaving needs both the date and the reason.",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(exited_on__isnull=True),
                name="one_open_episode_per_person",
                violation_error_message="This person is already in treatment.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "started_on"], name="episodes_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)


class Incident(models.Model):
    """One safety event of one person: over-sedation, overdose, death or another."""

    class Category(models.TextChoices):
        OVER_SEDATION = "over_sedation", "over-sedation"
        OVERDOSE = "overdose"
        DEATH = "death"
        OTHER = "other"

    class Place(models.TextChoices):
        CLINIC = "clinic"
        HOME = "home"
        STREET = "street"
        HOSPITAL = "hospital"
        CUSTODY = "custody"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="incidents")
    person = models.ForeignKey(Person, models.PROTECT, related_name="incidents")
    happened_on = models.DateField()
    category = models.CharField(max_length=16, choices=Category)
    on_site = models.BooleanField()
    naloxone_given = models.BooleanField(null=True)
    place = models.CharField(max_length=8, choices=Place, blank=True)
    is_drug_related = models.BooleanField(null=True)
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["clinic", "happened_on"], name="incidents_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)
