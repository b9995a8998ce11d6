"""What the pages print of the area, of need and of places, written out a second time like tests.walk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MEASURES = {
    "recorded_all": "All recorded offences",
    "recorded_theft": "Recorded theft",
    "drug_deaths": "Drug deaths",
    "overdose_calls": "Ambulance calls to overdoses",
    "needle_finds": "Needles found",
}


def list_around_lines(found: Mapping[str, dict[str, Any]]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each line of the page Area and need, and what a place costs: the page, its words, the ids they print."""
    page, entered = "Area and need", False
    for key, label in MEASURES.items():
        ids = tuple(f"area.{key}.{when}_12m" for when in ("last", "before"))
        entered = entered or any(found[id]["value"] is not None for id in ids)
        cells = ["not entered" if found[id]["value"] is None else f"{found[id]['value']:,}" for id in ids]
        yield page, " ".join([label, *cells]) if entered else "No count of this kind", ids
    share = found["area.cohort_share"]
    words = share["note"] if share["value"] is None else f"{share['numerator']:,} of {share['denominator']:,}"
    yield page, words, ("area.cohort_share",)
    estimate = found["need.estimate"]
    if estimate["value"] is None:
        yield page, estimate["note"], ("need.estimate", "need.referred", "need.started")
    else:
        yield page, f"Estimated to need it {estimate['value']:,}", ("need.estimate",)
        for key, label in (("referred", "Referred, of these"), ("started", "Started, of these")):
            part = found[f"need.{key}"]
            yield page, f"{label} {part['numerator']:,} of {part['denominator']:,}", (f"need.{key}",)
    place = found["cost.running_per_place_year"]
    if place["value"] is None:
        yield "Costs", place["note"], ("cost.running_per_place_year",)
    else:
        words = f"All but setting up £{place['value']:,.0f} {place['denominator']:,.1f}"
        yield "Costs", words, ("cost.running_per_place_year",)
