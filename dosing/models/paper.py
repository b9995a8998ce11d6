"""What was entered from a paper pack, what of it is contested, and who settled that. Rows are only ever added."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from dosing.models.downtime import DowntimePack
from dosing.models.holds import Hold
from dosing.models.register import Batch, RegisterEntry
from dosing.models.sessions import PlannedSession, SessionOutcome, Signature
from dosing.models.visits import PreInjectionCheck
from dosing.rules.paper import OnLine, Stands
from hat_clinic.accounts.models import Clinic
from patients.models import Person

USER = settings.AUTH_USER_MODEL


class PaperRun(models.Model):
    """A pack that was used on paper, since somebody began to enter it: from then on its lines are asked for."""

    pack = models.OneToOneField(DowntimePack, models.PROTECT, primary_key=True, related_name="run")
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.pack_id)


class PaperLine(models.Model):
    """One line of a pack as the paper has it, entered once. `written` is all of it, `conflicts` why it is contested.

    Its times are the paper's; `entered_at` is when it was entered. A dose of it is an `Injection` that names the line.
    `session` is empty only where no order of the person was ever known, so that no dose of theirs can be stored.
    `away_reason` says why somebody else signed for the giver or the witness.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pack = models.ForeignKey(DowntimePack, models.PROTECT, related_name="lines_entered")
    line = models.PositiveSmallIntegerField()
    patient = models.ForeignKey(Person, models.PROTECT, null=True, related_name="paper_lines")
    session = models.ForeignKey(PlannedSession, models.PROTECT, null=True, related_name="paper_lines")
    what = models.CharField(max_length=9, choices=[(one.value, one.label) for one in OnLine])
    started_at = models.DateTimeField(null=True)
    given_mg = models.PositiveSmallIntegerField(null=True)
    ampoules = models.PositiveSmallIntegerField(null=True)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="paper_lines")
    giver = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    witness = models.ForeignKey(USER, models.PROTECT, null=True, related_name="+")
    giver_signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    witness_signature = models.OneToOneField(Signature, models.PROTECT, null=True, related_name="+")
    away_reason = models.CharField(max_length=300, blank=True)
    check_made = models.OneToOneField(PreInjectionCheck, models.PROTECT, null=True, related_name="paper_line")
    ended = models.OneToOneField(SessionOutcome, models.PROTECT, null=True, related_name="paper_line")
    written = models.JSONField()
    words = models.CharField(max_length=300, blank=True)
    findings = ArrayField(models.CharField(max_length=40))
    conflicts = ArrayField(models.CharField(max_length=40))
    is_contested = models.BooleanField()
    content_sha256 = models.CharField(max_length=64)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pack", "line"],
                name="a_line_of_a_pack_is_entered_once",
                violation_error_message="This line of the pack is entered already.",
            ),
            models.CheckConstraint(
                name="contested_line_says_why",
                condition=Q(is_contested=True, conflicts__len__gte=1)
                | Q(is_contested=False, conflicts__len=0),
                violation_error_message="A line is contested for a reason, and else for none.",
            ),
            models.CheckConstraint(
                name="paper_dose_has_all_its_parts",
                condition=Q(
                    what=OnLine.GIVEN,
                    patient__isnull=False,
                    started_at__isnull=False,
                    given_mg__isnull=False,
                    given_mg__gte=1,
                    ampoules__isnull=False,
                    batch__isnull=False,
                    giver__isnull=False,
                    witness__isnull=False,
                    witness_signature__isnull=False,
                )
                | (
                    Q(what__in=[OnLine.NOT_GIVEN, OnLine.NOTHING])
                    & Q(given_mg__isnull=True, giver__isnull=True, witness__isnull=True)
                ),
                violation_error_message="A dose on paper has its time, its milligrams, its ampoules and two people.",
            ),
            models.CheckConstraint(
                name="paper_giver_and_witness_are_two_people",
                condition=Q(giver__isnull=True) | ~Q(giver=models.F("witness")),
                violation_error_message="The witness is somebody else than the giver.",
            ),
            models.CheckConstraint(
                name="paper_line_tells_of_the_past",
                condition=Q(started_at__isnull=True) | Q(started_at__lte=models.F("entered_at")),
                violation_error_message="What stands on paper has happened already.",
            ),
        ]
        indexes = [models.Index(fields=["patient", "-entered_at"], name="paper_lines_of_a_patient")]

    def __str__(self) -> str:
        return str(self.id)


class PaperCase(models.Model):
    """A contested line, for the clinical lead: an incident until its settlement.

    `hold` is what holds the person for it; `recorded` what the computer had of the session when it was entered.
    """

    line = models.OneToOneField(PaperLine, models.PROTECT, primary_key=True, related_name="case")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="paper_cases")
    hold = models.OneToOneField(Hold, models.PROTECT, null=True, related_name="paper_case")
    recorded = models.ForeignKey(SessionOutcome, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["clinic", "-opened_at"], name="contested_lines_of_a_clinic")]

    def __str__(self) -> str:
        return str(self.line_id)


class PaperSettlement(models.Model):
    """Which of the two stands, why, and the PIN of who settled it. What does not stand is kept as it was written."""

    case = models.OneToOneField(PaperCase, models.PROTECT, primary_key=True, related_name="settlement")
    stands = models.CharField(max_length=8, choices=[(one.value, one.label) for one in Stands])
    reason = models.CharField(max_length=300)
    outcome = models.OneToOneField(SessionOutcome, models.PROTECT, null=True, related_name="paper_settlement")
    signature = models.OneToOneField(Signature, models.PROTECT, related_name="+")
    settled_at = models.DateTimeField()
    settled_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="settlement_has_a_reason",
                condition=~Q(reason="") & Q(stands__in=list(Stands)),
                violation_error_message="Write how you know which of the two is right.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.case_id)


class WaitingEntry(models.Model):
    """The register's line of a paper dose that was beyond the book, written once the book had the ampoules."""

    line = models.OneToOneField(PaperLine, models.PROTECT, primary_key=True, related_name="waiting_entry")
    entry = models.OneToOneField(RegisterEntry, models.PROTECT, related_name="waiting_entry")
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(USER, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.line_id)
