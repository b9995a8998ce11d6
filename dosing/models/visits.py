"""One person's way through one session: who they are, the check, the drawn dose, the watching, the door."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from dosing.models.orders import Order
from dosing.models.protocol import ProtocolVersion
from dosing.models.register import Batch
from dosing.models.sessions import REDUCED, Injection, PlannedSession, SessionOutcome, Signature
from dosing.rules.checks import Sedation
from dosing.rules.observation import Escalation, NaloxoneHeld
from dosing.rules.oxygen import USUAL_TARGET
from dosing.rules.visits import VisitState
from hat_clinic.accounts.models import Clinic
from patients.models import Person

SEDATION = [(step.value, step.label) for step in Sedation]
USER = settings.AUTH_USER_MODEL
# The lowest target for oxygen that anybody may have, by the scale. Source: clinical rule 19.
_TARGET_IS_ALLOWED = Q(oxygen_target__lte=USUAL_TARGET) & (
    Q(oxygen_scale=1, oxygen_target__gte=90) | Q(oxygen_scale=2, oxygen_target__gte=88)
)


def _recorded(by: str, at: str) -> Q:
    """Return the condition that a moment has its person, or neither is there."""
    return Q(**{f"{at}__isnull": True, f"{by}__isnull": True}) | Q(
        **{f"{at}__isnull": False, f"{by}__isnull": False}
    )


class Visit(models.Model):
    """How far one person has come in one planned session: the row the board reads. Changed by each act.

    `check`, `preparation` and `outcome` are the standing ones; `observe_until` and `next_due_at` are kept for
    the board's clocks and follow from the readings.
    """

    session = models.OneToOneField(PlannedSession, models.PROTECT, primary_key=True, related_name="visit")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="visits")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="visits")
    state = models.CharField(max_length=12, choices=[(state.value, state.value) for state in VisitState])
    arrived_at = models.DateTimeField()
    arrived_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    with_staff = models.ForeignKey(USER, models.PROTECT, related_name="+")
    check_made = models.OneToOneField("dosing.PreInjectionCheck", models.PROTECT, null=True, related_name="+")
    preparation = models.OneToOneField("dosing.Preparation", models.PROTECT, null=True, related_name="+")
    outcome = models.OneToOneField(SessionOutcome, models.PROTECT, null=True, related_name="+")
    injected_at = models.DateTimeField(null=True)
    injected_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    observe_minutes = models.PositiveSmallIntegerField(null=True)
    observe_until = models.DateTimeField(null=True)
    next_due_at = models.DateTimeField(null=True)
    next_due_minute = models.PositiveSmallIntegerField(null=True)
    escalation = models.CharField(
        max_length=1, blank=True, choices=[(step.value, step.value) for step in Escalation if step]
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(state=VisitState.PREPARED),
                name="one_drawn_dose_per_person",
                violation_error_message="A dose of this person is drawn up already.",
            ),
            models.CheckConstraint(
                name="visit_state_has_what_it_says",
                condition=(~Q(state=VisitState.CHECKED) | Q(check_made__isnull=False))
                & (~Q(state=VisitState.PREPARED) | Q(preparation__isnull=False))
                & (
                    ~Q(state__in=[VisitState.OBSERVED, VisitState.RELEASED, VisitState.LEFT_EARLY])
                    | Q(
                        injected_at__isnull=False,
                        outcome__isnull=False,
                        observe_minutes__isnull=False,
                        observe_until__isnull=False,
                    )
                ),
                violation_error_message="A visit is as far as its check, its dose and its injection.",
            ),
            models.CheckConstraint(
                name="visit_has_ended_when_it_says_so",
                condition=Q(
                    state__in=[VisitState.RELEASED, VisitState.LEFT_EARLY, VisitState.NOT_GIVEN],
                    ended_at__isnull=False,
                )
                | (
                    ~Q(state__in=[VisitState.RELEASED, VisitState.LEFT_EARLY, VisitState.NOT_GIVEN])
                    & Q(ended_at__isnull=True)
                ),
                violation_error_message="A visit that has ended says when.",
            ),
            models.CheckConstraint(
                name="visit_injected_at_and_by",
                condition=_recorded("injected_by", "injected_at"),
                violation_error_message="An injection names who watched it and when.",
            ),
            models.CheckConstraint(
                name="visit_ended_at_and_by",
                condition=_recorded("ended_by", "ended_at"),
                violation_error_message="The end of a visit names who and when.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["clinic"],
                condition=~Q(state__in=[VisitState.RELEASED, VisitState.LEFT_EARLY, VisitState.NOT_GIVEN]),
                name="visits_that_have_not_ended",
            )
        ]

    def __str__(self) -> str:
        return str(self.session_id)


class IdentityCheck(models.Model):
    """One asking who somebody is, right or wrong. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="identity_checks")
    session = models.ForeignKey(PlannedSession, models.PROTECT, null=True, related_name="identity_checks")
    items = ArrayField(models.CharField(max_length=20), size=4)
    is_right = models.BooleanField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="identity_rests_on_two_items",
                condition=Q(is_right=False) | Q(items__len__gte=2, session__isnull=False),
                violation_error_message="Two items are needed to know who somebody is.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class PreInjectionCheck(models.Model):
    """One check before an injection, with what was found against a dose. Rows are only ever added.

    Oxygen in percent, alcohol in µg in 100 ml of breath; a value that could not be had is NULL and says why.
    `oxygen_target` and `oxygen_scale` are what the oxygen was held against, this person's own or the clinic's. One that
    amends another has its session and moment, and stands instead of it; a dose that was drawn up on the first was.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(PlannedSession, models.PROTECT, related_name="checks")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="checks")
    protocol = models.ForeignKey(ProtocolVersion, models.PROTECT, null=True, related_name="+")
    sedation = models.CharField(max_length=1, choices=SEDATION)
    breaths = models.PositiveSmallIntegerField()
    oxygen = models.PositiveSmallIntegerField(null=True)
    oxygen_target = models.PositiveSmallIntegerField(default=USUAL_TARGET)
    oxygen_scale = models.PositiveSmallIntegerField(default=1)
    pulse = models.PositiveSmallIntegerField(null=True)
    alcohol_ug = models.PositiveSmallIntegerField(null=True)
    unable_reason = models.CharField(max_length=200, blank=True)
    took_other_drugs = models.BooleanField()
    oral_as_ordered = models.BooleanField()
    is_intoxicated = models.BooleanField()
    sites_are_well = models.BooleanField()
    findings = ArrayField(models.CharField(max_length=40))
    lets_a_dose_go_ahead = models.BooleanField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="check_values_are_possible",
                condition=Q(breaths__lte=60)
                & (Q(oxygen__isnull=True) | Q(oxygen__lte=100))
                & (Q(pulse__isnull=True) | Q(pulse__lte=250))
                & (Q(alcohol_ug__isnull=True) | Q(alcohol_ug__lte=300)),
                violation_error_message="One of the values cannot be right.",
            ),
            models.CheckConstraint(
                name="check_unknown_value_says_why",
                condition=Q(oxygen__isnull=False, pulse__isnull=False, alcohol_ug__isnull=False)
                | ~Q(unable_reason=""),
                violation_error_message="Say why a value could not be had.",
            ),
            models.CheckConstraint(
                name="check_target_for_oxygen_is_allowed",
                condition=_TARGET_IS_ALLOWED,
                violation_error_message="Oxygen is held against 90 % or more, on scale 2 against 88 % or more.",
            ),
            # The limits that no clinic can loosen, so that the table refuses what the rule forgot: alcohol of 20 to
            # 34 is a doctor's decision, 35 is nobody's (clinical rule 19).
            models.CheckConstraint(
                name="check_that_lets_go_ahead_is_within_limits",
                condition=Q(lets_a_dose_go_ahead=False)
                | Q(
                    sedation__in=[Sedation.ALERT, Sedation.SLIGHTLY_DROWSY],
                    breaths__gte=12,
                    oxygen__isnull=False,
                    oxygen__gte=F("oxygen_target"),
                    pulse__isnull=False,
                    alcohol_ug__isnull=False,
                    alcohol_ug__lt=20,
                    is_intoxicated=False,
                ),
                violation_error_message="That check does not let a dose go ahead.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Preparation(models.Model):
    """One dose drawn up by two people, signed by each. It ends as an injection or as waste. Only ever added.

    Milligrams whole; `drawn_mg` is what the opened ampoules hold, `dose_mg` what is in the syringe and
    `wasted_mg` the rest, gone before the injection. `reduced_for` says why it is less than was allowed; `reading`
    is the set after the injection before, which a further injection of a session rests on.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(PlannedSession, models.PROTECT, related_name="preparations")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="preparations")
    order = models.ForeignKey(Order, models.PROTECT, related_name="preparations")
    protocol = models.ForeignKey(ProtocolVersion, models.PROTECT, related_name="+")
    check_made = models.ForeignKey(PreInjectionCheck, models.PROTECT, related_name="preparations")
    reading = models.ForeignKey("dosing.Reading", models.PROTECT, null=True, related_name="preparations")
    batch = models.ForeignKey(Batch, models.PROTECT, related_name="preparations")
    ampoules = models.PositiveSmallIntegerField()
    drawn_mg = models.PositiveSmallIntegerField()
    dose_mg = models.PositiveSmallIntegerField()
    wasted_mg = models.PositiveSmallIntegerField()
    allowed_mg = models.PositiveSmallIntegerField()
    reduced_for = models.CharField(max_length=14, choices=REDUCED, blank=True, default="")
    volume_ul = models.PositiveIntegerField()
    concentration_mg_per_ml = models.PositiveSmallIntegerField()
    expires_at = models.DateTimeField()
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    witness = models.ForeignKey(USER, models.PROTECT, related_name="+")
    preparer_signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    witness_signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="dose_and_waste_make_what_was_drawn",
                condition=Q(drawn_mg=F("dose_mg") + F("wasted_mg"), dose_mg__gte=1, ampoules__gte=1),
                violation_error_message="The dose and the waste must make what was drawn.",
            ),
            models.CheckConstraint(
                name="prepared_dose_is_allowed",
                condition=Q(dose_mg__lte=F("allowed_mg")),
                violation_error_message="That is more than the order and the limits allow.",
            ),
            models.CheckConstraint(
                name="preparer_and_witness_are_two_people",
                condition=~Q(prepared_by=F("witness")),
                violation_error_message="The witness is somebody else than who prepares.",
            ),
            models.CheckConstraint(
                name="syringe_expires_within_a_day",
                condition=Q(
                    expires_at__gt=F("prepared_at"), expires_at__lte=F("prepared_at") + timedelta(hours=24)
                ),
                violation_error_message="A drawn dose is good for a while, and for 24 hours at most.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class WastedDose(models.Model):
    """A drawn dose that was not injected: wasted by two, with its own register line. Only ever added."""

    preparation = models.OneToOneField(Preparation, models.PROTECT, primary_key=True, related_name="waste")
    reason = models.CharField(max_length=20)
    wasted_at = models.DateTimeField()
    wasted_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    witness = models.ForeignKey(USER, models.PROTECT, related_name="+")
    waster_signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    witness_signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    register_entry = models.OneToOneField("dosing.RegisterEntry", models.PROTECT, related_name="waste")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="waste_is_seen_by_two_people",
                condition=~Q(wasted_by=F("witness")),
                violation_error_message="The witness is somebody else than who wastes.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.preparation_id)


class Reading(models.Model):
    """One set of readings after an injection, for a due minute or beside them. Rows are only ever added.

    One that amends another has its injection, minute and moment; what stands is amended by nothing. A wrong one that
    opened a hold or an emergency has opened it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(PlannedSession, models.PROTECT, related_name="readings")
    injection = models.ForeignKey(Injection, models.PROTECT, related_name="readings")
    minute = models.PositiveSmallIntegerField(null=True)
    sedation = models.CharField(max_length=1, choices=SEDATION)
    breaths = models.PositiveSmallIntegerField()
    oxygen = models.PositiveSmallIntegerField(null=True)
    oxygen_target = models.PositiveSmallIntegerField(default=USUAL_TARGET)
    oxygen_scale = models.PositiveSmallIntegerField(default=1)
    pulse = models.PositiveSmallIntegerField(null=True)
    unable_reason = models.CharField(max_length=200, blank=True)
    escalation = models.CharField(max_length=1, blank=True)
    taken_at = models.DateTimeField()
    taken_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["injection", "minute"],
                condition=Q(minute__isnull=False, amends__isnull=True),
                name="one_reading_for_each_due_minute",
                violation_error_message="That reading is recorded already.",
            ),
            models.CheckConstraint(
                name="reading_values_are_possible",
                condition=Q(breaths__lte=60)
                & (Q(oxygen__isnull=True) | Q(oxygen__lte=100))
                & (Q(pulse__isnull=True) | Q(pulse__lte=250)),
                violation_error_message="One of the values cannot be right.",
            ),
            models.CheckConstraint(
                name="reading_target_for_oxygen_is_allowed",
                condition=_TARGET_IS_ALLOWED,
                violation_error_message="Oxygen is held against 90 % or more, on scale 2 against 88 % or more.",
            ),
            models.CheckConstraint(
                name="reading_unknown_value_says_why",
                condition=Q(oxygen__isnull=False, pulse__isnull=False) | ~Q(unable_reason=""),
                violation_error_message="Say why a value could not be had.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Release(models.Model):
    """How somebody left after an injection, and whether the dose was tolerated. Rows are only ever added."""

    session = models.OneToOneField(PlannedSession, models.PROTECT, primary_key=True, related_name="release")
    injection = models.OneToOneField(Injection, models.PROTECT, related_name="release")
    left_early = models.BooleanField()
    reason = models.CharField(max_length=200, blank=True)
    walks_steadily = models.BooleanField(null=True)
    advice_given = models.BooleanField(null=True)
    naloxone = models.CharField(
        max_length=8, blank=True, choices=[(answer.value, answer.label) for answer in NaloxoneHeld]
    )
    is_tolerated = models.BooleanField()
    released_at = models.DateTimeField()
    released_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="release_answers_all_three",
                condition=Q(left_early=True)
                | (
                    Q(
                        walks_steadily__isnull=False,
                        walks_steadily=True,
                        advice_given__isnull=False,
                        advice_given=True,
                    )
                    & ~Q(naloxone="")
                ),
                violation_error_message="Leaving as well needs a steady walk, the advice and a word on naloxone.",
            ),
            models.CheckConstraint(
                name="early_leaving_has_a_reason_and_is_not_tolerated",
                condition=Q(left_early=False) | (~Q(reason="") & Q(is_tolerated=False)),
                violation_error_message="Leaving early has a reason, and its dose does not count as tolerated.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.session_id)
