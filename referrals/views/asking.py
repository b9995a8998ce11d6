"""The agency's pages: what it sent, a new referral, where one stands, taking it back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import OPENED_BY_ANOTHER, carry_seal, is_sent, open_form_seal
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date, now
from referrals import actions
from referrals.actions import ClosingRefused, KeyReused, MessageRefused, ReferralRefused, ReleaseRefused
from referrals.forms.asking import ReferPerson, WithdrawReferral
from referrals.forms.talking import TellRelease, WriteToClinic
from referrals.queries import asking as queries
from referrals.queries.talking import get_own_draft
from referrals.rules.deciding import WithdrawReason


@requires(Permission.LIST_OWN_REFERRALS)
@require_safe
def list_own_referrals(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Everything the agency sent to this clinic, and where each stands."""
    staff = request.staff
    at = now()
    page = queries.list_own_referrals(
        agency_id=_agency_of(request), clinic=staff.clinic, user=staff.user, at=at
    )
    record_look(
        "referrals.own_list_seen",
        by=staff.user,
        at=at,
        clinic=staff.clinic.id,
        people=page.subject_ids,
    )
    return render(request, "referrals/list_own_referrals.html", {"page": page})


@requires(Permission.REFER_PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def refer_person(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """One new referral: sent once, however often the button is pressed, or kept for later."""
    initial = {"key": uuid.uuid4(), "contact": request.staff.user.email}
    return _referral_form(request, lambda today: ReferPerson(initial=initial, today=today))


@requires(Permission.REFER_PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def continue_referral(request: StaffRequest, clinic_code: str, key: uuid.UUID) -> HttpResponse:
    """A draft of one's own, as it was left; another's is as if it were not there."""
    fields = _own_draft(request, key)
    if not fields and request.method != "POST":
        raise Http404
    return _referral_form(request, lambda today: ReferPerson.of_draft(fields, key=key, today=today))


@requires(Permission.REFER_PERSON)
@require_POST
def drop_draft(request: StaffRequest, clinic_code: str, key: uuid.UUID) -> HttpResponse:
    """Throw a draft of one's own away."""
    _own_draft(request, key)
    actions.drop_referral_draft(clinic=request.staff.clinic, key=key, by=request.staff.user, at=now())
    messages.success(request, "The draft is gone. Nothing was sent.")
    return redirect("referrals:list_own_referrals", clinic_code)


def _referral_form(request: StaffRequest, opened: Callable[[date], ReferPerson]) -> HttpResponse:
    """Show the form, keep what was typed, or send it."""
    at = now()
    staff, today = request.staff, london_date(at)
    agency_id = _agency_of(request)
    form = ReferPerson(request.POST, today=today) if request.method == "POST" else opened(today)
    sealed = {"purpose": "referrals.refer_person", "agency": str(agency_id)}
    if request.method == "POST" and "save_draft" in request.POST:
        if open_form_seal(request, **sealed) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif _keep_draft(request, agency_id, at):
            messages.success(request, "Kept for 14 days, for you alone. Nothing was sent.")
            return redirect("referrals:list_own_referrals", staff.clinic.code)
        else:
            messages.error(request, "Nothing was kept: it is too long, or was sent already.")
    elif is_sent(request, form, **sealed):
        try:
            referral = actions.refer_person(
                clinic=staff.clinic,
                agency_id=agency_id,
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
            messages.success(request, "Sent: the clinic has your referral.")
            return redirect("referrals:see_own_referral", staff.clinic.code, referral.id)
    carry_seal(request, form, **sealed)
    page = {"form": form, "agency_name": queries.get_agency_name(agency_id)}
    return render(request, "referrals/refer_person.html", page)


def _own_draft(request: StaffRequest, key: uuid.UUID) -> dict[str, list[str]]:
    """Return what somebody wrote of their own draft, nothing once it was sent; another's is a missing page."""
    fields = get_own_draft(
        clinic=request.staff.clinic, agency_id=_agency_of(request), key=key, user=request.staff.user, at=now()
    )
    if fields is None:
        raise Http404
    return fields


def _keep_draft(request: StaffRequest, agency_id: uuid.UUID, at: datetime) -> bool:
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return False
    return actions.save_referral_draft(
        clinic=request.staff.clinic,
        agency_id=agency_id,
        key=key,
        fields=dict(request.POST.lists()),
        by=request.staff.user,
        at=at,
    )


@requires(Permission.LIST_OWN_REFERRALS)
@require_safe
def see_own_referral(request: StaffRequest, clinic_code: str, referral_id: uuid.UUID) -> HttpResponse:
    """Where one referral stands, in plain words."""
    own = _own_referral(request, referral_id)
    return render(request, "referrals/see_own_referral.html", {"own": own})


@requires(Permission.REFER_PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_referral(request: StaffRequest, clinic_code: str, referral_id: uuid.UUID) -> HttpResponse:
    """Take one referral back, with a reason, while nothing is decided."""
    own = _own_referral(request, referral_id)
    form = WithdrawReferral(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose="referrals.withdraw_referral", referral=str(referral_id)):
        try:
            actions.withdraw_referral(
                referral_id=referral_id,
                agency_id=_agency_of(request),
                reason=WithdrawReason(form.cleaned_data["reason"]),
                by=request.staff.user,
                at=now(),
            )
        except ClosingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Taken back. The clinic does nothing more with this referral.")
            return redirect("referrals:see_own_referral", clinic_code, referral_id)
    carry_seal(request, form, purpose="referrals.withdraw_referral", referral=str(referral_id))
    return render(request, "referrals/withdraw_referral.html", {"own": own, "form": form})


@requires(Permission.REFER_PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def write_to_clinic(request: StaffRequest, clinic_code: str, referral_id: uuid.UUID) -> HttpResponse:
    """Answer the clinic's question about one referral, or tell it that something has changed."""
    own = _own_referral(request, referral_id)
    form = WriteToClinic(request.POST if request.method == "POST" else None, initial={"key": uuid.uuid4()})
    if is_sent(request, form, purpose="referrals.write_to_clinic", referral=str(referral_id)):
        try:
            actions.write_to_clinic(
                referral_id=referral_id,
                agency_id=_agency_of(request),
                text=form.cleaned_data["text"],
                key=form.cleaned_data["key"],
                by=request.staff.user,
                at=now(),
            )
        except MessageRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "Sent: the clinic reads it with the referral.")
            return redirect("referrals:see_own_referral", clinic_code, referral_id)
    carry_seal(request, form, purpose="referrals.write_to_clinic", referral=str(referral_id))
    return render(request, "referrals/write_to_clinic.html", {"own": own, "form": form})


@requires(Permission.REFER_PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def tell_release(request: StaffRequest, clinic_code: str, referral_id: uuid.UUID) -> HttpResponse:
    """Tell the clinic when the person is expected out of prison."""
    own = _own_referral(request, referral_id)
    form = TellRelease(
        request.POST if request.method == "POST" else None, initial={"release_on": own.release_on}
    )
    if is_sent(request, form, purpose="referrals.tell_release", referral=str(referral_id)):
        try:
            actions.tell_release(
                referral_id=referral_id,
                agency_id=_agency_of(request),
                release_on=form.cleaned_data["release_on"],
                by=request.staff.user,
                at=now(),
            )
        except ReleaseRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "Saved: the clinic sees the person on that day.")
            return redirect("referrals:see_own_referral", clinic_code, referral_id)
    carry_seal(request, form, purpose="referrals.tell_release", referral=str(referral_id))
    return render(request, "referrals/tell_release.html", {"own": own, "form": form})


@requires(Permission.LIST_OWN_REFERRALS)
@require_safe
def print_own_letter(request: StaffRequest, clinic_code: str, referral_id: uuid.UUID) -> HttpResponse:
    """The letter that says where one referral stands, to print."""
    own = _own_referral(request, referral_id)
    page = {
        "own": own,
        "agency_name": queries.get_agency_name(_agency_of(request)),
        "today": london_date(now()),
    }
    return render(request, "referrals/print_own_letter.html", page)


def _own_referral(request: StaffRequest, referral_id: uuid.UUID) -> queries.OwnReferral:
    """Return one of the agency's own referrals and record the look; another's is as if it were not there."""
    at = now()
    staff = request.staff
    own = queries.get_own_referral(
        agency_id=_agency_of(request), clinic=staff.clinic, referral_id=referral_id, at=at
    )
    if own is None:
        raise Http404
    record_look(
        "referrals.own_referral_seen",
        by=staff.user,
        at=at,
        clinic=staff.clinic.id,
        people=[own.subject_id],
    )
    return own


def _agency_of(request: StaffRequest) -> uuid.UUID:
    """Return the agency that the referrer works for; the table of memberships gives every referrer one."""
    if request.staff.agency_id is None:
        raise Http404
    return request.staff.agency_id
