"""The pages on which a doctor lets one dose pass a finding: at the hatch by PIN, at a desk by the password."""

from __future__ import annotations

import uuid

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from dosing.actions.authorisations import AtTerminal, FindingPassed, NotAuthorised
from dosing.actions.authorisations import authorise_finding as store_authorisation
from dosing.forms.authorisations import AuthoriseAtHatch, AuthoriseFinding
from dosing.queries.authorisations import AuthorisePage, get_authorise_page
from dosing.queries.visits import get_visit
from dosing.rules.authorisations import AuthorisedFor
from dosing.views.room import sent, show
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look

SEAL = "dosing.authorise_finding"
CHANGED = "A new check was made, or somebody else opened this page. Nothing was saved. Look again."


@requires(Permission.RECORD_CHECK)
@sensitive_post_parameters("pin")
@require_http_methods(["GET", "HEAD", "POST"])
def authorise_at_hatch(request: StaffRequest, clinic_code: str, session_id: uuid.UUID) -> HttpResponse:
    """A doctor comes to the hatch: which finding the dose may pass, why, and their own PIN."""
    page = _page_or_404(request, session_id)
    form = AuthoriseAtHatch(
        sent(request), initial=_initial(request, page), findings=page.choices, doctors=page.doctors
    )
    if request.method == "POST" and _is_stored(request, form, page):
        messages.success(request, "Saved: the dose may go ahead, once.")
        return redirect("dosing:record_check", clinic_code=clinic_code, session_id=session_id)
    _look(request, page)
    return show(request, "dosing/authorise_at_hatch.html", {"page": page, "form": form})


@requires(Permission.AUTHORISE_FINDING)
@require_http_methods(["GET", "HEAD", "POST"])
def authorise_finding(request: StaffRequest, clinic_code: str, session_id: uuid.UUID) -> HttpResponse:
    """A doctor at a desk lets one dose pass a finding, with the password given afresh."""
    page = _page_or_404(request, session_id)
    form = AuthoriseFinding(sent(request), initial=_initial(request, page), findings=page.choices)
    if request.method == "POST" and _is_stored(request, form, page):
        messages.success(request, f"Saved: the dose of {page.head.name} may go ahead, once.")
        return redirect("dosing:see_worklist", clinic_code=clinic_code)
    _look(request, page)
    is_licensed = str(request.staff.user.id) in dict(page.doctors)
    context = {"page": page, "form": form, "is_licensed": is_licensed}
    return render(request, "dosing/authorise_finding.html", context)


def _page_or_404(request: StaffRequest, session_id: uuid.UUID) -> AuthorisePage:
    visit = get_visit(clinic=request.staff.clinic, session_id=session_id)
    page = get_authorise_page(clinic=request.staff.clinic, visit=visit, at=request.at) if visit else None
    if page is None:
        raise Http404
    return page


def _initial(request: StaffRequest, page: AuthorisePage) -> dict[str, object]:
    seal = seal_form(request, purpose=SEAL, session=str(page.head.session_id), check=page.check_id)
    return {"key": uuid.uuid4(), "seal": seal}


def _is_stored(request: StaffRequest, form: AuthoriseFinding, page: AuthorisePage) -> bool:
    """Send the form to the action; on a refusal put its words on the form and return False."""
    is_valid = form.is_valid()
    sealed = open_form_seal(request, purpose=SEAL, session=str(page.head.session_id))
    if sealed is None:
        form.add_error(None, CHANGED)
    if sealed is None or not is_valid:
        return False
    data, signed = form.cleaned_data, None
    if isinstance(form, AuthoriseAtHatch):
        signed = AtTerminal(
            doctor_id=uuid.UUID(data["doctor"]), pin=data["pin"], terminal_id=request.staff.terminal_id
        )
    else:
        raise_if_reauthentication_required(request, app="dosing")
    try:
        store_authorisation(
            clinic=request.staff.clinic,
            passed=FindingPassed(
                check_id=uuid.UUID(sealed["check"]),
                code=data["code"],
                reason=AuthorisedFor(data["reason"]),
                words=data["words"].strip(),
            ),
            signed=signed,
            key=data["key"],
            by=request.staff.user,
            at=request.at,
        )
    except PinRefused as refusal:
        form.add_error("pin", str(refusal))
    except NotAuthorised as refusal:
        form.refuse(refusal.decision)
    return form.is_valid()


def _look(request: StaffRequest, page: AuthorisePage) -> None:
    staff = request.staff
    record_look(
        "dosing.authorising_page_seen",
        by=staff.user,
        at=request.at,
        clinic=staff.clinic.id,
        people=[page.head.patient_id],
    )
