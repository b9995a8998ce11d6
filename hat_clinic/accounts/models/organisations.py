"""The organisations people work for, and who works there as what."""

from __future__ import annotations

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from hat_clinic.accounts.models.people import User
from hat_clinic.accounts.rules import INSPECTOR_LIMIT, Role


class Clinic(models.Model):
    """One service: its code, the day it opened, its places and sessions a day, and the preset it was opened from."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=1000)
    opened_on = models.DateField()
    places = models.PositiveIntegerField()
    sessions_per_day = models.PositiveSmallIntegerField()
    has_invented_people = models.BooleanField(default=False)
    preset = models.CharField(max_length=20, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="clinic_code_is_2_to_12_capitals_or_digits",
                condition=Q(code__regex=r"^[A-Z0-9]{2,12}$"),
                violation_error_message="A clinic code is 2 to 12 capital letters or digits.",
            ),
            models.CheckConstraint(
                name="clinic_has_a_place",
                condition=Q(places__gte=1),
                violation_error_message="A clinic has at least one place.",
            ),
            models.CheckConstraint(
                name="clinic_offers_1_to_3_sessions",
                condition=Q(sessions_per_day__gte=1, sessions_per_day__lte=3),
                violation_error_message="A clinic offers one, two or three sessions a day.",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Slot(models.TextChoices):
    """A session of the day."""

    AM = "am", "morning"
    PM = "pm", "afternoon"
    EVE = "eve", "evening"


class SessionSlot(models.Model):
    """When one session of a clinic's day opens and closes, as clock times in Europe/London."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="slots")
    name = models.CharField(max_length=3, choices=Slot)
    opens_at = models.TimeField()
    closes_at = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "name"],
                name="one_slot_of_a_name_per_clinic",
                violation_error_message="This clinic already has that session.",
            ),
            models.CheckConstraint(
                name="slot_opens_before_it_closes",
                condition=Q(opens_at__lt=F("closes_at")),
                violation_error_message="A session opens before it closes.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Phase(models.Model):
    """A stretch of a clinic's life with its places, sessions and funder; `until` is the first day after it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="phases")
    name = models.CharField(max_length=1000)
    during = DateRangeField()
    places = models.PositiveIntegerField()
    sessions_per_day = models.PositiveSmallIntegerField()
    funded_by = models.CharField(max_length=1000, blank=True)
    funded_until = models.DateField(null=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="phases_of_a_clinic_do_not_overlap",
                expressions=[("clinic", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                violation_error_message="Two phases of one clinic overlap.",
            ),
            models.CheckConstraint(
                name="phase_offers_1_to_3_sessions",
                condition=Q(sessions_per_day__gte=1, sessions_per_day__lte=3, places__gte=1),
                violation_error_message="A phase has at least one place and one to three sessions a day.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Premises(models.Model):
    """One address where controlled drugs are kept and given; registers and licences belong to premises."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="premises")
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=300)

    class Meta:
        verbose_name_plural = "premises"
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "name"],
                name="one_premises_of_a_name_per_clinic",
                violation_error_message="This clinic already has premises of that name.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Agency(models.Model):
    """An organisation that refers people or works with them: police, probation, housing and the like."""

    class Kind(models.TextChoices):
        POLICE = "police"
        PROBATION = "probation"
        PRISON = "prison"
        HOSPITAL = "hospital"
        PHARMACY = "pharmacy"
        HOUSING = "housing"
        SOCIAL_CARE = "social_care", "Social care"
        GP = "gp", "GP practice"
        OTHER = "other"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=1000, unique=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.OTHER)

    class Meta:
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return str(self.id)


class Membership(models.Model):
    """One role of one person in one clinic, from a moment until a moment (open end: still).

    `agency` is where a referrer works; nobody else has one. An inspector always has an end.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=[(role.value, role.label) for role in Role])
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="memberships")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "clinic", "role"],
                condition=Q(ends_at__isnull=True),
                name="one_standing_membership_per_role",
                violation_error_message="This person already has that role here.",
            ),
            models.CheckConstraint(
                name="membership_starts_before_it_ends",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("starts_at")),
                violation_error_message="A role starts before it ends.",
            ),
            models.CheckConstraint(
                name="referrer_has_an_agency_and_nobody_else",
                condition=Q(role=Role.REFERRER.value, agency__isnull=False)
                | (~Q(role=Role.REFERRER.value) & Q(agency__isnull=True)),
                violation_error_message="A referrer works for an agency, and nobody else does.",
            ),
            models.CheckConstraint(
                name="inspector_stays_at_most_31_days",
                condition=~Q(role=Role.INSPECTOR.value)
                | Q(ends_at__isnull=False, ends_at__lte=F("starts_at") + INSPECTOR_LIMIT),
                violation_error_message="An inspector's role ends within 31 days.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
