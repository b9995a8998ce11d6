"""Which rows may ever change is written here, and the database agrees."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models
from django.db.models import Q

from tests.architecture.house import PACKAGES
from tests.owner import as_owner

# Rows are only ever added. A correction is a new row that points at the old one.
APPEND_ONLY = {
    "dosing.ClosedPerson",
    "dosing.Closure",
    "dosing.Contact",
    "dosing.Handover",
    "dosing.HandoverAcknowledgement",
    "dosing.HandoverNote",
    "dosing.LateArrival",
    "dosing.Acknowledgement",
    "dosing.Amendment",
    "dosing.Correction",
    "dosing.InjectionFacts",
    "dosing.Authorisation",
    "dosing.AuthorisationUse",
    "dosing.Delivery",
    "dosing.Destruction",
    "dosing.PatientReturn",
    "dosing.Quarantine",
    "dosing.Requisition",
    "dosing.RequisitionClosing",
    "dosing.ReturnDestruction",
    "dosing.Transfer",
    "dosing.TransferReceipt",
    "dosing.WitnessAuthority",
    "dosing.GapDecision",
    "dosing.OralSettlement",
    "dosing.OrderSlot",
    "dosing.OrderStep",
    "dosing.OxygenBaseline",
    "dosing.PaperCase",
    "dosing.PaperLine",
    "dosing.PaperRun",
    "dosing.PaperSettlement",
    "dosing.WaitingEntry",
    "audit.AuditEvent",
    "dosing.BalanceCheck",
    "dosing.BalanceResult",
    "dosing.Checkpoint",
    "dosing.CaseEvent",
    "dosing.ClinicDay",
    "dosing.DayClosing",
    "dosing.Discrepancy",
    "dosing.DowntimePack",
    "dosing.Emergency",
    "dosing.EmergencyCard",
    "dosing.EmergencyIncident",
    "dosing.EmergencyLine",
    "dosing.EmergencySignature",
    "dosing.IdentityCheck",
    "dosing.Incarnation",
    "dosing.Injection",
    "dosing.LegalHold",
    "dosing.LegalHoldLift",
    "dosing.Licence",
    "dosing.NaloxoneOrder",
    "dosing.OralDecision",
    "dosing.OralDose",
    "dosing.OralOrder",
    "dosing.LicenceRevocation",
    "dosing.Order",
    "dosing.OrderRequest",
    "dosing.PreInjectionCheck",
    "dosing.Preparation",
    "dosing.PrescriptionPart",
    "dosing.PrescriptionPrint",
    "dosing.ProtocolDraft",
    "dosing.ProtocolVersion",
    "dosing.Reading",
    "dosing.RecordedRequest",
    "dosing.RegisterEntry",
    "dosing.RegisterLine",
    "dosing.RegisterVerification",
    "dosing.Release",
    "dosing.Reopening",
    "dosing.SessionOutcome",
    "dosing.Signature",
    "dosing.StockCount",
    "dosing.StockMovement",
    "dosing.WastedDose",
    "outcomes.CustodyStay",
    "outcomes.AgencySlot",
    "outcomes.AgencySlotEnd",
    "outcomes.AppointmentEnd",
    "outcomes.ExtractSegment",
    "outcomes.FollowUp",
    "outcomes.FollowUpDone",
    "outcomes.Goal",
    "outcomes.GoalStep",
    "outcomes.HealthLine",
    "outcomes.GroupSession",
    "outcomes.HousingRecord",
    "outcomes.IncidentReport",
    "outcomes.IncidentTelling",
    "outcomes.OutcomeForm",
    "outcomes.OwnAnswers",
    "outcomes.Offence",
    "outcomes.ReportFile",
    "outcomes.ReportRun",
    "patients.Assessment",
    "patients.Consent",
    "patients.ConsentWithdrawal",
    "patients.Disclosure",
    "patients.HarmCheck",
    "patients.LeavingPlan",
    "patients.OpeningReview",
    "patients.ProgrammeClosing",
    "patients.RecordOpening",
    "patients.EpisodeStage",
    "outcomes.SupportSession",
    "outcomes.UrineDraw",
    "outcomes.UrineStep",
    "patients.ImportRun",
    "patients.PersonChange",
    "patients.PersonPhoto",
    "referrals.AgencyFlag",
    "referrals.CriteriaApproval",
    "referrals.CriteriaSet",
    "referrals.EligibilityFact",
    "referrals.EligibilityJudgement",
    "referrals.PriorTreatment",
    "referrals.ReferralDecision",
    "referrals.ReferralMessage",
    "referrals.ReleasePlan",
    "referrals.TellingStop",
}

# Rows may change; who changed what is in the audit trail.
EDITABLE = {
    "accounts.Agency",
    "accounts.Clinic",
    "accounts.Draft",
    "accounts.Invitation",
    "accounts.Membership",
    "accounts.Phase",
    "accounts.Premises",
    "accounts.SessionSlot",
    "accounts.SigningPin",
    "accounts.Terminal",
    "accounts.TerminalEnrolment",
    "accounts.User",
    "dosing.Batch",
    "dosing.DosingState",
    "dosing.DowntimeFile",
    "dosing.Hold",
    "dosing.OralOrderPeriod",
    "dosing.OrderPeriod",
    "dosing.OrderRequestStanding",
    "dosing.PatientDay",
    "dosing.PlannedSession",
    "dosing.RegisterHead",
    "dosing.Visit",
    "outcomes.Appointment",
    "outcomes.AreaFigure",
    "outcomes.CaseAssignment",
    "outcomes.Disruption",
    "outcomes.NeedEstimate",
    "outcomes.OffenceType",
    "outcomes.ProgrammeCost",
    "outcomes.ReportRequest",
    "outcomes.ServiceUse",
    "outcomes.UrineTest",
    "patients.Alert",
    "patients.ContactDetail",
    "patients.Episode",
    "patients.Incident",
    "patients.Person",
    "patients.Relationship",
    "referrals.Referral",
    "referrals.ReferralDraft",
}

# Editable, but only by functions of the database: the application may not touch a row, nobody may remove one.
KEPT_BY_THE_DATABASE = {"dosing.Batch", "dosing.RegisterHead"}

GUARDED = APPEND_ONLY | KEPT_BY_THE_DATABASE

# One of a pair may be empty without the other, and why.
UNPAIRED: dict[str, str] = {
    "dosing.EmergencyIncident.opened_at": "It follows from an emergency that was written at a locked terminal.",
    "dosing.EmergencyLine.written_at": "Written without a PIN at a locked terminal: those present sign afterwards.",
    "dosing.Hold.opened_at": "It follows from an emergency that was written at a locked terminal.",
    "outcomes.HousingRecord.recorded_on": "The day somebody began to live there; imported lines name nobody.",
}


def our_models() -> list[type[models.Model]]:
    """Return every model of our packages."""
    return [model for model in apps.get_models() if model.__module__.split(".")[0] in PACKAGES]


def misfiled(found: list[type[models.Model]], append_only: set[str], editable: set[str]) -> list[str]:
    """Return a sentence for each model on no list or on both, and each listed model that is gone."""
    labels = {model._meta.label for model in found}
    return sorted(
        [f"{label} is on neither list" for label in labels - append_only - editable]
        + [f"{label} is on both lists" for label in append_only & editable]
        + [f"{label} is listed and gone" for label in (append_only | editable) - labels]
    )


@dataclass(frozen=True)
class Guard:
    """What the database has in the way of changing one table."""

    always: frozenset[str]  # names of the triggers that fire always
    rights: frozenset[str]  # what the application's login may do


def guards(found: list[type[models.Model]]) -> dict[str, Guard]:
    """Read the guards of the tables from the database."""
    read = {}
    with connection.cursor() as cursor:
        for model in found:
            table = model._meta.db_table
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass"
                " AND NOT tgisinternal AND tgenabled = 'A'",
                [table],
            )
            always = frozenset(name for (name,) in cursor.fetchall())
            rights = set()
            for right in ("UPDATE", "DELETE", "TRUNCATE"):
                cursor.execute(
                    "SELECT has_table_privilege(%s, %s, %s)", [settings.DATABASE_APP_ROLE, table, right]
                )
                if cursor.fetchone() == (True,):
                    rights.add(right)
            read[model._meta.label] = Guard(always, frozenset(rights))
    return read


def unguarded(found: list[type[models.Model]], guarded: set[str], read: dict[str, Guard]) -> list[str]:
    """Return a sentence for each table that is guarded and should not be, or should be and is not."""
    violations = []
    for model in found:
        label, table = model._meta.label, model._meta.db_table
        guard = read[label]
        stays = {f"{table}_rows_stay", f"{table}_table_stays"}
        if label in guarded:
            violations += [f"{label} lacks {name}, always on" for name in sorted(stays - guard.always)]
            violations += [f"{label} lets the application {right}" for right in sorted(guard.rights)]
        else:
            violations += [f"{label} is editable and has {name}" for name in sorted(stays & guard.always)]
            violations += [
                f"{label} lets the application {right}" for right in sorted(guard.rights - {"UPDATE"})
            ]
            if "UPDATE" not in guard.rights:
                violations.append(f"{label} is editable and the application may not UPDATE it")
    return violations


def _leaves(condition: Q) -> set[str]:
    """Return the tests a condition is made of, as text."""
    found: set[str] = set()
    for child in condition.children:
        found |= _leaves(child) if isinstance(child, Q) else {repr(child)}
    return found


def _holds(condition: Q, truth: dict[str, bool]) -> bool:
    """Work out a condition from the truth of its leaves."""
    values = [
        _holds(child, truth) if isinstance(child, Q) else truth[repr(child)] for child in condition.children
    ]
    if condition.connector == Q.OR:
        result = any(values)
    elif condition.connector == Q.XOR:
        result = sum(values) % 2 == 1
    else:
        result = all(values)
    return result != condition.negated


def forbids_one_without_the_other(condition: Q, one: str, other: str) -> bool:
    """Tell whether a condition fails whenever exactly one of two fields is empty, whatever else holds."""
    leaves = sorted(_leaves(condition))
    for emptiness in ({one: True, other: False}, {one: False, other: True}):
        fixed = {
            repr((f"{field}__isnull", asked)): is_empty == asked
            for field, is_empty in emptiness.items()
            for asked in (True, False)
        }
        free = [leaf for leaf in leaves if leaf not in fixed]
        for values in itertools.product((True, False), repeat=len(free)):
            if _holds(condition, {**fixed, **dict(zip(free, values, strict=True))}):
                return False
    return True


def unpaired(found: list[type[models.Model]], exempt: dict[str, str]) -> list[str]:
    """Return a sentence for each `X_at` or `X_on` that may be empty without its `X_by`, or the reverse."""
    violations = []
    for model in found:
        fields = {field.name: field for field in model._meta.get_fields() if isinstance(field, models.Field)}
        for moment in sorted(name for name in fields if name.endswith(("_at", "_on"))):
            person = f"{moment[:-3]}_by"
            if person not in fields or not (fields[moment].null or fields[person].null):
                continue
            label = f"{model._meta.label}.{moment}"
            if label not in exempt and not any(
                forbids_one_without_the_other(constraint.condition, moment, person)
                for constraint in model._meta.constraints
                if isinstance(constraint, models.CheckConstraint) and isinstance(constraint.condition, Q)
            ):
                violations.append(f"{label} and {person} are not both or neither by a constraint")
    return violations


class TestEveryModel:
    def test_is_append_only_or_editable(self) -> None:
        assert misfiled(our_models(), APPEND_ONLY, EDITABLE) == []

    def test_on_no_list_or_on_both_is_seen(self) -> None:
        planted = misfiled(
            our_models(), APPEND_ONLY - {"dosing.Order"}, {*EDITABLE, "dosing.Injection", "dosing.X"}
        )

        assert planted == [
            "dosing.Injection is on both lists",
            "dosing.Order is on neither list",
            "dosing.X is listed and gone",
        ]

    def test_pairs_when_with_who(self) -> None:
        assert unpaired(our_models(), UNPAIRED) == []

    def test_that_does_not_pair_them_is_seen(self) -> None:
        class Planted(models.Model):
            ended_at = models.DateTimeField(null=True)
            ended_by = models.IntegerField(null=True)

            class Meta:
                app_label = "planted"
                managed = False
                constraints = [
                    models.CheckConstraint(
                        name="one_way", condition=Q(ended_at=None) | Q(ended_by__isnull=False)
                    )
                ]

            def __str__(self) -> str:
                return ""

        try:
            assert unpaired([Planted], {}) == [
                "planted.Planted.ended_at and ended_by are not both or neither by a constraint"
            ]
        finally:
            del apps.all_models["planted"]
            apps.clear_cache()


class TestAConditionThatPairs:
    def test_refuses_either_alone(self) -> None:
        both = Q(a__isnull=True, b__isnull=True) | Q(a__isnull=False, b__isnull=False)

        assert forbids_one_without_the_other(both, "a", "b")

    @pytest.mark.parametrize(
        "condition",
        [
            Q(a__isnull=True) | Q(b__isnull=False),
            Q(a__isnull=True, b__isnull=True) | Q(a__isnull=False),
            Q(c=1) | Q(a__isnull=True, b__isnull=True) | Q(a__isnull=False, b__isnull=False),
        ],
    )
    def test_is_told_from_one_that_lets_one_through(self, condition: Q) -> None:
        assert not forbids_one_without_the_other(condition, "a", "b")


@pytest.mark.django_db
class TestEveryTable:
    def test_is_guarded_as_its_list_says(self) -> None:
        found = our_models()

        assert unguarded(found, GUARDED, guards(found)) == []

    def test_on_the_wrong_list_is_seen(self) -> None:
        found = our_models()

        planted = unguarded(found, (GUARDED - {"dosing.Order"}) | {"patients.Episode"}, guards(found))

        assert sorted(planted) == [
            "dosing.Order is editable and has dosing_order_rows_stay",
            "dosing.Order is editable and has dosing_order_table_stays",
            "dosing.Order is editable and the application may not UPDATE it",
            "patients.Episode lacks patients_episode_rows_stay, always on",
            "patients.Episode lacks patients_episode_table_stays, always on",
            "patients.Episode lets the application UPDATE",
        ]


@pytest.mark.django_db
class TestTheApplicationsLogin:
    def test_deletes_only_where_a_library_clears_up_after_itself(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
                " AND has_table_privilege(oid, 'DELETE')"
            )
            deletable = [table for (table,) in cursor.fetchall()]

        assert {table for table in deletable if not table.startswith("django_celery_beat_")} == {
            "django_session",
            "mfa_authenticator",
            "sign_in_cache",
        }


class TestAWeakenedTable:
    def test_is_seen(self, own_database: str) -> None:
        found = our_models()
        with as_owner(own_database) as owner:
            owner.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER audit_auditevent_rows_stay")
            owner.execute(f'GRANT UPDATE ON dosing_order TO "{settings.DATABASE_APP_ROLE}"')
            owner.execute(f'GRANT DELETE ON patients_person TO "{settings.DATABASE_APP_ROLE}"')

        planted = unguarded(found, GUARDED, guards(found))

        assert sorted(planted) == [
            "audit.AuditEvent lacks audit_auditevent_rows_stay, always on",
            "dosing.Order lets the application UPDATE",
            "patients.Person lets the application DELETE",
        ]
