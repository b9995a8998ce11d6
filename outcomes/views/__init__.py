"""Pages of help around treatment, and of the reports."""

from __future__ import annotations

from hat_clinic.accounts.access import StaffRequest
from hat_clinic.accounts.seals import open_form_seal
from outcomes.forms.fields import SealedForm

OPENED_BY_ANOTHER = (
    "This page was opened by somebody else or for somebody else. Nothing was saved. Go on here."
)


def is_sent(request: StaffRequest, form: SealedForm, *, purpose: str, **sealed: str) -> bool:
    """Tell whether a form was sent whole, by whoever opened it."""
    if request.method != "POST":
        return False
    if open_form_seal(request, purpose=purpose, **sealed) is None:
        form.add_error(None, OPENED_BY_ANOTHER)
        return False
    return form.is_valid()
