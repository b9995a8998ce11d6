"""What is known of somebody's gap, as a doctor decides on it and as pages tell of it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from dosing.models import Licence
from dosing.queries.history import get_dose_history, get_gap_decision
from dosing.queries.licences import licences_in_force
from dosing.queries.orders import get_episode_here, get_order_in_force
from dosing.queries.protocol import as_rules_read_it, get_protocol_in_force
from dosing.rules.gaps import GapFacts, gap_ceiling_mg, may_begin_gap_decision
from dosing.rules.history import Standing, reference_at, standing_at
from dosing.rules.limits import LimitFacts, decision_stands, gap_in_words
from dosing.rules.orders import Product
from dosing.rules.protocol import Protocol
from hat_clinic.accounts.models import Clinic, User
from hat_clinic.accounts.queries import roles_of
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision
from patients.models import Episode


@dataclass(frozen=True, slots=True)
class GapKnown:
    """The facts for the rule, and the rows a decision points at. `seen` names this very gap and its count."""

    facts: GapFacts
    protocol: Protocol
    licence: Licence | None
    seen: str
    is_decided: bool


def get_gap_facts(*, clinic: Clinic, episode: Episode, decider: User, at: datetime) -> GapKnown:
    """Gather what `may_decide_gap` asks. Without limits in force the starting values tell how long the gap is."""
    in_force = as_rules_read_it(get_protocol_in_force(clinic_id=clinic.id, at=at))
    protocol = in_force or Protocol()
    history = get_dose_history(episode=episode, at=at)
    standing = standing_at(history, protocol, at=at)
    order = get_order_in_force(patient_id=episode.person_id, product=Product.DIAMORPHINE, at=at)
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
        protocol=protocol,
        licence=licence,
        seen=_seen(standing),
        is_decided=decision_stands(limits),
    )


def _seen(standing: Standing) -> str:
    return f"{standing.gap.since.isoformat()} {standing.gap.missed}" if standing.gap is not None else "none"


@dataclass(frozen=True, slots=True)
class GapPage:
    """All that a doctor sees of a gap before deciding on it. The ceiling is a limit and fills in nothing."""

    episode: Episode
    patient_id: uuid.UUID
    name: str
    born_on: date | None
    words: str
    reference_mg: int | None
    ceiling_mg: int
    percent: int
    ordered_mg: int | None
    is_decided: bool
    decision: Decision
    seen: str


def get_gap_page(*, clinic: Clinic, patient_id: uuid.UUID, decider: User, at: datetime) -> GapPage | None:
    """Return the page on which a gap is decided; None for somebody who is not in treatment here."""
    episode = get_episode_here(clinic_id=clinic.id, patient_id=patient_id, is_open=True)
    if episode is None:
        return None
    known = get_gap_facts(clinic=clinic, episode=episode, decider=decider, at=at)
    order = get_order_in_force(patient_id=patient_id, product=Product.DIAMORPHINE, at=at)
    return GapPage(
        episode=episode,
        patient_id=patient_id,
        name=episode.person.full_name,
        born_on=episode.person.born_on,
        words=gap_in_words(known.facts.standing),
        reference_mg=known.facts.reference_mg,
        ceiling_mg=gap_ceiling_mg(known.facts, known.protocol),
        percent=known.protocol.gap_decide_percent,
        ordered_mg=order.dose_mg if order is not None else None,
        is_decided=known.is_decided,
        decision=may_begin_gap_decision(known.facts),
        seen=known.seen,
    )
