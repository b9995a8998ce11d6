"""Handovers: signed and read by the real actions, and single rows to try alone."""

from __future__ import annotations

from typing import Any

from factory import SubFactory
from factory.django import DjangoModelFactory

from dosing.actions.handovers import acknowledge_handover, sign_handover
from dosing.models import Handover, HandoverAcknowledgement, HandoverNote
from dosing.queries.handovers import list_handover_facts, list_sessions_to_hand_over
from dosing.rules.handovers import facts_sha256
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now
from tests.factories.accounts import ClinicFactory, UserFactory
from tests.factories.moments import NINE, TODAY
from tests.factories.patients import PersonFactory
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom


def hand_over(
    room: TreatmentRoom, *, by: User | None = None, pin: str = NURSE_PIN, **changes: Any
) -> Handover:
    """Sign the handover of the session that ends, on the facts as they are now."""
    signer, at = by or room.nurse, now()
    chosen = list_sessions_to_hand_over(clinic=room.clinic, at=at)[0]
    facts = list_handover_facts(clinic=room.clinic, session=chosen.session, at=at)
    content: dict[str, Any] = {
        "session": chosen.session,
        "number": 1,
        "seen": facts_sha256(facts, signer.id),
        "shown": frozenset(),
        "words": "",
        "notes": {},
        "pin": pin,
        "terminal_id": room.terminal.id,
    }
    return sign_handover(clinic=room.clinic, by=signer, at=at, **(content | changes))


def read_it(
    room: TreatmentRoom, handover: Handover, *, by: User | None = None, pin: str = SECOND_PIN
) -> HandoverAcknowledgement:
    """Have the other nurse sign that it was read."""
    return acknowledge_handover(
        clinic=room.clinic,
        handover_id=handover.id,
        pin=pin,
        terminal_id=room.terminal.id,
        by=by or room.second_nurse,
        at=now(),
    )


class HandoverFactory(DjangoModelFactory[Handover]):
    """One morning that was handed over with nothing open."""

    class Meta:
        model = Handover

    clinic = SubFactory(ClinicFactory)
    service_date = TODAY
    slot = "am"
    facts: list[Any] = []
    words = ""
    content_sha256 = "0" * 64
    signed_at = NINE
    signed_by = SubFactory(UserFactory)


class HandoverNoteFactory(DjangoModelFactory[HandoverNote]):
    """One line about one person."""

    class Meta:
        model = HandoverNote

    handover = SubFactory(HandoverFactory)
    patient = SubFactory(PersonFactory)
    words = "Wants to be called."
