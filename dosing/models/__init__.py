"""Orders, sessions, injections, and the controlled-drug register."""

from dosing.models.days import BalanceCheck, BalanceResult, ClinicDay, Discrepancy, StockCount
from dosing.models.orders import Licence, Order, OrderPeriod
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

__all__ = [
    "BalanceCheck",
    "BalanceResult",
    "Batch",
    "ClinicDay",
    "Discrepancy",
    "DosingState",
    "Injection",
    "Licence",
    "Order",
    "OrderPeriod",
    "PatientDay",
    "PlannedSession",
    "ProtocolVersion",
    "RecordedRequest",
    "RegisterEntry",
    "RegisterHead",
    "RegisterLine",
    "SessionOutcome",
    "Signature",
    "StockCount",
    "StockMovement",
]
