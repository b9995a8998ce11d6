"""Health around treatment: what was offered, tested, given and found, step by step. Only ever added."""

from __future__ import annotations

import uuid
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.models.measures import CORRECTIONS
from outcomes.rules.health import BEGINS, DOSES, IS_ABOUT, LONGEST_BATCH, STEPS, Source, Topic, WoundKind
from outcomes.rules.support import LONGEST_LINE
from patients.models import Person

STEP_WORDS = sorted({step for steps in STEPS.values() for step in steps})


def _of_topics(steps: dict[Topic, frozenset[str]]) -> Q:
    """Return the condition that a line is one of the steps, each of its own topic."""
    return reduce(or_, (Q(topic=topic.value, step__in=sorted(ones)) for topic, ones in steps.items()))


def _filled_where(condition: Q, *, empty: Q) -> Q:
    """Return the condition that a field, told by `empty`, is filled in where another holds and empty elsewhere."""
    return (condition & ~empty) | (~condition & empty)


_KIT_HANDED_OUT = Q(topic=Topic.KIT.value, step__in=sorted(BEGINS[Topic.KIT]))
_OPEN_WOUND = Q(topic=Topic.WOUND.value, step__in=["found", "looked_at"])
_NEW_WOUND = Q(topic=Topic.WOUND.value, step="found")


class HealthLine(models.Model):
    """One step of one health topic of a person, on its day, as somebody wrote it down. Only ever added.

    A correction is a row that names the one it amends; a row that no other amends counts, unless its correction takes
    it out. A wound or a kit is the first row that was written of it, and later lines name that row in `about`. The
    table refuses the same step twice on one day (a trigger, because which row counts is told by other rows).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="health_lines")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="health_lines")
    topic = models.CharField(max_length=6, choices=[(topic.value, topic.label) for topic in Topic])
    step = models.CharField(max_length=19, choices=[(step, step) for step in STEP_WORDS])
    happened_on = models.DateField()
    source = models.CharField(max_length=6, choices=[(source.value, source.label) for source in Source])
    batch = models.CharField(max_length=LONGEST_BATCH, blank=True)
    kind = models.CharField(max_length=14, choices=[(one.value, one.label) for one in WoundKind], blank=True)
    site = models.CharField(max_length=LONGEST_LINE, blank=True)
    size = models.CharField(max_length=LONGEST_LINE, blank=True)
    care = models.CharField(max_length=LONGEST_LINE, blank=True)
    review_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    about = models.ForeignKey("self", models.PROTECT, null=True, related_name="later_lines")
    key = models.UUIDField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    amends = models.OneToOneField("self", models.PROTECT, null=True, related_name="amended_by")
    correction = models.CharField(max_length=14, choices=CORRECTIONS, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_health_line_per_key",
                violation_error_message="This line is stored already.",
            ),
            models.CheckConstraint(
                name="health_correction_has_its_reason",
                condition=Q(amends__isnull=True, correction="")
                | (Q(amends__isnull=False) & ~Q(correction="")),
                violation_error_message="Say why the line is written again.",
            ),
            models.CheckConstraint(
                name="health_step_is_of_its_topic",
                condition=_of_topics({topic: frozenset(steps) for topic, steps in STEPS.items()}),
                violation_error_message="That step is of another topic.",
            ),
            models.CheckConstraint(
                name="health_line_is_about_its_wound_or_kit",
                condition=_filled_where(_of_topics(IS_ABOUT), empty=Q(about__isnull=True)),
                violation_error_message="Say which wound or kit it is about.",
            ),
            models.CheckConstraint(
                name="kit_handed_out_has_its_date",
                condition=_filled_where(_KIT_HANDED_OUT, empty=Q(expires_on__isnull=True)),
                violation_error_message="A kit that is handed out has the date printed on it.",
            ),
            models.CheckConstraint(
                name="open_wound_is_looked_at_again",
                condition=_filled_where(_OPEN_WOUND, empty=Q(review_on__isnull=True)),
                violation_error_message="A wound that is open has the day to look at it again.",
            ),
            models.CheckConstraint(
                name="new_wound_says_what_and_where",
                condition=(_NEW_WOUND & ~Q(kind="") & ~Q(site="") & ~Q(size=""))
                | (~_NEW_WOUND & Q(kind="", site="")),
                violation_error_message="A new wound says what it is, where it is and how big.",
            ),
            models.CheckConstraint(
                name="vaccine_given_here_has_its_batch",
                condition=~Q(topic=Topic.HBV.value, step__in=DOSES, source=Source.HERE.value) | ~Q(batch=""),
                violation_error_message="A dose of vaccine given here has its batch.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "patient", "topic"], name="health_of_a_person")]

    def __str__(self) -> str:
        return str(self.id)
