"""Recording a consent, and taking one back."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import OPENED_BY_ANOTHER, open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now
from patients.actions.consents import ConsentRefused
from patients.actions.consents import record_consent as store_consent
from patients.actions.consents import withdraw_consent as take_back
from patients.forms.consents import REASON_FIELDS, RecordConsent, WithdrawConsent
from patients.queries.consents import consent_words, find_consent, list_agencies
from patients.rules.consent_wordings import STANDING, current_wording, find_wording
from patients.rules.consents import How, Purpose, WithdrawalReason
from patients.views import head_or_404

RECORD_SEAL = "patients.record_consent"
WITHDRAW_SEAL = "patients.withdraw_consent"


@requires(Permission.RECORD_CONSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def record_consent(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One yes to one purpose; without a purpose in the address, the choice of one."""
    at = now()
    staff = request.staff
    head = head_or_404(request, patient_id, at)
    record_look("patients.person_opened", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    purpose = next((one for one in Purpose if one.value == request.GET.get("purpose")), None)
    if purpose is None:
        context = {"head": head, "purposes": list(Purpose)}
        return render(request, "patients/record_consent_purposes.html", context)
    agencies = {str(one.id): one for one in list_agencies(purpose)} if purpose.needs_agency else {}
    others = list_people_who_may(Permission.RECORD_CONSENT, clinic=staff.clinic, at=at)
    witnesses = {str(one.pk): one for one in others if one.pk != staff.user.pk}
    form = RecordConsent(
        request.POST if request.method == "POST" else None,
        purpose=purpose,
        agencies=[(key, one.name) for key, one in agencies.items()],
        witnesses=[(key, one.full_name) for key, one in witnesses.items()],
        at=at,
    )
    if request.method == "POST":
        sealed = open_form_seal(
            request, purpose=RECORD_SEAL, patient=str(patient_id), consent_to=purpose.value
        )
        if sealed is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            data = form.cleaned_data
            try:
                store_consent(
                    person=head.person,
                    clinic=staff.clinic,
                    purpose=purpose,
                    wording_version=sealed["wording"],
                    given_at=form.given_at,
                    how=How(data["how"]),
                    witness=witnesses.get(data["witness"]),
                    agency=agencies.get(data.get("agency", "")),
                    by=staff.user,
                    at=at,
                )
            except ConsentRefused as refusal:
                form.refuse(refusal.decision, REASON_FIELDS)
            else:
                messages.success(request, f"Saved: yes to {purpose.label}.")
                return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
    wording = current_wording(purpose)
    sealed_for = {"patient": str(patient_id), "consent_to": purpose.value, "wording": wording.version}
    form.carry(seal_form(request, purpose=RECORD_SEAL, **sealed_for))
    context = {"head": head, "form": form, "purpose": purpose, "wording": wording, "standing": STANDING}
    return render(request, "patients/record_consent.html", context)


@requires(Permission.RECORD_CONSENT)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_consent(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, consent_id: uuid.UUID
) -> HttpResponse:
    """Take back one consent; what follows is said before it is pressed."""
    at = now()
    staff = request.staff
    head = head_or_404(request, patient_id, at)
    consent = find_consent(consent_id=consent_id, person_id=patient_id)
    if consent is None:
        raise Http404
    purpose = Purpose(consent.purpose)
    label = consent_words(purpose, consent.agency.name if consent.agency else "")
    form = WithdrawConsent(request.POST if request.method == "POST" else None, label=label)
    if request.method == "POST":
        sealed_for = {"patient": str(patient_id), "consent": str(consent_id)}
        if open_form_seal(request, purpose=WITHDRAW_SEAL, **sealed_for) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            reason = form.cleaned_data["reason"]
            take_back(
                person_id=patient_id,
                clinic=staff.clinic,
                purpose=purpose,
                agency_id=consent.agency_id,
                reason=WithdrawalReason(reason) if reason else None,
                by=staff.user,
                at=at,
            )
            messages.success(request, f"Saved: consent to {label} is taken back.")
            return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
    record_look("patients.person_opened", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    form.carry(seal_form(request, purpose=WITHDRAW_SEAL, patient=str(patient_id), consent=str(consent_id)))
    wording = find_wording(purpose, consent.wording_version)
    context = {
        "head": head,
        "form": form,
        "label": label,
        "consent": consent,
        "wording": wording,
        "after": current_wording(purpose).after_withdrawal,
        "stops_dosing": purpose is Purpose.TREATMENT,
        "withdrawal": getattr(consent, "withdrawal", None),
    }
    return render(request, "patients/withdraw_consent.html", context)
