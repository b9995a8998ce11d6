"""What disturbed the programme: the list, one more, and correcting one."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from outcomes.actions import disruptions as acts
from outcomes.actions.programme_lines import ProgrammeAmended, ProgrammeKeyReused
from outcomes.forms.disruptions import AmendDisruption, RecordDisruption
from outcomes.queries import disruptions as stored
from outcomes.views import is_sent

RECORD, AMEND = "outcomes.record_disruption", "outcomes.amend_disruption"


@requires(Permission.KEEP_DISRUPTIONS)
@require_safe
def list_disruptions(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Every disruption, the latest first, with what was written before."""
    entries = stored.list_disruptions(clinic=request.staff.clinic)
    return render(request, "outcomes/list_disruptions.html", {"entries": entries})


@requires(Permission.KEEP_DISRUPTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def record_disruption(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Enter one disruption."""
    staff = request.staff
    form = RecordDisruption(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=RECORD, clinic=str(staff.clinic.id)):
        try:
            acts.record_disruption(
                clinic=staff.clinic,
                said=form.said(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.DisruptionRefused as refusal:
            form.refuse(refusal.decision)
        except ProgrammeKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved: the disruption is on the list.")
            return redirect("outcomes:list_disruptions", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=RECORD, clinic=str(staff.clinic.id)))
    return render(request, "outcomes/record_disruption.html", {"form": form})


@requires(Permission.KEEP_DISRUPTIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_disruption(request: StaffRequest, clinic_code: str, disruption_id: uuid.UUID) -> HttpResponse:
    """Write a disruption again: the first stays, the correction stands beside it."""
    staff = request.staff
    stands = stored.get_disruption(clinic=staff.clinic, disruption_id=disruption_id)
    if stands is None:
        raise Http404
    initial = {
        "kind": stands.kind,
        "label": stands.label,
        "first_on": stands.first_on,
        "last_on": stands.last_on,
    }
    form = AmendDisruption(request.POST if request.method == "POST" else None, initial=initial)
    if is_sent(request, form, purpose=AMEND, disruption=str(disruption_id)):
        try:
            acts.amend_disruption(
                clinic=staff.clinic,
                disruption=disruption_id,
                said=form.said(),
                correction=form.why(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.DisruptionRefused as refusal:
            form.refuse(refusal.decision)
        except (ProgrammeKeyReused, ProgrammeAmended) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Saved: the correction stands, and what was written before stays below it."
            )
            return redirect("outcomes:list_disruptions", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=AMEND, disruption=str(disruption_id)))
    return render(request, "outcomes/amend_disruption.html", {"form": form})
