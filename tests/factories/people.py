"""What people agreed to and what was found, recorded by the real actions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from hat_clinic.accounts.models import User
from hat_clinic.core.clock import london_date
from patients.actions.assessments import record_assessment
from patients.actions.consents import record_consent
from patients.models import Assessment, Episode
from patients.rules.assessments import DUE_AFTER, AssessmentContent
from patients.rules.consent_wordings import current_wording
from patients.rules.consents import Purpose

FOUND = AssessmentContent(
    opioid_since_year=2001,
    opioid_route="injected",
    opioid_days_of_28=28,
    injecting="now",
    tolerance_evidence="Seen to inject 1 g of street heroin a day; morphine in urine.",
    physical_health="Breathless on stairs, no wounds.",
    mental_health="Low in mood, not suicidal.",
    liver="Hepatitis C treated in 2024, bloods normal.",
    pregnancy="not_applicable",
    alcohol="None for two years.",
    benzodiazepines="None.",
    ecg="normal",
    ecg_words="",
    veins="Both arms usable.",
    naloxone="held",
    options_offered=("injected", "oral"),
    option_chosen="injected",
    why_in_their_words="Methadone never held me.",
    capacity="yes",
    due_on=None,
)


def an_assessment(*, at: datetime, **changes: object) -> AssessmentContent:
    """Return an assessment with every part answered, due when it must be."""
    whole = replace(FOUND, due_on=london_date(at) + DUE_AFTER)
    return replace(whole, **changes)  # type: ignore[arg-type]  # a test's own changes


def assess(episode: Episode, *, by: User, at: datetime, follows: int = 0, **changes: object) -> Assessment:
    """Sign an assessment through the real action."""
    return record_assessment(
        episode=episode, content=an_assessment(at=at, **changes), follows=follows, by=by, at=at
    )


def consent_to(purpose: Purpose, episode: Episode, *, by: User, at: datetime, **more: object) -> None:
    """Record one consent through the real action."""
    record_consent(
        person=episode.person,
        clinic=episode.clinic,
        purpose=purpose,
        wording_version=current_wording(purpose).version,
        given_at=at,
        by=by,
        at=at,
        **more,  # type: ignore[arg-type]  # a test's own changes
    )


def consent_to_treatment_and_photo(episode: Episode, *, by: User, at: datetime) -> None:
    """Record the two consents that most people in treatment have given."""
    for purpose in (Purpose.TREATMENT, Purpose.PHOTO):
        consent_to(purpose, episode, by=by, at=at)
