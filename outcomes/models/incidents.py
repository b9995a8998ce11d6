"""Safety incidents as the clinic writes them down, and who was told of each. Only ever added."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.rules.incidents import LONGEST_LINE, LONGEST_WORDS, Body, Harm, Kind, Where
from patients.models import Person


class IncidentReport(models.Model):
    """One incident as somebody wrote it down. A correction is the next number of the same incident, with its reason.

    The highest number of an incident is what stands; what was written before stays beside it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="incident_reports")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="incident_reports")
    incident = models.UUIDField(default=uuid.uuid4)
    number = models.PositiveSmallIntegerField(default=1)
    happened_on = models.DateField()
    kind = models.CharField(max_length=14, choices=[(kind.value, kind.label) for kind in Kind])
    place = models.CharField(max_length=8, choices=[(place.value, place.label) for place in Where])
    harm = models.PositiveSmallIntegerField(choices=[(harm.value, harm.label) for harm in Harm])
    naloxone_given = models.BooleanField(null=True)
    is_drug_related = models.BooleanField(null=True)
    words = models.CharField(max_length=LONGEST_WORDS)
    why = models.CharField(max_length=LONGEST_LINE, blank=True)
    key = models.UUIDField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "number"],
                name="incident_lines_are_numbered_once",
                violation_error_message="Somebody corrected this incident meanwhile. Look at it first.",
            ),
            models.UniqueConstraint(
                fields=["key"],
                name="one_incident_line_per_key",
                violation_error_message="This incident is stored already.",
            ),
            models.CheckConstraint(
                name="incident_correction_has_its_reason",
                condition=Q(number=1, why="") | (Q(number__gt=1) & ~Q(why="")),
                violation_error_message="Say why the incident is written again.",
            ),
            models.CheckConstraint(
                name="incident_death_has_its_harm",
                condition=Q(kind="death", harm=Harm.DEATH.value)
                | (~Q(kind="death") & Q(harm__lt=Harm.DEATH.value)),
                violation_error_message="A death has the harm death, and nothing else has.",
            ),
            models.CheckConstraint(
                name="incident_says_what_where_and_what_harm",
                condition=Q(
                    kind__in=[kind.value for kind in Kind],
                    place__in=[place.value for place in Where],
                    harm__range=(Harm.NONE.value, Harm.DEATH.value),
                )
                & ~Q(words=""),
                violation_error_message="Say what happened, where, and what harm came of it.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "happened_on"], name="incident_lines_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)


class IncidentTelling(models.Model):
    """Somebody who must be told of an incident was told, on a day, as somebody of the clinic signed.

    Only ever added. A correction names the line it amends, with its reason; one that `is_struck` says that they were
    not told after all. What counts is the line that no other amends. The table refuses two that count of one body,
    and a day before the incident (triggers, because other rows tell of them).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    report = models.ForeignKey(IncidentReport, models.PROTECT, related_name="tellings")
    incident = models.UUIDField()
    body = models.CharField(max_length=12, choices=[(body.value, body.label) for body in Body])
    told_on = models.DateField()
    words = models.CharField(max_length=LONGEST_LINE, blank=True)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    why = models.CharField(max_length=LONGEST_LINE, blank=True)
    is_struck = models.BooleanField(default=False)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="incident_telling_correction_has_its_reason",
                condition=Q(amends__isnull=True, why="", is_struck=False)
                | (Q(amends__isnull=False) & ~Q(why="")),
                violation_error_message="Say why it is written again.",
            ),
            models.CheckConstraint(
                name="incident_telling_is_of_a_body",
                condition=Q(body__in=[body.value for body in Body]),
                violation_error_message="Say who was told.",
            ),
        ]
        indexes = [models.Index(fields=["incident", "body"], name="incident_tellings")]

    def __str__(self) -> str:
        return str(self.id)
