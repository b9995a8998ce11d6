"""Somebody at a browser: writes a draft of the clinic's limits, and approves one, through the real pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dosing.rules.protocol import LIMITS, UNVERIFIED
from hat_clinic.accounts.models import Clinic


class LimitsDesk:
    """One signed-in browser at the limits of one clinic."""

    def __init__(self, client: Client, clinic: Clinic) -> None:
        self.client, self.clinic = client, clinic

    def address(self, name: str, *things: Any) -> str:
        """Return the address of one of the pages of limits."""
        return reverse(f"dosing:{name}", args=[self.clinic.code, *things])

    def read(self, name: str, *things: Any, **asked: str) -> str:
        """Return the text of a page."""
        answer = self.client.get(self.address(name, *things), asked)
        assert answer.status_code == 200
        return answer.content.decode()

    def open_draft(self, address: str = "", **changes: Any) -> dict[str, Any]:
        """Return a draft as its page shows it when it was just opened, with a reason and with what is changed."""
        form = self.client.get(address or self.address("draft_protocol")).context["form"]
        shown = {limit.name: str(form[limit.name].value()) for limit in LIMITS}
        hidden = {"key": str(form["key"].value()), "seal": form["seal"].value()}
        written = {name: str(value) for name, value in changes.items()}
        return shown | hidden | {"reason": "The yearly review."} | written

    def send_draft(self, page: dict[str, Any]) -> HttpResponse:
        """Press the button that saves a draft."""
        return self.client.post(self.address("draft_protocol"), page)

    def open_approval(self, **changes: Any) -> dict[str, Any]:
        """Return the approval page when it was just opened, every number ticked, to start at once."""
        form = self.client.get(self.address("approve_protocol")).context["form"]
        return {
            "key": str(form["key"].value()),
            "seal": form["seal"].value(),
            "confirmed": sorted(UNVERIFIED),
            "starts": "at_once",
        } | changes

    def approve(self, page: dict[str, Any]) -> HttpResponse:
        """Press the button that approves."""
        return self.client.post(self.address("approve_protocol"), page)
