"""Counts of flow and the days of retention."""

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.flow import FlowFacts
from outcomes.rules.evaluation.retention import RetentionFacts

COUNTS = """
SELECT
    count(*) AS referred,
    count(*) FILTER (WHERE assessed_on < %(as_of)s) AS assessed,
    count(*) FILTER (WHERE eligible) AS eligible,
    count(*) FILTER (WHERE eligible = false) AS not_eligible,
    count(*) FILTER (WHERE NOT has_started AND eligible IS NULL AND NOT has_left) AS undecided,
    count(*) FILTER (WHERE NOT has_started AND eligible IS NOT false AND has_left) AS left_before_start,
    count(*) FILTER (WHERE NOT has_started AND eligible AND NOT has_left) AS waiting,
    count(*) FILTER (WHERE has_started) AS started,
    count(*) FILTER (WHERE has_started AND NOT has_left) AS in_treatment,
    count(*) FILTER (WHERE has_started AND has_left) AS exited,
    count(*) FILTER (WHERE against_criteria IS NOT NULL) AS held_against_criteria,
    count(*) FILTER (WHERE eligible AND against_criteria IS NULL) AS not_held_against_criteria,
    count(*) FILTER (WHERE against_criteria) AS accepted_against_criteria,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY assessed_on - referred_on)
        FILTER (WHERE assessed_on < %(as_of)s) AS assessment_days,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY started_on - referred_on)
        FILTER (WHERE has_started) AS start_days,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY %(as_of)s::date - referred_on)
        FILTER (WHERE NOT has_started AND eligible AND NOT has_left) AS waiting_days,
    (SELECT places FROM phases
     WHERE starts_on < %(as_of)s AND (ends_on IS NULL OR ends_on >= %(as_of)s)) AS phase_places,
    EXISTS (SELECT FROM phases) AS has_phases,
    (SELECT places FROM programme) AS programme_places
FROM people
"""

BREAKDOWNS = """
SELECT 'exited' AS kind, exit_reason AS key, count(*) AS people
FROM people WHERE has_started AND has_left GROUP BY exit_reason
UNION ALL
SELECT 'referred', referral_source, count(*) FROM people GROUP BY referral_source
UNION ALL
SELECT 'started', referral_source, count(*) FROM people WHERE has_started GROUP BY referral_source
UNION ALL
SELECT 'area', area, count(*) FROM people WHERE has_started AND area IS NOT NULL GROUP BY area
"""

DURATIONS = "SELECT duration, has_left FROM starters ORDER BY duration, has_left"


def get_flow_facts(frozen: Frozen) -> FlowFacts:
    """Counts of people as at the data cut. The places are those of the phase of the period's last day."""
    counts = frozen.ask_one(["programme", "phases", "people"], COUNTS)
    phase_places, programme_places = counts.pop("phase_places"), counts.pop("programme_places")
    places = phase_places if counts.pop("has_phases") else programme_places
    people_by: dict[str, dict[str, int]] = {"exited": {}, "referred": {}, "started": {}, "area": {}}
    for row in frozen.ask(["people"], BREAKDOWNS):
        people_by[row["kind"]][row["key"]] = row["people"]
    return FlowFacts(
        **counts,
        places=places,
        exited_by_reason=people_by["exited"],
        referred_by_source=people_by["referred"],
        started_by_source=people_by["started"],
        started_by_area=people_by["area"],
    )


def get_retention_facts(frozen: Frozen) -> RetentionFacts:
    """Days in treatment of each person who started, shortest first, and whether the person had left."""
    rows = frozen.ask(["people", "starters"], DURATIONS)
    return RetentionFacts(
        durations=[row["duration"] for row in rows], has_left=[row["has_left"] for row in rows]
    )
