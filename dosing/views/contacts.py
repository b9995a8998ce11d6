"""The page on which a contact is noted after missed sessions."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dosing.actions.contacts import ContactRefused
from dosing.actions.contacts import note_contact as store_contact
from dosing.forms.contacts import NoteContact
from dosing.queries.contacts import get_contact_page
from dosing.rules.contacts import How, Reached
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now

SEAL = "dosing.note_contact"
NOT_YOURS = "This page was opened by somebody else or for somebody else. Open it again from the person."


@requires(Permission.NOTE_CONTACT)
@require_http_methods(["GET", "HEAD", "POST"])
def note_contact(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Note whom a contact reached, how and what was said; the ones before stand below."""
    at = now()
    staff = request.staff
    page = get_contact_page(clinic=staff.clinic, patient_id=patient_id, at=at)
    if page is None:
        raise Http404
    if request.method == "POST":
        form = NoteContact(request.POST)
        is_theirs = open_form_seal(request, purpose=SEAL, patient=str(patient_id)) is not None
        if form.is_valid() and not is_theirs:
            form.add_error(None, NOT_YOURS)
        elif form.is_valid():
            try:
                store_contact(
                    clinic=staff.clinic,
                    episode=page.episode,
                    reached=Reached(form.cleaned_data["reached"]),
                    how=How(form.cleaned_data["how"]),
                    words=form.cleaned_data["words"],
                    key=form.cleaned_data["key"],
                    by=staff.user,
                    at=at,
                )
            except ContactRefused as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, f"Saved: the contact about {page.head.person.full_name} is noted.")
                return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
    else:
        seal = seal_form(request, purpose=SEAL, patient=str(patient_id))
        form = NoteContact(initial={"key": uuid.uuid4(), "seal": seal})
    record_look("dosing.contact_page_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    return render(request, "dosing/note_contact.html", {"page": page, "form": form})
