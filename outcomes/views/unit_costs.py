"""Unit costs of offences: the table in force, a new one from a file, and the approval of a colleague's."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.core.clock import london_date
from outcomes.actions import unit_costs as acts
from outcomes.forms.unit_costs import ApproveUnitCosts, LoadUnitCosts
from outcomes.queries.unit_costs import UnitCostsPage, get_unit_costs_page
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.evaluation.unit_costs import COLUMNS, MOST_PROBLEMS, MOST_ROWS
from outcomes.views import OPENED_BY_ANOTHER, is_sent

LOAD, APPROVE = "outcomes.load_unit_costs", "outcomes.approve_unit_costs"


@requires(Permission.KEEP_UNIT_COSTS)
@require_safe
def see_unit_costs(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What the reports print today, and every table. It names nobody in treatment."""
    return render(request, "outcomes/see_unit_costs.html", {"page": _page(request)})


@requires(Permission.KEEP_UNIT_COSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def load_unit_costs(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """A file of unit costs: all of its rows, or none; a colleague approves it."""
    clinic = request.staff.clinic
    form = LoadUnitCosts(*((request.POST, request.FILES) if request.method == "POST" else ()))
    problems: tuple[Problem, ...] = ()
    if request.method == "POST" and form.is_valid():
        if open_form_seal(request, purpose=LOAD, clinic=str(clinic.id)) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        else:
            try:
                acts.load_unit_costs(
                    clinic=clinic,
                    from_day=form.cleaned_data["from_day"],
                    data=form.content(),
                    by=request.staff.user,
                    at=request.at,
                )
            except acts.UnitCostsFileRefused as refusal:
                problems = refusal.problems
            except acts.UnitCostsRefused as refusal:
                form.refuse(refusal.decision)
            except acts.UnitCostsThere as refusal:
                form.add_error("file", str(refusal))
            else:
                messages.success(
                    request, "Saved. The table stands in reports once a colleague has approved it."
                )
                return redirect("outcomes:see_unit_costs", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=LOAD, clinic=str(clinic.id)))
    context = {
        "form": form,
        "problems": problems[:MOST_PROBLEMS],
        "problems_in_all": len(problems),
        "more": max(len(problems) - MOST_PROBLEMS, 0),
        "columns": COLUMNS,
        "most_rows": MOST_ROWS,
    }
    return render(request, "outcomes/load_unit_costs.html", context)


@requires(Permission.KEEP_UNIT_COSTS)
@require_http_methods(["GET", "HEAD", "POST"])
def approve_unit_costs(request: StaffRequest, clinic_code: str, table_id: uuid.UUID) -> HttpResponse:
    """Approve what a colleague loaded."""
    staff = request.staff
    row = _page(request).row(table_id)
    if row is None:
        raise Http404
    form = ApproveUnitCosts(request.POST if request.method == "POST" else None)
    if is_sent(request, form, purpose=APPROVE, table=str(table_id)):
        try:
            acts.approve_unit_costs(
                clinic=staff.clinic,
                table=table_id,
                is_confirmed=form.cleaned_data["is_confirmed"],
                by=staff.user,
                at=request.at,
            )
        except acts.UnitCostsRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.success(request, "Saved: this table stands in reports from its first day on.")
            return redirect("outcomes:see_unit_costs", clinic_code=clinic_code)
    form.carry(seal_form(request, purpose=APPROVE, table=str(table_id)))
    return render(request, "outcomes/approve_unit_costs.html", {"row": row, "form": form})


def _page(request: StaffRequest) -> UnitCostsPage:
    staff = request.staff
    return get_unit_costs_page(clinic=staff.clinic, reader=staff.user.pk, today=london_date(request.at))
