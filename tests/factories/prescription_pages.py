"""A doctor at a browser: chooses, reads and prints a prescription through the real pages."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pypdf
from django.http import HttpResponse
from django.urls import reverse

from dosing.actions.orders import sign_order
from dosing.models import Order, PrescriptionPrint
from dosing.rules.orders import OrderDraft, Product
from hat_clinic.core.clock import london_date, now
from tests.factories.order_pages import Desk
from tests.factories.treatment import TreatmentRoom

NOTES = ["wording_unverified"]


def text_of_pdf(answer: HttpResponse) -> list[str]:
    """Return the text of each sheet of a PDF."""
    assert answer.headers["Content-Type"] == "application/pdf"
    return [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(answer.content)).pages]


def open_prescription(desk: Desk, **changes: Any) -> dict[str, Any]:
    """Return a prescription chosen on a page that was just opened: FP10MDA, 100 mg ampoules, from tomorrow."""
    form = desk.client.get(desk.address("print_prescription")).context["form"]
    tomorrow = london_date(now()) + timedelta(days=1)
    return {
        "key": str(form["key"].value()),
        "seal": form["seal"].value(),
        "form": "fp10mda",
        "strength_mg": "100",
        "first_on": f"{tomorrow:%d/%m/%Y}",
        "wordings": ["closed_days", "supervise"],
        "reason": "",
        "acknowledged": NOTES,
    } | changes


def send(desk: Desk, page: dict[str, Any], step: str) -> HttpResponse:
    """Press one of the page's buttons: read, print or change."""
    return desk.client.post(desk.address("print_prescription"), page | {"step": step})


def open_paper(desk: Desk, one: PrescriptionPrint) -> HttpResponse:
    """Open the paper of a printed prescription."""
    return desk.client.get(reverse("dosing:see_prescription", args=[desk.room.clinic.code, one.pk]))


def sign_any_order(room: TreatmentRoom, **doses: Any) -> Order:
    """Return an order of six days of any kind, 200 mg twice a day unless told, in the place of the room's."""
    at = now()
    numbers = {"dose_mg": 200, "sessions_per_day": 2, "daily_max_mg": 500, "interval_minutes": 180} | doses
    return sign_order(
        episode=room.episode,
        premises=room.premises,
        product=Product.DIAMORPHINE,
        draft=OrderDraft(starts_at=at, ends_at=at + timedelta(days=6), **numbers),
        routes=["iv"],
        sites=["left_arm"],
        observation_minutes=30,
        basis="180 mg tolerated.",
        by=room.doctor,
        at=at,
    )
