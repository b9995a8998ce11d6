"""Signing what was found when somebody was assessed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from hat_clinic.accounts.models import User
from hat_clinic.audit.actions import record
from hat_clinic.core.clock import london_date
from hat_clinic.core.decisions import Decision, Refused, block
from patients.models import Assessment, Episode
from patients.rules.assessments import AssessmentContent, may_sign_assessment


class AssessmentRefused(Refused):
    """The assessment was not signed; `decision` holds every reason."""


def record_assessment(
    *, episode: Episode, content: AssessmentContent, follows: int, by: User, at: datetime
) -> Assessment:
    """Sign one assessment of a treatment that runs. There are no drafts: what lacks a part is not stored.

    `follows` is the number of the newest assessment the signer had before them, 0 for none: if another was
    signed since, this one is refused, so that nobody answers what they have not read.
    Raises AssessmentRefused with every reason; the refusal is in the audit trail. Source: clinical rule 4.
    """
    with transaction.atomic(durable=True):
        episode = Episode.objects.select_for_update(of=("self",)).select_related("person").get(id=episode.id)
        decision = _decide(episode, content, follows, at=at)
        if decision.is_allowed:
            assessment = Assessment.objects.create(
                episode=episode,
                number=follows + 1,
                signed_by=by,
                signed_at=at,
                **{**asdict(content), "options_offered": list(content.options_offered)},
            )
            record(
                "patients.assessment_recorded",
                by=by,
                at=at,
                clinic=episode.clinic_id,
                person=episode.person_id,
                thing=assessment,
                number=assessment.number,
            )
            return assessment
        record(
            "patients.assessment_recorded",
            by=by,
            at=at,
            clinic=episode.clinic_id,
            person=episode.person_id,
            refused=True,
            codes=sorted({finding.code for finding in decision.refusals}),
        )
    raise AssessmentRefused(decision)


def _decide(episode: Episode, content: AssessmentContent, follows: int, *, at: datetime) -> Decision:
    if episode.exited_on is not None:
        message = "This treatment has ended. Nothing was signed."
        return Decision((block("treatment_ended", message, "clinical rule 4"),))
    newest = Assessment.objects.filter(episode=episode).aggregate(newest=Max("number"))["newest"] or 0
    if newest != follows:
        message = "Somebody signed an assessment of this person meanwhile. Read it, then sign yours."
        return Decision((block("assessed_meanwhile", message, "clinical rule 4"),))
    return may_sign_assessment(content, today=london_date(at), birth_year=episode.person.birth_year)
