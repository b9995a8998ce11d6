"""What is measured, the programme around the clinic, and the report."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from factory import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from hat_clinic.core.clock import london_date, now
from outcomes.models import (
    CaseAssignment,
    CodeSet,
    CustodyStay,
    ExtractSegment,
    FollowUp,
    Goal,
    GroupSession,
    HealthLine,
    HousingRecord,
    MoneyLine,
    Offence,
    OutcomeForm,
    OwnAnswers,
    PoliceAgreement,
    PoliceFile,
    PoliceReference,
    PoliceReferenceEnd,
    PoliceStrike,
    ProgrammeCost,
    ReportFile,
    ReportRelease,
    ReportRequest,
    ReportRun,
    ServiceUse,
    SupportSession,
    UrineTest,
)
from outcomes.models.measures import Stage
from outcomes.rules.measures import DAY_ITEMS
from tests.factories.accounts import AgencyFactory, ClinicFactory, UserFactory
from tests.factories.moments import NINE, TODAY
from tests.factories.patients import ImportRunFactory, PersonFactory

MONTH = date(2026, 1, 1)


def _weeks_of(days: int) -> list[int]:
    """Return four weeks that make these days."""
    return [min(7, max(0, days - 7 * week)) for week in range(4)]


class OutcomeFormFactory(DjangoModelFactory[OutcomeForm]):
    """A form of ours; its weeks follow from its days."""

    class Meta:
        model = OutcomeForm

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    completed_on = TODAY
    stage = Stage.REVIEW
    crack_days = 0
    weeks = LazyAttribute(
        lambda form: {
            item: _weeks_of(days) for item in DAY_ITEMS if (days := getattr(form, item, None)) is not None
        }
    )
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class ImportedFormFactory(DjangoModelFactory[OutcomeForm]):
    """A form of earlier records: no weeks, nobody of ours."""

    class Meta:
        model = OutcomeForm

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    completed_on = TODAY
    stage = Stage.REVIEW
    import_run = SubFactory(ImportRunFactory, clinic=SelfAttribute("..clinic"))


class OwnAnswersFactory(DjangoModelFactory[OwnAnswers]):
    class Meta:
        model = OwnAnswers

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    answered_on = TODAY
    stage = Stage.REVIEW
    spend_week_pence = 4_000
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class UrineTestFactory(DjangoModelFactory[UrineTest]):
    class Meta:
        model = UrineTest

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    due_on = TODAY
    taken_on = TODAY
    assay = UrineTest.Assay.STREET_HEROIN_MARKER
    result = UrineTest.Result.NEGATIVE


class CustodyStayFactory(DjangoModelFactory[CustodyStay]):
    class Meta:
        model = CustodyStay

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    during = DateRange(TODAY, TODAY + timedelta(days=7))
    kind = CustodyStay.Kind.POLICE
    source = CustodyStay.Source.SELF_REPORTED
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class ServiceUseFactory(DjangoModelFactory[ServiceUse]):
    class Meta:
        model = ServiceUse

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    from_on = TODAY - timedelta(days=28)
    to_on = TODAY
    source = ServiceUse.Source.SELF_REPORTED
    ambulance = 0
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class HousingRecordFactory(DjangoModelFactory[HousingRecord]):
    class Meta:
        model = HousingRecord

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    recorded_on = TODAY
    state = HousingRecord.State.SUPPORTED
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class OffenceFactory(DjangoModelFactory[Offence]):
    class Meta:
        model = Offence

    clinic_id = LazyFunction(uuid.uuid4)
    person_id = LazyFunction(uuid.uuid4)
    occurred_on = TODAY
    type_id = "shoplifting"
    source = Offence.Source.SELF_REPORTED
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class HealthLineFactory(DjangoModelFactory[HealthLine]):
    """The vaccination against hepatitis B was offered."""

    class Meta:
        model = HealthLine

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    topic = "hbv"
    step = "offered"
    happened_on = TODAY
    source = "here"
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class PoliceAgreementFactory(DjangoModelFactory[PoliceAgreement]):
    class Meta:
        model = PoliceAgreement

    clinic = SubFactory(ClinicFactory)
    agency = SubFactory(AgencyFactory)
    starts_on = LazyFunction(lambda: london_date(now()) - timedelta(days=30))
    ends_on = LazyFunction(lambda: london_date(now()) + timedelta(days=335))
    purpose = "To learn whether treatment helps against offending."
    basis = "consent"
    basis_words = "Consent to sharing (invented agreement)"
    signatories = "Invented chief constable; invented manager"
    importer = "manager"
    case_workers_see = True
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class PoliceReferenceFactory(DjangoModelFactory[PoliceReference]):
    class Meta:
        model = PoliceReference

    agreement = SubFactory(PoliceAgreementFactory)
    patient = SubFactory(PersonFactory)
    reference = Sequence(lambda n: f"REF{n:05}")
    given_by = SubFactory(UserFactory)
    given_at = NINE


class PoliceReferenceEndFactory(DjangoModelFactory[PoliceReferenceEnd]):
    class Meta:
        model = PoliceReferenceEnd

    reference = SubFactory(PoliceReferenceFactory)
    why = "wrong_person"
    taken_back_by = SubFactory(UserFactory)
    taken_back_at = NINE


class PoliceFileFactory(DjangoModelFactory[PoliceFile]):
    class Meta:
        model = PoliceFile

    agreement = SubFactory(PoliceAgreementFactory)
    during = DateRange(TODAY - timedelta(days=28), TODAY)
    sha256 = Sequence(lambda n: f"{n:064x}")
    offences = 0
    not_stored = 0
    imported_by = SubFactory(UserFactory)
    imported_at = NINE


class PoliceStrikeFactory(DjangoModelFactory[PoliceStrike]):
    class Meta:
        model = PoliceStrike

    end = SubFactory(PoliceReferenceEndFactory)
    file = SubFactory(PoliceFileFactory, agreement=SelfAttribute("..end.reference.agreement"))


class CodeSetFactory(DjangoModelFactory[CodeSet]):
    class Meta:
        model = CodeSet

    clinic = SubFactory(ClinicFactory)
    dataset = "Example (invented)"
    version = "1"
    valid_from = TODAY
    source = "invented"
    content = b"field,fact,required,ours,theirs\nA,client,yes,,\n"
    sha256 = "0" * 64
    loaded_by = SubFactory(UserFactory)
    loaded_at = NINE


class ProgrammeCostFactory(DjangoModelFactory[ProgrammeCost]):
    class Meta:
        model = ProgrammeCost

    clinic = SubFactory(ClinicFactory)
    month = MONTH
    payer = "Invented Payer"
    category = ProgrammeCost.Category.STAFF
    amount_pence = 100
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class ExtractSegmentFactory(DjangoModelFactory[ExtractSegment]):
    class Meta:
        model = ExtractSegment

    clinic = SubFactory(ClinicFactory)
    month = MONTH
    table_name = "attendance"
    sha256 = Sequence(lambda n: f"{n:064x}")
    row_count = 0
    rows = LazyAttribute(lambda _: [])
    frozen_at = NINE


class ReportRunFactory(DjangoModelFactory[ReportRun]):
    class Meta:
        model = ReportRun

    clinic = SubFactory(ClinicFactory)
    month = MONTH
    edition = ReportRun.Edition.RESTRICTED
    issue = 1
    as_of = TODAY
    is_provisional = False
    version = "0.1.0"
    extract_sha256 = "0" * 64
    segments = LazyAttribute(lambda _: [])
    figures = LazyAttribute(lambda _: {})
    figures_sha256 = "0" * 64
    built_at = NINE
    built_by = SubFactory(UserFactory)


class ReportReleaseFactory(DjangoModelFactory[ReportRelease]):
    """A report with its PDF, signed off by somebody who did not ask for it."""

    class Meta:
        model = ReportRelease

    run = SubFactory(ReportRunFactory)
    extract_sha256 = LazyAttribute(lambda release: release.run.extract_sha256)
    figures_sha256 = LazyAttribute(lambda release: release.run.figures_sha256)
    key = LazyFunction(uuid.uuid4)
    released_at = NINE
    released_by = SubFactory(UserFactory)


class ReportFileFactory(DjangoModelFactory[ReportFile]):
    class Meta:
        model = ReportFile

    run = SubFactory(ReportRunFactory)
    kind = ReportFile.Kind.CSV
    content = b"month\n"
    sha256 = "0" * 64
    made_at = NINE


class ReportRequestFactory(DjangoModelFactory[ReportRequest]):
    class Meta:
        model = ReportRequest

    clinic = SubFactory(ClinicFactory)
    month = MONTH
    edition = ReportRun.Edition.RESTRICTED
    requested_by = SubFactory(UserFactory)
    requested_at = NINE


class SupportSessionFactory(DjangoModelFactory[SupportSession]):
    class Meta:
        model = SupportSession

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    booked_on = TODAY
    domain = SupportSession.Domain.HOUSING
    attended = True
    minutes = 30
    done = LazyAttribute(lambda _: ["talked"])
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class GroupSessionFactory(DjangoModelFactory[GroupSession]):
    class Meta:
        model = GroupSession

    clinic = SubFactory(ClinicFactory)
    held_on = TODAY
    domain = SupportSession.Domain.HOUSING
    minutes = 60
    done = LazyAttribute(lambda _: ["talked"])
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE


class CaseAssignmentFactory(DjangoModelFactory[CaseAssignment]):
    class Meta:
        model = CaseAssignment

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    case_worker = SubFactory(UserFactory)
    starts_at = NINE


class FollowUpFactory(DjangoModelFactory[FollowUp]):
    """An open follow-up of a session that the person did not come to."""

    class Meta:
        model = FollowUp

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    session = SubFactory(
        SupportSessionFactory,
        clinic=SelfAttribute("..clinic"),
        patient=SelfAttribute("..patient"),
        attended=False,
        minutes=None,
    )
    what = "Call again"
    due_on = TODAY
    owner = SubFactory(UserFactory)
    set_by = SelfAttribute("owner")
    set_at = NINE


class GoalFactory(DjangoModelFactory[Goal]):
    class Meta:
        model = Goal

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    domain = "housing"
    words = "A flat of my own"
    review_on = TODAY + timedelta(days=28)
    key = LazyFunction(uuid.uuid4)
    set_by = SubFactory(UserFactory)
    set_at = NINE


class MoneyLineFactory(DjangoModelFactory[MoneyLine]):
    """Somebody looks for work."""

    class Meta:
        model = MoneyLine

    clinic = SubFactory(ClinicFactory)
    patient = SubFactory(PersonFactory)
    topic = "work"
    state = "seeking"
    since_on = TODAY
    key = LazyFunction(uuid.uuid4)
    recorded_by = SubFactory(UserFactory)
    recorded_at = NINE
