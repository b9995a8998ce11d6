"""The sessions of the day: planned, given or not, once."""

from __future__ import annotations

import uuid

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from dosing.models.orders import ROUTES, Order
from dosing.models.protocol import ProtocolVersion
from dosing.models.register import Batch
from dosing.rules.orders import Site
from dosing.rules.paper import Stands
from dosing.rules.protocol import SINGLE_CEILING_MG
from dosing.rules.sessions import DOSED, Outcome, Reason, Reduction
from hat_clinic.accounts.models import Clinic, Premises, Slot
from patients.models import Episode, ImportRun, Person

OUTCOMES = [(outcome.value, outcome.value.replace("_", " ")) for outcome in Outcome]
REASONS = [(reason.value, reason.value.replace("_", " ")) for reason in Reason]
REDUCED = [(reason.value, reason.label) for reason in Reduction]
SITES = [(site.value, site.label) for site in Site]


class DosingState(models.Model):
    """The row that everything about one person's doses locks first. Kept by the actions that lock it."""

    patient = models.OneToOneField(Person, models.PROTECT, primary_key=True, related_name="dosing_state")

    def __str__(self) -> str:
        return str(self.patient_id)


class PatientDay(models.Model):
    """What one person was authorised and given on one Europe/London day, in milligrams."""

    id = models.BigAutoField(primary_key=True)
    patient = models.ForeignKey(Person, models.PROTECT, related_name="dosing_days")
    on = models.DateField()
    authorised_mg = models.PositiveIntegerField(default=0)
    administered_mg = models.PositiveIntegerField(default=0)
    maximum_mg = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "on"],
                name="one_day_row_per_patient",
                violation_error_message="That day already has a row.",
            ),
            models.CheckConstraint(
                name="authorised_mg_within_the_daily_maximum",
                condition=Q(authorised_mg__lte=F("maximum_mg")),
                violation_error_message="That would pass the daily maximum.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class PlannedSession(models.Model):
    """One session that was offered to one person: ours (an order stands behind it) or imported history. Only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(
        Clinic,
        models.PROTECT,
        related_name="planned_sessions",
        db_index=False,  # the index by day has it
    )
    patient = models.ForeignKey(Person, models.PROTECT, related_name="planned_sessions")
    episode = models.ForeignKey(Episode, models.PROTECT, related_name="planned_sessions")
    service_date = models.DateField()
    slot = models.CharField(max_length=3, choices=Slot)
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="planned_sessions")
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "service_date", "slot"],
                name="one_planned_session_per_patient_date_and_slot",
                violation_error_message="That session is already planned.",
            ),
            models.CheckConstraint(
                name="planned_session_has_an_order_unless_imported",
                condition=Q(order__isnull=False, import_run__isnull=True)
                | Q(order__isnull=True, import_run__isnull=False),
                violation_error_message="A session rests on an order, or is imported history.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "service_date"], name="sessions_of_a_clinic_day")]

    def __str__(self) -> str:
        return str(self.id)


class Signature(models.Model):
    """One person's own PIN, put to one act with its content. Rows are only ever added."""

    class Part(models.TextChoices):
        GIVER = "giver"
        WITNESS = "witness"
        COUNTER = "counter"
        OPENER = "opener"
        KEEPER = "keeper"  # who does something with the stock
        DOCTOR = "doctor"  # who lets a dose go ahead
        PRESENT = "present"  # who was there in an emergency
        AMENDER = "amender"  # who puts a line of the room right

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    part = models.CharField(max_length=8, choices=Part)
    content_sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.id)


class StandingInjections(models.Manager["Injection"]):
    """Injections that count: without those of a paper line that was settled as never having been."""

    def get_queryset(self) -> models.QuerySet[Injection]:
        """Return every injection but those set aside."""
        settled = apps.get_model("dosing", "PaperSettlement").objects.filter(
            case=models.OuterRef("paper_line_id"), stands=Stands.COMPUTER
        )
        return super().get_queryset().filter(~models.Exists(settled))


def is_beyond_doubt() -> Q:
    """Return the condition that an injection is not contested, or was settled for the paper.

    Only such a one ends a gap, and is a dose that was tolerated. Source: clinical rules 7.11 (the stricter way).
    """
    settled = apps.get_model("dosing", "PaperSettlement").objects.filter(
        case=models.OuterRef("paper_line_id"), stands=Stands.PAPER
    )
    return Q(is_contested=False) | Q(models.Exists(settled))


