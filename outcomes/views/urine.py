"""Urine samples: the clinic's list, one person's, and the steps that a nurse signs at the terminal."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date
from outcomes.actions import urine_chain
from outcomes.actions.urine import draw_urine_days as store_days
from outcomes.actions.urine_chain import UrineRefused
from outcomes.actions.urine_samples import SampleUnknown, UrineKeyReused
from outcomes.forms.urine import NoteUrineNotTaken, SendUrine, TakeUrine, UrineForm, VoidUrine
from outcomes.queries.urine import (
    SampleShown,
    get_persons_urine,
    get_sample,
    get_urine_list,
    list_samples_to_send,
)
from outcomes.rules.urine import NotTakenBecause, UrineState, VoidBecause, may_follow

TAKE, NOT_TAKEN = "outcomes.take_urine", "outcomes.note_urine_not_taken"
SEND, VOID = "outcomes.send_urine", "outcomes.void_urine"
NOT_YOURS = (
    "This page was opened by somebody else, at another terminal, or for another sample. Nothing was signed. "
    "Open it again from the list."
)


@requires(Permission.SEE_URINE)
@require_safe
def list_urine(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Who is asked for a sample today, and which samples wait for something."""
    staff = request.staff
    page = get_urine_list(clinic=staff.clinic, today=london_date(request.at))
    record_look(
        "outcomes.urine_list_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=page.people
    )
    return render(request, "outcomes/list_urine.html", {"page": page, **_may(request)})


