"""Items of the Treatment Outcomes Profile. Source: cohort files, top.csv."""

from __future__ import annotations

from typing import Final

DAY_ITEMS: Final = (
    "alcohol_days",
    "opiates_days",
    "crack_days",
    "cocaine_days",
    "amphetamines_days",
    "cannabis_days",
    "tobacco_days",
    "other_days",
    "injecting_days",
    "shoplifting_days",
    "drug_selling_days",
    "paid_work_days",
    "education_days",
)
YES_NO_ITEMS: Final = (
    "sharing",
    "other_theft",
    "assault",
    "housing_acute",
    "eviction_risk",
)
SCORE_ITEMS: Final = ("psychological", "physical", "quality_of_life")
