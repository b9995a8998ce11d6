"""A group, logged once for everybody in it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from outcomes.actions import groups as acts
from outcomes.forms.groups import AddToGroupSession
from outcomes.forms.support import LogGroupSession
from outcomes.queries.groups import get_group, get_group_page
from outcomes.views import OPENED_BY_ANOTHER, is_sent

GROUP, ADD = "outcomes.log_group_session", "outcomes.add_to_group_session"


@requires(Permission.LOG_SUPPORT_SESSION)
@require_http_methods(["GET", "HEAD", "POST"])
def log_group_session(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """One group with everybody who came and who did not, stored as a session of each."""
    staff = request.staff
    page = get_group_page(clinic=staff.clinic, at=request.at)
    form = LogGroupSession(
        request.POST if request.method == "POST" else None, initial={"key": uuid.uuid4()}, page=page
    )
    if request.method == "POST":
        if open_form_seal(request, purpose=GROUP) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            group = form.group()
            try:
                acts.log_group_session(
                    clinic=staff.clinic,
                    group=group,
                    key=form.cleaned_data["key"],
                    by=staff.user,
                    at=request.at,
                )
            except acts.GroupRefused as refusal:
                form.refuse(refusal.decision)
            except acts.GroupKeyReused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"Saved: the group is logged for {len(group.came)} people.")
                return redirect("outcomes:see_caseload", clinic_code=clinic_code)
    record_look(
        "outcomes.group_form_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[uuid.UUID(person) for person, _ in page.people],
    )
    form.carry(seal_form(request, purpose=GROUP))
    return render(request, "outcomes/log_group_session.html", {"page": page, "form": form})


@requires(Permission.LOG_SUPPORT_SESSION)
@require_http_methods(["GET", "HEAD", "POST"])
def add_to_group_session(request: StaffRequest, clinic_code: str, group_id: uuid.UUID) -> HttpResponse:
    """Somebody who was left out of a group that is logged: stored as their session of it, with why."""
    staff = request.staff
    page = get_group(clinic=staff.clinic, group_id=group_id, at=request.at, sent=request.POST.get("key", ""))
    if page is None:
        raise Http404
    form = AddToGroupSession(request.POST if request.method == "POST" else None, page=page)
    if is_sent(request, form, purpose=ADD, group=str(group_id)):
        added = form.added()
        try:
            acts.add_to_group_session(
                clinic=staff.clinic,
                group=group_id,
                added=added,
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.GroupRefused as refusal:
            form.refuse(refusal.decision)
        except acts.GroupKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Saved: they stand in the group.")
            return redirect("outcomes:see_support", clinic_code=clinic_code, patient_id=added.person)
    record_look(
        "outcomes.group_form_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=list(page.told_of),
    )
    form.carry(seal_form(request, purpose=ADD, group=str(group_id)))
    return render(request, "outcomes/add_to_group_session.html", {"page": page, "form": form})
