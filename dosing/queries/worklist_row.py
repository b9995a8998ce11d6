"""One row of the worklist."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from dosing.rules.worklist import Group, Matter

_TO_SIGN = (
    *(Matter.SUSPENDED, Matter.NO_ORDER, Matter.ENDS, Matter.FIRST_ORDER, Matter.RESTART),
    *(Matter.TO_AUTHORISE, Matter.SENT_BACK, Matter.EVENT),
)

_TO_CONTACT = (
    Matter.CONTACT,
    Matter.DAYS_MISSED,
    Matter.CLOSED,
    Matter.LEFT_EARLY,
    Matter.SYRINGE,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One decision: about whom, what is to be decided, the facts, since when. `patient_id` is None for staff."""

    group: Group
    matter: Matter
    patient_id: uuid.UUID | None
    name: str
    tag: str
    what: str
    facts: str
    since: str
    since_exactly: str
    hold_id: uuid.UUID | None = None
    request_id: uuid.UUID | None = None
    session_id: uuid.UUID | None = None

    @property
    def is_to_sign(self) -> bool:
        """True where the next thing is an order; else something is missing before one."""
        return self.matter in _TO_SIGN

    @property
    def is_to_contact(self) -> bool:
        """True where the next thing is to find the person, or to tell the pharmacy."""
        return self.matter in _TO_CONTACT
