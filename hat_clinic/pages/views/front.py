"""The first page, and the two pages that a machine asks whether the program is alive and ready."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from hat_clinic.accounts.access import SignedInRequest, present, public
from hat_clinic.accounts.queries import list_clinics_of
from hat_clinic.core.clock import now
from hat_clinic.core.health import look
from hat_clinic.pages.navigation import first_page_of


@public
@require_safe
def livez(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is looked at."""
    return JsonResponse({"status": "alive"})


@public
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 while doses can be recorded, 503 when they cannot; each check in words."""
    health = look()
    checks = {check.name: {"is_well": check.is_well, "words": check.words} for check in health.checks}
    return JsonResponse({"status": health.word, "checks": checks}, status=200 if health.is_ready else 503)


@present
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """Send a person to the first page of their role; ask which clinic if they belong to several."""
    clinics = [(staff, first_page_of(staff)) for staff in list_clinics_of(user=request.user, at=now())]
    open_pages = [page for _, page in clinics if page is not None]
    if len(clinics) == 1 and open_pages:
        return redirect(open_pages[0])
    return render(request, "pages/home.html", {"clinics": clinics, "has_choice": bool(open_pages)})
