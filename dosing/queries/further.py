"""One injection more in a session: whether it is offered, and what stands against it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dosing.models import Visit
from dosing.queries.orders import get_order_in_force
from dosing.queries.sessions import SessionKey, get_session_facts
from dosing.queries.visits import get_further_facts
from dosing.rules.doses import may_be_any
from dosing.rules.further import ordinal
from dosing.rules.orders import Product
from dosing.rules.preparations import may_begin_further
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.decisions import Decision


@dataclass(frozen=True, slots=True)
class FurtherInjection:
    """Whether somebody who is watched may have one injection more in this session, and what stands against it."""

    number: int
    given_mg: int
    left_mg: int
    decision: Decision

    @property
    def ordinal(self) -> str:
        """Which injection of the session it is: "Second"."""
        return ordinal(self.number)


def get_further_injection(*, clinic: Clinic, visit: Visit, at: datetime) -> FurtherInjection | None:
    """Return the next injection of a session, or None where its order allows none or nothing is left of its dose."""
    order = get_order_in_force(patient_id=visit.patient_id, product=Product.DIAMORPHINE, at=at)
    if order is None or order.injections_per_session == 1:
        return None
    session = SessionKey(visit.session.service_date, visit.session.slot)
    known = get_session_facts(patient_id=visit.patient_id, clinic=clinic, session=session, at=at)
    so_far = known.facts.so_far
    if so_far is None or so_far.injections >= order.injections_per_session:
        return None
    number = so_far.injections + 1
    left = known.facts.session_limit_mg - so_far.given_mg
    if left <= 0:
        return None
    return FurtherInjection(
        number=number,
        given_mg=so_far.given_mg,
        left_mg=left,
        decision=may_begin_further(known.facts, get_further_facts(visit=visit, known=known, at=at))
        | may_be_any(known.facts, number=number),
    )
