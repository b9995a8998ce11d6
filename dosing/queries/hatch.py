"""The pages at the hatch: who is this, and the check."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime

from dosing.models import Hold, Visit
from dosing.queries.authorisations import authorised_in_words
from dosing.queries.closed import get_closed_sentence
from dosing.queries.oxygen import ShownTarget, get_shown_target
from dosing.queries.sessions import (
    KnownAtTheHatch,
    Lowered,
    SessionKey,
    get_current_session,
    get_session_facts,
    session_dose_mg,
    why_lowered,
)
from dosing.queries.visits import (
    RoomHead,
    came_late_in_words,
    dates_to_choose_from,
    get_person_here,
    get_room_head,
    get_standing_hold,
    get_visit_facts,
    hold_in_words,
    what_a_check_says,
)
from dosing.rules.authorisations import has_only_stops, less_authorised, with_lifters
from dosing.rules.checks import is_fresh
from dosing.rules.oral_doses import oral_before_injection
from dosing.rules.preparations import stands_against
from dosing.rules.sessions import Outcome, Reason, least_minutes, may_start
from dosing.rules.visits import VisitState, late_reason
from hat_clinic.accounts.models import Clinic
from hat_clinic.core.clock import LONDON
from hat_clinic.core.decisions import Decision


@dataclass(frozen=True, slots=True)
class IdentityPage:
    """All that the page that asks who somebody is prints.

    `closed` tells that the session is closed; `late` why it may go on after it ended without a dose, empty where it may
    not; `came_late` what was recorded before they came after all.
    """

    head: RoomHead
    dates: tuple[date, ...]
    address: str
    decision: Decision
    is_further_on: bool
    closed: str
    late: str
    came_late: tuple[str, ...]


def get_identity_page(*, clinic: Clinic, patient_id: uuid.UUID, at: datetime) -> IdentityPage | None:
    """Return the page for one person in the session open now; None for a stranger or between sessions.

    The reasons against beginning a dose are shown here, before anything is asked.
    """
    person = get_person_here(clinic=clinic, patient_id=patient_id)
    session = get_current_session(clinic=clinic, at=at)
    if person is None or session is None:
        return None
    known = get_session_facts(patient_id=patient_id, clinic=clinic, session=session, at=at)
    visit = (
        Visit.objects.select_related("outcome")
        .filter(patient_id=patient_id, session__service_date=session.service_date, session__slot=session.slot)
        .first()
    )
    decision = may_start(known.facts) | stands_against(
        get_visit_facts(patient_id=patient_id, visit=visit, at=at)
    )
    late = _late(visit)
    return IdentityPage(
        head=get_room_head(
            clinic=clinic, person=person, session=session, visit=visit, order=known.order, at=at
        ),
        dates=dates_to_choose_from(person=person, session=session),
        address=person.address or "no fixed abode",
        decision=decision,
        is_further_on=visit is not None and visit.state != "arrived" and not late,
        closed=get_closed_sentence(clinic=clinic, at=at, today=session.service_date),
        late=late,
        came_late=came_late_in_words(session_id=visit.session_id) if visit is not None else (),
    )


def _late(visit: Visit | None) -> str:
    if visit is None or visit.state != VisitState.NOT_GIVEN or visit.outcome is None:
        return ""
    reason = late_reason(Outcome(visit.outcome.outcome), Reason(visit.outcome.reason))
    return reason.label if reason is not None else ""


@dataclass(frozen=True, slots=True)
class CheckPage:
    """All that the check prints: what stands in favour and against, before anything is tapped.

    `oxygen` is what this person's oxygen is held against; `authorised` what a doctor has let pass for the next dose.
    `may_be_authorised`: nothing stands but what a doctor can let pass.
    """

    head: RoomHead
    order_id: uuid.UUID | None
    dose_mg: int
    is_range: bool
    lowered: Lowered | None
    facts: tuple[str, ...]
    standing: Decision
    last_check: Decision | None
    last_check_words: str
    hold: Hold | None
    hold_words: str
    protocol_number: int | None
    oxygen: ShownTarget
    authorised: tuple[str, ...]
    may_be_authorised: bool
    may_go_on: bool


def get_check_page(*, clinic: Clinic, visit: Visit, at: datetime) -> CheckPage:
    """Return the page for one check of one visit."""
    session = SessionKey(visit.session.service_date, visit.session.slot)
    known = get_session_facts(patient_id=visit.patient_id, clinic=clinic, session=session, at=at)
    order = known.order
    hold = get_standing_hold(patient_id=visit.patient_id)
    visit_facts = get_visit_facts(patient_id=visit.patient_id, visit=visit, at=at)
    made = visit.check_made
    beside = (
        may_start(known.facts) | stands_against(visit_facts) | oral_before_injection(visit_facts.oral, at=at)
    )
    standing = less_authorised(beside, visit_facts.authorised)
    found = less_authorised(what_a_check_says(visit), visit_facts.authorised) if made is not None else None
    return CheckPage(
        head=get_room_head(
            clinic=clinic, person=visit.patient, session=session, visit=visit, order=order, at=at
        ),
        order_id=order.id if order else None,
        dose_mg=session_dose_mg(known),
        is_range=order is not None and order.least_mg is not None,
        lowered=why_lowered(known),
        facts=_in_favour(known, at),
        standing=with_lifters(standing),
        last_check=with_lifters(found) if found is not None else None,
        last_check_words=f"Last check {made.made_at.astimezone(LONDON):%H:%M}" if made is not None else "",
        hold=hold,
        hold_words=hold_in_words(hold) if hold is not None else "",
        protocol_number=known.protocol.number if known.protocol else None,
        oxygen=get_shown_target(patient_id=visit.patient_id, at=at),
        authorised=authorised_in_words(made),
        may_be_authorised=made is not None
        and visit_facts.check_made_at is not None
        and is_fresh(made_at=made.made_at, at=at)
        and has_only_stops(standing | (found or Decision())),
        # A doctor decided since the check was made, on its stops or its hold: the next step is open.
        may_go_on=visit.state == VisitState.CHECKED
        and made is not None
        and not made.lets_a_dose_go_ahead
        and (standing | less_authorised(visit_facts.stops, visit_facts.authorised)).is_allowed,
    )


def _in_favour(known: KnownAtTheHatch, at: datetime) -> tuple[str, ...]:
    order, facts = known.order, known.facts
    if order is None or facts.order is None or facts.protocol is None:
        return ()
    ends = order.ends_at.astimezone(LONDON)
    lines = [f"Order signed by {order.signed_by.full_name}, ends {ends.day} {ends:%B}, {ends:%H:%M}"]
    if facts.last_ended_at is not None:
        minutes = int((at.astimezone(UTC) - facts.last_ended_at.astimezone(UTC)).total_seconds() // 60)
        least = least_minutes(facts.order, facts.protocol, facts)
        if minutes >= least:
            hours, rest = divmod(minutes, 60)
            lines.append(f"{hours} h {rest:02d} min since the last injection ({least // 60} h needed)")
    else:
        lines.append("No injection of this person is recorded here yet")
    total = facts.given_today_mg + session_dose_mg(known)
    at_most = "at most " if order.least_mg is not None else ""
    lines.append(f"The day's total would be {at_most}{total} of {order.daily_max_mg} mg")
    return tuple(lines)
