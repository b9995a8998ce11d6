"""The agency's pages: what it sent, a new referral, where one stands, taking it back."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date, now
from referrals import actions
from referrals.actions import ClosingRefused, KeyReused, ReferralRefused
from referrals.forms.asking import ReferPerson, WithdrawReferral
from referrals.queries import asking as queries
from referrals.rules.deciding import WithdrawReason


@requires(Permission.LIST_OWN_REFERRALS)
@require_safe
def list_own_referrals(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Everything the agency sent to this clinic, and where each stands."""
    staff = request.staff
    at = now()
    page = queries.list_own_referrals(agency_id=_agency_of(request), clinic=staff.clinic, at=at)
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
    """One new referral: sent once, however often the button is pressed."""
    at = now()
    agency_id = _agency_of(request)
    if request.method == "POST":
        form = ReferPerson(request.POST, today=london_date(at))
        if form.is_valid():
            try:
                referral = actions.refer_person(
                    clinic=request.staff.clinic,
                    agency_id=agency_id,
                    person=form.person(),
                    key=form.cleaned_data["key"],
                    by=request.staff.user,
                    at=at,
                )
            except ReferralRefused as refusal:
                form.refuse(refusal.decision)
            except KeyReused as refusal:
                form.add_error(None, f"Nothing was sent. {refusal}")
            else:
                messages.success(request, "Sent: the clinic has your referral.")
                return redirect("referrals:see_own_referral", clinic_code, referral.id)
    else:
        form = ReferPerson(
            initial={"key": uuid.uuid4(), "contact": request.staff.user.email}, today=london_date(at)
        )
    page = {"form": form, "agency_name": queries.get_agency_name(agency_id)}
    return render(request, "referrals/refer_person.html", page)


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
    if request.method == "POST" and form.is_valid():
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
    return render(request, "referrals/withdraw_referral.html", {"own": own, "form": form})


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
