"""When agencies are in the clinic: the list, a new time, the end of one."""

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
from outcomes.actions import agency_slots as acts
from outcomes.forms.appointments import EndAgencySlot, SetAgencySlot
from outcomes.queries.agency_slots import get_slots_page
from outcomes.views import is_sent

SET, END = "outcomes.set_agency_slot", "outcomes.end_agency_slot"


@requires(Permission.SEE_APPOINTMENTS)
@require_safe
def list_agency_slots(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """When which agency is in the clinic, in the order of the week. It names nobody."""
    page = get_slots_page(clinic=request.staff.clinic, today=london_date(request.at))
    return render(request, "outcomes/list_agency_slots.html", {"page": page})


@requires(Permission.KEEP_AGENCY_SLOTS)
@require_http_methods(["GET", "HEAD", "POST"])
def set_agency_slot(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Write down one time of the week at which an agency is here, once."""
    staff = request.staff
    page = get_slots_page(clinic=staff.clinic, today=london_date(request.at))
    form = SetAgencySlot(
        request.POST if request.method == "POST" else None, page=page, initial={"first_on": page.today}
    )
    if is_sent(request, form, purpose=SET):
        try:
            acts.set_agency_slot(
                clinic=staff.clinic,
                agency=uuid.UUID(form.cleaned_data["agency"]),
                said=form.said(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.SlotRefused as refusal:
            form.refuse(refusal.decision)
        except acts.SlotKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved: the agency’s time stands.")
            return redirect("outcomes:list_agency_slots", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=SET))
    return render(request, "outcomes/set_agency_slot.html", {"page": page, "form": form})


@requires(Permission.KEEP_AGENCY_SLOTS)
@require_http_methods(["GET", "HEAD", "POST"])
def end_agency_slot(request: StaffRequest, clinic_code: str, slot_id: uuid.UUID) -> HttpResponse:
    """Say after which day an agency no longer comes at a time, or that the time was a mistake."""
    staff = request.staff
    page = get_slots_page(clinic=staff.clinic, today=london_date(request.at))
    slot = next((one for one in page.every if one.id == slot_id), None)
    if slot is None:
        raise Http404
    form = EndAgencySlot(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=END, slot=str(slot_id)):
        try:
            acts.end_agency_slot(
                clinic=staff.clinic, slot=slot_id, last_on=form.last_day(), by=staff.user, at=request.at
            )
        except acts.SlotRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "Saved: the end of this time.")
            return redirect("outcomes:list_agency_slots", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=END, slot=str(slot_id)))
    return render(request, "outcomes/end_agency_slot.html", {"slot": slot, "form": form})
