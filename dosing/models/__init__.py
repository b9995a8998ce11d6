"""Orders, sessions, injections, and the controlled-drug register."""

from dosing.models.amendments import Amendment
from dosing.models.days import BalanceCheck, BalanceResult, ClinicDay, Discrepancy, StockCount
from dosing.models.deliveries import Delivery, Requisition
from dosing.models.oral import NaloxoneOrder, OralDecision, OralDose, OralOrder, OralOrderPeriod
from dosing.models.orders import Licence, LicenceRevocation, Order, OrderPeriod
from dosing.models.plans import GapDecision, OrderSlot, OrderStep
from dosing.models.prescriptions import PrescriptionPrint
from dosing.models.protocol import ProtocolVersion
from dosing.models.quarantine import (
    Destruction,
    PatientReturn,
    Quarantine,
    ReturnDestruction,
    WitnessAuthority,
)
from dosing.models.register import Batch, RegisterEntry, RegisterHead, RegisterLine, StockMovement
from dosing.models.sessions import (
    DosingState,
    Injection,
    PatientDay,
    PlannedSession,
    RecordedRequest,
    SessionOutcome,
    Signature,
)
from dosing.models.transfers import Transfer, TransferReceipt
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
    "Amendment",
    "BalanceCheck",
    "BalanceResult",
    "Batch",
    "ClinicDay",
    "Delivery",
    "Destruction",
    "Discrepancy",
    "DosingState",
    "GapDecision",
    "Hold",
    "IdentityCheck",
    "Injection",
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
    "PatientReturn",
    "PlannedSession",
    "PreInjectionCheck",
    "Preparation",
    "PrescriptionPrint",
    "ProtocolVersion",
    "Quarantine",
    "Reading",
    "RecordedRequest",
    "RegisterEntry",
    "RegisterHead",
    "RegisterLine",
    "Release",
    "Requisition",
    "ReturnDestruction",
    "SessionOutcome",
    "Signature",
    "StockCount",
    "StockMovement",
    "Transfer",
    "TransferReceipt",
    "Visit",
    "WastedDose",
    "WitnessAuthority",
]
