"""The programme: its phases, one more, and correcting one."""

from __future__ import annotations

import uuid
from dataclasses import asdict

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from outcomes.actions import phases as acts
from outcomes.actions.programme_lines import ProgrammeAmended, ProgrammeKeyReused
from outcomes.forms.phases import AmendPhase, RecordPhase
from outcomes.queries import phases as stored
from outcomes.views import is_sent

RECORD, AMEND = "outcomes.record_phase", "outcomes.amend_phase"


@requires(Permission.KEEP_PHASES)
@require_safe
def list_phases(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Every phase, the latest first, with what was written before."""
    entries = stored.list_phases(clinic=request.staff.clinic)
    return render(request, "outcomes/list_phases.html", {"entries": entries})


@requires(Permission.KEEP_PHASES)
@require_http_methods(["GET", "HEAD", "POST"])
def record_phase(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Enter one phase."""
    staff = request.staff
    form = RecordPhase(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=RECORD, clinic=str(staff.clinic.id)):
        try:
            acts.record_phase(
                clinic=staff.clinic,
                said=form.said(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.PhaseRefused as refusal:
            form.refuse(refusal.decision)
        except ProgrammeKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved: the phase is on the list.")
            return redirect("outcomes:list_phases", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=RECORD, clinic=str(staff.clinic.id)))
    return render(request, "outcomes/record_phase.html", {"form": form})


@requires(Permission.KEEP_PHASES)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_phase(request: StaffRequest, clinic_code: str, phase_line_id: uuid.UUID) -> HttpResponse:
    """Write a phase again: the first stays, the correction stands beside it."""
    staff = request.staff
    stands = stored.get_phase(clinic=staff.clinic, line_id=phase_line_id)
    if stands is None:
        raise Http404
    form = AmendPhase(request.POST if request.method == "POST" else None, initial=asdict(stands))
    if is_sent(request, form, purpose=AMEND, line=str(phase_line_id)):
        try:
            acts.amend_phase(
                clinic=staff.clinic,
                line=phase_line_id,
                said=form.said(),
                correction=form.why(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.PhaseRefused as refusal:
            form.refuse(refusal.decision)
        except (ProgrammeKeyReused, ProgrammeAmended) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Saved: the correction stands, and what was written before stays below it."
            )
            return redirect("outcomes:list_phases", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=AMEND, line=str(phase_line_id)))
    return render(request, "outcomes/amend_phase.html", {"form": form})
