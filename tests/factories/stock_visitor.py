"""Somebody who opens the pages of the stock and sends them, as the tests of those pages do."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from tests.factories.stock import pin_of
from tests.factories.treatment import TreatmentRoom


class Visitor:
    """Somebody at the room's terminal who opens a page, and sends it as they filled it in."""

    def __init__(self, client: Client, room: TreatmentRoom, user: User) -> None:
        self.client, self.room, self.user = client, room, user

    def url(self, name: str, **parts: Any) -> str:
        return reverse(f"dosing:{name}", kwargs={"clinic_code": self.room.clinic.code, **parts})

    def read(self, name: str, **parts: Any) -> str:
        answer = self.client.get(self.url(name, **parts))
        assert answer.status_code == 200
        return words(answer)

    def send(self, name: str, filled: dict[str, Any], **parts: Any) -> Any:
        """Open a page and send it with what is filled in, signed by two where it asks for it."""
        url = self.url(name, **parts)
        form = self.client.get(url).context["form"]
        data = {field: form.initial[field] for field in ("key", "seal")}
        if "own_pin" in form.fields:
            data |= {
                "second": self.room.nurse.id if self.user != self.room.nurse else self.room.second_nurse.id,
                "own_pin": pin_of(self.room, self.user),
            }
            second = next(u for u in (self.room.nurse, self.room.second_nurse) if u.id == data["second"])
            data["second_pin"] = pin_of(self.room, second)
        return self.client.post(url, data | filled, follow=True)

    def post(self, url: str, filled: dict[str, Any]) -> Any:
        """Send a page that was opened before, signed by the lead and the first nurse."""
        signing = {
            "second": self.room.nurse.id,
            "own_pin": pin_of(self.room, self.user),
            "second_pin": pin_of(self.room, self.room.nurse),
        }
        return self.client.post(url, signing | filled, follow=True)


def words(answer: Any) -> str:
    """Return what is read on a page, without tags and repeated spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
