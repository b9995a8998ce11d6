"""The figures of the reports as pages: all of one month, and one through the months."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date, now
from outcomes.forms.figures import ChooseMonths
from outcomes.queries.evaluation.series import get_figure_page, get_figures_page
from outcomes.queries.releases import audience_of


@requires(Permission.SEE_REPORTS)
@require_safe
def list_figures(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Every figure of one month, and of another beside it where one is chosen."""
    staff = request.staff
    month, other = ChooseMonths(request.GET).months
    audience = audience_of(staff, today=london_date(request.at))
    page = get_figures_page(clinic=staff.clinic, audience=audience, month=month, other=other)
    record_look("outcomes.figures_seen", by=staff.user, at=now(), clinic=staff.clinic.id)
    return render(request, "outcomes/list_figures.html", {"page": page})


@requires(Permission.SEE_REPORTS)
@require_safe
def see_figure(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """One figure, named after the question mark (it may end in a payer's name, as written): its months, its meaning."""
    staff = request.staff
    page = get_figure_page(
        clinic=staff.clinic,
        audience=audience_of(staff, today=london_date(request.at)),
        figure_id=request.GET.get("name", ""),
        source=request.GET.get("source", ""),
    )
    if page is None:
        raise Http404
    record_look("outcomes.figures_seen", by=staff.user, at=now(), clinic=staff.clinic.id)
    return render(request, "outcomes/see_figure.html", {"page": page})