@requires(Permission.SEE_URINE)
@require_safe
def see_urine(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """One person's samples, each with its chain and its results."""
    page = get_persons_urine(clinic=request.staff.clinic, person_id=patient_id, today=london_date(request.at))
    if page is None:
        raise Http404
    look_at_sample(request, patient_id, event="outcomes.urine_seen")
    return render(request, "outcomes/see_urine.html", {"page": page, **_may(request)})


@requires(Permission.DRAW_URINE_DAYS)
@require_POST
def draw_urine_days(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Draw the days by hand, when the night did not."""
    drawn = store_days(clinic=request.staff.clinic, by=request.staff.user, at=request.at)
    if drawn:
        people = "1 person" if drawn == 1 else f"{drawn} people"
        messages.success(
            request, f"Saved: a day of their week was drawn for {people}. It is told when it comes."
        )
    else:
        messages.info(request, "Everybody in treatment has a day in their week. Nothing was drawn.")
    return redirect("outcomes:list_urine", clinic_code=clinic_code)


@requires(Permission.SIGN_URINE)
@require_http_methods(["GET", "HEAD", "POST"])
def take_urine(request: StaffRequest, clinic_code: str, draw_id: uuid.UUID) -> HttpResponse:
    """Sign that a sample was taken: its label, and how it was given."""
    sample = sample_or_404(request, draw_id)
    today = london_date(request.at)
    form = TakeUrine(**_sent(request, TAKE, draw_id), sample=sample, today=today)

    def act(**signed: Any) -> object:
        return urine_chain.take_urine(draw_id=draw_id, taken=form.taken(), **signed)

    if _is_signed(request, form, TAKE, draw_id, act):
        messages.success(
            request, f"Saved: the sample of {sample.name} was taken. Put it with those to be sent."
        )
        return redirect("outcomes:list_urine", clinic_code=clinic_code)
    return _page(request, "outcomes/take_urine.html", sample, form, UrineState.TAKEN, today)


@requires(Permission.SIGN_URINE)
@require_http_methods(["GET", "HEAD", "POST"])
def note_urine_not_taken(request: StaffRequest, clinic_code: str, draw_id: uuid.UUID) -> HttpResponse:
    """Sign that a sample that was due was not taken, and why."""
    sample = sample_or_404(request, draw_id)
    form = NoteUrineNotTaken(**_sent(request, NOT_TAKEN, draw_id))

    def act(**signed: Any) -> object:
        data = form.cleaned_data
        because = NotTakenBecause(data["because"])
        return urine_chain.note_urine_not_taken(
            draw_id=draw_id, because=because, words=data["words"], **signed
        )

    if _is_signed(request, form, NOT_TAKEN, draw_id, act):
        messages.success(request, f"Saved: no sample of {sample.name} was taken.")
        return redirect("outcomes:list_urine", clinic_code=clinic_code)
    today = london_date(request.at)
    return _page(request, "outcomes/note_urine_not_taken.html", sample, form, UrineState.NOT_TAKEN, today)


@requires(Permission.SIGN_URINE)
@require_http_methods(["GET", "HEAD", "POST"])
def void_urine(request: StaffRequest, clinic_code: str, draw_id: uuid.UUID) -> HttpResponse:
    """Sign that a sample that was taken counts for nothing, and why."""
    sample = sample_or_404(request, draw_id)
    form = VoidUrine(**_sent(request, VOID, draw_id), has_result=bool(sample.results))

    def act(**signed: Any) -> object:
        data = form.cleaned_data
        because = VoidBecause(data["because"])
        return urine_chain.void_urine(draw_id=draw_id, because=because, words=data["words"], **signed)

    if _is_signed(request, form, VOID, draw_id, act):
        messages.success(request, f"Saved: the sample {sample.reference} is void.")
        return redirect("outcomes:list_urine", clinic_code=clinic_code)
    today = london_date(request.at)
    return _page(request, "outcomes/void_urine.html", sample, form, UrineState.VOID, today)


@requires(Permission.SIGN_URINE)
@require_http_methods(["GET", "HEAD", "POST"])
def send_urine(request: StaffRequest, clinic_code: str) -> HttpResponse:
    """Sign which samples go to the laboratory, all in one go."""
    staff = request.staff
    samples = list_samples_to_send(clinic=staff.clinic, today=london_date(request.at))
    form = SendUrine(**_sent(request, SEND, staff.clinic.id), samples=samples)
    if request.method != "POST":
        form.initial["samples"] = [str(one.draw_id) for one in samples]

    def act(**signed: Any) -> object:
        return urine_chain.send_urine(draw_ids=form.draw_ids(), **signed)

    if _is_signed(request, form, SEND, staff.clinic.id, act):
        sent = len(form.draw_ids())
        messages.success(request, f"Saved: {sent} {'sample was' if sent == 1 else 'samples were'} sent.")
        return redirect("outcomes:list_urine", clinic_code=clinic_code)
    people = sorted({one.person_id for one in samples})
    record_look(
        "outcomes.urine_form_seen", by=staff.user, at=request.at, clinic=staff.clinic.id, people=people
    )
    return render(request, "outcomes/send_urine.html", {"samples": samples, "form": form})


def sample_or_404(request: StaffRequest, draw_id: uuid.UUID) -> SampleShown:
    """Return a sample of the clinic whose day has come."""
    sample = get_sample(clinic=request.staff.clinic, draw_id=draw_id, today=london_date(request.at))
    if sample is None:
        raise Http404
    return sample


def look_at_sample(
    request: StaffRequest, person: uuid.UUID, *, event: str = "outcomes.urine_form_seen"
) -> None:
    """Record that somebody looks at a person's samples."""
    staff = request.staff
    record_look(event, by=staff.user, at=request.at, clinic=staff.clinic.id, people=[person])


def _may(request: StaffRequest) -> dict[str, bool]:
    """Return what the page offers to whoever looks at it, where they stand."""
    staff = request.staff
    return {
        "may_draw": staff.may(Permission.DRAW_URINE_DAYS),
        "may_sign": staff.may(Permission.SIGN_URINE) and staff.terminal_id is not None,
        "may_enter": staff.may(Permission.ENTER_URINE_RESULT) and staff.has_full_sign_in,
    }


def _sent(request: StaffRequest, purpose: str, about: uuid.UUID) -> dict[str, Any]:
    """Return what a form is made of: what was sent, or a new seal that holds the key of the step."""
    if request.method == "POST":
        return {"data": request.POST}
    seal = seal_form(request, purpose=purpose, about=str(about), key=str(uuid.uuid4()))
    return {"initial": {"seal": seal}}


def _is_signed(
    request: StaffRequest, form: UrineForm, purpose: str, about: uuid.UUID, act: Callable[..., object]
) -> bool:
    """Sign what was sent and tell whether it is stored; what stands against it stands on the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    staff = request.staff
    sealed = open_form_seal(request, purpose=purpose, about=str(about))
    if sealed is None:
        form.add_error(None, NOT_YOURS)
        return False
    try:
        act(
            clinic=staff.clinic,
            key=uuid.UUID(sealed["key"]),
            pin=form.cleaned_data["pin"],
            terminal_id=staff.terminal_id,
            by=staff.user,
            at=request.at,
        )
    except PinRefused as refusal:
        form.add_error("pin", str(refusal))
    except UrineRefused as refusal:
        form.refuse(refusal.decision)
    except (UrineKeyReused, SampleUnknown) as refusal:
        form.add_error(None, str(refusal))
    else:
        return True
    return False


def _page(
    request: StaffRequest,
    template: str,
    sample: SampleShown,
    form: UrineForm,
    wanted: UrineState,
    today: date,
) -> HttpResponse:
    """Draw the page of one step; where the sample is past it, the page says so and asks nothing."""
    look_at_sample(request, sample.person_id)
    refusals = may_follow(sample.sample, wanted, today=today).refusals
    context = {
        "sample": sample,
        "form": form,
        "against": refusals,
        "shows_form": form.is_bound or not refusals,
    }
    return render(request, template, context)
