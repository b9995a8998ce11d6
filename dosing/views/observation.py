"""After the injection: the readings, the clock, and the door."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from dosing.actions.observation import NoSuchVisit, ReadingRefused, ReleaseRefused
from dosing.actions.observation import record_early_leaving as store_early_leaving
from dosing.actions.observation import record_reading as store_reading
from dosing.actions.observation import release_person as store_release
from dosing.forms.observation import RecordEarlyLeaving, RecordReading, ReleasePerson
from dosing.forms.visits import readings_of
from dosing.queries.emergencies import get_standing_emergency
from dosing.queries.observation import get_observe_page
from dosing.queries.oral import list_oral_orders_in_force
from dosing.queries.oxygen import get_shown_target
from dosing.queries.visits import get_visit
from dosing.rules.visits import VisitState
from dosing.views.room import sent, show
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look

SEAL_READING = "dosing.record_reading"
SEAL_RELEASE = "dosing.release_person"
SEAL_EARLY = "dosing.record_early_leaving"
SOMEBODY_ELSE = (
    "This page was opened by somebody else, or for somebody else. Nothing was saved. "
    "Open the person again from the board."
)


@requires(Permission.RECORD_READING)
@require_http_methods(["GET", "HEAD", "POST"])
def record_reading(request: StaffRequest, clinic_code: str, session_id: uuid.UUID) -> HttpResponse:
    """Somebody being observed: the clock, the readings, four rows of keys, and whether they may leave."""
    form = RecordReading(sent(request))
    if request.method == "POST" and _is_ours_and_valid(request, form, SEAL_READING, session_id):
        data = form.cleaned_data
        try:
            reading = store_reading(
                clinic=request.staff.clinic,
                session_id=session_id,
                minute=data["minute"],
                readings=readings_of(data),
                unable_reason=data["unable_reason"],
                by=request.staff.user,
                at=request.at,
            )
        except ReadingRefused as refusal:
            form.refuse(refusal.decision)
        except NoSuchVisit:
            raise Http404 from None
        else:
            amend = reverse("dosing:amend_reading", args=[clinic_code, reading.id])
            saved = reading_in_words(form, reading.minute)
            messages.success(request, format_html('Saved: {}. <a href="{}">Amend</a>', saved, amend))
            standing = get_standing_emergency(patient_id=reading.session.patient_id)
            if standing is not None:
                return redirect("dosing:handle_emergency", emergency_id=standing.id)
            return redirect("dosing:record_reading", clinic_code=clinic_code, session_id=session_id)
    return _observe_page(request, clinic_code, session_id, reading_form=form)


def reading_in_words(form: RecordReading, minute: int | None) -> str:
    """Return a saved reading whole, so that it is read and heard back."""
    data = form.cleaned_data
    oxygen = (
        f"oxygen {data['oxygen_number']} %" if data["oxygen_number"] is not None else "oxygen not measured"
    )
    pulse = f"pulse {data['pulse_number']}" if data["pulse_number"] is not None else "pulse not measured"
    which = f"{minute} minute reading" if minute is not None else "reading"
    return f"{which}, POSS {data['sedation']}, breathing {data['breaths_number']}, {oxygen}, {pulse}"


@requires(Permission.RELEASE_PERSON)
@require_POST
def release_person(request: StaffRequest, clinic_code: str, session_id: uuid.UUID) -> HttpResponse:
    """Let somebody go: three sentences in one button, each with its own "not so"."""
    form = ReleasePerson(request.POST)
    if _is_ours_and_valid(request, form, SEAL_RELEASE, session_id):
        leaves = form.cleaned_data["leaves"]
        try:
            store_release(
                clinic=request.staff.clinic,
                session_id=session_id,
                walks_steadily=leaves != "not_steady",
                advice_given=leaves != "no_advice",
                naloxone=form.naloxone,
                missing_reason=form.cleaned_data["missing_reason"].strip(),
                by=request.staff.user,
                at=request.at,
            )
        except ReleaseRefused as refusal:
            form.refuse(refusal.decision)
        except NoSuchVisit:
            raise Http404 from None
        else:
            return redirect("dosing:see_board", clinic_code=clinic_code)
    return _observe_page(request, clinic_code, session_id, release_form=form)


@requires(Permission.RELEASE_PERSON)
@require_http_methods(["GET", "HEAD", "POST"])
def record_early_leaving(request: StaffRequest, clinic_code: str, session_id: uuid.UUID) -> HttpResponse:
    """Somebody leaves before the observation is over: a fact, recorded with how."""
    visit = get_visit(clinic=request.staff.clinic, session_id=session_id)
    if visit is None:
        raise Http404
    if visit.state != VisitState.OBSERVED:
        return redirect("dosing:see_board", clinic_code=clinic_code)
    form = RecordEarlyLeaving(
        sent(request),
        initial={"seal": seal_form(request, purpose=SEAL_EARLY, session=str(session_id))},
    )
    if request.method == "POST" and _is_ours_and_valid(request, form, SEAL_EARLY, session_id):
        try:
            store_early_leaving(
                clinic=request.staff.clinic,
                session_id=session_id,
                reason=form.cleaned_data["reason"],
                by=request.staff.user,
                at=request.at,
            )
        except ReleaseRefused as refusal:
            form.refuse(refusal.decision)
        else:
            messages.warning(request, f"Saved: {visit.patient.full_name} left early. Tell the clinical lead.")
            return redirect("dosing:see_board", clinic_code=clinic_code)
    page = get_observe_page(clinic=request.staff.clinic, visit=visit, at=request.at)
    _look(request, "dosing.early_leaving_page_seen", visit.patient_id)
    return show(request, "dosing/record_early_leaving.html", {"page": page, "form": form})


def _observe_page(
    request: StaffRequest,
    clinic_code: str,
    session_id: uuid.UUID,
    *,
    reading_form: RecordReading | None = None,
    release_form: ReleasePerson | None = None,
) -> HttpResponse:
    visit = get_visit(clinic=request.staff.clinic, session_id=session_id)
    if visit is None:
        raise Http404
    if visit.injected_at is None:
        return redirect("dosing:record_check", clinic_code=clinic_code, session_id=session_id)
    page = get_observe_page(clinic=request.staff.clinic, visit=visit, at=request.at)
    _look(request, "dosing.observation_page_seen", visit.patient_id)
    oxygen = get_shown_target(patient_id=visit.patient_id, at=request.at)
    form = reading_form if reading_form is not None else RecordReading()
    context = {
        "page": page,
        "oxygen": oxygen,
        "form": form.hold_oxygen_against(oxygen.target),
        "release_form": release_form,
        "reading_seal": seal_form(request, purpose=SEAL_READING, session=str(session_id)),
        "release_seal": seal_form(request, purpose=SEAL_RELEASE, session=str(session_id)),
        # Also while a further injection of the session is drawn up: they are watched after the one before.
        "is_observed": visit.state in (VisitState.OBSERVED, VisitState.PREPARED),
        "has_oral": bool(
            list_oral_orders_in_force(
                patient_id=visit.patient_id, clinic_id=request.staff.clinic.id, at=request.at
            )
        ),
    }
    return show(request, "dosing/record_reading.html", context)


def _is_ours_and_valid(
    request: StaffRequest,
    form: RecordReading | ReleasePerson | RecordEarlyLeaving,
    purpose: str,
    session_id: uuid.UUID,
) -> bool:
    is_valid = form.is_valid()
    if open_form_seal(request, purpose=purpose, session=str(session_id)) is not None:
        return is_valid
    form.add_error(None, SOMEBODY_ELSE)
    return False


def _look(request: StaffRequest, event: str, patient_id: uuid.UUID) -> None:
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[patient_id])
