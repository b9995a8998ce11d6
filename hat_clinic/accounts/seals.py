"""What a form was made for: whoever opened it, at which terminal, for whom. Sent by anybody else, it is refused."""

from __future__ import annotations

from typing import Protocol

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Hidden
from django.core import signing

from hat_clinic.accounts.access import StaffRequest

OPENED_BY_ANOTHER = (
    "This page was opened by somebody else or for somebody else. Nothing was saved. Go on here."
)


def seal_form(request: StaffRequest, *, purpose: str, **content: str) -> str:
    """Tie a form to the person who opened it, the terminal they act at, and what it is about.

    `purpose` names the form ("dosing.record_injection"); a seal opens for no other. `content` holds ids and
    dates: the patient, the session, the order's version. Source: trust design 2.
    """
    return signing.dumps({**content, **_who_and_where(request)}, salt=purpose)


def open_form_seal(request: StaffRequest, *, purpose: str, **expected: str) -> dict[str, str] | None:
    """Return what the posted form (field `seal`) was tied to.

    None when it is no seal of this form, was opened by somebody else or at another terminal, or is about
    something else than `expected`: the form is then refused, never re-attributed.
    """
    try:
        sealed: dict[str, str] = signing.loads(request.POST.get("seal", ""), salt=purpose)
    except signing.BadSignature:
        return None
    must_be = {**expected, **_who_and_where(request)}
    return sealed if all(sealed.get(name) == value for name, value in must_be.items()) else None


def _who_and_where(request: StaffRequest) -> dict[str, str]:
    return {"actor": str(request.staff.user.pk), "terminal": str(request.staff.terminal_id or "")}


class LaidOutForm(Protocol):
    """A form that crispy lays out by its `helper`."""

    helper: FormHelper

    def add_error(self, field: str | None, error: str) -> None:
        """Say what is wrong, at a field or at the top."""

    def is_valid(self) -> bool:
        """Tell whether everything was filled in well."""


def is_sent(request: StaffRequest, form: LaidOutForm, *, purpose: str, **expected: str) -> bool:
    """Tell whether a form was sent whole, by whoever opened it for what is `expected`; otherwise the form says so."""
    if request.method != "POST":
        return False
    if open_form_seal(request, purpose=purpose, **expected) is None:
        form.add_error(None, OPENED_BY_ANOTHER)
        return False
    return form.is_valid()


def carry_seal(request: StaffRequest, form: LaidOutForm, *, purpose: str, **content: str) -> None:
    """Put a seal into a form, made anew each time its page is drawn: what was posted does not stay."""
    form.helper.layout.append(Hidden("seal", seal_form(request, purpose=purpose, **content)))
