"""What would make a finding go away: one sentence for each code that signing an order or deciding on a gap can give.

A sentence names who does what. It names no dose and no number: the prescriber writes those. Source: clinical rule 4.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hat_clinic.core.decisions import Decision

_LOWER = "Write a lower dose."
_FIRST = "Write a lower first dose, or order a plan of steps."
_LICENSED = "A doctor whose licence names these premises and this drug signs it."

REMEDIES: Final = {
    # who signs, for whom, and under which limits
    "not_in_treatment": "Accept this person into treatment here first.",
    "not_a_doctor": _LICENSED,
    "not_licensed": _LICENSED,
    "not_a_prescriber": "A doctor or another prescriber of this clinic signs it.",
    "no_licence": "Have your licence recorded under Licences, or ask a licensed doctor to sign.",
    "no_protocol": "The clinical lead approves limits first.",
    "no_consent": "Record their consent to treatment on their page, once they give it.",
    "no_assessment": "Record and sign a medical assessment on their page.",
    "no_capacity": "Assess again; it goes once they can decide about this treatment.",
    "assessment_overdue": "Record and sign a new assessment.",
    "pregnant": "It stands as long as the assessment says so.",
    # what an order states
    "routes": "Choose at least one route of the list.",
    "sites": "Choose at least one site of the list.",
    "basis": "Write what the dose rests on.",
    "hold_criteria": "Write when a dose is held back.",
    "oral_plan": "Write which oral opioid goes with it, or choose none.",
    "sessions": "Choose no more sessions than the clinic runs.",
    "sessions_limit": "Choose fewer sessions a day, or have the clinic's limits approved for more.",
    "injections": "Choose one, two or three injections a session.",
    "repeat_needs_two": "Choose two or more injections a session, or leave the repeat out.",
    "observation": "Write more minutes of watching.",
    "interval": "Write more minutes between sessions.",
    "gap_plan": "Write a lower percentage, or choose the clinic's ladder.",
    # when
    "starts_in_the_past": "Let it start when you sign, or later.",
    "dose_meanwhile": "Look at that dose, and let the order start after it.",
    "ends_before_it_starts": "Choose a later last day.",
    "too_long": "Choose an earlier last day.",
    "outlives_licence": "Choose an earlier last day, within your licence.",
    "outlives_programme": "Choose a last day within the programme.",
    # how much
    "dose_is_none": "Write the dose.",
    "range": "Write a least under the most.",
    "slots": "Write no session's dose over the highest of them.",
    "own_daily_maximum": "Lower the doses, or write a higher most in one day within the clinic's limit.",
    "range_over_day": "Lower the most of the range, or raise the most in one day.",
    "single_dose": _LOWER,
    "high_dose_reason": "Write the reason for the high dose, or a lower dose.",
    "high_dose": "A lower dose needs no reason.",
    "high_single": "A lower dose is not noted.",
    "daily_maximum": "Write less as the most in one day.",
    "high_day": "Less in one day is not noted.",
    "step": "Write a lower dose; a higher one can follow once this one was given and tolerated.",
    "not_tolerated": "Write a dose not above the last; it goes once a dose was tolerated.",
    "half_of_yesterday": "Write a lower dose, or fewer sessions a day.",
    "first_dose": _FIRST,
    "first_repeat": "Write a lower repeat, or none.",
    "first_day": "Write less for the further doses of day 1.",
    "no_plan": "Write at least the first step.",
    "plan_days": "Begin with day 1, and give each later step a later day.",
    # after a gap
    "restart": "Order a plan of steps that begins again.",
    "gap": "It goes once a dose of the allowed size was given.",
    "no_order": "A licensed doctor signs an order first.",
    "no_gap": "Nothing is to be decided. Go back to the orders.",
    "nothing_tolerated": "A licensed doctor signs a new titration order.",
    "over_ceiling": "Write a lower ceiling.",
    "no_ceiling": "Write the ceiling.",
    "no_reason": "Write why the next dose may be given.",
    # oral medicine
    "drug": "Choose a drug of the list.",
    "daily_is_none": "Write the milligrams of one day.",
    "daily_limit": "Write less for one day.",
    "other_oral": "End the order of the other drug first.",
}


def remedy_of(code: str) -> str:
    """Return what would make a finding of a code go away; one of several alike has a number behind its code.

    Empty for a code that is not of these rules: a test walks them all.
    """
    return REMEDIES.get(code) or REMEDIES.get(code.rstrip("0123456789").removesuffix("_"), "")


def with_remedies(decision: Decision) -> Decision:
    """Return a decision whose every finding says what would make it go away. Source: clinical rule 4."""
    return Decision(tuple(replace(finding, remedy=remedy_of(finding.code)) for finding in decision))
