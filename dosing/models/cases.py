"""What became of a discrepancy. A case is changed by adding lines to it, never by changing one."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dosing.models.days import Discrepancy
from dosing.rules.cases import SHORT_LENGTH, WORDS_LENGTH, CaseEventKind, Classification, Destination

CASE_EVENT_KINDS = [(kind.value, kind.value) for kind in CaseEventKind]
CLASSIFICATIONS = [(one.value, one.label) for one in Classification]
DESTINATIONS = [(one.value, one.label) for one in Destination]


class CaseEvent(models.Model):
    """One line of a case, numbered from 1: a note, a classification, that somebody was told, or the end.

    `told_name`, `told_moment` and `reference` say who was told, when, and under which reference. `seen_with` is the
    colleague named beside a classification; they sign nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    discrepancy = models.ForeignKey(Discrepancy, models.PROTECT, related_name="events")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=CASE_EVENT_KINDS)
    words = models.CharField(max_length=WORDS_LENGTH, blank=True)
    classification = models.CharField(max_length=20, choices=CLASSIFICATIONS, blank=True)
    destination = models.CharField(max_length=20, choices=DESTINATIONS, blank=True)
    told_name = models.CharField(max_length=SHORT_LENGTH, blank=True)
    told_moment = models.DateTimeField(null=True)
    reference = models.CharField(max_length=SHORT_LENGTH, blank=True)
    seen_with = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    key = models.UUIDField(unique=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["discrepancy", "number"],
                name="case_lines_are_numbered_once",
                violation_error_message="Somebody else has just written in this case. Look again.",
            ),
            models.UniqueConstraint(
                fields=["discrepancy"],
                condition=Q(kind=CaseEventKind.CLOSED),
                name="a_case_is_closed_once",
                violation_error_message="This case is closed already.",
            ),
            models.CheckConstraint(
                name="case_line_has_what_its_kind_needs",
                condition=(
                    Q(kind__in=[CaseEventKind.NOTE, CaseEventKind.CLOSED], classification="", destination="")
                    & ~Q(words="")
                )
                | (
                    Q(kind=CaseEventKind.CLASSIFIED, classification__in=list(Classification), destination="")
                    & ~Q(words="")
                )
                | (
                    Q(
                        kind=CaseEventKind.TOLD,
                        classification="",
                        destination__in=list(Destination),
                        told_moment__isnull=False,
                    )
                    & ~Q(told_name="")
                ),
                violation_error_message="A line of a case says what its kind needs, and nothing of another kind.",
            ),
            models.CheckConstraint(
                name="only_who_was_told_is_named_as_told",
                condition=Q(kind=CaseEventKind.TOLD)
                | Q(told_name="", told_moment__isnull=True, reference=""),
                violation_error_message="Whom, when and the reference stand only where somebody was told.",
            ),
            models.CheckConstraint(
                name="case_is_seen_with_somebody_else",
                condition=Q(seen_with__isnull=True)
                | (Q(kind=CaseEventKind.CLASSIFIED) & ~Q(seen_with=F("recorded_by"))),
                violation_error_message="The colleague named beside a classification is somebody else.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
