"""Where somebody stands against the clinic's criteria, the criteria themselves, and who was taken against them."""

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
from hat_clinic.core.clock import now
from referrals import actions
from referrals.actions import CriteriaRefused, FactRefused
from referrals.forms.eligibility import OWN, ApproveCriteria, WriteCriteria, note_form
from referrals.queries import eligibility as queries
from referrals.rules.criteria import EXAMPLE_OF, EXAMPLES, NUMBERS, Criterion
from referrals.rules.eligibility import NUMBER_OF, QUESTION_OF
from referrals.views.deciding import get_page


@requires(Permission.NOTE_FACT)
@require_http_methods(["GET", "HEAD", "POST"])
def note_fact(
    request: StaffRequest, clinic_code: str, referral_id: uuid.UUID, criterion: str
) -> HttpResponse:
    """Note what was found out for one criterion."""
    at = now()
    page = get_page(request, referral_id, at)
    if criterion not in {*NUMBER_OF, *QUESTION_OF}:
        raise Http404
    asked = Criterion(criterion)
    form = note_form(asked, request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose="referrals.note_fact", referral=str(referral_id), criterion=criterion):
        try:
            actions.note_fact(
                referral_id=page.id,
                criterion=asked,
                number=form.number(),
                answer=form.answer(),
                evidence=form.cleaned_data["evidence"],
                source=form.fact_source(),
                by=request.staff.user,
                at=at,
            )
        except FactRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, f"Saved for {page.name}: {asked.label.lower()}.")
            return redirect("referrals:see_referral", clinic_code, page.id)
    standing = next((one for one in page.eligibility.standings if one.criterion is asked), None)
    carry_seal(request, form, purpose="referrals.note_fact", referral=str(referral_id), criterion=criterion)
    return render(
        request,
        "referrals/note_fact.html",
        {"page": page, "form": form, "criterion": asked, "standing": standing},
    )


@requires(Permission.LIST_REFERRALS)
@require_safe
def list_overrides(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Everybody who was accepted against the criteria, by whom and why."""
    staff = request.staff
    page = queries.list_overrides(clinic=staff.clinic)
    people = list(dict.fromkeys(row.subject_id for row in page.rows))
    record_look("referrals.overrides_seen", by=staff.user, at=now(), clinic=staff.clinic.id, people=people)
    return render(request, "referrals/list_overrides.html", {"page": page})


@requires(Permission.SEE_CRITERIA)
@require_safe
def see_criteria(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The clinic's criteria: in force, waiting, earlier, and the published examples to begin from."""
    staff = request.staff
    return render(
        request,
        "referrals/see_criteria.html",
        {
            "page": queries.get_criteria_page(clinic=staff.clinic),
            "examples": EXAMPLES,
            "may_list": staff.may(Permission.LIST_REFERRALS),
            "may_write": staff.may(Permission.WRITE_CRITERIA),
            "may_approve": staff.may(Permission.APPROVE_CRITERIA),
        },
    )


@requires(Permission.WRITE_CRITERIA)
@require_http_methods(["GET", "HEAD", "POST"])
def write_criteria(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Write the clinic's next criteria, from a published example or from nothing."""
    form = WriteCriteria(
        request.POST if request.method == "POST" else None, initial=_begin_from(request.GET.get("from", ""))
    )
    if is_sent(request, form, purpose="referrals.write_criteria"):
        try:
            actions.write_criteria(
                clinic=request.staff.clinic,
                criteria=form.criteria(),
                basis=form.basis_name(),
                reason=form.cleaned_data["reason"],
                by=request.staff.user,
                at=now(),
            )
        except CriteriaRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "Saved. They bind nobody until a clinical lead approves them.")
            return redirect("referrals:see_criteria", clinic_code)
    carry_seal(request, form, purpose="referrals.write_criteria")
    return render(request, "referrals/write_criteria.html", {"form": form})


@requires(Permission.APPROVE_CRITERIA)
@require_http_methods(["GET", "HEAD", "POST"])
def approve_criteria(request: StaffRequest, clinic_code: str, criteria_id: uuid.UUID) -> HttpResponse:
    """Approve the criteria that wait: from now on everybody is held against them."""
    page = queries.get_criteria_page(clinic=request.staff.clinic)
    known = [one for one in (page.waiting, page.in_force, *page.earlier) if one and one.id == criteria_id]
    if not known:
        raise Http404
    shown = known[0]
    labels = {number.name: number.label for number in NUMBERS}
    choices = [
        (line.name, f"{labels[line.name]}: {line.value}")
        for line in shown.lines
        if line.name in shown.unverified
    ]
    form = ApproveCriteria(request.POST if request.method == "POST" else None, choices=choices)
    if is_sent(request, form, purpose="referrals.approve_criteria", criteria=str(criteria_id)):
        try:
            actions.approve_criteria(
                clinic=request.staff.clinic,
                criteria_id=criteria_id,
                confirmed=form.confirmed_names(),
                by=request.staff.user,
                at=now(),
            )
        except CriteriaRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, f"Approved: criteria {shown.number} are the clinic’s from now on.")
            return redirect("referrals:see_criteria", clinic_code)
    is_waiting = page.waiting is not None and page.waiting.id == criteria_id
    carry_seal(request, form, purpose="referrals.approve_criteria", criteria=str(criteria_id))
    return render(
        request,
        "referrals/approve_criteria.html",
        {
            "criteria": shown,
            "form": form,
            "is_waiting": is_waiting,
            "is_own": shown.written_by_id == request.staff.user.pk,
        },
    )


def _begin_from(name: str) -> dict[str, object]:
    """Return the fields of a published example, or none: no number is filled in that nobody chose."""
    example = EXAMPLE_OF.get(name)
    if example is None:
        return {"basis": OWN if name == OWN else None}
    criteria = example.criteria
    return {**criteria.numbers, "exclusions": "\n".join(criteria.exclusions), "basis": name}
