"""What stands in the addresses of a treatment room besides the clinic: made by the factories, one of each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dosing.actions.visits import record_not_given
from dosing.models import PreInjectionCheck, RegisterEntry
from dosing.queries.sessions import SessionKey
from dosing.rules.sessions import Outcome, Reason
from hat_clinic.accounts.actions import set_pin
from hat_clinic.accounts.models import Membership
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import london_date, now
from tests.factories import HoldFactory
from tests.factories.oral import OralDoseFactory, OralOrderFactory
from tests.factories.paper import PackFactory
from tests.factories.referrals import a_draft, a_referral, some_criteria
from tests.factories.stock import LEAD_PIN, a_requisition, a_return, a_stock_room, send
from tests.factories.treatment import a_member_of_staff, another
from tests.factories.urine import UrineDrawFactory, steps_of

Things = dict[str, Any]


def of_a_visit(room: Any) -> Things:
    """Return the visit of somebody whose dose is drawn up, and a hold of somebody else of the room."""
    hold = HoldFactory(clinic=room.clinic, check_made__session__order__protocol=room.order.protocol)
    visit = room.checked()
    room.prepare(visit)
    return {"session_id": visit.session_id, "hold_id": hold.pk}


def of_urine(room: Any) -> Things:
    """Return a sample that was sent, and a result of another one."""
    today = london_date(now())
    sent = UrineDrawFactory(clinic=room.clinic, patient=room.patient, due_on=today)
    steps_of(sent, "taken", "sent")
    tested = UrineDrawFactory(clinic=room.clinic, patient=room.patient, due_on=today - timedelta(days=7))
    return {"draw_id": sent.pk, "result_id": steps_of(tested, "taken", "sent", "result")[-1].pk}


def lines_of_the_room(room: Any) -> Things:
    """Return a reading after somebody's injection, and somebody's ending without a dose."""
    watched, away = another(room), another(room)
    reading = watched.read(watched.give().session_id, None)
    session = away.identify().session
    ended = record_not_given(
        clinic=room.clinic,
        patient_id=away.patient.id,
        session=SessionKey(session.service_date, session.slot),
        outcome=Outcome.MISSED,
        reason=Reason.UNKNOWN,
        by=room.nurse,
        at=now(),
    )
    check = PreInjectionCheck.objects.get(session_id=reading.session_id)
    lines = {"reading_id": reading.pk, "outcome_id": ended.pk, "check_id": check.pk}
    oral = OralDoseFactory(order=OralOrderFactory(episode=away.episode, premises=room.premises))
    lines |= {"written_id": reading.pk, "injection_id": reading.injection_id}
    contested = OralDoseFactory(
        order=oral.order, pack=PackFactory(clinic=room.clinic), conflicts=["sedation_unknown"], sedation=""
    )
    return lines | {"oral_dose_id": oral.pk, "dose_id": contested.pk}


def of_the_stock(room: Any) -> Things:
    """Return a requisition, a transfer on its way here, a patient's return, and a line of the register."""
    set_pin(user=room.cd_lead, pin=LEAD_PIN, by=room.cd_lead, at=now())
    elsewhere = a_stock_room()
    return {
        "requisition_id": a_requisition(room).pk,
        "transfer_id": send(elsewhere, room.line, 1).pk,
        "return_id": a_return(room).pk,
        "entry_key": RegisterEntry.objects.get(line=room.line, seq=1).key,
    }


def of_coming_in(room: Any) -> Things:
    """Return a referral and a draft of the clinic's referrer, and criteria that wait for approval."""
    memberships = Membership.objects.filter(clinic=room.clinic, role=Role.REFERRER).select_related("user")
    member = memberships.first()
    referrer = member.user if member else a_member_of_staff(room.clinic, Role.REFERRER, name="Rowan Hale")
    return {
        "referral_id": a_referral(room.clinic, by=referrer).pk,
        "key": a_draft(room.clinic, by=referrer),
        "criterion": "capacity",
        "criteria_id": some_criteria(room.clinic, by=room.nurse).pk,
    }
