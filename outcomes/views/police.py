"""Agreements with police forces: the list with what came in, writing one down, ending one early."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.core.clock import london_date
from outcomes.actions.police import PoliceAgreementRefused, PoliceKeyReused
from outcomes.actions.police import end_police_agreement as store_end
from outcomes.actions.police import record_police_agreement as store_agreement
from outcomes.forms.police import EndPoliceAgreement, RecordPoliceAgreement
from outcomes.queries.police import AgreementLine, find_police_agreement, list_police_forces
from outcomes.queries.police import list_police_agreements as get_agreements

RECORD_SEAL, END_SEAL = "outcomes.record_police_agreement", "outcomes.end_police_agreement"
OPENED_BY_ANOTHER = (
    "This page was opened by somebody else or for another agreement. Nothing was saved. Go on here."
)


@requires(Permission.SEE_POLICE_AGREEMENTS)
@require_safe
def list_police_agreements(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Every agreement with what came in under it: numbers alone."""
    lines = get_agreements(clinic=request.staff.clinic, today=london_date(request.at))
    may_record = request.staff.may(Permission.RECORD_POLICE_AGREEMENT)
    return render(
        request, "outcomes/list_police_agreements.html", {"agreements": lines, "may_record": may_record}
    )


@requires(Permission.RECORD_POLICE_AGREEMENT)
@require_http_methods(["GET", "HEAD", "POST"])
def record_police_agreement(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Write down what was agreed with a police force."""
    staff = request.staff
    clinic = str(staff.clinic.id)
    form = RecordPoliceAgreement(
        request.POST if request.method == "POST" else None,
        initial={"key": uuid.uuid4()},
        forces=list_police_forces(),
    )
    if request.method == "POST":
        if open_form_seal(request, purpose=RECORD_SEAL, clinic=clinic) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                store_agreement(
                    clinic=staff.clinic,
                    agency=uuid.UUID(form.cleaned_data["agency"]),
                    said=form.said(),
                    key=form.cleaned_data["key"],
                    by=staff.user,
                    at=request.at,
                )
            except PoliceAgreementRefused as refusal:
                form.refuse(refusal.decision)
            except PoliceKeyReused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request, "Saved: the agreement. People need a reference before a file comes in."
                )
                return redirect("outcomes:list_police_agreements", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=RECORD_SEAL, clinic=clinic))
    return render(request, "outcomes/record_police_agreement.html", {"form": form})


@requires(Permission.RECORD_POLICE_AGREEMENT)
@require_http_methods(["GET", "HEAD", "POST"])
def end_police_agreement(request: StaffRequest, clinic_code: str, agreement_id: uuid.UUID) -> HttpResponse:
    """End an agreement before its last day."""
    agreement = agreement_or_404(request, agreement_id)
    sealed = {"agreement": str(agreement_id)}
    form = EndPoliceAgreement(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if open_form_seal(request, purpose=END_SEAL, **sealed) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            store_end(
                clinic=request.staff.clinic,
                agreement=agreement_id,
                why=form.cleaned_data["why"],
                by=request.staff.user,
                at=request.at,
            )
            messages.success(request, "Saved: the agreement has ended. No file comes in under it any more.")
            return redirect("outcomes:list_police_agreements", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=END_SEAL, **sealed))
    return render(request, "outcomes/end_police_agreement.html", {"form": form, "agreement": agreement})


def agreement_or_404(request: StaffRequest, agreement_id: uuid.UUID) -> AgreementLine:
    """Return one agreement of the clinic."""
    agreement = find_police_agreement(
        clinic=request.staff.clinic, agreement_id=agreement_id, today=london_date(request.at)
    )
    if agreement is None:
        raise Http404
    return agreement
