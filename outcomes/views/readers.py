"""Who reads which report: what stands, a new line, and the approval of a colleague's."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from hat_clinic.core.clock import london_date
from outcomes.actions import readers as acts
from outcomes.forms.readers import ApproveReaderEditions, WriteReaderEditions
from outcomes.queries.readers import ReadersPage, get_readers_page
from outcomes.views import is_sent

WRITE, APPROVE = "outcomes.write_reader_editions", "outcomes.approve_reader_editions"


@requires(Permission.SET_READERS)
@require_safe
def list_readers(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What each class of readers reads today, and what waits to be approved. It names nobody in treatment."""
    return render(request, "outcomes/list_readers.html", {"page": _page(request)})


@requires(Permission.SET_READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def write_reader_editions(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Write what a class of readers is given from a day on; a colleague approves it."""
    staff = request.staff
    form = WriteReaderEditions(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=WRITE):
        try:
            acts.write_reader_editions(
                clinic=staff.clinic,
                said=form.said(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.ReadersRefused as refusal:
            form.refuse(refusal.decision)
        except acts.ReadersKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved. It holds once a colleague has approved it.")
            return redirect("outcomes:list_readers", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=WRITE))
    return render(request, "outcomes/write_reader_editions.html", {"form": form})


@requires(Permission.SET_READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def approve_reader_editions(request: StaffRequest, clinic_code: str, editions_id: uuid.UUID) -> HttpResponse:
    """Approve what a colleague wrote, on its first day at the latest."""
    staff = request.staff
    row = _page(request).line(editions_id)
    if row is None:
        raise Http404
    form = ApproveReaderEditions(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=APPROVE, editions=str(editions_id)):
        try:
            acts.approve_reader_editions(
                clinic=staff.clinic,
                line=editions_id,
                is_confirmed=form.cleaned_data["is_confirmed"],
                by=staff.user,
                at=request.at,
            )
        except acts.ReadersRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "Saved: it holds from its first day on.")
            return redirect("outcomes:list_readers", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=APPROVE, editions=str(editions_id)))
    return render(request, "outcomes/approve_reader_editions.html", {"row": row, "form": form})


def _page(request: StaffRequest) -> ReadersPage:
    staff = request.staff
    return get_readers_page(clinic=staff.clinic, reader=staff.user.pk, today=london_date(request.at))
