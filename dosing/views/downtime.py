"""The paper pack for when the computer is off: how it stands, printing one now, and the stored file."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from dosing.actions.downtime import NoSessions, make_downtime_pack, record_downtime_print
from dosing.queries.downtime import get_downtime_page, get_pack, is_counting
from dosing.queries.paper_pages import count_open_cases
from dosing.queries.used_packs import list_used_packs
from dosing.views.checkpoints import sign_for_paper
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now


@requires(Permission.SEE_DOWNTIME)
@require_safe
def see_downtime(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """How old the newest pack is, who is in it, and the button that prints one now."""
    at = now()
    staff = request.staff
    page = get_downtime_page(clinic=staff.clinic, may_count=staff.may(Permission.COUNT_STOCK), at=at)
    record_look(
        "dosing.downtime_seen",
        by=staff.user,
        at=at,
        clinic=staff.clinic.id,
        people=[one.patient_id for one in page.people],
    )
    may_see_paper = staff.may(Permission.SEE_PAPER)
    return render(
        request,
        "dosing/see_downtime.html",
        {
            "page": page,
            "may_see_paper": may_see_paper,
            "used": list_used_packs(clinic=staff.clinic, at=at) if may_see_paper else (),
            "open_cases": count_open_cases(clinic=staff.clinic) if may_see_paper else 0,
        },
    )


@requires(Permission.SEE_DOWNTIME)
@require_POST
def print_downtime_pack(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Make a pack straight from the database and send it as a PDF; neither the worker nor its queue is asked."""
    at = now()
    staff = request.staff
    sign_for_paper(request, at=at)
    try:
        pack = make_downtime_pack(clinic=staff.clinic, by=staff.user, at=at)
    except NoSessions:
        messages.error(request, "Nothing was printed: the clinic holds no sessions. The manager sets them.")
        return redirect("dosing:see_downtime", clinic_code=clinic_code)
    record_downtime_print(pack=pack, people=pack.people, by=staff.user, at=at)
    return _as_pdf(bytes(pack.file.pdf), pack.number)


@requires(Permission.SEE_DOWNTIME)
@require_safe
def see_downtime_pack(request: StaffRequest, clinic_code: str, pack_id: uuid.UUID) -> HttpResponse:
    """The stored file of a pack. While a ledger is counted it is not told to whoever may count: it has the balance."""
    at = now()
    staff = request.staff
    pack = get_pack(clinic=staff.clinic, pack_id=pack_id)
    if pack is None:
        raise Http404
    if pack.file.emptied_at is not None:
        messages.error(request, f"The file of pack P{pack.number} is gone: newer ones stand.")
        return redirect("dosing:see_downtime", clinic_code=clinic_code)
    if staff.may(Permission.COUNT_STOCK) and is_counting(clinic=staff.clinic, at=at):
        messages.error(
            request,
            "A count is open, and the stored file tells the balance. Print a new pack: it leaves it out.",
        )
        return redirect("dosing:see_downtime", clinic_code=clinic_code)
    record_downtime_print(pack=pack, people=pack.people, by=staff.user, at=at)
    return _as_pdf(bytes(pack.file.pdf), pack.number)


def _as_pdf(content: bytes, number: int) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="paper-pack-P{number}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response
