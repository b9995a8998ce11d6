"""Last-dose statements: printed in two taps on a consent that stands, or with a reason in an emergency."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dosing.actions.statements import StatementRefused
from dosing.actions.statements import give_statement as store_statement
from dosing.forms.statements import GiveStatement
from dosing.queries.statements import (
    get_statement_page,
    get_stored_statement,
    print_statement_sheet,
)
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from patients.actions.disclosures import Recipient
from patients.queries.consents import list_agencies
from patients.rules.consents import Purpose
from patients.rules.disclosures import RecipientKind
from patients.views import related_or_404

SEAL = "dosing.give_statement"
NOT_YOURS = "This page was opened by somebody else or for somebody else. Nothing was printed. Look again."


@requires(Permission.GIVE_STATEMENT)
@require_http_methods(["GET", "HEAD", "POST"])
def give_statement(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Who asked, what it rests on, what it would say; one button stores it and opens the paper."""
    related_or_404(request, patient_id, request.at)
    staff = request.staff
    page = get_statement_page(clinic=staff.clinic, patient_id=patient_id, at=request.at)
    if page is None:
        raise Http404
    seal = seal_form(request, purpose=SEAL, patient=str(patient_id))
    form = GiveStatement(initial={"key": uuid.uuid4(), "seal": seal})
    if request.method == "POST":
        form = GiveStatement(request.POST)
        is_theirs = open_form_seal(request, purpose=SEAL, patient=str(patient_id)) is not None
        if form.is_valid() and not is_theirs:
            form.add_error(None, NOT_YOURS)
        elif form.is_valid():
            typed = form.cleaned_data
            to = Recipient(
                kind=RecipientKind(typed["kind"]),
                recipient=typed["recipient"],
                agency=next((one for one in list_agencies(Purpose.DOSES) if one.id == typed["agency"]), None),
                emergency_words=typed["emergency_words"],
            )
            try:
                stored = store_statement(
                    clinic=staff.clinic,
                    episode=page.head.episode,
                    to=to,
                    key=typed["key"],
                    by=staff.user,
                    at=request.at,
                )
            except StatementRefused as refusal:
                form.refuse(refusal.decision)
            else:
                return redirect(
                    "dosing:print_statement",
                    clinic_code=clinic_code,
                    patient_id=patient_id,
                    statement_id=stored.id,
                )
    _look(request, "dosing.statement_page_seen", patient_id)
    context = {
        "page": page,
        "form": form,
        "seal": seal,
    }
    return render(request, "dosing/give_statement.html", context)


@requires(Permission.GIVE_STATEMENT)
@require_safe
def see_statement(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, statement_id: uuid.UUID
) -> HttpResponse:
    """One statement as it was given, on the screen and for any printer."""
    related_or_404(request, patient_id, request.at)
    staff = request.staff
    stored = get_stored_statement(
        clinic=staff.clinic, patient_id=patient_id, statement_id=statement_id, at=request.at
    )
    if stored is None:
        raise Http404
    _look(request, "dosing.statement_seen", patient_id)
    return render(request, "dosing/see_statement.html", {"stored": stored})


@requires(Permission.GIVE_STATEMENT)
@require_safe
def print_statement(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, statement_id: uuid.UUID
) -> HttpResponse:
    """The paper of one statement; it is told once more only while what it rests on stands."""
    related_or_404(request, patient_id, request.at)
    staff = request.staff
    stored = get_stored_statement(
        clinic=staff.clinic, patient_id=patient_id, statement_id=statement_id, at=request.at
    )
    if stored is None:
        raise Http404
    if stored.refusal:
        messages.error(request, f"Nothing was printed. {stored.refusal}")
        return redirect(
            "dosing:see_statement",
            clinic_code=clinic_code,
            patient_id=patient_id,
            statement_id=statement_id,
        )
    _look(request, "dosing.statement_printed", patient_id)
    response = HttpResponse(
        print_statement_sheet(stored, clinic=staff.clinic), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'inline; filename="statement-{stored.row.number}.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def _look(request: StaffRequest, event: str, patient_id: uuid.UUID) -> None:
    record_look(
        event, by=request.staff.user, at=request.at, clinic=request.staff.clinic.id, people=[patient_id]
    )
