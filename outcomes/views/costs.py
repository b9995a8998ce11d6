"""What the programme cost: by month, one month's lines, correcting one, and a file of many."""

from __future__ import annotations

import uuid
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.core.clock import london_date
from outcomes.actions import costs as acts
from outcomes.forms.costs import AmendCost, ConfirmCosts, ImportCosts, RecordCosts, carried
from outcomes.queries.costs import compare_file, get_cost, get_costs_page, list_months_of_costs
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.costs import CostCategory, read_month
from outcomes.rules.costs_file import COLUMNS, MOST_PROBLEMS, MOST_ROWS, Compared
from outcomes.views import OPENED_BY_ANOTHER, is_sent

RECORD, AMEND, IMPORT = "outcomes.record_costs", "outcomes.amend_cost", "outcomes.import_costs"


@requires(Permission.KEEP_COSTS)
@require_safe
def list_costs(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What every month cost; a month that nobody entered is not zero."""
    months = list_months_of_costs(clinic=request.staff.clinic, today=london_date(request.at))
    return render(request, "outcomes/list_costs.html", {"months": months})


@requires(Permission.KEEP_COSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def record_costs(request: StaffRequest, clinic_code: str, month: str) -> HttpResponse:
    """One month on one page: its lines, and a form for what one more payer spent."""
    staff = request.staff
    first = _month_or_404(request, month)
    form = RecordCosts(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=RECORD, month=month):
        try:
            stored = acts.record_costs(
                clinic=staff.clinic,
                month=first,
                payer=form.payer_said(),
                pence=form.pence(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.CostsRefused as refusal:
            form.refuse(refusal.decision)
        except acts.CostKeyReused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, f"Saved: {len(stored)} {'line' if len(stored) == 1 else 'lines'} of {first:%B %Y}."
            )
            return redirect("outcomes:record_costs", clinic_code=clinic_code, month=month)
    form.carry(seal_form(request, purpose=RECORD, month=month))
    page = get_costs_page(clinic=staff.clinic, month=first)
    return render(request, "outcomes/record_costs.html", {"page": page, "form": form})


@requires(Permission.KEEP_COSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def amend_cost(request: StaffRequest, clinic_code: str, cost_id: uuid.UUID) -> HttpResponse:
    """Write a line again: the first stays, the correction stands beside it."""
    staff = request.staff
    stands = get_cost(clinic=staff.clinic, cost_id=cost_id)
    if stands is None:
        raise Http404
    initial = {
        "payer": stands.payer,
        "category": stands.category,
        "pounds": f"{stands.pence // 100}.{stands.pence % 100:02}",
    }
    form = AmendCost(request.POST if request.method == "POST" else None, initial=initial)
    if is_sent(request, form, purpose=AMEND, cost=str(cost_id)):
        try:
            acts.amend_cost(
                clinic=staff.clinic,
                cost=cost_id,
                said=form.said(stands.month),
                correction=form.why(),
                key=form.cleaned_data["key"],
                by=staff.user,
                at=request.at,
            )
        except acts.CostsRefused as refusal:
            form.refuse(refusal.decision)
        except (acts.CostKeyReused, acts.CostAmended) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(
                request, "Saved: the correction stands, and what was written before stays below it."
            )
            return redirect("outcomes:record_costs", clinic_code=clinic_code, month=f"{stands.month:%Y-%m}")
    form.carry(seal_form(request, purpose=AMEND, cost=str(cost_id)))
    context = {"stands": stands, "month": f"{stands.month:%Y-%m}", "form": form}
    return render(request, "outcomes/amend_cost.html", context)


@requires(Permission.KEEP_COSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def import_costs(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """A file of costs: all of its lines, or none; what differs from what stands is confirmed first."""
    clinic = request.staff.clinic
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form: ImportCosts | ConfirmCosts = ConfirmCosts(*sent) if "again" in request.POST else ImportCosts(*sent)
    problems: tuple[Problem, ...] = ()
    compared: Compared | None = None
    if request.method == "POST" and form.is_valid():
        if open_form_seal(request, purpose=IMPORT, clinic=str(clinic.id)) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        else:
            data = form.content()
            try:
                done = acts.import_costs(
                    clinic=clinic,
                    data=data,
                    confirmed=form.confirmed() if isinstance(form, ConfirmCosts) else None,
                    by=request.staff.user,
                    at=request.at,
                )
            except acts.CostsFileRefused as refusal:
                problems, form = refusal.problems, ImportCosts()
            except acts.CostsFileDiffers as refusal:
                compared = refusal.compared
                form = ConfirmCosts(initial={"again": carried(data), "differences": compared.key})
            else:
                messages.success(request, _told(done))
                return redirect("outcomes:list_costs", clinic_code=clinic_code)
    if isinstance(form, ConfirmCosts) and form.is_bound and "again" in form.cleaned_data:
        compared = compare_file(clinic=clinic, data=form.content(), today=london_date(request.at))
    form.carry(seal_form(request, purpose=IMPORT, clinic=str(clinic.id)))
    context = {
        "form": form,
        "compared": compared,
        "problems": problems[:MOST_PROBLEMS],
        "problems_in_all": len(problems),
        "more": max(len(problems) - MOST_PROBLEMS, 0),
        "columns": [column.name for column in COLUMNS],
        "categories": list(CostCategory),
        "most_rows": MOST_ROWS,
    }
    return render(request, "outcomes/import_costs.html", context)


def _told(done: acts.CostsImported) -> str:
    new = done.lines - done.already_there - done.corrected
    told = f"Saved: {new} {'line was' if new == 1 else 'lines were'} brought in."
    if done.corrected:
        told += f" {done.corrected} {'line was' if done.corrected == 1 else 'lines were'} corrected."
    if done.already_there:
        told += f" {done.already_there} of this file stood already and were not stored again."
    return told


def _month_or_404(request: StaffRequest, month: str) -> date:
    first = read_month(month)
    if first is None or first > london_date(request.at):
        raise Http404
    return first
