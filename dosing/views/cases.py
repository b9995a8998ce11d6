"""Discrepancy cases and balance checks, as the controlled-drug lead, the manager and an inspector read them."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dosing.actions import cases as acts
from dosing.forms.cases import ClassifyCase, CloseCase, NoteCase, TellOfCase
from dosing.forms.register import SeeRegister
from dosing.queries.cases import CasePage, get_case_page, get_cases_page, list_checks
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.queries import list_people_who_may
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date, now

NOTE, CLASSIFY, TELL, CLOSE = (
    "dosing.note_case",
    "dosing.classify_case",
    "dosing.tell_of_case",
    "dosing.close_case",
)
NOT_YOURS = (
    "This page was opened by somebody else or for another case. Nothing was saved. Look again, then write."
)


@requires(Permission.SEE_CASES)
@require_safe
def see_cases(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Every case: what is overdue first. And what of the last days was left open."""
    at = now()
    staff = request.staff
    page = get_cases_page(clinic=staff.clinic, may_count=staff.may(Permission.COUNT_STOCK), at=at)
    record_look("dosing.cases_seen", by=staff.user, at=at, clinic=staff.clinic.id)
    context = {"page": page, "may_close_day": staff.may(Permission.CLOSE_DAY)}
    return render(request, "dosing/see_cases.html", context)


