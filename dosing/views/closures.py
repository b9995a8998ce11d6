"""Closing a clinic's sessions, reopening them early, and what was closed when."""

from __future__ import annotations

import uuid

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from dosing.actions.closures import SentClosing, SessionsNotClosed, SessionsNotReopened
from dosing.actions.closures import close_sessions as store_closure
from dosing.actions.closures import reopen_sessions as store_reopening
from dosing.forms.closures import ChooseSessions, CloseSessions, ReopenSessions
from dosing.queries.closure_pages import get_closure_page, list_closures, reopening_choices
from dosing.queries.closures import KnownOfClosing, get_closing_of_sessions, session_choices
from dosing.rules.closures import may_close_sessions
from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import now
from hat_clinic.core.decisions import Decision

SEAL, SEAL_REOPEN = "dosing.close_sessions", "dosing.reopen_sessions"
NOT_YOURS = "This page was opened by somebody else or for other sessions. Choose them again."


@requires(Permission.SEE_CLOSURES)
@require_safe
def see_closures(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """What was closed and reopened, the newest first; nobody is named here."""
    closures = list_closures(clinic=request.staff.clinic, at=now())
    may_close = request.staff.may(Permission.CLOSE_SESSIONS)
    return render(request, "dosing/see_closures.html", {"closures": closures, "may_close": may_close})


@requires(Permission.SEE_CLOSURES)
@require_safe
def see_closure(request: StaffRequest, clinic_code: str, closure_id: uuid.UUID) -> HttpResponse:
    """One closure with the people it took sessions from, and who of them was told."""
    at, staff = now(), request.staff
    page = get_closure_page(clinic=staff.clinic, closure_id=closure_id, at=at)
    if page is None:
        raise Http404
    _look(request, [one.patient_id for one in page.people])
    may = {
        "may_note_contact": staff.may(Permission.NOTE_CONTACT),
        "may_reopen": staff.may(Permission.REOPEN_SESSIONS) and page.shown.is_standing,
    }
    return render(request, "dosing/see_closure.html", {"page": page, **may})


@requires(Permission.CLOSE_SESSIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def close_sessions(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Choose the sessions, read who is affected and what covers them, then close with the password given afresh."""
    at, staff = now(), request.staff
    sessions = session_choices(clinic=staff.clinic, at=at)
    asked = ChooseSessions(request.POST if request.method == "POST" else None, sessions=sessions)
    if not asked.is_bound or not asked.is_valid():
        return render(request, "dosing/close_sessions.html", {"form": asked, "sessions": sessions})
    known = _known(request, asked)
    form = _carried_along(request, asked, known)
    if "close" in request.POST:
        form = CloseSessions(request.POST, sessions=sessions, decision=may_close_sessions(known.facts))
        sealed = open_form_seal(request, purpose=SEAL, **_what_is_closed(asked))
        if sealed is None:
            form.add_error(None, NOT_YOURS)
        elif form.is_valid():
            raise_if_reauthentication_required(request, app="dosing")
            page = SentClosing(
                key=form.cleaned_data["key"],
                seen=sealed["seen"],
                acknowledged=frozenset(form.cleaned_data["acknowledged"]),
            )
            try:
                closure_id = store_closure(
                    clinic=staff.clinic, asked=form.asked, page=page, by=staff.user, at=at
                )
            except SessionsNotClosed as refusal:
                known = _known(request, asked)
                form = _carried_along(request, asked, known, refused=refusal.decision)
            else:
                messages.success(request, "Closed. Now everybody on this list is told.")
                return redirect("dosing:see_closure", clinic_code=clinic_code, closure_id=closure_id)
    _look(request, [one.episode.person_id for one in known.people])
    context = {"form": form, "known": known, "decision": may_close_sessions(known.facts)}
    return render(request, "dosing/close_sessions.html", context)


@requires(Permission.REOPEN_SESSIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def reopen_sessions(request: StaffRequest, clinic_code: str, closure_id: uuid.UUID) -> HttpResponse:
    """Let a closure end before one of its sessions, with a reason and the password given afresh."""
    at, staff = now(), request.staff
    page = get_closure_page(clinic=staff.clinic, closure_id=closure_id, at=at)
    if page is None:
        raise Http404
    sessions = reopening_choices(clinic=staff.clinic, closure_id=closure_id, at=at)
    if request.method == "POST":
        form = ReopenSessions(request.POST, sessions=sessions)
        is_theirs = open_form_seal(request, purpose=SEAL_REOPEN, closure=str(closure_id)) is not None
        if form.is_valid() and not is_theirs:
            form.add_error(None, NOT_YOURS)
        elif form.is_valid():
            raise_if_reauthentication_required(request, app="dosing")
            try:
                store_reopening(
                    clinic=staff.clinic,
                    closure_id=closure_id,
                    reopens_with=form.reopens_with,
                    words=form.cleaned_data["words"],
                    key=form.cleaned_data["key"],
                    by=staff.user,
                    at=at,
                )
            except SessionsNotReopened as refusal:
                form.refuse(refusal.decision)
            else:
                messages.success(request, "Reopened. Everybody on this list is told again.")
                return redirect("dosing:see_closure", clinic_code=clinic_code, closure_id=closure_id)
    else:
        seal = seal_form(request, purpose=SEAL_REOPEN, closure=str(closure_id))
        form = ReopenSessions(initial={"key": uuid.uuid4(), "seal": seal}, sessions=sessions)
    _look(request, [one.patient_id for one in page.people])
    context = {"page": page, "form": form, "sessions": sessions}
    return render(request, "dosing/reopen_sessions.html", context)


def _known(request: StaffRequest, asked: ChooseSessions) -> KnownOfClosing:
    told = asked.asked
    return get_closing_of_sessions(
        clinic=request.staff.clinic,
        first=told.first,
        last=told.last,
        words=told.words,
        by=request.staff.user,
        at=now(),
    )


def _carried_along(
    request: StaffRequest, asked: ChooseSessions, known: KnownOfClosing, *, refused: Decision | None = None
) -> CloseSessions:
    """Return the form that closes what the page lists now: a key of its own, and sealed with what it tells."""
    told = {name: asked.cleaned_data[name] for name in ("first", "last", "reason", "words")}
    seal = seal_form(request, purpose=SEAL, seen=known.seen, **_what_is_closed(asked))
    values = {**told, "key": str(uuid.uuid4()), "seal": seal}
    sessions = session_choices(clinic=request.staff.clinic, at=known.facts.at)
    decision = may_close_sessions(known.facts)
    if refused is None:
        return CloseSessions(initial=values, sessions=sessions, decision=decision)
    form = CloseSessions(values, sessions=sessions, decision=decision)
    form.refuse(refused)
    return form


def _what_is_closed(asked: ChooseSessions) -> dict[str, str]:
    told = asked.cleaned_data
    return {"first": told["first"], "last": told["last"], "reason": told["reason"], "words": told["words"]}


def _look(request: StaffRequest, people: list[uuid.UUID]) -> None:
    staff = request.staff
    record_look("dosing.closure_seen", by=staff.user, at=now(), clinic=staff.clinic.id, people=people)
