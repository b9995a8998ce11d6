"""What somebody looks like: adding a photo, and handing it to staff."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import OPENED_BY_ANOTHER, open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now
from patients.actions.photos import PhotoRefused
from patients.actions.photos import add_photo as keep_photo
from patients.forms.photos import AddPhoto
from patients.queries.consents import has_consent
from patients.queries.photos import get_photo
from patients.rules.consents import Purpose
from patients.views import head_or_404

SEAL = "patients.add_photo"
# What is shown to a page that was drawn before the consent was taken back: a head and shoulders of nobody.
STAND_IN = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="400" viewBox="0 0 24 24">'
    b'<path d="M0 0h24v24H0z" fill="#f0f4f5"/><circle cx="12" cy="9" r="4.5" fill="#768692"/>'
    b'<path d="M3 23c0-5 4-8 9-8s9 3 9 8z" fill="#768692"/></svg>'
)


@requires(Permission.SEE_PERSON)
@require_safe
def see_photo(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """The newest photo while the consent to it stands; else a picture of nobody."""
    at = now()
    staff = request.staff
    head_or_404(request, patient_id, at)
    jpeg = get_photo(person_id=patient_id, at=at)
    record_look("patients.photo_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    if jpeg is None:
        return _picture(STAND_IN, "image/svg+xml", "photo.svg")
    return _picture(jpeg, "image/jpeg", "photo.jpg")


def _picture(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@requires(Permission.CHANGE_PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def add_photo(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Take in one photo of one person, if they agreed to it."""
    at = now()
    staff = request.staff
    head = head_or_404(request, patient_id, at)
    form = AddPhoto(request.POST, request.FILES) if request.method == "POST" else AddPhoto()
    if request.method == "POST":
        if open_form_seal(request, purpose=SEAL, patient=str(patient_id)) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            file: UploadedFile = form.cleaned_data["photo"]
            try:
                keep_photo(person=head.person, clinic=staff.clinic, content=file.read(), by=staff.user, at=at)
            except PhotoRefused as refusal:
                form.add_error("photo", str(refusal))
            else:
                messages.success(request, "Saved: the photo is kept. Look whether it is the right face.")
                return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
    record_look("patients.person_opened", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    may_add = has_consent(person_id=patient_id, purpose=Purpose.PHOTO, at=at)
    form.carry(seal_form(request, purpose=SEAL, patient=str(patient_id)))
    return render(request, "patients/add_photo.html", {"head": head, "form": form, "may_add": may_add})
