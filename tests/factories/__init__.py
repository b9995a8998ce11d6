"""Leaf rows for tests: each factory inserts one row that every constraint accepts, with its parents.

What people do is never inserted here: a test that needs a given dose calls the real actions.
"""

from tests.factories.accounts import (
    AgencyFactory,
    ClinicFactory,
    MembershipFactory,
    PhaseFactory,
    PremisesFactory,
    SessionSlotFactory,
    UserFactory,
)
from tests.factories.dosing import (
    BatchFactory,
    InjectionFactory,
    LicenceFactory,
    OrderFactory,
    OrderPeriodFactory,
    PatientDayFactory,
    PlannedSessionFactory,
    ProtocolVersionFactory,
    RegisterEntryFactory,
    RegisterLineFactory,
    SessionOutcomeFactory,
    SignatureFactory,
    StockMovementFactory,
)
from tests.factories.moments import NINE, TODAY
from tests.factories.outcomes import (
    AreaFigureFactory,
    CustodyStayFactory,
    DisruptionFactory,
    ExtractSegmentFactory,
    HousingRecordFactory,
    OutcomeFormFactory,
    ProgrammeCostFactory,
    ReportFileFactory,
    ReportRequestFactory,
    ReportRunFactory,
    ServiceUseFactory,
    UrineTestFactory,
)
from tests.factories.patients import EpisodeFactory, ImportedPersonFactory, ImportRunFactory, PersonFactory
from tests.factories.referrals import ReferralFactory

__all__ = [
    "NINE",
    "TODAY",
    "AgencyFactory",
    "AreaFigureFactory",
    "BatchFactory",
    "ClinicFactory",
    "CustodyStayFactory",
    "DisruptionFactory",
    "EpisodeFactory",
    "ExtractSegmentFactory",
    "HousingRecordFactory",
    "ImportRunFactory",
    "ImportedPersonFactory",
    "InjectionFactory",
    "LicenceFactory",
    "MembershipFactory",
    "OrderFactory",
    "OrderPeriodFactory",
    "OutcomeFormFactory",
    "PatientDayFactory",
    "PersonFactory",
    "PhaseFactory",
    "PlannedSessionFactory",
    "PremisesFactory",
    "ProgrammeCostFactory",
    "ProtocolVersionFactory",
    "ReferralFactory",
    "RegisterEntryFactory",
    "RegisterLineFactory",
    "ReportFileFactory",
    "ReportRequestFactory",
    "ReportRunFactory",
    "ServiceUseFactory",
    "SessionOutcomeFactory",
    "SessionSlotFactory",
    "SignatureFactory",
    "StockMovementFactory",
    "UrineTestFactory",
    "UserFactory",
]
