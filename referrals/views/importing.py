"""Many referrals out of one file: by the agency itself, or by the clinic for an agency."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import carry_seal, is_sent
from hat_clinic.core.clock import now
from referrals import actions
from referrals.actions import Imported, ImportRefused
from referrals.forms.importing import ImportFile, ImportForAgency
from referrals.queries.asking import get_agency_name, list_agencies
from referrals.rules.importing import COLUMNS, MOST_PROBLEMS, MOST_ROWS, REQUIRED, Problem

COLUMN_HELP = {"columns": COLUMNS, "required": REQUIRED, "most_rows": MOST_ROWS}


@requires(Permission.REFER_PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def import_referrals(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """A file of referrals of one's own agency: all of them, or none."""
    if request.staff.agency_id is None:
        raise Http404
    form = ImportFile(*_sent(request))
    problems: tuple[Problem, ...] = ()
    if is_sent(request, form, purpose="referrals.import_referrals"):
        try:
            done = _bring_in(request, request.staff.agency_id, form)
        except ImportRefused as refusal:
            problems = refusal.problems
        else:
            messages.success(request, _told(done))
            return redirect("referrals:list_own_referrals", clinic_code)
    page = {"form": form, "agency_name": get_agency_name(request.staff.agency_id), **_shown(problems)}
    carry_seal(request, form, purpose="referrals.import_referrals")
    return render(request, "referrals/import_referrals.html", page)


@requires(Permission.DECIDE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def import_for_agency(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """A file of referrals that an agency gave the clinic: all of them, or none."""
    agencies = list_agencies(clinic=request.staff.clinic, at=now())
    form = ImportForAgency(*_sent(request), agencies=agencies)
    problems: tuple[Problem, ...] = ()
    if is_sent(request, form, purpose="referrals.import_for_agency"):
        try:
            done = _bring_in(request, form.agency_id(), form)
        except ImportRefused as refusal:
            problems = refusal.problems
        else:
            messages.success(request, _told(done))
            return redirect("referrals:list_referrals", clinic_code)
    page = {"form": form, "has_agencies": bool(agencies), **_shown(problems)}
    carry_seal(request, form, purpose="referrals.import_for_agency")
    return render(request, "referrals/import_for_agency.html", page)


def _sent(request: StaffRequest) -> tuple[Any, Any]:
    """Return what was sent of a form with a file, nothing where it is only opened."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


def _bring_in(request: StaffRequest, agency_id: uuid.UUID, form: ImportFile) -> Imported:
    staff = request.staff
    return actions.import_referrals(
        clinic=staff.clinic, agency_id=agency_id, data=form.content(), by=staff.user, at=now()
    )


def _shown(problems: tuple[Problem, ...]) -> dict[str, object]:
    """Return the first problems for the page, and how many more there are."""
    more = max(len(problems) - MOST_PROBLEMS, 0)
    return {
        "problems": problems[:MOST_PROBLEMS],
        "problems_in_all": len(problems),
        "more": more,
        **COLUMN_HELP,
    }


def _told(done: Imported) -> str:
    fresh = done.referrals - done.already_there
    people = "1 person is referred." if fresh == 1 else f"{fresh} people are referred."
    if done.already_there:
        return (
            f"{people} {done.already_there} of this file had come before, word for word, and were not sent again. To "
            "refer somebody again, write what has changed."
        )
    return f"{people} The clinic has them all."
