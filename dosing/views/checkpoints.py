"""Checkpoints of the register: how each ledger stands, and what it says to a printed code."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import DatabaseError
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dosing.actions.checkpoints import SIGNER, make_checkpoints, record_checkpoints_look
from dosing.forms.checkpoints import CheckCode
from dosing.queries.checkpoints import get_checkpoints_page
from dosing.queries.verification import check_code
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.actions import get_program
from hat_clinic.accounts.rules import Permission
from hat_clinic.core.clock import now
from hat_clinic.core.signing import SigningKeyMissing

log = logging.getLogger(__name__)


@requires(Permission.SEE_CHECKPOINTS)
@require_safe
def see_checkpoints(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Where the registers stand against their checkpoints, and the answer to a code that was typed."""
    at = now()
    form = CheckCode(request.GET if "code" in request.GET else None)
    answer = None
    if form.is_valid():
        answer = check_code(clinic=request.staff.clinic, typed=form.cleaned_data["code"])
    page = get_checkpoints_page(clinic=request.staff.clinic, at=at)
    record_checkpoints_look(
        clinic_id=request.staff.clinic.id,
        code=answer.code if answer and answer.is_readable else None,
        is_unchanged=answer.is_unchanged if answer and answer.is_readable else None,
        by=request.staff.user,
        at=at,
    )
    return render(
        request,
        "dosing/see_checkpoints.html",
        {
            "page": page,
            "form": form,
            "answer": answer,
            "may_see_register": request.staff.may(Permission.SEE_REGISTER),
        },
    )


def sign_for_paper(request: StaffRequest, *, at: datetime) -> None:
    """Have the program sign where the clinic's registers stand, for a page that may be printed or a check that ended.

    Whoever opens the page signs nothing, so the checkpoint is not in their name.

    What cannot be signed holds nothing up: the page is shown without, and the banner tells whom it concerns.
    """
    try:
        make_checkpoints(clinic_id=request.staff.clinic.id, by=get_program(name=SIGNER, at=at), at=at)
    except (SigningKeyMissing, DatabaseError) as problem:
        log.warning("no checkpoint was signed: %s", type(problem).__name__)
