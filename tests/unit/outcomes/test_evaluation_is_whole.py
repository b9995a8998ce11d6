"""The report holds every figure that its specification names."""

from __future__ import annotations

import pytest

from outcomes.rules.evaluation.figures import list_indicators
from tests.factories.report_figures import FIGURES

DAYS = "alcohol opiates crack cocaine amphetamines cannabis tobacco other injecting shoplifting drug_selling"
DAY_ITEMS = [f"{name}_days" for name in (*DAYS.split(), "paid_work", "education")]
SCORES = ["psychological", "physical", "quality_of_life"]
YES_OR_NO = ["sharing", "other_theft", "assault", "housing_acute", "eviction_risk"]
STATES = ["rough", "emergency", "sofa", "supported", "own", "institution", "homeless"]
DOMAINS = ["housing", "health", "welfare", "employment", "mental_health", "family", "psychosocial"]
DEATHS = ["before_start", "in_treatment", "after_exit_28d", "after_exit_later"]
OWN = ["spend_week_gbp", "public_injecting", "unsafe_disposal", "family_contact"]
GROUPS = ["acquisitive", "violence", "drug", "order"]
OF_A_SOURCE = [
    *("pre_total", "post_total", "pre_mean", "post_mean", "pre_rate", "post_rate"),
    *("rate_ratio", "none_post", "earlier_total"),
]
WANTED = {
    *(f"flow.{id}" for id in ("referred", "assessed", "eligible", "started", "in_treatment", "exited")),
    *("flow.exited.prison", "flow.exited.died", "flow.waiting", "flow.occupancy"),
    *("retention.snapshot", "retention.km_182", "retention.km_364"),
    *("attendance.pooled.month", "attendance.pooled.cumulative", "attendance.strict.cumulative"),
    *("attendance.median_person.cumulative", "attendance.pooled.retained_30w"),
    *("attendance.missed.ill", "attendance.excused.custody", "dosing.median_daily_mg.month"),
    *("urine.negative_samples.month", "urine.negative_samples.cumulative"),
    *("urine.responders", "urine.responders_as_observed"),
    *(f"top.{item}.{when}" for item in DAY_ITEMS + SCORES for when in ("start", "latest", "change")),
    *(f"top.{item}.{how}" for item in DAY_ITEMS for how in ("abstinent", "initiated")),
    *("top.shoplifting_days.daily_at_start", "top.shoplifting_days.daily_to_zero"),
    *(f"top.{item}.{when}" for item in YES_OR_NO for when in ("start", "latest")),
    *(f"offending.{source}.{id}" for source in ("recorded", "self_reported") for id in OF_A_SOURCE),
    *("offending.severity.pre_median", "offending.severity.post_median"),
    *(f"crime_cost.{kind}.{when}" for kind in ("response", "social") for when in ("pre", "post")),
    *(
        f"health.{service}.{id}"
        for service in ("ambulance", "ae", "inpatient")
        for id in ("pre_rate", "during_rate", "rate_ratio")
    ),
    *(f"housing.{state}.{when}" for state in STATES for when in ("start", "month1", "latest")),
    *("support.people.month", "support.did_not_attend.month"),
    *(f"support.sessions.{domain}.month" for domain in DOMAINS),
    *("safety.over_sedation", "safety.overdose.on_site", "safety.overdose.off_site", "safety.naloxone"),
    *("safety.deaths.in_treatment", "safety.deaths.after_exit_28d"),
    *(f"safety.deaths.{when}" for when in DEATHS),
    *(f"safety.deaths.{when}.rate" for when in DEATHS),
    *(f"custody.{id}" for id in ("days.pre", "days.post", "stays.pre_rate", "stays.post_rate")),
    *("custody.people.pre", "custody.people.post", "candidates.offences_2y"),
    *(f"own.{item}.{when}" for item in OWN for when in ("start", "latest", "change")),
    *(f"offending.recorded.{group}.{when}" for group in GROUPS for when in ("pre_total", "post_total")),
    *("flow.not_eligible", "flow.undecided", "flow.left_before_start", "flow.referred.police"),
    *("flow.started.police", "flow.started.Northtown"),
    *(f"flow.wait.{id}" for id in ("assessment_days", "start_days", "waiting_days")),
    *("support.per_person.month", "cost.drug_per_patient_year"),
    *("legacy.known_before", "legacy.recorded_after", "legacy.none_after", "legacy.homeless_month1"),
    *("legacy.secure_start", "legacy.rough_start"),
    *("legacy.psychological_change_percent", "legacy.physical_change_percent"),
    *("legacy.offending_change_percent", "legacy.saving_gbp"),
    *(f"cost.programme.{category}" for category in ("drug", "staff", "premises", "setup", "other")),
    *("cost.payer.public health", "cost.per_patient_year"),
    *(
        f"area.{measure}.{when}_12m"
        for measure in ("recorded_all", "recorded_theft", "drug_deaths", "overdose_calls", "needle_finds")
        for when in ("last", "before")
    ),
    *("area.cohort_share", "need.estimate", "need.referred", "need.started", "cost.running_per_place_year"),
    *("quality.top_start", "quality.urine_taken", "quality.housing_start"),
}


@pytest.mark.parametrize("id", sorted(WANTED))
def test_the_report_has_every_figure_that_is_asked_for(id):
    assert id in {indicator.id for indicator in list_indicators(FIGURES)}
