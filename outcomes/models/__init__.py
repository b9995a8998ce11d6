"""What changes in a life, the programme around the clinic, and the report."""

from outcomes.models.aims import AimsApproval, AimsVersion
from outcomes.models.appointments import AgencySlot, AgencySlotEnd, Appointment, AppointmentEnd
from outcomes.models.custody import CustodyStay
from outcomes.models.evaluation import ExtractSegment, ReportFile, ReportRequest, ReportRun
from outcomes.models.following import FollowUp, FollowUpDone
from outcomes.models.form_schedules import FormSchedule, FormScheduleApproval
from outcomes.models.groups import GroupSession
from outcomes.models.health import HealthLine
from outcomes.models.incidents import IncidentReport, IncidentTelling
from outcomes.models.measures import (
    HousingRecord,
    Offence,
    OffenceType,
    UrineTest,
)
from outcomes.models.money import MoneyLine
from outcomes.models.ndtms import CodeSet, DatasetExport
from outcomes.models.networks import Network, NetworkClinic, Rollup, RollupPart, RollupRequest
from outcomes.models.outcome_forms import OutcomeForm
from outcomes.models.own_answers import OwnAnswers
from outcomes.models.plans import Goal, GoalStep
from outcomes.models.police import (
    PoliceAgreement,
    PoliceAgreementEnd,
    PoliceFile,
    PoliceOffence,
    PoliceReference,
)
from outcomes.models.programme import AreaFigure, Disruption, NeedEstimate, ProgrammeCost
from outcomes.models.releases import ReportRelease
from outcomes.models.service_use import ServiceUse
from outcomes.models.support import CaseAssignment, SupportSession
from outcomes.models.unit_costs import UnitCostApproval, UnitCostTable
from outcomes.models.urine import UrineDraw, UrineStep

__all__ = [
    "AgencySlot",
    "AgencySlotEnd",
    "AimsApproval",
    "AimsVersion",
    "Appointment",
    "AppointmentEnd",
    "AreaFigure",
    "CaseAssignment",
    "CodeSet",
    "CustodyStay",
    "DatasetExport",
    "Disruption",
    "ExtractSegment",
    "FollowUp",
    "FollowUpDone",
    "FormSchedule",
    "FormScheduleApproval",
    "Goal",
    "GoalStep",
    "GroupSession",
    "HealthLine",
    "HousingRecord",
    "IncidentReport",
    "IncidentTelling",
    "MoneyLine",
    "NeedEstimate",
    "Network",
    "NetworkClinic",
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
    "ReportRelease",
    "ReportRequest",
    "ReportRun",
    "Rollup",
    "RollupPart",
    "RollupRequest",
    "ServiceUse",
    "SupportSession",
    "UnitCostApproval",
    "UnitCostTable",
    "UrineDraw",
    "UrineStep",
    "UrineTest",
]
