"""A doctor at a browser: opens, fills in, reads and signs an order through the real pages."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from django.contrib.auth import SESSION_KEY
from django.core import signing
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dosing.models import OrderRequest
from hat_clinic.accounts.models import User
from hat_clinic.core.clock import london_date, now
from patients.models import Person
from tests.factories.treatment import TreatmentRoom
from tests.pages import seal_of


def give_password_now(client: Client, user: User) -> None:
    """Leave the session as it is when the password was typed a moment ago."""
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time()}]
    session[f"{AUTHENTICATION_METHODS_SESSION_KEY}_user"] = user_id_to_str(user)
    session.save()


class Desk:
    """One signed-in browser in the office of one clinic, at the orders of one person."""

    def __init__(self, client: Client, room: TreatmentRoom, person: Person | None = None) -> None:
        self.client, self.room = client, room
        self.person = person or room.patient

    def address(self, name: str, person: Person | None = None) -> str:
        """Return the address of one of the person's pages."""
        return reverse(f"dosing:{name}", args=[self.room.clinic.code, (person or self.person).pk])

    def open(self, page: str = "sign_order", **changes: Any) -> dict[str, Any]:
        """Return an order filled in on a page that was just opened: 200 mg twice a day for 14 days."""
        form = self.client.get(self.address(page)).context["form"]
        last_day = london_date(now()) + timedelta(days=13)
        return {
            "key": str(form["key"].value()),
            "seal": form["seal"].value(),
            "premises": str(self.room.premises.pk),
            "kind": "one",
            "dose_mg": "200",
            "gap_plan": "ladder",
            "hold": "limits",
            "oral": "none",
            "sessions_per_day": "2",
            "injections_per_session": "1",
            "daily_max_mg": "400",
            "interval_minutes": "180",
            "observation_minutes": "20",
            "routes": ["iv"],
            "sites": ["left_arm", "right_arm"],
            "starts": "at_once",
            "ends_on": f"{last_day:%d/%m/%Y}",
            "basis": "Craving before the evening session; 180 mg tolerated.",
            "acknowledged": [],
        } | changes

    def read(self, page: dict[str, Any]) -> HttpResponse:
        """Send the page to be read before it is signed."""
        return self.client.post(self.address("sign_order"), page | {"step": "read"})

    def sign(self, page: dict[str, Any]) -> HttpResponse:
        """Press the button that signs."""
        return self.client.post(self.address("sign_order"), page | {"step": "sign"})

    def ask(self, page: dict[str, Any] | None = None) -> HttpResponse:
        """Press the button that asks a licensed doctor to sign."""
        written = page or self.open("request_order")
        return self.client.post(self.address("request_order"), written | {"step": "ask"})

    def answer_address(self, name: str, request: OrderRequest) -> str:
        """Return the address of one of the pages on which a request is answered."""
        return reverse(f"dosing:{name}", args=[self.room.clinic.code, request.pk])

    def open_request(self, request: OrderRequest, **changes: Any) -> dict[str, Any]:
        """Return the page of a request that was just opened, with every note ticked."""
        context = self.client.get(self.answer_address("authorise_order", request)).context
        form, notes = context["form"], context["review"].notes
        return {
            "key": str(form["key"].value()),
            "seal": form["seal"].value(),
            "acknowledged": [code for code, _ in notes],
        } | changes

    def authorise(self, request: OrderRequest, page: dict[str, Any] | None = None) -> HttpResponse:
        """Press the button that signs what another doctor wrote."""
        sent = page or self.open_request(request)
        return self.client.post(self.answer_address("authorise_order", request), sent)

    def send_back(self, request: OrderRequest, reason: str = "Too high after two missed sessions.") -> Any:
        """Send a request back unsigned."""
        return self._end_request("send_back_order", request, reason)

    def withdraw(self, request: OrderRequest, reason: str = "Written for the wrong day.") -> Any:
        """Take a request back."""
        return self._end_request("withdraw_order_request", request, reason)

    def _end_request(self, name: str, request: OrderRequest, reason: str) -> Any:
        """Open a page that ends a request, and send it; one without a form any more is sent as it once was."""
        address = self.answer_address(name, request)
        who = {"actor": self.client.session[SESSION_KEY], "terminal": "", "order": str(request.pk)}
        seal = seal_of(self.client.get(address)) or signing.dumps(who, salt=f"dosing.{name}")
        return self.client.post(address, {"reason": reason, "seal": seal})

    def open_end(self, **changes: Any) -> dict[str, Any]:
        """Return the page that ends an order, filled in."""
        form = self.client.get(self.address("end_order")).context["form"]
        return {
            "key": str(form["key"].value()),
            "seal": form["seal"].value(),
            "reason": "safety",
            "words": "Found asleep at home.",
        } | changes

    def end(self, page: dict[str, Any]) -> HttpResponse:
        """Press the button that ends dosing."""
        return self.client.post(self.address("end_order"), page)
