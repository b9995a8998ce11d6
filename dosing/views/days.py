"""Before the day: counting the stock blind, and opening the day."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from dosing.actions.days import CountRefused, CountSigned, DayNotOpened
from dosing.actions.days import count_stock as sign_count
from dosing.actions.days import open_day as store_day
from dosing.actions.days import open_day_unchecked as store_day_unchecked
from dosing.actions.days import set_count_aside as end_count
from dosing.forms.days import CountStock, OpenDay, OpenDayUnchecked, new_count
from dosing.queries.days import CountPage, OpeningPage, get_count_page, get_opening_page
from dosing.rules.days import CheckKind, CountState
from dosing.views.checkpoints import sign_for_paper
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.core.clock import now

COUNT, OPEN, UNCHECKED = "dosing.count_stock", "dosing.open_day", "dosing.open_day_unchecked"
NOT_YOURS = (
    "This page was opened by somebody else, at another terminal, or for another count. Nothing was saved. "
    "Look at it again, then count."
)
ANOTHER_DAY = (
    "This page was opened by somebody else, at another terminal, or on another day. Nothing was saved. "
    "Look at it again, then press."
)


@requires(Permission.COUNT_STOCK)
@require_http_methods(["GET", "HEAD", "POST"])
def count_stock(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The next count of the next register: blind, signed, and one more step of the check."""
    at = now()
    staff = request.staff
    page = get_count_page(clinic=staff.clinic, terminal_id=staff.terminal_id, by=staff.user, at=at)
    if page is None:
        return redirect("dosing:open_day", clinic_code=clinic_code)
    if request.method == "POST":
        form = CountStock(request.POST, page=page)
        if form.is_valid() and sign_count_page(request, form, page, at, purpose=COUNT):
            return redirect("dosing:count_stock", clinic_code=clinic_code)
    else:
        form = CountStock(initial=new_count(_seal_count(request, page)), page=page)
    return render(request, "dosing/count_stock.html", {"page": page, "form": form, "staff": staff})


