"""Named groups of clinics, and the figures of a month that were put together from their frozen reports."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.models.evaluation import ReportRun
from outcomes.rules.evaluation.rollup import LONGEST_REASON, NetworkKind


class Network(models.Model):
    """One group of clinics: those of a police force area, a funder, a nation. Only added; another set is another name.

    It has an end once there is a NetworkEnd of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.label) for kind in NetworkKind])
    key = models.UUIDField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("name"),
                name="one_network_per_name",
                violation_error_message="There is a group of that name already.",
            ),
            models.UniqueConstraint(
                fields=["key"], name="one_network_per_key", violation_error_message="It was sent before."
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class NetworkClinic(models.Model):
    """One clinic of a group, until there is a NetworkLeaving of it. Only added."""

    id = models.BigAutoField(primary_key=True)
    network = models.ForeignKey(Network, models.PROTECT, related_name="members")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network", "clinic"],
                name="one_place_of_a_clinic_in_a_network",
                violation_error_message="That clinic is in the group already.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class NetworkEnd(models.Model):
    """One group ended with a day: no month that begins after it is put together. Only added, once for a group."""

    network = models.OneToOneField(Network, models.PROTECT, primary_key=True, related_name="end")
    ended_on = models.DateField()
    why = models.CharField(max_length=LONGEST_REASON)
    ended_at = models.DateTimeField()
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="network_end_has_its_reason",
                condition=~Q(why=""),
                violation_error_message="Say why the group ends.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.network_id)


class NetworkLeaving(models.Model):
    """One clinic left its group with a day: in a month that begins after it the group is without it. Only added."""

    member = models.OneToOneField(NetworkClinic, models.PROTECT, primary_key=True, related_name="leaving")
    left_on = models.DateField()
    why = models.CharField(max_length=LONGEST_REASON)
    left_at = models.DateTimeField()
    left_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="network_leaving_has_its_reason",
                condition=~Q(why=""),
                violation_error_message="Say why the clinic leaves the group.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.member_id)


class RollupRequest(models.Model):
    """One asking for the figures of a group in a month: the order to the worker. Only added."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    network = models.ForeignKey(Network, models.PROTECT, related_name="requests")
    month = models.DateField()
    edition = models.CharField(max_length=10, choices=ReportRun.Edition)
    key = models.UUIDField()
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"],
                name="one_rollup_request_per_key",
                violation_error_message="It was sent before.",
            ),
            models.CheckConstraint(
                name="rollup_month_is_its_first_day",
                condition=Q(month__day=1),
                violation_error_message="A month is stored as its first day.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class RollupPart(models.Model):
    """What one clinic gave: its newest released report at that moment, or none. Only added, once for a clinic."""

    id = models.BigAutoField(primary_key=True)
    request = models.ForeignKey(RollupRequest, models.PROTECT, related_name="parts")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    run = models.ForeignKey(ReportRun, models.PROTECT, null=True, related_name="+")
    figures_sha256 = models.CharField(max_length=64, blank=True)
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "clinic"],
                name="one_part_of_a_clinic_in_a_rollup",
                violation_error_message="That clinic's figures are taken already.",
            ),
            models.CheckConstraint(
                name="rollup_part_has_a_report_with_its_hash_or_none",
                condition=Q(run__isnull=True, figures_sha256="")
                | (Q(run__isnull=False) & ~Q(figures_sha256="")),
                violation_error_message="A part names its report and its hash.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Rollup(models.Model):
    """The figures of a group, frozen with their hash. Only added, once for an asking."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.OneToOneField(RollupRequest, models.PROTECT, related_name="rollup")
    figures = models.JSONField()
    figures_sha256 = models.CharField(max_length=64)
    built_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)
