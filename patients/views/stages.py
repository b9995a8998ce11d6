"""Setting the stage of one person's treatment."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from hat_clinic.accounts.access import StaffRequest, requires
from hat_clinic.accounts.rules import Permission
from hat_clinic.accounts.seals import OPENED_BY_ANOTHER, open_form_seal, seal_form
from hat_clinic.audit.actions import record_look
from hat_clinic.core.clock import london_date, now
from patients.actions.stages import StageRefused
from patients.actions.stages import set_stage as store_stage
from patients.forms.stages import SetStage
from patients.queries.stages import list_stages, stage_facts
from patients.rules.stages import TreatmentStage, stages_to_choose
from patients.views import head_or_404

SEAL = "patients.set_stage"


@requires(Permission.SET_STAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def set_stage(request: StaffRequest, clinic_code: str, patient_id: uuid.UUID) -> HttpResponse:
    """The stage of a treatment: which it is, since when, and why; the ones before it stand below."""
    at = now()
    staff = request.staff
    head = head_or_404(request, patient_id, at)
    stages = list_stages(episode_id=head.episode.id)
    facts = stage_facts(head.episode, stages[0] if stages else None, today=london_date(at))
    may_follow = stages_to_choose(facts)
    form = SetStage(
        request.POST if request.method == "POST" else None, may_follow=may_follow, today=facts.today
    )
    if request.method == "POST":
        sealed = open_form_seal(request, purpose=SEAL, patient=str(patient_id))
        if sealed is None:
            form.add_error(None, OPENED_BY_ANOTHER)
        elif form.is_valid():
            try:
                stored = store_stage(
                    episode=head.episode,
                    content=form.content(),
                    follows=int(sealed["follows"]),
                    by=staff.user,
                    at=at,
                )
            except StageRefused as refusal:
                form.refuse(refusal.decision)
            else:
                stage = TreatmentStage(stored.stage).value
                messages.success(request, f"Saved: {stage}, since {stored.since_on:%-d %B %Y}.")
                return redirect("pages:see_person", clinic_code=clinic_code, patient_id=patient_id)
    record_look("patients.person_opened", by=staff.user, at=at, clinic=staff.clinic.id, people=[patient_id])
    follows = str(stages[0].number if stages else 0)
    form.carry(seal_form(request, purpose=SEAL, patient=str(patient_id), follows=follows))
    context = {"head": head, "form": form, "stages": stages, "may_follow": may_follow}
    return render(request, "patients/set_stage.html", context)
