"""What is known of the area: the list, one more count or estimate, and correcting one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import seal_form
from outcomes.actions import area as acts
from outcomes.actions.programme_lines import ProgrammeAmended, ProgrammeKeyReused
from outcomes.forms.area import AmendAreaFigure, AmendNeedEstimate, RecordAreaFigure, RecordNeedEstimate
from outcomes.forms.fields import SealedForm
from outcomes.queries import area as stored
from outcomes.views import is_sent

METHODS = ["GET", "HEAD", "POST"]
SAVED = "Saved: it is on the list."
CORRECTED = "Saved: the correction stands, and what was written before stays below it."


@requires(Permission.KEEP_AREA)
@require_safe
def see_area(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Every count and every estimate, the latest first, with what was written before."""
    page = stored.get_area_page(clinic=request.staff.clinic)
    return render(request, "outcomes/see_area.html", {"page": page})


@requires(Permission.KEEP_AREA)
@require_http_methods(METHODS)
def record_area_figure(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Enter one published count."""
    form = RecordAreaFigure(request.POST if request.method == "POST" else None)

    def act() -> None:
        acts.record_area_figure(said=form.said(), **_who(request, form))

    return _take(request, form, act, template="record_area_figure", said=SAVED)


@requires(Permission.KEEP_AREA)
@require_http_methods(METHODS)
def amend_area_figure(request: StaffRequest, clinic_code: str, figure_id: uuid.UUID) -> HttpResponse:
    """Write a count again: the first stays, the correction stands beside it."""
    stands = stored.find_area_figure(clinic=request.staff.clinic, figure_id=figure_id)
    if stands is None:
        raise Http404
    form = AmendAreaFigure(request.POST if request.method == "POST" else None, initial=asdict(stands))

    def act() -> None:
        acts.amend_area_figure(
            figure=figure_id, said=form.said(), correction=form.why(), **_who(request, form)
        )

    return _take(
        request, form, act, template="amend_area_figure", said=CORRECTED, about={"figure": str(figure_id)}
    )


@requires(Permission.KEEP_AREA)
@require_http_methods(METHODS)
def record_need_estimate(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Enter one estimate of need."""
    form = RecordNeedEstimate(request.POST if request.method == "POST" else None)

    def act() -> None:
        acts.record_need_estimate(said=form.said(), **_who(request, form))

    return _take(request, form, act, template="record_need_estimate", said=SAVED)


@requires(Permission.KEEP_AREA)
@require_http_methods(METHODS)
def amend_need_estimate(request: StaffRequest, clinic_code: str, estimate_id: uuid.UUID) -> HttpResponse:
    """Write an estimate again: the first stays, the correction stands beside it."""
    stands = stored.find_need_estimate(clinic=request.staff.clinic, estimate_id=estimate_id)
    if stands is None:
        raise Http404
    form = AmendNeedEstimate(request.POST if request.method == "POST" else None, initial=asdict(stands))

    def act() -> None:
        acts.amend_need_estimate(
            estimate=estimate_id, said=form.said(), correction=form.why(), **_who(request, form)
        )

    return _take(
        request,
        form,
        act,
        template="amend_need_estimate",
        said=CORRECTED,
        about={"estimate": str(estimate_id)},
    )


def _who(request: StaffRequest, form: SealedForm) -> dict[str, Any]:
    staff = request.staff
    return {"clinic": staff.clinic, "key": form.cleaned_data["key"], "by": staff.user, "at": request.at}


def _take(
    request: StaffRequest,
    form: SealedForm,
    act: Callable[[], None],
    *,
    template: str,
    said: str,
    about: dict[str, str] | None = None,
) -> HttpResponse:
    """Store what was sent, or show the form with every reason; nothing typed is lost."""
    purpose, sealed = f"outcomes.{template}", {"clinic": str(request.staff.clinic.id), **(about or {})}
    if is_sent(request, form, purpose=purpose, **sealed):
        try:
            act()
        except acts.AreaRefused as refusal:
            form.refuse(refusal.decision)
        except (ProgrammeKeyReused, ProgrammeAmended) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, said)
            return redirect("outcomes:see_area", clinic_code=request.staff.clinic.code)
    form.carry(seal_form(request, purpose=purpose, **sealed))
    return render(request, f"outcomes/{template}.html", {"form": form})