class Injection(models.Model):
    """One supervised injection. Written with its outcome, register line and stock movement, or not at all.

    It ends a `preparation` and cites its signatures; one that was entered from paper has its `paper_line` instead.
    `guard` runs from its start to its end plus the order's interval: two of one person may not overlap. `watched_by`
    is who was active at the terminal. `objects` are those that count.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(PlannedSession, models.PROTECT, related_name="injections")
    number = models.PositiveSmallIntegerField(default=1)
    patient = models.ForeignKey(Person, models.PROTECT, related_name="injections")
    premises = models.ForeignKey(Premises, models.PROTECT, related_name="injections")
    order = models.ForeignKey(Order, models.PROTECT, related_name="injections")
    protocol = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="injections")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="injections")
    preparation = models.OneToOneField(
        "dosing.Preparation", models.PROTECT, null=True, related_name="injection"
    )
    paper_line = models.OneToOneField("dosing.PaperLine", models.PROTECT, null=True, related_name="injection")
    ampoules = models.PositiveSmallIntegerField()
    drawn_mg = models.PositiveSmallIntegerField()
    given_mg = models.PositiveSmallIntegerField()
    wasted_mg = models.PositiveSmallIntegerField()
    allowed_mg = models.PositiveSmallIntegerField()
    route = models.CharField(max_length=4, choices=ROUTES)
    site = models.CharField(max_length=20, choices=SITES)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    given_on = models.DateField()
    guard = DateTimeRangeField()
    is_contested = models.BooleanField(default=False)
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    witness = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    watched_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    syringe_returned = models.BooleanField(default=True)
    giver_signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    witness_signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=models.Func(function="hat_now"))

    every = models.Manager["Injection"]()
    objects = StandingInjections()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "number"],
                name="one_injection_of_a_number_per_session",
                violation_error_message="That injection is already recorded.",
            ),
            models.CheckConstraint(
                name="given_and_wasted_make_drawn",
                condition=Q(drawn_mg=F("given_mg") + F("wasted_mg"), given_mg__gte=1, ampoules__gte=1),
                violation_error_message="What was given and what was wasted must make what was drawn.",
            ),
            models.CheckConstraint(
                name="injection_within_what_was_allowed",
                condition=Q(is_contested=True)
                | Q(given_mg__lte=F("allowed_mg"), allowed_mg__lte=SINGLE_CEILING_MG),
                violation_error_message="That is more than the order and the limits allow.",
            ),
            models.CheckConstraint(
                name="giver_and_witness_are_two_people",
                condition=~Q(giver=F("witness")),
                violation_error_message="The witness is somebody else than the giver.",
            ),
            models.CheckConstraint(
                name="injection_ends_when_or_after_it_starts",
                condition=Q(ended_at__gte=F("started_at")),
                violation_error_message="An injection ends when it starts or later.",
            ),
            ExclusionConstraint(
                name="minimum_interval_between_sessions",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("session", RangeOperators.NOT_EQUAL),
                    ("guard", RangeOperators.OVERLAPS),
                ],
                condition=Q(is_contested=False),
                violation_error_message="The last session is too short a time ago.",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-started_at"], name="last_injections_of_a_patient")]

    def __str__(self) -> str:
        return str(self.id)


class SessionOutcome(models.Model):
    """How one planned session ended: one live row, amended only by a row that names it. Only ever added.

    A further injection amends it, and so does an injection that is put right: `given_mg` is the session's total,
    `injection` the last one. `reduced_for` says why it is less than the whole ordered dose.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(PlannedSession, models.PROTECT, related_name="outcomes")
    outcome = models.CharField(max_length=14, choices=OUTCOMES)
    reason = models.CharField(max_length=14, choices=REASONS, blank=True)
    reduced_for = models.CharField(max_length=14, choices=REDUCED, blank=True, default="")
    given_mg = models.PositiveSmallIntegerField(null=True)
    injection = models.ForeignKey(Injection, models.PROTECT, null=True, related_name="outcomes")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    import_run = models.ForeignKey(ImportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(amends__isnull=True),
                name="one_first_outcome_per_session",
                violation_error_message="This session already has an outcome.",
            ),
            models.CheckConstraint(
                name="outcome_is_recorded_by_a_person_or_imported",
                condition=Q(
                    import_run__isnull=True,
                    recorded_by__isnull=False,
                    recorded_at__isnull=False,
                )
                | Q(
                    import_run__isnull=False,
                    recorded_by__isnull=True,
                    recorded_at__isnull=True,
                    injection__isnull=True,
                ),
                violation_error_message="An outcome is recorded by a named person, or imported.",
            ),
            models.CheckConstraint(
                name="outcome_dose_where_one_was_given",
                condition=Q(outcome__in=DOSED, given_mg__isnull=False, given_mg__gte=1)
                | (~Q(outcome__in=DOSED) & Q(given_mg__isnull=True)),
                violation_error_message="A given session has its milligrams; any other has none.",
            ),
            models.CheckConstraint(
                name="own_dose_has_its_injection",
                condition=Q(import_run__isnull=False)
                | Q(outcome__in=DOSED, injection__isnull=False)
                | (~Q(outcome__in=DOSED) & Q(injection__isnull=True)),
                violation_error_message="A dose given here has its injection.",
            ),
            models.CheckConstraint(
                name="outcome_other_than_given_has_a_reason",
                condition=Q(outcome__in=DOSED) | ~Q(reason=""),
                violation_error_message="Say why no dose was given.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class RecordedRequest(models.Model):
    """The first answer to one key: sending it again gets the same answer and stores nothing."""

    key = models.UUIDField(primary_key=True)
    act = models.CharField(max_length=80)
    content_sha256 = models.CharField(max_length=64)
    answer = models.JSONField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.key)
