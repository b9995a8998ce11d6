"""What every page of the treatment room has at its foot: the clocks of those being observed, by initials."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from dosing.queries.clocks import list_observed_clocks
from hat_clinic.accounts.access import StaffRequest


def show(request: StaffRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Render a page of the room with the clocks at its foot."""
    besides = context["page"].head.session_id
    clocks = list_observed_clocks(clinic=request.staff.clinic, at=request.at, besides=besides)
    return render(request, template, context | {"observed": clocks})


def sent(request: StaffRequest) -> QueryDict | None:
    """Return what was sent, also where it is empty; None while a page is only looked at."""
    return request.POST if request.method == "POST" else None
