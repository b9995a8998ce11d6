"""A doctor's decisions about one person's check: a target for oxygen, and a reason that lets one dose go ahead."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from dosing.actions.authorisations import AtTerminal, FindingPassed, authorise_finding
from dosing.actions.oxygen import SentTarget, set_oxygen_target
from dosing.models import PreInjectionCheck
from dosing.queries.oxygen import get_newest_id
from dosing.rules.authorisations import AuthorisedFor
from dosing.rules.oxygen import OxygenScale, PersonalTarget
from hat_clinic.accounts.actions import set_pin
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import london_date, now
from tests.factories.treatment import TreatmentRoom

DOCTOR_PIN = "174926"


def with_pin(doctor: User) -> User:
    """Return a doctor who has chosen a signing PIN."""
    set_pin(user=doctor, pin=DOCTOR_PIN, by=doctor, at=now())
    return doctor


def authorise(
    room: TreatmentRoom,
    *,
    code: str = "alcohol_stop",
    words: str = "Known to me, and alert.",
    doctor: User | None = None,
    pin: str = DOCTOR_PIN,
    is_at_desk: bool = False,
    check_id: uuid.UUID | None = None,
    key: uuid.UUID | None = None,
) -> uuid.UUID:
    """Let the next dose of the room's person pass a finding of their last check."""
    signer = doctor or room.doctor
    return authorise_finding(
        clinic=room.clinic,
        passed=FindingPassed(
            check_id=check_id or PreInjectionCheck.objects.filter(patient=room.patient).latest("made_at").id,
            code=code,
            reason=AuthorisedFor.KNOWN_AND_ALERT,
            words=words,
        ),
        signed=None if is_at_desk else AtTerminal(doctor_id=signer.id, pin=pin, terminal_id=room.terminal.id),
        key=key or uuid.uuid4(),
        by=signer if is_at_desk else room.nurse,
        at=now(),
    )


def set_target(
    room: TreatmentRoom,
    percent: int = 90,
    *,
    scale: OxygenScale = OxygenScale.ONE,
    review_on: date | None = None,
    by: User | None = None,
    **page: Any,
) -> uuid.UUID:
    """Set a target for the oxygen of the room's person, to be reviewed in three months unless told otherwise."""
    sent = {"key": uuid.uuid4(), "newest": get_newest_id(patient_id=room.patient.id)} | page
    return set_oxygen_target(
        clinic=room.clinic,
        episode=room.episode,
        target=PersonalTarget(
            percent=percent,
            scale=scale,
            review_on=review_on or london_date(now()) + timedelta(days=90),
        ),
        evidence="Letter of the chest clinic.",
        page=SentTarget(**sent),
        by=by or room.doctor,
        at=now(),
    )
