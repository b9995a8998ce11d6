"""What the limits of a next dose are worked out from, and one limit as it comes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from dosing.rules.history import DoseHistory, GivenDose
from dosing.rules.protocol import Protocol
from hat_clinic.core.decisions import Finding, block


class OrderKind(StrEnum):
    """Whether an order holds a dose or climbs by a signed plan."""

    MAINTENANCE = "maintenance"
    TITRATION = "titration"

    @property
    def label(self) -> str:
        """The kind in words."""
        return {"maintenance": "one dose", "titration": "a plan of steps"}[self.value]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a titration plan, from its day on: the most milligrams of one dose.

    The first day may have its own first dose, its repeat and what comes after; a later one has `max_mg` alone.
    """

    day: int
    max_mg: int
    first_mg: int | None = None
    repeat_mg: int | None = None


@dataclass(frozen=True, slots=True)
class Cap:
    """One number that the next dose may not pass, and in words why.

    `lowers` says that the order itself means less by it: the step of its plan, or what the ladder leaves.
    """

    code: str
    mg: int
    why: str
    source: str
    lowers: bool = False

    def finding(self, mg: int) -> Finding | None:
        """Return the block for a dose over the cap, else None."""
        if mg <= self.mg:
            return None
        return block(self.code, f"{mg} mg is over {self.mg} mg: {self.why}", self.source)


@dataclass(frozen=True, slots=True)
class GapDecision:
    """A licensed doctor's decision to dose after a gap of the third row: a ceiling that only lowers."""

    decided_at: datetime
    ceiling_mg: int


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """What the caps of one next dose are computed from.

    `plan` is empty unless the order is a titration; `order_doses` are the doses given on this very order, of the time
    looked back on, and `order_began_on` the day of its first dose, however long ago.
    `session` is the session the dose would belong to; `order_signed_at` is when the order was signed.
    """

    history: DoseHistory
    protocol: Protocol
    routes: frozenset[str]
    sessions_per_day: int
    at: datetime
    today: date
    session: str = ""
    plan: tuple[Step, ...] = ()
    order_doses: tuple[GivenDose, ...] = ()
    order_began_on: date | None = None
    order_signed_at: datetime | None = None
    decision: GapDecision | None = None

    @property
    def without_doubt(self) -> LimitFacts:
        """The same as if no contested dose had been given."""
        certain = tuple(dose for dose in self.order_doses if not dose.is_doubtful)
        began_on = min((dose.given_on for dose in certain), default=None)
        return replace(
            self,
            history=replace(
                self.history, doses=tuple(dose for dose in self.history.doses if not dose.is_doubtful)
            ),
            order_doses=certain,
            order_began_on=self.order_began_on if certain == self.order_doses else began_on,
        )
