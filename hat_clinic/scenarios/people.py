"""The facts about patients: who is in treatment, what they agreed to, and what was found. By the real actions."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from hat_clinic.accounts.models import User
from hat_clinic.core.clock import london_date
from hat_clinic.scenarios.reading import Content, NotBuilt, midnight
from hat_clinic.scenarios.world import World
from patients.actions import register_person
from patients.actions.assessments import record_assessment
from patients.actions.consents import record_consent, withdraw_consent
from patients.queries import has_consent
from patients.rules.assessments import DUE_AFTER, AssessmentContent
from patients.rules.consent_wordings import current_wording
from patients.rules.consents import Purpose
from referrals.actions import accept_referral, receive_referral

FOUND = AssessmentContent(
    opioid_since_year=2010,
    opioid_route="injected",
    opioid_days_of_28=28,
    injecting="now",
    tolerance_evidence="Street heroin seen daily; morphine in urine.",
    physical_health="No open wounds.",
    mental_health="Not suicidal.",
    liver="Bloods normal.",
    pregnancy="not_applicable",
    alcohol="None.",
    benzodiazepines="None.",
    ecg="normal",
    ecg_words="",
    veins="Both arms usable.",
    naloxone="held",
    options_offered=("injected", "oral"),
    option_chosen="injected",
    why_in_their_words="Nothing else held me.",
    capacity="yes",
    due_on=None,
)


def patient(world: World, fact: Content) -> None:
    """Take somebody into treatment, referred and accepted on the day it began."""
    house = world.house(fact["premises"])
    since = date.fromisoformat(fact["in_treatment_since"])
    at = max(midnight(since), world.begins_at)
    doctor = world.user(world.anybody(house, "doctor")[0])
    person = register_person(
        given_names=fact["id"].title(),
        family_name=f"Of the {fact['id'].title()}s",
        born_on=date.fromisoformat(fact["born"]),
        sex="M",
        address="8 Invented Yard",
        nhs_number=None,
        is_invented=True,
        by=doctor,
        at=at,
    )
    referral = receive_referral(
        clinic=house.clinic, person=person, source="police", referred_on=since, by=doctor, at=at
    )
    world.episodes[fact["id"]] = accept_referral(referral=referral, assessed_on=since, by=doctor, at=at)
    world.homes[fact["id"]] = fact["premises"]


def consent(world: World, fact: Content, at: datetime) -> None:
    """Record that somebody agreed."""
    _agree(world, fact["patient"], _purpose(fact), at)


def withdraw(world: World, fact: Content, at: datetime) -> None:
    """Record that somebody took their consent back."""
    house = world.home(fact["patient"])
    withdraw_consent(
        person_id=world.episode(fact["patient"]).person_id,
        clinic=house.clinic,
        purpose=_purpose(fact),
        by=_nurse(world, fact["patient"]),
        at=at,
    )


def consent_behind(world: World, patient: str, at: datetime) -> None:
    """Let treatment consent stand behind a dose that was given, where a scenario dates it later or not at all."""
    then = at - timedelta(minutes=10)
    if not has_consent(person_id=world.episode(patient).person_id, purpose=Purpose.TREATMENT, at=then):
        _agree(world, patient, Purpose.TREATMENT, then)


def assess(world: World, patient: str, at: datetime) -> None:
    """Sign an assessment with every part answered."""
    house = world.home(patient)
    record_assessment(
        episode=world.episode(patient),
        content=replace(FOUND, due_on=london_date(at) + DUE_AFTER),
        follows=0,
        by=world.user(world.anybody(house, "doctor")[0]),
        at=at,
    )


def _purpose(fact: Content) -> Purpose:
    try:
        return Purpose(fact["purpose"])
    except ValueError as error:
        raise NotBuilt(f"consent to {fact['purpose']}") from error


def _nurse(world: World, patient: str) -> User:
    return world.user(world.anybody(world.home(patient), "nurse", "nurse_prescriber", "doctor")[0])


def _agree(world: World, patient: str, purpose: Purpose, at: datetime) -> None:
    record_consent(
        person=world.episode(patient).person,
        clinic=world.home(patient).clinic,
        purpose=purpose,
        wording_version=current_wording(purpose).version,
        given_at=at,
        by=_nurse(world, patient),
        at=at,
    )
