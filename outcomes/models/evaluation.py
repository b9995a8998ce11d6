"""The frozen extract a report rests on, and each report that was built."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from hat_clinic.accounts.models import Clinic
from outcomes.rules.evaluation.schedule import MOST_TRIES, Stage


class ExtractSegment(models.Model):
    """The rows of one table of one clinic in one month, frozen. Shared between runs; never changed.

    `rows` is a JSON array in a fixed order; `sha256` is over its canonical text, with clinic, month and table.
    """

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="extract_segments")
    month = models.DateField()
    table_name = models.CharField(max_length=30)
    sha256 = models.CharField(max_length=64)
    row_count = models.PositiveIntegerField()
    rows = models.JSONField()
    frozen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "month", "table_name", "sha256"],
                name="one_segment_per_content",
                violation_error_message="That segment is already frozen.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class SegmentTally(models.Model):
    """How many rows of a frozen month tell the same of one person: the database counts them as the month is frozen.

    Of `attendance` the state is the outcome, of `support` whether the person came, of `urine` what became of the
    sample of one assay; "" where nothing is known yet. Other tables are not counted.
    """

    id = models.BigAutoField(primary_key=True)
    segment = models.ForeignKey(ExtractSegment, models.PROTECT, related_name="tallies")
    person = models.CharField(max_length=36)
    assay = models.CharField(max_length=30)
    state = models.CharField(max_length=20)
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "person", "assay", "state"],
                name="one_tally_per_person_and_state",
                violation_error_message="That is counted already.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ChangedMonth(models.Model):
    """A mark that something was written in a month of a table: the next report reads that month again.

    Triggers of the tables leave it in the same transaction as the row, so that a report sees both or neither. Reading
    a whole month takes its marks away, those alone that were seen.
    """

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False)
    table_name = models.CharField(max_length=30)
    month = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["clinic", "table_name", "month"], name="changed_months_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)


class KeptMonth(models.Model):
    """The segment that says what a month of a table holds, while there is no mark on it; none if it is empty.

    True for every data cut on or after `settled_on`, the day after the last day that its rows rest on. `form` is of
    the statement that read it.
    """

    id = models.BigAutoField(primary_key=True)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    table_name = models.CharField(max_length=30)
    month = models.DateField()
    segment = models.ForeignKey(ExtractSegment, models.PROTECT, null=True, related_name="kept_months")
    settled_on = models.DateField()
    form = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "table_name", "month"],
                name="a_month_of_a_table_is_kept_once",
                violation_error_message="That month is kept already.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ReportRun(models.Model):
    """One report of one clinic, month and edition: its frozen extract and its figures. Rows are only added.

    A re-issue is a new row that names the one it replaces, and says why it was asked for.
    """

    class Edition(models.TextChoices):
        RESTRICTED = "restricted"
        PUBLIC = "public"
        JUSTICE = "justice"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="report_runs")
    month = models.DateField()
    edition = models.CharField(max_length=10, choices=Edition)
    issue = models.PositiveIntegerField()
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    as_of = models.DateField()
    is_provisional = models.BooleanField()
    version = models.CharField(max_length=20)
    extract_sha256 = models.CharField(max_length=64)
    segments = models.JSONField()
    figures = models.JSONField()
    figures_sha256 = models.CharField(max_length=64)
    built_at = models.DateTimeField()
    built_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "month", "edition", "issue"],
                name="one_report_per_clinic_month_edition_and_issue",
                violation_error_message="That issue was already built.",
            ),
            models.CheckConstraint(
                name="report_month_is_its_first_day",
                condition=Q(month__day=1),
                violation_error_message="A month is stored as its first day.",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-month"], name="reports_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.id)


class ReportRequest(models.Model):
    """One asking for a report, by a person or by the schedule, and what became of it.

    The row is the order to the worker: a broker that is down delays it and loses nothing. `failure` of one that is not
    finished is why the last try failed; `not_before` is when the next one begins. The schedule asks once for a report,
    however many beats there are and however often a job is delivered.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="report_requests")
    month = models.DateField()
    edition = models.CharField(max_length=10, choices=ReportRun.Edition)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    run = models.ForeignKey(ReportRun, models.PROTECT, null=True, related_name="requests")
    failure = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    is_scheduled = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True)
    stage = models.CharField(
        max_length=8, choices=[(one.value, one.words) for one in Stage], default=Stage.WAITING
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "month", "edition"],
                condition=Q(is_scheduled=True),
                name="one_scheduled_request_per_report",
                violation_error_message="The schedule asked for this report before.",
            ),
            models.CheckConstraint(
                name="report_request_is_tried_five_times_at_most",
                condition=Q(tries__lte=MOST_TRIES),
                violation_error_message="It was tried often enough.",
            ),
            models.UniqueConstraint(
                fields=["clinic", "month", "edition"],
                condition=Q(finished_at__isnull=True),
                name="one_open_request_per_report",
                violation_error_message="This report is already being built.",
            ),
            models.CheckConstraint(
                name="finished_request_has_a_report_or_a_failure",
                condition=Q(finished_at__isnull=True, run__isnull=True)
                | Q(finished_at__isnull=False, run__isnull=False, failure="")
                | (Q(finished_at__isnull=False, run__isnull=True) & ~Q(failure="")),
                violation_error_message="A finished request names its report or says why there is none.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ReportFile(models.Model):
    """One file of a report, stored whole with its hash, as the commissioner downloads it. Only ever added."""

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        HTML = "html", "HTML"
        ODS = "ods", "ODS"
        CSV = "csv", "CSV"
        JSON = "json", "JSON"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(ReportRun, models.PROTECT, related_name="files")
    kind = models.CharField(max_length=4, choices=Kind)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "kind"],
                name="one_file_of_a_kind_per_report",
                violation_error_message="That file was already made.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
