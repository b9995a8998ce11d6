"""Results of urine samples: entered at one's own desk, and put right with a reason."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.core.clock import london_date
from outcomes.actions.urine_file import ResultsImported, ResultsRefused
from outcomes.actions.urine_file import import_urine_results as store_file
from outcomes.actions.urine_results import ResultRefused
from outcomes.actions.urine_results import amend_urine_result as store_correction
from outcomes.actions.urine_results import enter_urine_result as store_result
from outcomes.actions.urine_samples import SampleUnknown, UrineKeyReused
from outcomes.forms.urine import AmendUrineResult, EnterUrineResult, ImportUrineResults
from outcomes.queries.urine import get_sample_of_result
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.urine import DRAWN_FOR, Assay, Found, UrineState, may_follow
from outcomes.rules.urine_file import COLUMNS, MOST_PROBLEMS, MOST_ROWS
from outcomes.views.urine import look_at_sample, sample_or_404

ENTER, AMEND = "outcomes.enter_urine_result", "outcomes.amend_urine_result"
IMPORT = "outcomes.import_urine_results"
NOT_YOURS = "This page was opened by somebody else or for another sample. Nothing was saved. Open it again from the list."


@requires(Permission.ENTER_URINE_RESULT)
@require_http_methods(["GET", "HEAD", "POST"])
def enter_urine_result(request: StaffRequest, clinic_code: str, draw_id: uuid.UUID) -> HttpResponse:
    """What the laboratory found in one test of one sample."""
    sample = sample_or_404(request, draw_id)
    assay = DRAWN_FOR.value if sample.waits_for_marker else None
    form = EnterUrineResult(**_sent(request, ENTER, draw_id, {"assay": assay}))
    if request.method == "POST" and form.is_valid():
        sealed = open_form_seal(request, purpose=ENTER, about=str(draw_id))
        if sealed is None:
            form.add_error(None, NOT_YOURS)
        else:
            try:
                store_result(
                    clinic=request.staff.clinic,
                    draw_id=draw_id,
                    said=form.said(),
                    key=uuid.UUID(sealed["key"]),
                    by=request.staff.user,
                    at=request.at,
                )
            except ResultRefused as refusal:
                form.refuse(refusal.decision)
            except (UrineKeyReused, SampleUnknown) as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"Saved: the result of sample {sample.reference}.")
                return redirect("outcomes:see_urine", clinic_code=clinic_code, patient_id=sample.person_id)
    look_at_sample(request, sample.person_id)
    against = may_follow(sample.sample, UrineState.RESULT, today=london_date(request.at)).refusals
    context = {"sample": sample, "form": form, "against": against, "shows_form": form.is_bound or not against}
    return render(request, "outcomes/enter_urine_result.html", context)


@requires(Permission.ENTER_URINE_RESULT)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_urine_result(request: StaffRequest, clinic_code: str, result_id: uuid.UUID) -> HttpResponse:
    """A result written again with the reason; what was written before stays beside it."""
    sample = get_sample_of_result(
        clinic=request.staff.clinic, result_id=result_id, today=london_date(request.at)
    )
    if sample is None:
        raise Http404
    result = next(one for one in sample.results if one.id == result_id)
    initial = {"found": result.found.value, "reported_on": result.reported_on}
    form = AmendUrineResult(**_sent(request, AMEND, result_id, initial), assay=result.assay)
    if request.method == "POST" and form.is_valid():
        sealed = open_form_seal(request, purpose=AMEND, about=str(result_id))
        if sealed is None:
            form.add_error(None, NOT_YOURS)
        else:
            try:
                store_correction(
                    clinic=request.staff.clinic,
                    result_id=result_id,
                    said=form.said(),
                    words=form.cleaned_data["words"],
                    key=uuid.UUID(sealed["key"]),
                    by=request.staff.user,
                    at=request.at,
                )
            except ResultRefused as refusal:
                form.refuse(refusal.decision)
            except (UrineKeyReused, SampleUnknown) as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request, "Saved: the correction stands, and what was written before stays beside it."
                )
                return redirect("outcomes:see_urine", clinic_code=clinic_code, patient_id=sample.person_id)
    look_at_sample(request, sample.person_id)
    return render(
        request, "outcomes/amend_urine_result.html", {"sample": sample, "result": result, "form": form}
    )


@requires(Permission.ENTER_URINE_RESULT)
@require_http_methods(["GET", "HEAD", "POST"])
def import_urine_results(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """A laboratory's file of results, matched by the label of each sample: all of them, or none."""
    clinic = request.staff.clinic
    seal = {"seal": seal_form(request, purpose=IMPORT, clinic=str(clinic.id))}
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ImportUrineResults(*sent, initial=seal)
    problems: tuple[Problem, ...] = ()
    differences: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        if open_form_seal(request, purpose=IMPORT, clinic=str(clinic.id)) is None:
            form.add_error(None, NOT_YOURS)
        else:
            try:
                done = store_file(clinic=clinic, data=form.content(), by=request.staff.user, at=request.at)
            except ResultsRefused as refusal:
                problems = refusal.problems
            else:
                messages.success(request, _told(done))
                if not done.differences:
                    return redirect("outcomes:list_urine", clinic_code=clinic_code)
                differences, form = done.differences, ImportUrineResults(initial=seal)
    context = {
        "form": form,
        "differences": differences,
        "problems": problems[:MOST_PROBLEMS],
        "problems_in_all": len(problems),
        "more": max(len(problems) - MOST_PROBLEMS, 0),
        "columns": [column.name for column in COLUMNS],
        "assays": list(Assay),
        "found": list(Found),
        "most_rows": MOST_ROWS,
    }
    return render(request, "outcomes/import_urine_results.html", context)


def _told(done: ResultsImported) -> str:
    new = done.results - done.already_there
    told = f"Saved: {new} {'result was' if new == 1 else 'results were'} brought in."
    if done.already_there:
        told += f" {done.already_there} of this file had come before and were not stored again."
    return told


def _sent(request: StaffRequest, purpose: str, about: uuid.UUID, initial: dict[str, Any]) -> dict[str, Any]:
    if request.method == "POST":
        return {"data": request.POST}
    seal = seal_form(request, purpose=purpose, about=str(about), key=str(uuid.uuid4()))
    return {"initial": {"seal": seal, **initial}}
