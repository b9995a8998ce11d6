"""The board of the treatment room."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dosing.queries.board import Place, get_board
from dosing.queries.emergencies import list_alerts
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.audit.actions import record_look
from hat_clinic.core.http import is_poll
from hat_clinic.core.live import mark_of, shows_the_same, shows_the_same_people
from patients.queries.closings import ending_notice


@requires(Permission.SEE_BOARD)
@require_safe
def see_board(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Everybody booked into the session that is open now, and whoever is still in the room.

    The page asks for itself every few seconds and is told that nothing changed, or the part that lives. Such an
    answer is a look only when other people stand on it than on the one before, or somebody else is looking.
    """
    staff = request.staff
    shown = request.GET.get("show", "")
    board = get_board(
        clinic=staff.clinic,
        at=request.at,
        terminal_id=staff.terminal_id,
        unfolded=Place(shown) if shown in set(Place) else None,
    )
    people = [tile.patient_id for tile in board.tiles]
    # Asked for with the day already: without an emergency one statement less, all day long.
    may_have_alerts = board.day.premises_id is None or board.day.has_emergency
    alerts = (
        list_alerts(clinic=staff.clinic) if may_have_alerts and staff.may(Permission.SEE_EMERGENCY) else []
    )
    mark = mark_of(request, people=people, state=f"{board.state} {alerts}")
    if is_poll(request) and shows_the_same(request, mark):
        return HttpResponseNotModified(headers={"ETag": mark})
    if not (is_poll(request) and shows_the_same_people(request, mark)):
        record_look("dosing.board_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=people)
    # A tap opens a page for whoever acts at a terminal; everybody else sees the board, and touches nothing.
    at_terminal = staff.terminal_id is not None
    context = {
        "board": board,
        "day": board.day,
        "mark": mark,
        "emergency_alerts": alerts,
        "ending": ""
        if is_poll(request)
        else ending_notice(
            clinic=staff.clinic,
            last_on=board.day.programme_ends_on,
            funded_until=board.day.funded_until,
            at=request.at,
        ),
        "may_act": at_terminal and staff.may(Permission.IDENTIFY_PERSON),
        "may_print_pack": staff.may(Permission.SEE_DOWNTIME),
        "may_count": at_terminal and staff.may(Permission.COUNT_STOCK),
        "may_read": at_terminal and staff.may(Permission.ACKNOWLEDGE_HANDOVER),
    }
    page = "dosing/see_board_live.html" if is_poll(request) else "dosing/see_board.html"
    response = render(request, page, context)
    response["ETag"] = mark
    return response
