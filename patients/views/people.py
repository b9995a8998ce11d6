"""Changing who somebody is."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import OPENED_BY_ANOTHER, open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now
from patients.actions.people import ChangedMeanwhile, ChangeRefused
from patients.actions.people import change_person as store_change
from patients.forms.people import ChangePerson
from patients.queries.people import details_of
from patients.rules.people import DUPLICATE
from patients.views import head_or_404

SEAL = "patients.change_person"


@requires(Permission.CHANGE_PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def change_person(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Names, contacts and the like of one person; a page that is out of date is refused, with what changed."""
    at = now()
    staff = request.staff
    head = head_or_404(request, patient_id, at)
    version = head.person.version
    form = ChangePerson(
        request.POST if request.method == "POST" else None,
        known=details_of(head.person),
        sees_clinical=staff.may(Permission.SEE_ORDERS),
    )
    since: tuple[str, ...] = ()
    now_says: list[tuple[str, object]] = []
    if request.method == "POST":
        sealed = open_form_seal(request, purpose=SEAL, patient=str(patient_id))
        if sealed is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                changed = store_change(
                    person_id=patient_id,
                    clinic=staff.clinic,
                    details=form.details(),
                    version=int(sealed["version"]),
                    is_somebody_else=form.is_of_another,
                    by=staff.user,
                    at=at,
                )
            except ChangedMeanwhile as stale:
                since, version = stale.since, stale.version
                now_says = form.now_says(stale.names)
            except ChangeRefused as refusal:
                if DUPLICATE in refusal.decision.refusal_codes:
                    form.ask_about_the_other()
                form.refuse(refusal.decision)
            else:
                messages.success(
                    request, "Saved." if changed else "Nothing was different, so nothing was saved."
                )
                return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
    record_look("patients.person_opened", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    form.carry(seal_form(request, purpose=SEAL, patient=str(patient_id), version=str(version)))
    context = {"head": head, "form": form, "since": since, "now_says": now_says}
    return render(request, "patients/change_person.html", context)
