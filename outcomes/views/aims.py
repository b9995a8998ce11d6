"""The aims of the programme: what is in force, a new version, and the approval of a colleague's."""

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
from outcomes.actions import aims as acts
from outcomes.forms.aims import ApproveAims, WriteAims
from outcomes.queries.aims import AimsPage, get_aims_page, get_aims_to_begin_from
from outcomes.views import is_sent

WRITE, APPROVE = "outcomes.write_aims", "outcomes.approve_aims"


@requires(Permission.KEEP_AIMS)
@require_safe
def see_aims(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What the reports print today, and every version. It names nobody in treatment."""
    return render(request, "outcomes/see_aims.html", {"page": _page(request)})


@requires(Permission.KEEP_AIMS)
@require_http_methods(["GET", "HEAD", "POST"])
def write_aims(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Write a version from a day on, beginning with what is in force; a colleague approves it."""
    staff = request.staff
    stands = get_aims_to_begin_from(clinic=staff.clinic, today=london_date(request.at))
    form = WriteAims(
        request.POST if request.method == "POST" else None, initial=WriteAims.typed(stands) if stands else {}
    )
    if is_sent(request, form, purpose=WRITE):
        try:
            acts.write_aims(
                clinic=staff.clinic,
                said=form.said(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.AimsRefused as refusal:
            form.refuse(refusal.decision)
        except acts.AimsKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved. The aims stand in reports once a colleague has approved them.")
            return redirect("outcomes:see_aims", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=WRITE))
    return render(request, "outcomes/write_aims.html", {"form": form})


@requires(Permission.KEEP_AIMS)
@require_http_methods(["GET", "HEAD", "POST"])
def approve_aims(request: StaffRequest, clinic_code: str, aims_id: uuid.UUID) -> HttpResponse:
    """Approve what a colleague wrote."""
    staff = request.staff
    row = _page(request).row(aims_id)
    if row is None:
        raise Http404
    form = ApproveAims(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=APPROVE, version=str(aims_id)):
        try:
            acts.approve_aims(
                clinic=staff.clinic,
                version=aims_id,
                is_confirmed=form.cleaned_data["is_confirmed"],
                by=staff.user,
                at=request.at,
            )
        except acts.AimsRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "Saved: these aims stand in reports from their first day on.")
            return redirect("outcomes:see_aims", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=APPROVE, version=str(aims_id)))
    return render(request, "outcomes/approve_aims.html", {"row": row, "form": form})


def _page(request: StaffRequest) -> AimsPage:
    staff = request.staff
    return get_aims_page(clinic=staff.clinic, reader=staff.user.pk, today=london_date(request.at))
