"""Orders, sessions, injections, and the controlled-drug register."""

from dosing.models.amended_injections import InjectionFacts
from dosing.models.amendments import Amendment
from dosing.models.authorisations import Acknowledgement, Authorisation, AuthorisationUse
from dosing.models.cases import CaseEvent
from dosing.models.checkpoints import Checkpoint, Incarnation, RegisterVerification
from dosing.models.closing import DayClosing
from dosing.models.closures import ClosedPerson, Closure, Reopening
from dosing.models.contacts import Contact
from dosing.models.corrections import Correction
from dosing.models.days import BalanceCheck, BalanceResult, ClinicDay, Discrepancy, StockCount
from dosing.models.deliveries import Delivery, Requisition, RequisitionClosing
from dosing.models.downtime import DowntimeFile, DowntimePack
from dosing.models.emergencies import (
    Emergency,
    EmergencyCard,
    EmergencyIncident,
    EmergencyLine,
    EmergencySignature,
)
from dosing.models.handovers import Handover, HandoverAcknowledgement, HandoverNote
from dosing.models.holds import Hold
from dosing.models.late import LateArrival
from dosing.models.oral import (
    NaloxoneOrder,
    OralDecision,
    OralDose,
    OralOrder,
    OralOrderPeriod,
    OralSettlement,
)
from dosing.models.order_requests import OrderRequest, OrderRequestStanding
from dosing.models.orders import Licence, LicenceRevocation, Order, OrderPeriod
from dosing.models.oxygen import OxygenBaseline
from dosing.models.paper import PaperCase, PaperLine, PaperRun, PaperSettlement, WaitingEntry
from dosing.models.plans import GapDecision, OrderSlot, OrderStep
from dosing.models.prescriptions import PrescriptionPart, PrescriptionPrint
from dosing.models.protocol import ProtocolDraft, ProtocolVersion
from dosing.models.quarantine import (
    Destruction,
    PatientReturn,
    Quarantine,
    ReturnDestruction,
    WitnessAuthority,
)
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
from dosing.models.transfers import Transfer, TransferReceipt
from dosing.models.visits import (
    IdentityCheck,
    PreInjectionCheck,
    Preparation,
    Reading,
    Release,
    Visit,
    WastedDose,
)

__all__ = [
    "Acknowledgement",
    "Amendment",
    "Authorisation",
    "AuthorisationUse",
    "BalanceCheck",
    "BalanceResult",
    "Batch",
    "CaseEvent",
    "Checkpoint",
    "ClinicDay",
    "ClosedPerson",
    "Closure",
    "Contact",
    "Correction",
    "DayClosing",
    "Delivery",
    "Destruction",
    "Discrepancy",
    "DosingState",
    "DowntimeFile",
    "DowntimePack",
    "Emergency",
    "EmergencyCard",
    "EmergencyIncident",
    "EmergencyLine",
    "EmergencySignature",
    "GapDecision",
    "Handover",
    "HandoverAcknowledgement",
    "HandoverNote",
    "Hold",
    "IdentityCheck",
    "Incarnation",
    "Injection",
    "InjectionFacts",
    "LateArrival",
    "LegalHold",
    "LegalHoldLift",
    "Licence",
    "LicenceRevocation",
    "NaloxoneOrder",
    "OralDecision",
    "OralDose",
    "OralOrder",
    "OralOrderPeriod",
    "OralSettlement",
    "Order",
    "OrderPeriod",
    "OrderRequest",
    "OrderRequestStanding",
    "OrderSlot",
    "OrderStep",
    "OxygenBaseline",
    "PaperCase",
    "PaperLine",
    "PaperRun",
    "PaperSettlement",
    "PatientDay",
    "PatientReturn",
    "PlannedSession",
    "PreInjectionCheck",
    "Preparation",
    "PrescriptionPart",
    "PrescriptionPrint",
    "ProtocolDraft",
    "ProtocolVersion",
    "Quarantine",
    "Reading",
    "RecordedRequest",
    "RegisterEntry",
    "RegisterHead",
    "RegisterLine",
    "RegisterVerification",
    "Release",
    "Reopening",
    "Requisition",
    "RequisitionClosing",
    "ReturnDestruction",
    "SessionOutcome",
    "Signature",
    "StockCount",
    "StockMovement",
    "Transfer",
    "TransferReceipt",
    "Visit",
    "WaitingEntry",
    "WastedDose",
    "WitnessAuthority",
]
