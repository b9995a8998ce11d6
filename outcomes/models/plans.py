"""The recovery plan of a person."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.models.support import SupportSession
from outcomes.rules.plans import GoalEnd
from outcomes.rules.support import LONGEST_LINE
from patients.models import Person

ENDS = [(end.value, end.label) for end in GoalEnd]


class Goal(models.Model):
    """One thing a person wants to reach. Only ever added; how it goes on stands in its steps.

    `owner` is who sees to it, None where that is the person themself. `wanted` and `safe` are what was answered
    before a family goal, None where nobody asked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="goals")
    patient = models.ForeignKey(Person, models.PROTECT, related_name="goals")
    domain = models.CharField(max_length=14, choices=SupportSession.Domain)
    words = models.CharField(max_length=LONGEST_LINE)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="goals")
    review_on = models.DateField()
    wanted = models.BooleanField(null=True)
    safe = models.BooleanField(null=True)
    key = models.UUIDField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_goal_per_key",
                violation_error_message="This goal is stored already.",
            ),
            models.CheckConstraint(
                name="goal_says_what",
                condition=~Q(words=""),
                violation_error_message="Write the goal.",
            ),
            models.CheckConstraint(
                name="family_goal_is_wanted_and_safe",
                condition=~Q(domain="family")
                | Q(wanted__isnull=False, safe__isnull=False, wanted=True, safe=True),
                violation_error_message="A family goal is wanted by the person, and safe.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "patient"], name="goals_of_a_person")]

    def __str__(self) -> str:
        return str(self.id)


class GoalStep(models.Model):
    """How a goal went, signed: with the next day to look at it, or with why it ended. Only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    goal = models.ForeignKey(Goal, models.PROTECT, related_name="steps")
    words = models.CharField(max_length=LONGEST_LINE)
    review_on = models.DateField(null=True)
    ended = models.CharField(max_length=10, choices=ENDS, blank=True)
    key = models.UUIDField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_goal_step_per_key",
                violation_error_message="This step is stored already.",
            ),
            models.UniqueConstraint(
                fields=["goal"],
                condition=~Q(ended=""),
                name="goal_ends_once",
                violation_error_message="This goal has ended.",
            ),
            models.CheckConstraint(
                name="goal_step_says_what",
                condition=~Q(words=""),
                violation_error_message="Write how it went.",
            ),
            models.CheckConstraint(
                name="goal_step_is_looked_at_again_or_ends",
                condition=Q(review_on__isnull=False, ended="")
                | (Q(review_on__isnull=True) & Q(ended__in=[end.value for end in GoalEnd])),
                violation_error_message="Say when to look at it again, or why it ends.",
            ),
        ]
        indexes = [models.Index(fields=["goal", "noted_at"], name="steps_of_a_goal")]

    def __str__(self) -> str:
        return str(self.id)
