"""The clinic's pages: who waits, one referral, planning the assessment, accepting, closing."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import OPENED_BY_ANOTHER, carry_seal, is_sent, open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date, now
from patients.actions import EpisodeRefused
from referrals import actions
from referrals.actions import (
    AcceptanceRefused,
    ClosingRefused,
    KeyReused,
    MessageRefused,
    ReferralRefused,
)
from referrals.forms.asking import ReferOneself
from referrals.forms.deciding import AcceptReferral, DeclineReferral, PlanAssessment
from referrals.forms.talking import AskAgency
from referrals.queries import deciding as queries
from referrals.queries.asking import get_letter
from referrals.rules.deciding import DeclineReason
from referrals.rules.talking import Question


@requires(Permission.LIST_REFERRALS)
@require_safe
def list_referrals(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Who waits, the longest first, and how many places are free."""
    at = now()
    staff = request.staff
    page = queries.list_referrals(clinic=staff.clinic, at=at)
    record_look("referrals.list_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=page.subject_ids)
    may_import = staff.may(Permission.DECIDE_REFERRAL)
    return render(request, "referrals/list_referrals.html", {"page": page, "may_import": may_import})


@requires(Permission.DECIDE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def refer_oneself(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Somebody who comes to the clinic by themselves, written down by its staff."""
    at = now()
    staff, today = request.staff, london_date(at)
    initial = {"key": uuid.uuid4(), "contact": staff.user.email}
    form = ReferOneself(request.POST if request.method == "POST" else None, initial=initial, today=today)
    if is_sent(request, form, purpose="referrals.refer_oneself"):
        try:
            referral = actions.refer_oneself(
                clinic=staff.clinic,
                person=form.person(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=at,
            )
        except ReferralRefused as refusal:
            form.refuse(refusal.decision)
        except KeyReused as refusal:
            form.add_error(None, f"Nothing was sent. {refusal}")
        else:
            messages.success(request, f"Saved: {referral.full_name} is on the waiting list.")
            return redirect("referrals:see_referral", clinic_code, referral.id)
    carry_seal(request, form, purpose="referrals.refer_oneself")
    return render(request, "referrals/refer_oneself.html", {"form": form})


@requires(Permission.LIST_REFERRALS)
@require_safe
def see_referral(request: StaffRequest, clinic_code: str, referral_id: uuid.UUID) -> HttpResponse:
    """Everything the agency wrote, who else wrote about the person, and what stands against accepting."""
    at = now()
    page = get_page(request, referral_id, at)
    may_decide = request.staff.may(Permission.DECIDE_REFERRAL)
    if may_decide and page.is_open:
        actions.note_first_look(referral_id=page.id, by=request.staff.user, at=at)
    may_note = request.staff.may(Permission.NOTE_FACT)
    return render(
        request, "referrals/see_referral.html", {"page": page, "may_decide": may_decide, "may_note": may_note}
    )


@requires(Permission.DECIDE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_assessment(request: StaffRequest, clinic_code: str, referral_id: uuid.UUID) -> HttpResponse:
    """Set the day on which the person is to be assessed."""
    at = now()
    page = get_page(request, referral_id, at)
    form = PlanAssessment(request.POST if request.method == "POST" else None, today=london_date(at))
    if is_sent(request, form, purpose="referrals.plan_assessment", referral=str(referral_id)):
        try:
            actions.plan_assessment(
                referral_id=page.id, due_on=form.cleaned_data["due_on"], by=request.staff.user, at=at
            )
        except ClosingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved: the assessment of {page.name} is planned.")
            return redirect("referrals:see_referral", clinic_code, page.id)
    carry_seal(request, form, purpose="referrals.plan_assessment", referral=str(referral_id))
    return render(request, "referrals/plan_assessment.html", {"page": page, "form": form})


@requires(Permission.DECIDE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def accept_referral(request: StaffRequest, clinic_code: str, referral_id: uuid.UUID) -> HttpResponse:
    """Accept the person into a free place, once."""
    at = now()
    page = get_page(request, referral_id, at)
    form = AcceptReferral(request.POST if request.method == "POST" else None, page=page)
    if is_sent(request, form, purpose="referrals.accept_referral", referral=str(referral_id)):
        try:
            episode = actions.accept_referral(
                referral=page.referral,
                assessed_on=form.cleaned_data["assessed_on"],
                known_person_id=form.known_person_id(),
                is_somebody_new=form.is_somebody_new(),
                override_reason=form.cleaned_data.get("override_reason", ""),
                by=request.staff.user,
                at=at,
            )
        except AcceptanceRefused as refusal:
            form.refuse(refusal.decision)
        except EpisodeRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved: {page.name} is accepted and has a place.")
            return redirect("pages:see_person", clinic_code, episode.person_id)
    carry_seal(request, form, purpose="referrals.accept_referral", referral=str(referral_id))
    return render(request, "referrals/accept_referral.html", {"page": page, "form": form})


@requires(Permission.DECIDE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def decline_referral(request: StaffRequest, clinic_code: str, referral_id: uuid.UUID) -> HttpResponse:
    """Close a referral without taking the person in."""
    at = now()
    page = get_page(request, referral_id, at)
    form = DeclineReferral(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose="referrals.decline_referral", referral=str(referral_id)):
        try:
            actions.decline_referral(
                referral_id=page.id,
                reason=DeclineReason(form.cleaned_data["reason"]),
                by=request.staff.user,
                at=at,
            )
        except ClosingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"Saved: the referral of {page.name} is closed.")
            return redirect("referrals:list_referrals", clinic_code)
    carry_seal(request, form, purpose="referrals.decline_referral", referral=str(referral_id))
    return render(request, "referrals/decline_referral.html", {"page": page, "form": form})


@requires(Permission.ASK_AGENCY)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_agency(request: StaffRequest, clinic_code: str, referral_id: uuid.UUID) -> HttpResponse:
    """Ask the agency one question of the fixed list."""
    at = now()
    page = get_page(request, referral_id, at)
    if not page.is_of_agency:
        raise Http404
    form = AskAgency(request.POST if request.method == "POST" else None, initial={"key": uuid.uuid4()})
    if is_sent(request, form, purpose="referrals.ask_agency", referral=str(referral_id)):
        try:
            actions.ask_agency(
                referral_id=page.id,
                question=Question(form.cleaned_data["question"]),
                key=form.cleaned_data["key"],
                by=request.staff.user,
                at=at,
            )
        except MessageRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, f"Asked: {page.sender} sees the question with its referral.")
            return redirect("referrals:see_referral", clinic_code, page.id)
    carry_seal(request, form, purpose="referrals.ask_agency", referral=str(referral_id))
    return render(request, "referrals/ask_agency.html", {"page": page, "form": form})


@requires(Permission.ASK_AGENCY)
@require_http_methods(["GET", "HEAD", "POST"])
def stop_telling(request: StaffRequest, clinic_code: str, referral_id: uuid.UUID) -> HttpResponse:
    """Tell the agency nothing more of its referral, because the person took that back."""
    at = now()
    page = get_page(request, referral_id, at)
    if not page.is_of_agency:
        raise Http404
    sealed = {"purpose": "referrals.stop_telling", "referral": str(referral_id)}
    if request.method == "POST":
        if open_form_seal(request, **sealed) is None:
            messages.error(request, OPENED_BY_ANOTHER)
        else:
            actions.stop_telling(referral_id=page.id, by=request.staff.user, at=at)
            messages.success(request, f"Saved: {page.sender} is told nothing more.")
            return redirect("referrals:see_referral", clinic_code, page.id)
    return render(
        request, "referrals/stop_telling.html", {"page": page, "seal": seal_form(request, **sealed)}
    )


@requires(Permission.LIST_REFERRALS)
@require_safe
def print_letter(request: StaffRequest, clinic_code: str, referral_id: uuid.UUID) -> HttpResponse:
    """The letter to the agency that says where its referral stands, and nothing else, to print."""
    at = now()
    page = get_page(request, referral_id, at)
    letter = get_letter(clinic=request.staff.clinic, referral_id=referral_id, at=at)
    if letter is None:
        raise Http404
    return render(
        request, "referrals/print_letter.html", {"page": page, "letter": letter, "today": london_date(at)}
    )


def get_page(request: StaffRequest, referral_id: uuid.UUID, at: datetime) -> queries.ReferralPage:
    """Return one referral of this clinic and record the look; another clinic's is as if it were not there."""
    staff = request.staff
    page = queries.get_referral(clinic=staff.clinic, referral_id=referral_id, at=at)
    if page is None:
        raise Http404
    record_look(
        "referrals.referral_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=page.subject_ids
    )
    return page
