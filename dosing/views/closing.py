"""After the last session: counting the stock blind, and closing the day."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from dosing.actions.closing import DayNotClosed
from dosing.actions.closing import close_day as store_closing
from dosing.actions.counts import CountRefused
from dosing.actions.counts import set_count_aside as end_count
from dosing.forms.closing import CloseDay
from dosing.forms.days import CountStock, new_count
from dosing.queries.closing import ClosingPage, get_closing_page
from dosing.queries.days import get_count_page
from dosing.rules.days import CheckKind
from dosing.views.days import ANOTHER_DAY, NOT_YOURS, sign_count_page
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now

COUNT, CLOSE = "dosing.count_closing", "dosing.close_day"


@requires(Permission.COUNT_STOCK)
@require_http_methods(["GET", "HEAD", "POST"])
def count_closing(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The next closing count of the next register, as blind as in the morning."""
    at = now()
    staff = request.staff
    page = get_count_page(
        clinic=staff.clinic, terminal_id=staff.terminal_id, by=staff.user, at=at, kind=CheckKind.CLOSING
    )
    if page is None or not page.day.is_open or page.day.is_closed:
        return redirect("dosing:close_day", clinic_code=clinic_code)
    if request.method == "POST":
        form = CountStock(request.POST, page=page)
        if form.is_valid() and sign_count_page(
            request, form, page, at, purpose=COUNT, kind=CheckKind.CLOSING
        ):
            return redirect("dosing:count_closing", clinic_code=clinic_code)
    else:
        seal = seal_form(request, purpose=COUNT, line=str(page.line_id), on=page.day.on.isoformat())
        form = CountStock(initial=new_count(seal), page=page)
    return render(request, "dosing/count_closing.html", {"page": page, "form": form, "staff": staff})


@requires(Permission.COUNT_STOCK)
@require_POST
def set_closing_count_aside(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """End a closing count whose second person does not come; two people begin anew."""
    sealed = open_form_seal(request, purpose=COUNT)
    try:
        if sealed is None:
            messages.error(request, NOT_YOURS)
        else:
            end_count(
                clinic=request.staff.clinic,
                line_id=uuid.UUID(sealed["line"]),
                kind=CheckKind.CLOSING,
                by=request.staff.user,
                at=now(),
            )
            messages.success(request, "The first count was set aside. Two people count from the beginning.")
    except CountRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("dosing:count_closing", clinic_code=clinic_code)


@requires(Permission.CLOSE_DAY)
@require_http_methods(["GET", "HEAD", "POST"])
def close_day(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The closing counts, what has no ending yet, what stands against it, and the one button."""
    at = now()
    staff = request.staff
    page = get_closing_page(clinic=staff.clinic, terminal_id=staff.terminal_id, at=at)
    names = staff.may(Permission.SEE_BOARD)
    people = [one.patient_id for one in page.unended] if names else []
    record_look("dosing.closing_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=people)
    form = CloseDay(request.POST or None, initial={"seal": _seal(request, page)}, decision=page.decision)
    if request.method == "POST":
        if page.day.premises_id is None or open_form_seal(request, purpose=CLOSE, **_what(page)) is None:
            messages.error(request, ANOTHER_DAY)
            return redirect("dosing:close_day", clinic_code=clinic_code)
        if form.is_valid():
            try:
                store_closing(
                    clinic=staff.clinic,
                    premises_id=page.day.premises_id,
                    acknowledged=frozenset(form.cleaned_data["acknowledged"]),
                    by=staff.user,
                    at=at,
                )
            except DayNotClosed as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, "Saved: the day is closed. The next count opens the next day.")
                return redirect("dosing:close_day", clinic_code=clinic_code)
    context = {
        "page": page,
        "form": form,
        "staff": staff,
        "shows_names": names,
        "may_count": staff.may(Permission.COUNT_STOCK) and staff.terminal_id is not None,
        "may_see_cases": staff.may(Permission.SEE_CASES),
    }
    return render(request, "dosing/close_day.html", context)


def _seal(request: StaffRequest, page: ClosingPage) -> str:
    return seal_form(request, purpose=CLOSE, **_what(page))


def _what(page: ClosingPage) -> dict[str, str]:
    return {"premises": str(page.day.premises_id or ""), "on": page.day.on.isoformat()}
