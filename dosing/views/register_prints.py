"""The register on paper: one click prints any period."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dosing.actions.register_prints import record_register_print
from dosing.forms.register import SeeRegister
from dosing.queries.register import NoSuchRegister
from dosing.queries.register_sheet import RegisterSheet, get_register_sheet, print_register_sheet
from dosing.views.checkpoints import sign_for_paper
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.clock import london_date, now

# One print at a time: making a long one keeps a worker busy that the treatment room may wait for.
_LOCK = "print the register"
BUSY = 503


@requires(Permission.PRINT_REGISTER)
@require_safe
def print_register(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """A part of one ledger as a PDF, or a page that says why there is none. Printing is recorded."""
    at = now()
    staff = request.staff
    sign_for_paper(request, at=at)
    form = SeeRegister(request.GET, today=london_date(at))
    since, until = form.period()
    try:
        sheet = get_register_sheet(
            clinic=staff.clinic,
            line_id=form.cleaned_data.get("line"),
            since=since,
            until=until,
            after=form.cleaned_data.get("after") or 0,
            may_count=staff.may(Permission.COUNT_STOCK),
            printer=staff.user,
            at=at,
        )
    except NoSuchRegister:
        raise Http404 from None
    if sheet is None or sheet.is_hidden or form.errors:
        return _no_print(request, sheet, form=form)
    with _one_at_a_time() as is_free:
        if not is_free:
            return _no_print(request, sheet, is_busy=True, status=BUSY)
        content = print_register_sheet(sheet, at=at)
    record_register_print(
        line_id=sheet.line_id,
        clinic_id=staff.clinic.id,
        since=since,
        until=until,
        lines=sheet.numbers,
        people=sheet.people,
        by=staff.user,
        at=at,
    )
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="register.pdf"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _no_print(
    request: StaffRequest, sheet: RegisterSheet | None, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {"sheet": sheet, "address": request.get_full_path(), **more}
    return render(request, "dosing/print_register.html", context, status=status)


@contextmanager
def _one_at_a_time() -> Iterator[bool]:
    """Hold the one lock of printing if it is free; no transaction stands open meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [_LOCK])
        is_free = bool(cursor.fetchone()[0])
        try:
            yield is_free
        finally:
            if is_free:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [_LOCK])
