"""What changes in a life, the programme around the clinic, and the report."""

from outcomes.models.custody import CustodyStay
from outcomes.models.evaluation import ExtractSegment, ReportFile, ReportRequest, ReportRun
from outcomes.models.following import FollowUp, FollowUpDone
from outcomes.models.incidents import IncidentReport, IncidentTelling
from outcomes.models.measures import (
    HousingRecord,
    Offence,
    OffenceType,
    OutcomeForm,
    OwnAnswers,
    UrineTest,
)
from outcomes.models.plans import Goal, GoalStep
from outcomes.models.programme import AreaFigure, Disruption, NeedEstimate, ProgrammeCost
from outcomes.models.service_use import ServiceUse
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