@requires(Permission.SEE_CASES)
@require_safe
def see_checks(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The balance checks of a period: who counted, what, and how it ended."""
    at = now()
    staff = request.staff
    form = SeeRegister(request.GET, today=london_date(at))
    since, until = form.period()
    checks = list_checks(
        clinic=staff.clinic, since=since, until=until, may_count=staff.may(Permission.COUNT_STOCK), at=at
    )
    period = {"since": since.isoformat(), "until": until.isoformat()}
    record_look("dosing.checks_seen", by=staff.user, at=at, clinic=staff.clinic.id, detail=period)
    context = {"form": form, "checks": checks, "since": since, "until": until}
    return render(request, "dosing/see_checks.html", context)


@requires(Permission.SEE_CASES)
@require_safe
def see_case(request: StaffRequest, clinic_code: str, case_id: uuid.UUID) -> HttpResponse:
    """One case: its figures, who must be told, and every line."""
    page = _page(request, case_id, now())
    may = {
        name: request.staff.may(permission)
        for name, permission in (
            ("may_note", Permission.NOTE_CASE),
            ("may_classify", Permission.CLASSIFY_CASE),
            ("may_close", Permission.CLOSE_CASE),
        )
    }
    return render(request, "dosing/see_case.html", {"page": page, **may})


@requires(Permission.NOTE_CASE)
@require_http_methods(["GET", "HEAD", "POST"])
def note_case(request: StaffRequest, clinic_code: str, case_id: uuid.UUID) -> HttpResponse:
    """Add a note to a case."""
    at = now()
    page = _page(request, case_id, at)
    form = NoteCase(request.POST or None, initial=_begin(request, NOTE, case_id))
    if _is_sent(request, form, NOTE, case_id):
        try:
            acts.note_case(
                clinic=request.staff.clinic,
                case_id=case_id,
                words=form.cleaned_data["words"],
                key=form.cleaned_data["key"],
                by=request.staff.user,
                at=at,
            )
        except acts.CaseRefused as refusal:
            form.refuse(refusal.decision)
        else:
            return _saved(request, case_id, "Saved: the note is on the case.")
    return render(request, "dosing/note_case.html", {"page": page, "form": form})


@requires(Permission.CLASSIFY_CASE)
@require_http_methods(["GET", "HEAD", "POST"])
def classify_case(request: StaffRequest, clinic_code: str, case_id: uuid.UUID) -> HttpResponse:
    """Say what the difference turned out to be."""
    at = now()
    staff = request.staff
    page = _page(request, case_id, at)
    people = list_people_who_may(Permission.COUNT_STOCK, clinic=staff.clinic, at=at)
    colleagues = [(str(person.pk), person.full_name) for person in people if person.pk != staff.user.pk]
    form = ClassifyCase(
        request.POST or None, initial=_begin(request, CLASSIFY, case_id), colleagues=colleagues
    )
    if _is_sent(request, form, CLASSIFY, case_id):
        try:
            acts.classify_case(
                clinic=staff.clinic,
                case_id=case_id,
                classification=form.cleaned_data["classification"],
                words=form.cleaned_data["words"],
                seen_with_id=form.cleaned_data["seen_with"],
                key=form.cleaned_data["key"],
                by=staff.user,
                at=at,
            )
        except acts.CaseRefused as refusal:
            form.refuse(refusal.decision)
        else:
            return _saved(
                request, case_id, "Saved: the difference is classified. See below who must be told."
            )
    return render(request, "dosing/classify_case.html", {"page": page, "form": form})


@requires(Permission.NOTE_CASE)
@require_http_methods(["GET", "HEAD", "POST"])
def tell_of_case(request: StaffRequest, clinic_code: str, case_id: uuid.UUID) -> HttpResponse:
    """Write down who was told. Nothing is sent."""
    at = now()
    page = _page(request, case_id, at)
    form = TellOfCase(request.POST or None, initial=_begin(request, TELL, case_id))
    if _is_sent(request, form, TELL, case_id):
        try:
            acts.tell_of_case(
                clinic=request.staff.clinic,
                case_id=case_id,
                destination=form.cleaned_data["destination"],
                whom=form.cleaned_data["whom"],
                told_at=form.told_at,
                reference=form.cleaned_data["reference"],
                words=form.cleaned_data["words"],
                key=form.cleaned_data["key"],
                by=request.staff.user,
                at=at,
            )
        except acts.CaseRefused as refusal:
            form.refuse(refusal.decision)
        else:
            return _saved(request, case_id, "Saved: it is written down that they were told.")
    return render(request, "dosing/tell_of_case.html", {"page": page, "form": form})


@requires(Permission.CLOSE_CASE)
@require_http_methods(["GET", "HEAD", "POST"])
def close_case(request: StaffRequest, clinic_code: str, case_id: uuid.UUID) -> HttpResponse:
    """Close a case with a reason."""
    at = now()
    page = _page(request, case_id, at)
    form = CloseCase(request.POST or None, initial=_begin(request, CLOSE, case_id))
    if _is_sent(request, form, CLOSE, case_id):
        try:
            acts.close_case(
                clinic=request.staff.clinic,
                case_id=case_id,
                words=form.cleaned_data["words"],
                key=form.cleaned_data["key"],
                by=request.staff.user,
                at=at,
            )
        except acts.CaseRefused as refusal:
            form.refuse(refusal.decision)
        else:
            return _saved(request, case_id, "Saved: the case is closed. It stays on the record.")
    return render(request, "dosing/close_case.html", {"page": page, "form": form})


Form = NoteCase | ClassifyCase | TellOfCase | CloseCase


def _page(request: StaffRequest, case_id: uuid.UUID, at: datetime) -> CasePage:
    """Return the case, and record that it was opened; 404 for another clinic's."""
    staff = request.staff
    page = get_case_page(
        clinic=staff.clinic, case_id=case_id, may_count=staff.may(Permission.COUNT_STOCK), at=at
    )
    if page is None:
        raise Http404
    record_look(
        "dosing.case_seen", by=staff.user, at=at, clinic=staff.clinic.id, detail={"case": str(case_id)}
    )
    return page


def _begin(request: StaffRequest, purpose: str, case_id: uuid.UUID) -> dict[str, object]:
    return {"key": uuid.uuid4(), "seal": seal_form(request, purpose=purpose, case=str(case_id))}


def _is_sent(request: StaffRequest, form: Form, purpose: str, case_id: uuid.UUID) -> bool:
    """Tell whether a whole form was sent by whoever opened it, for this case."""
    if request.method != "POST" or not form.is_valid():
        return False
    if open_form_seal(request, purpose=purpose, case=str(case_id)) is None:
        form.add_error(None, NOT_YOURS)
        return False
    return True


def _saved(request: StaffRequest, case_id: uuid.UUID, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("dosing:see_case", clinic_code=request.staff.clinic.code, case_id=case_id)
