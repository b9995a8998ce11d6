"""What changes in a life, the programme around the clinic, and the report."""

from outcomes.models.evaluation import ExtractSegment, ReportFile, ReportRequest, ReportRun
from outcomes.models.following import FollowUp, FollowUpDone
from outcomes.models.incidents import IncidentReport, IncidentTelling
from outcomes.models.measures import (
    CustodyStay,
    HousingRecord,
    Offence,
    OffenceType,
    OutcomeForm,
    OwnAnswers,
    ServiceUse,
    UrineTest,
)
from outcomes.models.plans import Goal, GoalStep
from outcomes.models.police import (
    PoliceAgreement,
    PoliceAgreementEnd,
    PoliceFile,
    PoliceOffence,
    PoliceReference,
)
from outcomes.models.programme import AreaFigure, Disruption, NeedEstimate, ProgrammeCost
from outcomes.models.support import CaseAssignment, SupportSession
from outcomes.models.urine import UrineDraw, UrineStep

__all__ = [
    "AreaFigure",
    "CaseAssignment",
    "CustodyStay",
    "Disruption",
    "ExtractSegment",
    "FollowUp",
    "FollowUpDone",
    "Goal",
    "GoalStep",
    "HousingRecord",
    "IncidentReport",
    "IncidentTelling",
    "NeedEstimate",
    "Offence",
    "OffenceType",
    "OutcomeForm",
    "OwnAnswers",
    "PoliceAgreement",
    "PoliceAgreementEnd",
    "PoliceFile",
    "PoliceOffence",
    "PoliceReference",
    "ProgrammeCost",
    "ReportFile",
    "ReportRequest",
    "ReportRun",
    "ServiceUse",
    "SupportSession",
    "UrineDraw",
    "UrineStep",
    "UrineTest",
]
