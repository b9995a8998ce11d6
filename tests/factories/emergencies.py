"""Emergencies, begun and written by the real actions, and their rows alone to try one constraint."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from factory import LazyFunction, SelfAttribute, SubFactory
from factory.django import DjangoModelFactory

from dosing.actions.emergencies import (
    LineToWrite,
    approve_emergency_card,
    start_emergency,
    write_emergency,
)
from dosing.models import Emergency, EmergencyCard, EmergencyLine
from dosing.rules.emergencies import CardDraft, LineKind, NaloxoneGiven, NaloxoneRoute
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now
from tests.factories.accounts import ClinicFactory, UserFactory
from tests.factories.dosing import InjectionFactory
from tests.factories.moments import NINE
from tests.factories.treatment import TreatmentRoom

NALOXONE = NaloxoneGiven(400, NaloxoneRoute.IM)


class EmergencyFactory(DjangoModelFactory[Emergency]):
    """One emergency ten minutes after an injection, begun by hand."""

    class Meta:
        model = Emergency

    injection = SubFactory(InjectionFactory)
    session = SelfAttribute("injection.session")
    patient = SelfAttribute("injection.patient")
    clinic = SelfAttribute("injection.session.clinic")
    key = LazyFunction(uuid.uuid4)
    began_at = NINE + timedelta(minutes=10)
    begun_by = SubFactory(UserFactory)


class EmergencyLineFactory(DjangoModelFactory[EmergencyLine]):
    """Oxygen, tapped a minute later."""

    class Meta:
        model = EmergencyLine

    emergency = SubFactory(EmergencyFactory)
    kind = LineKind.OXYGEN
    key = LazyFunction(uuid.uuid4)
    happened_at = NINE + timedelta(minutes=11)
    written_at = SelfAttribute("happened_at")
    written_by = SubFactory(UserFactory)


class EmergencyCardFactory(DjangoModelFactory[EmergencyCard]):
    """The first card of a clinic."""

    class Meta:
        model = EmergencyCard

    clinic = SubFactory(ClinicFactory)
    number = 1
    micrograms = 400
    route = NaloxoneRoute.IM
    look_again = "Look again at 2 to 3 minutes."
    to_tell = "14 Harbour Street, ground floor."
    key = LazyFunction(uuid.uuid4)
    approved_by = SubFactory(UserFactory)
    approved_at = NINE


def an_emergency(room: TreatmentRoom, *, by: User | None = None, **changes: Any) -> Emergency:
    """Press the red button for the person of a room, as its nurse, or unsigned with `is_unsigned`."""
    is_unsigned = changes.pop("is_unsigned", False)
    return start_emergency(
        clinic=room.clinic,
        patient_id=room.patient.id,
        terminal_id=room.terminal.id,
        key=changes.get("key", uuid.uuid4()),
        by=None if is_unsigned else by or room.nurse,
        at=now(),
    )


def tapped(
    room: TreatmentRoom,
    emergency: Emergency,
    kind: LineKind,
    *,
    by: User | None = None,
    is_unsigned: bool = False,
    key: uuid.UUID | None = None,
    happened_at: datetime | None = None,
    naloxone: NaloxoneGiven | None = None,
    words: str = "",
    corrects_id: uuid.UUID | None = None,
) -> EmergencyLine:
    """Press one button of the emergency screen; naloxone in the dose of the card unless told otherwise."""
    if kind is LineKind.NALOXONE and naloxone is None:
        naloxone = NALOXONE
    return write_emergency(
        clinic=room.clinic,
        emergency_id=emergency.id,
        line=LineToWrite(kind, happened_at, naloxone, words, corrects_id),
        terminal_id=room.terminal.id,
        key=key or uuid.uuid4(),
        by=None if is_unsigned else by or room.nurse,
        at=now(),
    )


def a_card(room: TreatmentRoom, *, by: User, **changes: Any) -> EmergencyCard:
    """Approve the emergency card of a clinic."""
    written: dict[str, Any] = {
        "naloxone": NALOXONE,
        "look_again": "Clinic card: look again at 2 to 3 minutes.",
        "to_tell": "14 Harbour Street, TS1. Ground floor.",
    }
    key = changes.pop("key", uuid.uuid4())
    return approve_emergency_card(
        clinic=room.clinic, draft=CardDraft(**(written | changes)), key=key, by=by, at=now()
    )
