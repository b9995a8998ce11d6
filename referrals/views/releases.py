"""Who is expected out of prison, and the first appointment on that day."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import carry_seal, is_sent
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date, now
from referrals import actions
from referrals.actions import ReleaseRefused
from referrals.forms.talking import PlanRelease
from referrals.queries import releases as queries


@requires(Permission.LIST_RELEASES)
@require_safe
def list_releases(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Everybody expected out of prison within the next 14 days, by day."""
    at = now()
    staff = request.staff
    page = queries.list_releases(clinic=staff.clinic, today=london_date(at))
    record_look(
        "referrals.releases_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=page.subject_ids
    )
    may = {"may_open": staff.may(Permission.LIST_REFERRALS), "may_plan": staff.may(Permission.PLAN_RELEASE)}
    return render(request, "referrals/list_releases.html", {"page": page, **may})


@requires(Permission.PLAN_RELEASE)
@require_http_methods(["GET", "HEAD", "POST"])
def plan_release(request: StaffRequest, clinic_code: str, referral_id: uuid.UUID) -> HttpResponse:
    """Set the time of the first appointment on the day of release, or change the day."""
    at = now()
    staff = request.staff
    row = queries.get_release(clinic=staff.clinic, referral_id=referral_id)
    if row is None:
        raise Http404
    record_look(
        "referrals.referral_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[row.subject_id]
    )
    initial = {"release_on": row.release_on, "appointment_at": row.appointment_at}
    form = PlanRelease(request.POST if request.method == "POST" else None, initial=initial)
    if is_sent(request, form, purpose="referrals.plan_release", referral=str(referral_id)):
        try:
            actions.plan_release(
                referral_id=referral_id,
                release_on=form.cleaned_data["release_on"],
                appointment_at=form.cleaned_data["appointment_at"],
                by=staff.user,
                at=at,
            )
        except ReleaseRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, f"Saved: the first appointment of {row.name} is on the day of release.")
            return redirect("referrals:list_releases", clinic_code)
    carry_seal(request, form, purpose="referrals.plan_release", referral=str(referral_id))
    return render(request, "referrals/plan_release.html", {"row": row, "form": form})
