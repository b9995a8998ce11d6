"""The page on which a licensed doctor decides on a gap."""

from __future__ import annotations

import uuid

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from dosing.actions.gaps import GapNotDecided, SentGap
from dosing.actions.gaps import decide_gap as store_decision
from dosing.forms.gaps import DecideGap
from dosing.queries.gap_pages import GapPage, get_gap_page
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision

SEAL = "dosing.decide_gap"
NOT_YOURS = "This page was opened by somebody else or for somebody else. Open it again from the worklist."


@requires(Permission.DECIDE_GAP)
@require_http_methods(["GET", "HEAD", "POST"])
def decide_gap(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """Let the next dose be given after a gap, up to a ceiling, with a reason and the password given afresh."""
    at = now()
    staff = request.staff
    page = get_gap_page(clinic=staff.clinic, patient_id=patient_id, decider=staff.user, at=at)
    if page is None:
        raise Http404
    form = DecideGap(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        sealed = open_form_seal(request, purpose=SEAL, patient=str(patient_id))
        if form.is_valid() and sealed is None:
            form.add_error(None, NOT_YOURS)
        elif form.is_valid() and sealed is not None:
            raise_if_reauthentication_required(request, app="dosing")
            try:
                store_decision(
                    clinic=staff.clinic,
                    episode=page.episode,
                    ceiling_mg=form.cleaned_data["ceiling_mg"],
                    reason=form.cleaned_data["reason"].strip(),
                    page=SentGap(key=form.cleaned_data["key"], seen=sealed["seen"], newest=sealed["newest"]),
                    by=staff.user,
                    at=at,
                )
            except GapNotDecided as refusal:
                form = _filled_in_again(request, page, refusal.decision)
            else:
                messages.success(
                    request, f"Saved: the next dose of {page.name} may be given under your ceiling."
                )
                return redirect("dosing:see_worklist", clinic_code=clinic_code)
    else:
        form = DecideGap(initial={"key": uuid.uuid4(), "seal": _seal(request, page)})
    record_look("dosing.gap_page_seen", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    may_sign = staff.may(Permission.SIGN_ORDER)
    return render(request, "dosing/decide_gap.html", {"page": page, "form": form, "may_sign": may_sign})


def _filled_in_again(request: StaffRequest, page: GapPage, decision: Decision) -> DecideGap:
    """Return the form with what was written, sealed for the gap and the decision that stand now."""
    written = request.POST.copy()
    written["key"], written["seal"] = str(uuid.uuid4()), _seal(request, page)
    form = DecideGap(written)
    form.refuse(decision)
    return form


def _seal(request: StaffRequest, page: GapPage) -> str:
    return seal_form(
        request, purpose=SEAL, patient=str(page.patient_id), seen=page.seen, newest=page.newest_id
    )
