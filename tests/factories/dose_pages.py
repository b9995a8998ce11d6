"""The pages of one dose, as the browser of a terminal sends them."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom


def prepare_address(room: TreatmentRoom) -> str:
    """Return where a dose is drawn up for the room's person, who is checked, on a day that is open."""
    room.open_day()
    return reverse("dosing:prepare_dose", args=[room.clinic.code, room.checked().session_id])


def inject_address(room: TreatmentRoom) -> str:
    """Return where the dose of the room's person is injected, which is drawn up."""
    visit = room.checked()
    room.prepare(visit)
    return reverse("dosing:record_injection", args=[room.clinic.code, visit.session_id])


def _sealed(client: Client, address: str) -> dict[str, str]:
    form = client.get(address).context["form"]
    return {"key": str(form["key"].value()), "seal": form["seal"].value()}


def filled_preparation(client: Client, address: str, room: TreatmentRoom, **more: str) -> dict[str, str]:
    """Return what the opened page would send when it is filled in by the two nurses."""
    return {
        **_sealed(client, address),
        "batch": str(room.batch.id),
        "witness": str(room.second_nurse.id),
        "preparer_pin": NURSE_PIN,
        "witness_pin": SECOND_PIN,
        **more,
    }


def filled_injection(client: Client, address: str, **more: str) -> dict[str, str]:
    """Return what the opened page would send when all of the dose went into the left arm."""
    return {
        **_sealed(client, address),
        "site": "left_arm",
        "route": "iv",
        "seconds_ago": "0",
        "went_in": "all",
        **more,
    }
