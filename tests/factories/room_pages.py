"""The pages of the treatment room beside the dose: how each is reached, opened, and filled in."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from django.test import Client
from django.urls import reverse

from dosing.models import Hold
from tests.factories.treatment import TreatmentRoom

READINGS = {"sedation": "1", "breaths": "14", "oxygen": "97", "pulse": "70"}
CHECK = READINGS | {
    "alcohol": "0",
    "no_other_drugs": "so",
    "oral_as_ordered": "so",
    "not_intoxicated": "so",
    "sites_are_well": "so",
}


def _hold(room: TreatmentRoom) -> uuid.UUID:
    visit = room.identify()
    room.check(visit, breaths=11)
    room.check(visit)
    return Hold.objects.get(patient=room.patient).id


@dataclass(frozen=True)
class RoomPage:
    """One page: `reach` brings the room's person there and gives the id in its address; `table` is what it writes."""

    name: str
    reach: Callable[[TreatmentRoom], uuid.UUID]
    answers: dict[str, str]
    table: str
    opened_at: str = ""
    seal_in: str = "seal"
    refused: tuple[str, ...] = field(default=("opened by somebody else", "Nothing was saved."))

    def __str__(self) -> str:
        return self.name

    def address(self, room: TreatmentRoom, thing: uuid.UUID) -> str:
        """Return where the page is sent to."""
        return reverse(f"dosing:{self.name}", args=[room.clinic.code, thing])

    def filled(self, client: Client, room: TreatmentRoom, thing: uuid.UUID) -> dict[str, str]:
        """Open the page in a browser, and return what it sends when it is filled in."""
        opened = client.get(reverse(f"dosing:{self.opened_at or self.name}", args=[room.clinic.code, thing]))
        context = opened.context
        seal = context[self.seal_in] if self.seal_in in context else context["form"]["seal"].value()
        return self.answers | {"seal": seal}


IDENTIFY = RoomPage(
    "identify_person", lambda room: room.patient.id, {"born": "1979-03-14"}, "dosing_identitycheck"
)
ARRIVAL = RoomPage(
    "note_arrival", lambda room: room.patient.id, {}, "dosing_visit", opened_at="identify_person"
)
NOT_GIVEN = RoomPage(
    "record_not_given", lambda room: room.patient.id, {"why": "withheld/ill"}, "dosing_sessionoutcome"
)
CHECKING = RoomPage(
    "record_check", lambda room: room.identify().session_id, CHECK, "dosing_preinjectioncheck"
)
READING = RoomPage(
    "record_reading",
    lambda room: room.give().session_id,
    READINGS,
    "dosing_reading",
    seal_in="reading_seal",
)
RELEASE = RoomPage(
    "release_person",
    lambda room: room.give().session_id,
    {"leaves": "has"},
    "dosing_release",
    opened_at="record_reading",
    seal_in="release_seal",
)
EARLY = RoomPage(
    "record_early_leaving",
    lambda room: room.give().session_id,
    {"reason": "against advice"},
    "dosing_release",
)
LIFT = RoomPage(
    "lift_hold",
    _hold,
    {"reason": "Seen, and well."},
    "dosing_hold",
    refused=("somebody else opened this page. Look again.", "The hold stands"),
)
