"""The board of the treatment room."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dosing.queries.board import get_board
from dosing.queries.days import get_day_state
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look


@requires(Permission.SEE_BOARD)
@require_safe
def see_board(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Everybody booked into the session that is open now, and whoever is still in the room."""
    staff = request.staff
    board = get_board(clinic=staff.clinic, at=request.at)
    day = get_day_state(clinic=staff.clinic, at=request.at)
    record_look(
        "dosing.board_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[tile.patient_id for tile in board.tiles],
    )
    # A tap opens a page for whoever acts at a terminal; everybody else sees the board, and touches nothing.
    may_act = staff.terminal_id is not None and staff.may(Permission.IDENTIFY_PERSON)
    return render(request, "dosing/see_board.html", {"board": board, "day": day, "may_act": may_act})
