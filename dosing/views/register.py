"""The controlled-drug register on screen."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dosing.actions.register import record_register_look
from dosing.forms.register import SeeRegister
from dosing.queries.checkpoints import list_paper_codes
from dosing.queries.paper_waiting import count_waiting
from dosing.queries.register import NoSuchRegister, get_register_page
from dosing.queries.register_sheet import list_parts
from dosing.views.checkpoints import sign_for_paper
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.clock import london_date, now


@requires(Permission.SEE_REGISTER)
@require_safe
def see_register(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """One ledger: its head, balance, wholeness, and the lines of a period. Opening it is itself recorded."""
    at = now()
    staff = request.staff
    form = SeeRegister(request.GET, today=london_date(at))
    since, until = form.period()
    sign_for_paper(request, at=at)
    asked = form.cleaned_data
    try:
        page = get_register_page(
            clinic=staff.clinic,
            line_id=asked.get("line"),
            since=since,
            until=until,
            before=asked.get("before"),
            may_count=staff.may(Permission.COUNT_STOCK),
            at=at,
        )
    except NoSuchRegister:
        raise Http404 from None
    if page is not None:
        record_register_look(
            line_id=page.line.id,
            clinic_id=staff.clinic.id,
            since=since,
            until=until,
            lines=page.shown,
            people=page.people,
            by=staff.user,
            at=at,
        )
    at_terminal = staff.terminal_id is not None
    may = {
        "may_note": staff.may(Permission.NOTE_LINE),
        "may_see_paper": staff.may(Permission.SEE_PAPER),
        "may_adjust": staff.may(Permission.ADJUST_LINE) and at_terminal,
        "may_receive": staff.may(Permission.RECEIVE_STOCK) and at_terminal,
        "may_quarantine": staff.may(Permission.QUARANTINE_STOCK) and at_terminal,
    }
    may_print = staff.may(Permission.PRINT_REGISTER)
    parts = list_parts(line_id=page.line.id, since=since, until=until) if page and may_print else ()
    codes = list_paper_codes(clinic=staff.clinic, line_id=page.line.id, at=at) if page is not None else ()
    context = {"form": form, "page": page, "codes": codes, "at": at, "may_print": may_print, "parts": parts}
    waiting = count_waiting(clinic=staff.clinic, line_id=page.line.id) if page is not None else 0
    may_see_checkpoints = staff.may(Permission.SEE_CHECKPOINTS)
    return render(
        request,
        "dosing/see_register.html",
        {**context, **may, "waiting": waiting, "may_see_checkpoints": may_see_checkpoints},
    )
