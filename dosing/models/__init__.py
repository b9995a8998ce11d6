"""Orders, sessions, injections, and the controlled-drug register."""

from dosing.models.days import BalanceCheck, BalanceResult, ClinicDay, Discrepancy, StockCount
from dosing.models.orders import Licence, LicenceRevocation, Order, OrderPeriod
from dosing.models.protocol import ProtocolVersion
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
    "ClinicDay",
    "Discrepancy",
    "DosingState",
    "Hold",
    "IdentityCheck",
    "Injection",
    "Licence",
    "LicenceRevocation",
    "Order",
    "OrderPeriod",
    "PatientDay",
    "PlannedSession",
    "PreInjectionCheck",
    "Preparation",
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