@requires(Permission.COUNT_STOCK)
@require_POST
def set_count_aside(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """End a count that waits for a second person who does not come; two people begin anew."""
    sealed = open_form_seal(request, purpose=COUNT)
    try:
        if sealed is None:
            messages.error(request, NOT_YOURS)
        else:
            line_id = uuid.UUID(sealed["line"])
            end_count(clinic=request.staff.clinic, line_id=line_id, by=request.staff.user, at=now())
            messages.success(request, "The first count was set aside. Two people count from the beginning.")
    except CountRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("dosing:count_stock", clinic_code=clinic_code)


@requires(Permission.OPEN_DAY)
@require_http_methods(["GET", "HEAD", "POST"])
def open_day(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The counts that have ended with their figures, what is still to do, and the one button."""
    at = now()
    staff = request.staff
    page = get_opening_page(clinic=staff.clinic, terminal_id=staff.terminal_id, at=at)
    if request.method == "POST":
        form = OpenDay(request.POST)
        if not _is_of_today(request, page, OPEN):
            return _look_again(request, "dosing:open_day", clinic_code)
        if form.is_valid() and _open(request, form, page, at):
            return _after_opening(request, clinic_code)
    else:
        form = OpenDay(initial={"seal": _seal_day(request, page, OPEN)})
    may = {
        "may_see_board": staff.may(Permission.SEE_BOARD),
        "may_open_unchecked": staff.may(Permission.OPEN_DAY_UNCHECKED),
    }
    return render(request, "dosing/open_day.html", {"page": page, "form": form, "staff": staff, **may})


@requires(Permission.OPEN_DAY_UNCHECKED)
@require_http_methods(["GET", "HEAD", "POST"])
def open_day_unchecked(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """The controlled-drug lead opens the day with a reason, where no check stands behind it."""
    at = now()
    staff = request.staff
    page = get_opening_page(clinic=staff.clinic, terminal_id=staff.terminal_id, at=at)
    if page.day.is_open:
        return redirect("dosing:open_day", clinic_code=clinic_code)
    if request.method == "POST":
        form = OpenDayUnchecked(request.POST)
        if not _is_of_today(request, page, UNCHECKED):
            return _look_again(request, "dosing:open_day_unchecked", clinic_code)
        if form.is_valid() and _open_unchecked(request, form, page, at):
            return _after_opening(request, clinic_code)
    else:
        form = OpenDayUnchecked(initial={"seal": _seal_day(request, page, UNCHECKED)})
    return render(request, "dosing/open_day_unchecked.html", {"page": page, "form": form, "staff": staff})


def sign_count_page(
    request: StaffRequest,
    form: CountStock,
    page: CountPage,
    at: datetime,
    *,
    purpose: str,
    kind: CheckKind = CheckKind.OPENING,
) -> bool:
    """Send the count to the action and say in words where it left the check; False when the form tells why not.

    What somebody else's page says is never signed under this person's name: they begin with an empty page.
    """
    sealed = open_form_seal(request, purpose=purpose, on=page.day.on.isoformat())
    if sealed is None:
        messages.error(request, NOT_YOURS)
        return True
    try:
        signed = sign_count(
            clinic=request.staff.clinic,
            line_id=uuid.UUID(sealed["line"]),
            counted=form.counted,
            counter_id=form.cleaned_data["counter"],
            pin=form.cleaned_data["pin"],
            terminal_id=request.staff.terminal_id,
            key=form.cleaned_data["key"],
            kind=kind,
            by=request.staff.user,
            at=at,
        )
    except PinRefused as refusal:
        form.add_error("pin", str(refusal))
    except CountRefused as refusal:
        form.add_error(None, f"Nothing was saved. {refusal}")
    else:
        _tell(request, signed, page)
        return True
    return False


def _tell(request: StaffRequest, signed: CountSigned, page: CountPage) -> None:
    if signed.has_moved:
        messages.warning(
            request,
            "Ampoules came in or went out between the two counts, so they cannot be compared. "
            "Both count from the beginning.",
        )
    elif signed.state is CountState.AGAIN:
        messages.warning(
            request,
            "The two counts and the register are not all the same. Each counts once more, as blind as before.",
        )
    elif signed.state is CountState.FIRST_IS_IN:
        messages.success(request, "The first count is signed and hidden. Now somebody else counts.")
    elif signed.state is CountState.AGREES:
        sign_for_paper(request, at=now())
        messages.success(request, f"{page.title[:1].upper()}{page.title[1:]}: all three agree.")


def _open(request: StaffRequest, form: OpenDay, page: OpeningPage, at: datetime) -> bool:
    assert page.day.premises_id is not None  # noqa: S101 - its id was sealed
    try:
        store_day(clinic=request.staff.clinic, premises_id=page.day.premises_id, by=request.staff.user, at=at)
    except DayNotOpened as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _open_unchecked(request: StaffRequest, form: OpenDayUnchecked, page: OpeningPage, at: datetime) -> bool:
    assert page.day.premises_id is not None  # noqa: S101 - its id was sealed
    try:
        store_day_unchecked(
            clinic=request.staff.clinic,
            premises_id=page.day.premises_id,
            reason=form.cleaned_data["reason"],
            pin=form.cleaned_data["pin"],
            terminal_id=request.staff.terminal_id,
            by=request.staff.user,
            at=at,
        )
    except PinRefused as refusal:
        form.add_error("pin", str(refusal))
    except DayNotOpened as refusal:
        form.add_error(None, str(refusal))
    else:
        return True
    return False


def _look_again(request: StaffRequest, name: str, clinic_code: str) -> HttpResponse:
    messages.error(request, ANOTHER_DAY)
    return redirect(name, clinic_code=clinic_code)


def _after_opening(request: StaffRequest, clinic_code: str) -> HttpResponse:
    sign_for_paper(request, at=now())
    messages.success(request, "The day is open.")
    may_see_board = request.staff.may(Permission.SEE_BOARD)
    return redirect("dosing:see_board" if may_see_board else "dosing:open_day", clinic_code=clinic_code)


def _seal_count(request: StaffRequest, page: CountPage) -> str:
    return seal_form(request, purpose=COUNT, line=str(page.line_id), on=page.day.on.isoformat())


def _seal_day(request: StaffRequest, page: OpeningPage, purpose: str) -> str:
    return seal_form(request, purpose=purpose, **_what_is_opened(page))


def _is_of_today(request: StaffRequest, page: OpeningPage, purpose: str) -> bool:
    """Return whether the posted page was this person's, of these premises and of this day."""
    if page.day.premises_id is None:
        return False
    return open_form_seal(request, purpose=purpose, **_what_is_opened(page)) is not None


def _what_is_opened(page: OpeningPage) -> dict[str, str]:
    return {"premises": str(page.day.premises_id or ""), "on": page.day.on.isoformat()}
