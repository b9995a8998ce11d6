"""The end of a programme: its last day, and how far the people are with their plans."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dosing.actions.programme import ClosingRefused
from dosing.actions.programme import close_programme as store_closing
from dosing.forms.programme import CloseProgramme
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from patients.queries.closings import get_closing_page

SEAL = "dosing.close_programme"
NOT_YOURS = "This page was opened by somebody else. Nothing was decided. Look again."


@requires(Permission.CLOSE_PROGRAMME)
@require_http_methods(["GET", "HEAD", "POST"])
def close_programme(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Decide that the programme closes, pauses or goes on; the page counts people and names none."""
    staff = request.staff
    page = get_closing_page(clinic=staff.clinic, at=request.at)
    follows = str(page.lines[0].number if page.lines else 0)
    seal = seal_form(request, purpose=SEAL, follows=follows)
    form = CloseProgramme(initial={"seal": seal})
    if request.method == "POST":
        form = CloseProgramme(request.POST)
        sealed = open_form_seal(request, purpose=SEAL)
        if form.is_valid() and sealed is None:
            form.add_error(None, NOT_YOURS)
        elif form.is_valid() and sealed is not None:
            try:
                store_closing(
                    clinic=staff.clinic,
                    content=form.content(),
                    follows=int(sealed["follows"]),
                    by=staff.user,
                    at=request.at,
                )
            except ClosingRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, "Decided. The worklist tells who has no whole plan.")
                return redirect("dosing:close_programme", clinic_code=clinic_code)
    record_look("dosing.programme_seen", by=staff.user, at=request.at, clinic=staff.clinic.id)
    return render(request, "dosing/close_programme.html", {"page": page, "form": form})
