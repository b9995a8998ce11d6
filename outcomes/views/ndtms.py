"""The national dataset: what is loaded and made, loading a code set, making the file, and what is missing of whom."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from hat_clinic.audit.actions import record_look
from outcomes.actions import ndtms as acts
from outcomes.forms.ndtms import ExportNdtms, LoadCodeSet
from outcomes.queries.ndtms import get_gaps_page, get_ndtms_page
from outcomes.rules.ndtms import COLUMNS, NAMES, STATEMENT, CodeSetUnreadable
from outcomes.views import is_sent

LOAD, EXPORT = "outcomes.load_code_set", "outcomes.export_ndtms"


@requires(Permission.EXPORT_NDTMS)
@require_safe
def see_ndtms(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What is loaded, how many treatments are ready, and the files that were made. Nobody is named."""
    staff = request.staff
    page = get_ndtms_page(clinic=staff.clinic, at=request.at)
    record_look("outcomes.ndtms_seen", by=staff.user, at=request.at, clinic=staff.clinic.id)
    return render(request, "outcomes/see_ndtms.html", {"page": page, "statement": STATEMENT})


@requires(Permission.EXPORT_NDTMS)
@require_http_methods(["GET", "HEAD", "POST"])
def load_code_set(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """One version of the dataset's fields and codes."""
    staff = request.staff
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = LoadCodeSet(*sent)
    if is_sent(request, form, purpose=LOAD, clinic=str(staff.clinic.id)):
        try:
            acts.load_code_set(
                clinic=staff.clinic, said=form.said(), content=form.content(), by=staff.user, at=request.at
            )
        except acts.CodeSetRefused as refusal:
            form.refuse(refusal.decision)
        except CodeSetUnreadable as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(request, "Saved: the code set is loaded, and the next file is made with it.")
            return redirect("outcomes:see_ndtms", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=LOAD, clinic=str(staff.clinic.id)))
    context = {"form": form, "columns": COLUMNS, "names": sorted(NAMES), "statement": STATEMENT}
    return render(request, "outcomes/load_code_set.html", context)


@requires(Permission.EXPORT_NDTMS)
@require_http_methods(["GET", "HEAD", "POST"])
def export_ndtms(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The file of everybody whose consent stands, made and recorded at once."""
    staff = request.staff
    form = ExportNdtms(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=EXPORT, clinic=str(staff.clinic.id)):
        try:
            made = acts.export_ndtms(
                clinic=staff.clinic, key=form.cleaned_data["key"], by=staff.user, at=request.at
            )
        except (acts.NothingLoaded, acts.ExportKeyReused) as refusal:
            form.add_error(None, str(refusal))
        else:
            answer = HttpResponse(made.text.encode(), content_type="text/csv; charset=utf-8")
            answer["Content-Disposition"] = 'attachment; filename="dataset.csv"'
            answer["Cache-Control"] = "no-store"
            return answer
    form.carry(seal_form(request, purpose=EXPORT, clinic=str(staff.clinic.id)))
    page = get_ndtms_page(clinic=staff.clinic, at=request.at)
    context = {"page": page, "form": form, "statement": STATEMENT}
    return render(request, "outcomes/export_ndtms.html", context)


@requires(Permission.SEE_NDTMS_GAPS)
@require_safe
def list_ndtms_gaps(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What is missing of whom, in sentences, for the case worker who can ask."""
    staff = request.staff
    page = get_gaps_page(clinic=staff.clinic, at=request.at)
    people = [one.person_id for one in page.people]
    record_look(
        "outcomes.ndtms_gaps_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=people
    )
    return render(request, "outcomes/list_ndtms_gaps.html", {"page": page, "statement": STATEMENT})
