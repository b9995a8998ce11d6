"""The manager's pages of the clinic's staff: who is here as what, giving and ending roles, leaving."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hat_clinic.accounts import actions
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.forms.staff import AddAgency, EndRole, GrantRole
from hat_clinic.accounts.queries import (
    MemberPage,
    get_agency,
    get_member_page,
    get_staff_page,
    last_day_of_inspection,
    list_agencies,
)
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now


@requires(Permission.LIST_STAFF)
@require_safe
def list_staff(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Everybody who works here, the invitations, and who has left."""
    at = now()
    staff = request.staff
    page = get_staff_page(clinic=staff.clinic, at=at)
    record_look("accounts.staff_seen", by=staff.user, at=at, clinic=staff.clinic.id)
    return render(request, "accounts/list_staff.html", {"page": page})


@requires(Permission.LIST_STAFF)
@require_safe
def see_staff_member(request: StaffRequest, clinic_code: str, user_id: uuid.UUID) -> HttpResponse:
    """One person who works, or worked, here."""
    page = _page_or_404(request, user_id, at=now())
    return render(request, "accounts/see_staff_member.html", {"page": page})


@requires(Permission.CHANGE_ROLES)
@require_http_methods(["GET", "HEAD", "POST"])
def grant_role(request: StaffRequest, clinic_code: str, user_id: uuid.UUID) -> HttpResponse:
    """Give somebody of the clinic one more role."""
    at = now()
    page = _page_or_404(request, user_id, at=at)
    form = GrantRole(
        request.POST or None, agencies=list_agencies(), latest_for_inspector=last_day_of_inspection(at)
    )
    if request.method == "POST" and form.is_valid():
        role = form.cleaned_data["role"]
        try:
            actions.grant_role(
                user=page.user,
                clinic=request.staff.clinic,
                role=role,
                agency=get_agency(form.agency_id),
                ends_at=form.ends_at,
                by=request.staff.user,
                at=at,
            )
        except actions.RoleRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, f"Saved: {page.user.full_name} is {role.label} from now on.")
            return redirect("accounts:see_staff_member", clinic_code=clinic_code, user_id=user_id)
    return render(request, "accounts/grant_role.html", {"page": page, "form": form})


@requires(Permission.CHANGE_ROLES)
@require_POST
def end_role(request: StaffRequest, clinic_code: str, user_id: uuid.UUID) -> HttpResponse:
    """End one role of somebody of the clinic, now."""
    at = now()
    page = _page_or_404(request, user_id, at=at)
    form = EndRole(request.POST)
    if form.is_valid():
        role = form.cleaned_data["role"]
        try:
            actions.end_role(
                user=page.user, clinic=request.staff.clinic, role=role, by=request.staff.user, at=at
            )
        except actions.RoleRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"Saved: {page.user.full_name} is no longer {role.label} here.")
            if page.user == request.staff.user:
                return redirect("pages:home")
    else:
        messages.error(request, "Nothing was changed. Press the button beside the role that is to end.")
    return redirect("accounts:see_staff_member", clinic_code=clinic_code, user_id=user_id)


@requires(Permission.CLOSE_ACCOUNT)
@require_http_methods(["GET", "HEAD", "POST"])
def close_account(request: StaffRequest, clinic_code: str, user_id: uuid.UUID) -> HttpResponse:
    """Close the account of somebody who leaves, after saying what that does."""
    at = now()
    page = _page_or_404(request, user_id, at=at)
    if request.method == "POST":
        try:
            actions.close_account(user=page.user, clinic=request.staff.clinic, by=request.staff.user, at=at)
        except actions.AccountRefused as refusal:
            messages.error(request, f"The account stays open. {refusal}")
            return redirect("accounts:close_account", clinic_code=clinic_code, user_id=user_id)
        messages.success(request, f"Saved: the account of {page.user.full_name} is closed.")
        return redirect("accounts:list_staff", clinic_code=clinic_code)
    return render(request, "accounts/close_account.html", {"page": page})


@requires(Permission.INVITE_PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def add_agency(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Name an agency, so that its referrers can be invited."""
    form = AddAgency(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            agency = actions.add_agency(
                name=form.cleaned_data["name"],
                kind=form.cleaned_data["kind"],
                clinic=request.staff.clinic,
                by=request.staff.user,
                at=now(),
            )
        except actions.AgencyRefused as refusal:
            form.add_error("name", str(refusal))
        else:
            messages.success(request, f"Saved: {agency.name} can be chosen now.")
            return redirect("accounts:invite_person", clinic_code=clinic_code)
    return render(request, "accounts/add_agency.html", {"form": form, "agencies": list_agencies()})


def _page_or_404(request: StaffRequest, user_id: uuid.UUID, *, at: datetime) -> MemberPage:
    """Return somebody's page and write the look down; whoever never worked here is not there."""
    staff = request.staff
    page = get_member_page(clinic=staff.clinic, user_id=user_id, at=at)
    if page is None:
        raise Http404
    record_look("accounts.staff_member_seen", by=staff.user, at=at, clinic=staff.clinic.id)
    return page
