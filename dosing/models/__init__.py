"""Orders, sessions, injections, and the controlled-drug register."""

from dosing.models.cases import CaseEvent
from dosing.models.closing import DayClosing
from dosing.models.days import BalanceCheck, BalanceResult, ClinicDay, Discrepancy, StockCount
from dosing.models.oral import NaloxoneOrder, OralDecision, OralDose, OralOrder, OralOrderPeriod
from dosing.models.orders import Licence, LicenceRevocation, Order, OrderPeriod
from dosing.models.plans import GapDecision, OrderSlot, OrderStep
from dosing.models.prescriptions import PrescriptionPrint
from dosing.models.protocol import ProtocolVersion
from dosing.models.register import Batch, RegisterEntry, RegisterHead, RegisterLine, StockMovement
from dosing.models.retention import LegalHold, LegalHoldLift
from dosing.models.sessions import (
    DosingState,
    Injection,
    PatientDay,
    PlannedSession,
    RecordedRequest,
    SessionOutcome,
    Signature,
)
from dosing.models.visits import (
    Hold,
    IdentityCheck,
    PreInjectionCheck,
    Preparation,
    Reading,
    Release,
    Visit,
    WastedDose,
)

__all__ = [
    "BalanceCheck",
    "BalanceResult",
    "Batch",
    "CaseEvent",
    "ClinicDay",
    "DayClosing",
    "Discrepancy",
    "DosingState",
    "GapDecision",
    "Hold",
    "IdentityCheck",
    "Injection",
    "LegalHold",
    "LegalHoldLift",
    "Licence",
    "LicenceRevocation",
    "NaloxoneOrder",
    "OralDecision",
    "OralDose",
    "OralOrder",
    "OralOrderPeriod",
    "Order",
    "OrderPeriod",
    "OrderSlot",
    "OrderStep",
    "PatientDay",
    "PlannedSession",
    "PreInjectionCheck",
    "Preparation",
    "PrescriptionPrint",
    "ProtocolVersion",
    "Reading",
    "RecordedRequest",
    "RegisterEntry",
    "RegisterHead",
    "RegisterLine",
    "Release",
    "SessionOutcome",
    "Signature",
    "StockCount",
    "StockMovement",
    "Visit",
    "WastedDose",
]
