"""Browsers at the pages of urine samples, and what they send."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.test import Client
from django.urls import reverse

from hat_clinic.audit.models import AuditEvent
from tests.factories.treatment import NURSE_PIN, TreatmentRoom
from tests.pages import shown


class Visitor:
    """Somebody's browser in a clinic."""

    def __init__(self, client: Client, room: TreatmentRoom) -> None:
        self.client, self.room = client, room

    def url(self, name: str, *parts: Any) -> str:
        return reverse(f"outcomes:{name}", args=[self.room.clinic.code, *parts])

    def read(self, name: str, *parts: Any) -> str:
        answer = self.client.get(self.url(name, *parts))
        assert answer.status_code == 200
        return shown(answer)

    def seal(self, name: str, *parts: Any) -> dict[str, str]:
        return {"seal": self.client.get(self.url(name, *parts)).context["form"]["seal"].value()}

    def send(self, name: str, *parts: Any, **filled: Any) -> Any:
        """Open a page and send it as it is filled in."""
        return self.client.post(self.url(name, *parts), self.seal(name, *parts) | filled, follow=True)


def taken(today: date, **changes: str) -> dict[str, str]:
    return {
        "reference": "a-17",
        "taken_on": today.isoformat(),
        "was_seen": "yes",
        "is_sealed": "yes",
        "pin": NURSE_PIN,
        **changes,
    }


def result(today: date, **changes: str) -> dict[str, str]:
    said = {"assay": "street_heroin_marker", "found": "negative", "reported_on": f"{today:%d/%m/%Y}"}
    return said | changes


def events(name: str) -> list[str]:
    return list(AuditEvent.objects.filter(event=name).order_by("id").values_list("outcome", flat=True))
