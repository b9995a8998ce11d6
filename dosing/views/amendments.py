"""Correcting the register: a note beside a line, and an adjustment that two people approve."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dosing.actions.amendments import Approval
from dosing.actions.amendments import adjust_line as store_adjustment
from dosing.actions.amendments import note_line as store_note
from dosing.actions.register import record_register_look
from dosing.forms.stock import AdjustLine, NoteLine
from dosing.queries.amendments import AmendedPage, get_amended_page
from dosing.views.room import sent
from dosing.views.stock_signing import is_done, new, show
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission

NOTE, ADJUST = "dosing.note_line", "dosing.adjust_line"


@requires(Permission.NOTE_LINE)
@require_http_methods(["GET", "HEAD", "POST"])
def note_line(request: StaffRequest, clinic_code: str, entry_key: uuid.UUID) -> HttpResponse:
    """Write a dated note beside a line, which stays as it is."""
    page = _page(request, entry_key)
    about = {"entry": str(entry_key)}
    form = NoteLine(sent(request), initial=new(request, NOTE, **about))

    def act() -> object:
        return store_note(
            clinic=request.staff.clinic,
            entry_key=entry_key,
            text=form.cleaned_data["text"],
            key=form.cleaned_data["key"],
            by=request.staff.user,
            at=request.at,
        )

    if is_done(request, form, act, NOTE, **about):
        messages.success(request, f"Saved: the note stands beside line {page.line.seq}.")
        return redirect("dosing:see_register", clinic_code=clinic_code)
    return show(request, "dosing/note_line.html", {"form": form, "page": page})


@requires(Permission.ADJUST_LINE)
@sensitive_post_parameters("lead_pin", "second_pin")
@require_http_methods(["GET", "HEAD", "POST"])
def adjust_line(request: StaffRequest, clinic_code: str, entry_key: uuid.UUID) -> HttpResponse:
    """Adjust the balance beside a line, approved by the controlled-drug lead and a second person."""
    page = _page(request, entry_key)
    about = {"entry": str(entry_key)}
    form = AdjustLine(sent(request), initial=new(request, ADJUST, **about))
    form.offer(lead=page.leads, second=page.seconds)

    def act() -> object:
        data = form.cleaned_data
        return store_adjustment(
            clinic=request.staff.clinic,
            entry_key=entry_key,
            ampoules=form.signed_ampoules,
            in_quarantine=data["place"] == "quarantine",
            reason=data["reason"],
            approvals=(
                Approval(uuid.UUID(data["lead"]), data["lead_pin"]),
                Approval(uuid.UUID(data["second"]), data["second_pin"]),
            ),
            terminal_id=request.staff.terminal_id,
            key=data["key"],
            by=request.staff.user,
            at=request.at,
        )

    if is_done(request, form, act, ADJUST, **about):
        messages.success(request, f"Saved: the adjustment stands beside line {page.line.seq}.")
        return redirect("dosing:see_register", clinic_code=clinic_code)
    return show(request, "dosing/adjust_line.html", {"form": form, "page": page})


def _page(request: StaffRequest, entry_key: uuid.UUID) -> AmendedPage:
    """Return the page of a line, and record that whom it tells of was looked at."""
    staff = request.staff
    may_count = staff.may(Permission.COUNT_STOCK)
    page = get_amended_page(clinic=staff.clinic, entry_key=entry_key, may_count=may_count, at=request.at)
    if page is None:
        raise Http404
    record_register_look(
        line_id=page.ledger_id,
        clinic_id=staff.clinic.id,
        since=page.recorded_on,
        until=page.recorded_on,
        lines=None if page.is_hidden else (page.line.seq, page.line.seq),
        people=page.people,
        by=staff.user,
        at=request.at,
    )
    return page
