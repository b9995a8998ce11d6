"""Emergencies: when one began, what was done at which second, and who put their PIN to it afterwards."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dosing.models.sessions import Injection, PlannedSession, Signature
from dosing.models.visits import Reading
from dosing.rules.emergencies import ENDS, WORDS_LENGTH, IncidentCategory, LineKind, NaloxoneRoute
from hat_clinic.accounts.models import Clinic, Terminal
from patients.models import Person

USER = settings.AUTH_USER_MODEL
LINE_KINDS = [(kind.value, kind.label) for kind in LineKind]
NALOXONE_ROUTES = [(route.value, route.label) for route in NaloxoneRoute]


class EmergencyCard(models.Model):
    """The clinic's emergency card as a clinical lead approved it; the newest counts. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="emergency_cards")
    number = models.PositiveIntegerField()
    micrograms = models.PositiveSmallIntegerField()
    route = models.CharField(max_length=5, choices=NALOXONE_ROUTES)
    look_again = models.CharField(max_length=WORDS_LENGTH)
    to_tell = models.CharField(max_length=WORDS_LENGTH)
    key = models.UUIDField(unique=True)
    approved_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "number"],
                name="emergency_cards_are_numbered_once",
                violation_error_message="Somebody else has just approved a card. Look again.",
            ),
            models.CheckConstraint(
                name="emergency_card_says_everything",
                condition=Q(micrograms__gte=1, route__in=list(NaloxoneRoute))
                & ~Q(look_again="")
                & ~Q(to_tell=""),
                violation_error_message="A card says the dose, the route, when to look again and what to tell 999.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Emergency(models.Model):
    """One emergency of one person, begun by a reading or by the red button. Rows are only ever added.

    `injection` is the last one of the 24 hours before, which it is laid to; `session` is that of the visit that was
    open, else the injection's. `begun_by` is empty where the button was pressed at a locked terminal: those present
    sign afterwards.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="emergencies")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="emergencies")
    session = models.ForeignKey(PlannedSession, models.PROTECT, null=True, related_name="emergencies")
    injection = models.ForeignKey(Injection, models.PROTECT, null=True, related_name="emergencies")
    reading = models.OneToOneField(Reading, models.PROTECT, null=True, related_name="emergency")
    terminal = models.ForeignKey(Terminal, models.PROTECT, null=True, related_name="+")
    key = models.UUIDField(unique=True)
    began_at = models.DateTimeField()
    begun_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="emergency_injection_is_of_its_session",
                condition=Q(injection__isnull=True) | Q(session__isnull=False),
                violation_error_message="An injection is named with its session.",
            ),
            models.CheckConstraint(
                name="emergency_is_begun_by_somebody_or_at_a_terminal",
                condition=Q(begun_by__isnull=False) | Q(terminal__isnull=False),
                violation_error_message="An emergency that nobody is named for was begun at a terminal.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-began_at"], name="emergencies_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)


class EmergencyLine(models.Model):
    """One line of an emergency: a tap, a note, or its end. Rows are only ever added.

    A note may put another line right (`corrects`): both stay. `written_by` is empty at a locked terminal.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    emergency = models.ForeignKey(Emergency, models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=14, choices=LINE_KINDS)
    micrograms = models.PositiveSmallIntegerField(null=True)
    route = models.CharField(max_length=5, choices=NALOXONE_ROUTES, blank=True)
    words = models.CharField(max_length=WORDS_LENGTH, blank=True)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    terminal = models.ForeignKey(Terminal, models.PROTECT, null=True, related_name="+")
    key = models.UUIDField(unique=True)
    happened_at = models.DateTimeField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["emergency"],
                condition=Q(kind__in=list(ENDS)),
                name="an_emergency_ends_once",
                violation_error_message="This emergency has ended already.",
            ),
            models.CheckConstraint(
                name="emergency_naloxone_has_dose_and_route",
                condition=Q(kind=LineKind.NALOXONE, micrograms__isnull=False, micrograms__gte=1)
                & Q(route__in=list(NaloxoneRoute))
                | ~Q(kind=LineKind.NALOXONE) & Q(micrograms__isnull=True, route=""),
                violation_error_message="Naloxone is written with its dose and route, and nothing else has one.",
            ),
            models.CheckConstraint(
                name="emergency_note_is_in_words",
                condition=Q(kind=LineKind.NOTE) & ~Q(words="")
                | ~Q(kind=LineKind.NOTE) & Q(corrects__isnull=True),
                violation_error_message="A note has words, and only a note puts another line right.",
            ),
            models.CheckConstraint(
                name="emergency_line_tells_of_the_past",
                condition=Q(happened_at__lte=F("written_at")),
                violation_error_message="What is written has happened already.",
            ),
            models.CheckConstraint(
                name="emergency_line_is_by_somebody_or_at_a_terminal",
                condition=Q(written_by__isnull=False) | Q(terminal__isnull=False),
                violation_error_message="A line that nobody is named for was written at a terminal.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class EmergencyIncident(models.Model):
    """An incident that an emergency opened: for itself, and for the first naloxone given in it. Only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    emergency = models.ForeignKey(Emergency, models.PROTECT, related_name="incidents")
    category = models.CharField(
        max_length=9, choices=[(category.value, category.label) for category in IncidentCategory]
    )
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["emergency", "category"],
                name="an_emergency_opens_one_incident_of_a_category",
                violation_error_message="This incident is opened already.",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class EmergencySignature(models.Model):
    """One person's PIN put to an emergency as it stood then, by somebody who was present. Only ever added."""

    signature = models.OneToOneField(Signature, models.PROTECT, primary_key=True, related_name="emergency")
    emergency = models.ForeignKey(Emergency, models.PROTECT, related_name="signatures")
    lines = models.PositiveSmallIntegerField()
    key = models.UUIDField(unique=True)
    signed_at = models.DateTimeField()
    signed_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.signature_id)
