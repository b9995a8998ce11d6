"""What changes in a life, the programme around the clinic, and the report."""

from outcomes.models.evaluation import ExtractSegment, ReportFile, ReportRequest, ReportRun
from outcomes.models.following import FollowUp, FollowUpDone
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
from outcomes.models.programme import AreaFigure, Disruption, NeedEstimate, ProgrammeCost
from outcomes.models.support import CaseAssignment, SupportSession

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
    "UrineTest",
]
