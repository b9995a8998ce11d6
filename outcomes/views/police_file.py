"""A police force's file: checked, shown in numbers, then stored."""

from __future__ import annotations

import hashlib
import uuid
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from outcomes.actions.police_file import PoliceFileRefused, PoliceFileUnreadable
from outcomes.actions.police_file import import_police_file as store_file
from outcomes.forms.police import ImportPoliceFile, as_bytes, as_text
from outcomes.queries.police import AgreementLine, check_police_file, list_files_that_count
from outcomes.rules.cohort.problems import Problem
from outcomes.rules.police_file import COLUMNS, MOST_PROBLEMS, MOST_ROWS
from outcomes.views.police import OPENED_BY_ANOTHER, agreement_or_404

CHECK, STORE = "outcomes.check_police_file", "outcomes.store_police_file"


@requires(Permission.IMPORT_POLICE_FILE)
@require_http_methods(["GET", "HEAD", "POST"])
def import_police_file(request: StaffRequest, clinic_code: str, agreement_id: uuid.UUID) -> HttpResponse:
    """Check a file and show what it would bring in; then, once that was read, store it."""
    agreement = agreement_or_404(request, agreement_id)
    files = list_files_that_count(clinic=request.staff.clinic, agreement_id=agreement_id)
    if "content" in request.POST:
        return _store(request, clinic_code, agreement, files)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ImportPoliceFile(*sent, files=files)
    problems: tuple[Problem, ...] = ()
    if request.method == "POST":
        if open_form_seal(request, purpose=CHECK, agreement=str(agreement_id)) is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            data = form.content()
            weighed = check_police_file(
                clinic=request.staff.clinic,
                agreement=agreement_id,
                period=form.period,
                replaces=form.replaced,
                data=data,
                by=request.staff.user,
                at=request.at,
            )
            if weighed.before is not None:
                form.add_error("file", "This very file was brought in before. It is stored once.")
            elif not weighed.decision.is_allowed:
                form.refuse(weighed.decision)
            elif not weighed.problems:
                first, last = form.period
                carried = {
                    "agreement": str(agreement_id),
                    "first": first.isoformat(),
                    "last": last.isoformat(),
                    "replaces": str(form.replaced or ""),
                    "sha256": weighed.sha256,
                }
                context = {
                    "agreement": agreement,
                    "weighed": weighed,
                    "first": first,
                    "last": last,
                    "content": as_text(data),
                    "seal": seal_form(request, purpose=STORE, **carried),
                }
                return render(request, "outcomes/import_police_file.html", context)
            problems = weighed.problems
    return _page(request, agreement, form, problems)


def _store(
    request: StaffRequest, clinic_code: str, agreement: AgreementLine, files: list[tuple[str, str]]
) -> HttpResponse:
    """Store the file that was shown in numbers; it travelled in the page, and the seal knows its fingerprint."""
    form = ImportPoliceFile(files=files)
    data = as_bytes(request.POST["content"])
    sealed = open_form_seal(
        request, purpose=STORE, agreement=str(agreement.id), sha256=hashlib.sha256(data).hexdigest()
    )
    said = OPENED_BY_ANOTHER
    if sealed is not None:
        try:
            file = store_file(
                clinic=request.staff.clinic,
                agreement=agreement.id,
                period=(date.fromisoformat(sealed["first"]), date.fromisoformat(sealed["last"])),
                replaces=uuid.UUID(sealed["replaces"]) if sealed["replaces"] else None,
                data=data,
                by=request.staff.user,
                at=request.at,
            )
        except PoliceFileRefused as refusal:
            said = str(refusal)
        except PoliceFileUnreadable as refusal:
            return _page(request, agreement, form, refusal.problems)
        else:
            messages.success(
                request,
                f"Saved: {file.offences} stored, {file.not_stored} left out. What was left out is not kept.",
            )
            return redirect("outcomes:list_police_agreements", clinic_code=clinic_code)
    messages.error(request, said)
    return _page(request, agreement, form, ())


def _page(
    request: StaffRequest, agreement: AgreementLine, form: ImportPoliceFile, problems: tuple[Problem, ...]
) -> HttpResponse:
    form.carry(seal_form(request, purpose=CHECK, agreement=str(agreement.id)))
    context: dict[str, Any] = {
        "agreement": agreement,
        "form": form,
        "problems": problems[:MOST_PROBLEMS],
        "problems_in_all": len(problems),
        "more": max(len(problems) - MOST_PROBLEMS, 0),
        "columns": COLUMNS,
        "most_rows": MOST_ROWS,
    }
    return render(request, "outcomes/import_police_file.html", context)
