"""What changes in a life, the programme around the clinic, and the report."""

from outcomes.models.aims import AimsApproval, AimsVersion
from outcomes.models.appointments import AgencySlot, AgencySlotEnd, Appointment, AppointmentEnd
from outcomes.models.clinic_corrections import ClinicCorrection, ClinicCorrectionApproval
from outcomes.models.custody import CustodyStay
from outcomes.models.evaluation import (
    ChangedMonth,
    ExtractSegment,
    KeptMonth,
    ReportFile,
    ReportRequest,
    ReportRun,
    SegmentTally,
)
from outcomes.models.exports import CohortExport, CohortExportApproval, CohortExportMade
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
from outcomes.models.networks import (
    Network,
    NetworkClinic,
    NetworkEnd,
    NetworkLeaving,
    Rollup,
    RollupPart,
    RollupRequest,
)
from outcomes.models.notices import NoticeLetter, ReportNotice
from outcomes.models.outcome_forms import OutcomeForm
from outcomes.models.own_answers import OwnAnswers
from outcomes.models.phases import PhaseLine
from outcomes.models.plans import Goal, GoalStep
from outcomes.models.police import (
    PoliceAgreement,
    PoliceAgreementEnd,
    PoliceFile,
    PoliceOffence,
    PoliceReference,
    PoliceReferenceEnd,
    PoliceStrike,
)
from outcomes.models.programme import AreaFigure, Disruption, NeedEstimate, ProgrammeCost
from outcomes.models.programme_files import ProgrammeFile
from outcomes.models.readers import ReaderEditions, ReaderEditionsApproval
from outcomes.models.releases import ReportRelease
from outcomes.models.rollup_failures import RollupFailure
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
    "ChangedMonth",
    "ClinicCorrection",
    "ClinicCorrectionApproval",
    "CodeSet",
    "CohortExport",
    "CohortExportApproval",
    "CohortExportMade",
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
    "KeptMonth",
    "MoneyLine",
    "NeedEstimate",
    "Network",
    "NetworkClinic",
    "NetworkEnd",
    "NetworkLeaving",
    "NoticeLetter",
    "Offence",
    "OffenceType",
    "OutcomeForm",
    "OwnAnswers",
    "PhaseLine",
    "PoliceAgreement",
    "PoliceAgreementEnd",
    "PoliceFile",
    "PoliceOffence",
    "PoliceReference",
    "PoliceReferenceEnd",
    "PoliceStrike",
    "ProgrammeCost",
    "ProgrammeFile",
    "ReaderEditions",
    "ReaderEditionsApproval",
    "ReportFile",
    "ReportNotice",
    "ReportRelease",
    "ReportRequest",
    "ReportRun",
    "Rollup",
    "RollupFailure",
    "RollupPart",
    "RollupRequest",
    "SegmentTally",
    "ServiceUse",
    "SupportSession",
    "UnitCostApproval",
    "UnitCostTable",
    "UrineDraw",
    "UrineStep",
    "UrineTest",
]
