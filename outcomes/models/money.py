"""Money and work of a person: benefits, papers, bank account, work, courses, debts. Only ever added."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.models.measures import CORRECTIONS
from outcomes.rules.money import KINDS, MOST_POUNDS, OPEN_DEBT, STATES, MoneyTopic
from patients.models import Person

STATE_CODES = sorted({state for states in STATES.values() for state in states})
KIND_CODES = sorted({kind for kinds in KINDS.values() for kind in kinds})
_BENEFIT, _DEBT = MoneyTopic.BENEFIT.value, MoneyTopic.DEBT.value


def _state_of_its_topic() -> Q:
    """Return the condition that a line's state is one of its topic."""
    condition = Q(topic=_BENEFIT, state__in=sorted(STATES[MoneyTopic.BENEFIT]))
    for topic in MoneyTopic:
        condition |= Q(topic=topic.value, state__in=sorted(STATES[topic]))
    return condition


class MoneyLine(models.Model):
    """How one thing about money or work stands since one day, as somebody wrote it down. Only ever added.

    A correction is a row that names the one it amends; a row that no other amends counts, unless its correction takes
    it out. A debt is the first row that was written of it, and later lines name that row in `about`. `pounds` is empty
    where nobody knows the sum. The table refuses a second line of the same on one day (a trigger, because which row
    counts is told by other rows).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="money_lines")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="money_lines")
    topic = models.CharField(max_length=9, choices=[(topic.value, topic.label) for topic in MoneyTopic])
    kind = models.CharField(max_length=16, choices=[(kind, kind) for kind in KIND_CODES], blank=True)
    state = models.CharField(max_length=14, choices=[(state, state) for state in STATE_CODES])
    since_on = models.DateField()
    pounds = models.PositiveIntegerField(null=True)
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
                name="one_money_line_per_key",
                violation_error_message="This line is stored already.",
            ),
            models.CheckConstraint(
                name="money_correction_has_its_reason",
                condition=Q(amends__isnull=True, correction="")
                | (Q(amends__isnull=False) & ~Q(correction="")),
                violation_error_message="Say why the line is written again.",
            ),
            models.CheckConstraint(
                name="money_state_is_of_its_topic",
                condition=_state_of_its_topic(),
                violation_error_message="That state is of another topic.",
            ),
            models.CheckConstraint(
                name="money_kind_is_of_its_topic",
                condition=Q(topic=_BENEFIT, kind__in=sorted(KINDS[MoneyTopic.BENEFIT]))
                | Q(topic=_DEBT, about__isnull=True, kind__in=sorted(KINDS[MoneyTopic.DEBT]))
                | Q(topic=_DEBT, about__isnull=False, kind="")
                | (~Q(topic__in=[_BENEFIT, _DEBT]) & Q(kind="")),
                violation_error_message="A benefit and a new debt say what they are, and nothing else does.",
            ),
            models.CheckConstraint(
                name="debt_begins_open",
                condition=~Q(topic=_DEBT) | Q(about__isnull=False) | Q(state__in=sorted(OPEN_DEBT)),
                violation_error_message="A debt begins as owed, or as paid off by a plan.",
            ),
            models.CheckConstraint(
                name="only_a_debt_goes_on",
                condition=Q(topic=_DEBT) | Q(about__isnull=True),
                violation_error_message="Only a debt goes on with another line.",
            ),
            models.CheckConstraint(
                name="sum_is_of_an_open_debt",
                condition=Q(pounds__isnull=True)
                | Q(topic=_DEBT, state__in=sorted(OPEN_DEBT), pounds__gte=1, pounds__lte=MOST_POUNDS),
                violation_error_message="A sum is of an open debt, and more than nothing.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "patient", "topic"], name="money_of_a_person")]

    def __str__(self) -> str:
        return str(self.id)
