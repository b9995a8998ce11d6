"""The board of the treatment room."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dosing.queries.board import Place, get_board
from dosing.queries.days import get_day_state
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look


@requires(Permission.SEE_BOARD)
@require_safe
def see_board(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Everybody booked into the session that is open now, and whoever is still in the room."""
    staff = request.staff
    shown = request.GET.get("show", "")
    board = get_board(
        clinic=staff.clinic, at=request.at, unfolded=Place(shown) if shown in set(Place) else None
    )
    day = get_day_state(clinic=staff.clinic, at=request.at, terminal_id=staff.terminal_id)
    record_look(
        "dosing.board_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[tile.patient_id for tile in board.tiles],
    )
    # A tap opens a page for whoever acts at a terminal; everybody else sees the board, and touches nothing.
    at_terminal = staff.terminal_id is not None
    context = {
        "board": board,
        "day": day,
        "may_act": at_terminal and staff.may(Permission.IDENTIFY_PERSON),
        "may_count": at_terminal and staff.may(Permission.COUNT_STOCK),
        "may_read": at_terminal and staff.may(Permission.ACKNOWLEDGE_HANDOVER),
    }
    if day.premises_id is not None and not day.has_emergency:
        context["emergency_alerts"] = ()  # asked for with the day already: one statement less, all day long
    return render(request, "dosing/see_board.html", context)
