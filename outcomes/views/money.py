"""Money and work: seeing them, recording how something stands, correcting a line."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from hat_clinic.audit.actions import record_look
from outcomes.actions import money as acts
from outcomes.actions.lines import LineAmended, LineKeyReused
from outcomes.forms.money import AmendMoney, RecordMoney, initial_of
from outcomes.queries.money import MoneyPage, get_money_page, get_standing_money
from outcomes.rules.money import MoneyTopic
from outcomes.rules.support import Correction
from outcomes.views import is_sent
from patients.views import related_or_404

RECORD, AMEND = "outcomes.record_money", "outcomes.amend_money"


@requires(Permission.RECORD_MONEY)
@require_safe
def see_money(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Benefits, work, courses, debts, papers and account of one person, each line with its corrections."""
    page = _page_or_404(request, patient_id)
    _look("outcomes.money_seen", request, patient_id)
    return render(request, "outcomes/see_money.html", {"page": page})


@requires(Permission.RECORD_MONEY)
@require_http_methods(["GET", "HEAD", "POST"])
def record_money(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, money_topic: str
) -> HttpResponse:
    """Write down how something stands, and since when, once."""
    if money_topic not in set(MoneyTopic):
        raise Http404
    staff, about = request.staff, MoneyTopic(money_topic)
    page = _page_or_404(request, patient_id)
    form = RecordMoney(
        request.POST if request.method == "POST" else None, topic=about, debts=page.debts_for(about)
    )
    sealed = {"patient": str(patient_id), "topic": money_topic}
    if is_sent(request, form, purpose=RECORD, **sealed):
        try:
            acts.record_money(
                clinic=staff.clinic,
                person=patient_id,
                said=form.said(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.MoneyRefused as refusal:
            form.refuse(refusal.decision)
        except LineKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved: {about.label.lower()}, {page.name}.")
            return redirect("outcomes:see_money", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.money_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=RECORD, **sealed))
    return render(request, "outcomes/record_money.html", {"page": page, "topic": about, "form": form})


@requires(Permission.RECORD_MONEY)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_money(
    request: StaffRequest, clinic_code: str, patient_id: uuid.UUID, money_id: uuid.UUID
) -> HttpResponse:
    """Write a line again: the first stays, the correction stands beside it."""
    staff = request.staff
    page = _page_or_404(request, patient_id)
    stands = get_standing_money(clinic=staff.clinic, person_id=patient_id, line_id=money_id)
    if stands is None:
        raise Http404
    form = AmendMoney(
        request.POST if request.method == "POST" else None,
        topic=stands.topic,
        debts=tuple(debt for debt in page.debts_for(stands.topic) if debt[0] == stands.about),
        like=stands,
        initial=initial_of(stands),
    )
    sealed = {"patient": str(patient_id), "line": str(money_id)}
    if is_sent(request, form, purpose=AMEND, **sealed):
        try:
            acts.amend_money(
                clinic=staff.clinic,
                line=money_id,
                said=form.said(),
                correction=Correction(form.cleaned_data["correction"]),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.MoneyRefused as refusal:
            form.refuse(refusal.decision)
        except (LineKeyReused, LineAmended) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Saved: the correction stands, and what was written before stays below it."
            )
            return redirect("outcomes:see_money", clinic_code=clinic_code, patient_id=patient_id)
    _look("outcomes.money_form_seen", request, patient_id)
    form.carry(seal_form(request, purpose=AMEND, **sealed))
    return render(request, "outcomes/amend_money.html", {"page": page, "topic": stands.topic, "form": form})


def _page_or_404(request: StaffRequest, patient_id: uuid.UUID) -> MoneyPage:
    related_or_404(request, patient_id, request.at)
    page = get_money_page(clinic=request.staff.clinic, person_id=patient_id)
    if page is None:
        raise Http404
    return page


def _look(event: str, request: StaffRequest, person: uuid.UUID) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[person])
