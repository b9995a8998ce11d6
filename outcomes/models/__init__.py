"""What changes in a life, the programme around the clinic, and the report."""

from outcomes.models.evaluation import ExtractSegment, ReportFile, ReportRequest, ReportRun
from outcomes.models.following import FollowUp, FollowUpDone
from outcomes.models.health import HealthLine
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
from outcomes.models.money import MoneyLine
from outcomes.models.ndtms import CodeSet, DatasetExport
from outcomes.models.plans import Goal, GoalStep
from outcomes.models.programme import AreaFigure, Disruption, NeedEstimate, ProgrammeCost
from outcomes.models.support import CaseAssignment, SupportSession
from outcomes.models.urine import UrineDraw, UrineStep

__all__ = [
    "AreaFigure",
    "CaseAssignment",
    "CodeSet",
    "CustodyStay",
    "DatasetExport",
    "Disruption",
    "ExtractSegment",
    "FollowUp",
    "FollowUpDone",
    "Goal",
    "GoalStep",
    "HealthLine",
    "HousingRecord",
    "IncidentReport",
    "IncidentTelling",
    "MoneyLine",
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
