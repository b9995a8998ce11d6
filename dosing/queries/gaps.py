"""What is known of somebody's gap, as a doctor decides on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dosing.models import GapDecision, Licence, Order
from dosing.queries.history import get_dose_history, get_gap_decision, with_own_plan
from dosing.queries.licences import licences_in_force
from dosing.queries.orders import get_order_in_force
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.rules.gaps import GapFacts
from dosing.rules.history import DoseHistory, Standing, reference_at, standing_at
from dosing.rules.limits import LimitFacts, decision_stands
from dosing.rules.orders import Product
from dosing.rules.protocol import Protocol
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class GapKnown:
    """The facts for the rule, and the rows a decision points at.

    `seen` names this very gap and its count. `newest` is the last decision made in it, standing or not.
    """

    facts: GapFacts
    history: DoseHistory
    protocol: Protocol
    order: Order | None
    licence: Licence | None
    seen: str
    newest: GapDecision | None
    is_decided: bool

    @property
    def newest_id(self) -> str:
        """The id of the last decision in this gap, empty without one."""
        return str(self.newest.id) if self.newest is not None else ""


def get_gap_facts(*, clinic: Clinic, episode: Episode, decider: User, at: datetime) -> GapKnown:
    """Gather what `may_decide_gap` asks. Without limits in force the starting values tell how long the gap is."""
    in_force = as_rules_read_it(get_protocol_in_force(clinic_id=clinic.id, at=at))
    order = get_order_in_force(patient_id=episode.person_id, product=Product.DIAMORPHINE, at=at)
    protocol = with_own_plan(in_force or Protocol(), order.gap_cap_percent if order is not None else None)
    history = get_dose_history(episode=episode, at=at)
    standing = standing_at(history, protocol, at=at)
    routes = order.routes if order is not None else []
    references = [reference_at(history, standing, route=route, at=at) for route in routes]
    known = [found.session_mg for found in references if found is not None]
    licence = licences_in_force(doctor_id=decider.id, at=at).filter(premises__clinic=clinic).first()
    limits = LimitFacts(
        history=history,
        protocol=protocol,
        routes=frozenset(routes),
        sessions_per_day=order.sessions_per_day if order is not None else 1,
        at=at,
        today=london_date(at),
        decision=get_gap_decision(episode=episode, at=at),
    )
    return GapKnown(
        facts=GapFacts(
            standing=standing,
            reference_mg=min(known) if known and len(known) == len(references) else None,
            decider_is_doctor=Role.DOCTOR in roles_of(user=decider, clinic=clinic, at=at),
            licence_ends_at=licence.ends_at if licence else None,
            has_protocol=in_force is not None,
            has_order=order is not None,
        ),
        history=history,
        protocol=protocol,
        order=order,
        licence=licence,
        seen=_seen(standing),
        newest=_newest(episode, standing, at),
        is_decided=decision_stands(limits),
    )


def _newest(episode: Episode, standing: Standing, at: datetime) -> GapDecision | None:
    if standing.gap is None:
        return None
    decisions = GapDecision.objects.select_related("decided_by").filter(
        episode=episode, decided_at__gt=standing.gap.since, decided_at__lte=at
    )
    return decisions.order_by("-decided_at").first()


def _seen(standing: Standing) -> str:
    return f"{standing.gap.since.isoformat()} {standing.gap.missed}" if standing.gap is not None else "none"
