"""Sessions attended and offered, reasons, doses: of people who started."""

import json
from datetime import date
from typing import Any

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.attendance import AttendanceFacts, MonthOfSessions, Sessions

# The tables that both statements read, and the one that each reads beside them.
STARTERS = ["people", "starters"]

# All sessions are added up once: by person, within the month and before it, and by month. The sets are the month,
# everything since opening, and people retained 210 days or more.
COUNTED = """
, counted AS MATERIALIZED (
    SELECT person, duration, in_month, month, GROUPING(month) = 0 AS is_by_month,
        coalesce(sum(sessions) FILTER (WHERE is_attended), 0) AS attended,
        coalesce(sum(sessions) FILTER (WHERE is_offered), 0) AS offered,
        coalesce(sum(sessions) FILTER (WHERE outcome = 'excused'), 0) AS excused,
        coalesce(sum(sessions) FILTER (WHERE outcome IS NULL), 0) AS open
    FROM sessions JOIN starters USING (person)
    GROUP BY GROUPING SETS ((person, duration, in_month), (month))
),
sets AS (
    SELECT name, sum(attended) AS attended, sum(offered) AS offered, sum(excused) AS excused, sum(open) AS open,
        count(DISTINCT person) FILTER (WHERE offered > 0) AS people,
        count(DISTINCT person) FILTER (WHERE offered > 0 OR excused > 0) AS people_asked
    FROM counted JOIN (VALUES ('month'), ('cumulative'), ('retained')) AS sets(name)
        ON CASE name WHEN 'month' THEN in_month WHEN 'retained' THEN duration >= 210 ELSE true END
    WHERE NOT is_by_month GROUP BY name
),
months AS (
    SELECT month::date AS month, coalesce(attended, 0) AS attended, coalesce(offered, 0) AS offered,
        coalesce(excused, 0) AS excused
    FROM generate_series(date_trunc('month', %(opened_on)s::date), %(month)s::date, interval '1 month') AS month
    LEFT JOIN (SELECT * FROM counted WHERE is_by_month) AS c USING (month)
),
shares AS (
    SELECT sum(attended)::float8 / sum(offered) AS share
    FROM counted WHERE NOT is_by_month GROUP BY person HAVING sum(offered) > 0
)
SELECT
    (SELECT coalesce(jsonb_object_agg(name, to_jsonb(sets) - 'name' - 'people_asked'), '{}') FROM sets) AS sets,
    (SELECT coalesce(jsonb_agg(to_jsonb(months) ORDER BY month), '[]') FROM months) AS months,
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY share) FROM shares) AS median_person,
    (SELECT count(*) FROM shares) AS people_with_offer,
    (SELECT coalesce(max(people_asked), 0) FROM sets WHERE name = 'cumulative') AS people_asked
"""

OF_THE_MONTH = """
, reasons AS (
    SELECT outcome, jsonb_object_agg(reason, sessions) AS reasons
    FROM (
        SELECT outcome, reason, count(*) AS sessions FROM attendance JOIN starters USING (person)
        WHERE outcome IN ('missed', 'excused') GROUP BY outcome, reason) AS told
    GROUP BY outcome
),
doses AS (
    SELECT person, sum(given_mg)::float8 / count(DISTINCT date) AS daily_mg
    FROM attendance JOIN starters USING (person)
    WHERE NOT has_left AND outcome IN ('given', 'given_reduced') GROUP BY person
)
SELECT
    (SELECT coalesce(jsonb_object_agg(outcome, reasons), '{}') FROM reasons) AS reasons,
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY daily_mg) FROM doses) AS median_daily_mg,
    (SELECT count(*) FROM doses) AS people_dosed,
    (SELECT count(*) FROM starters) AS started,
    (SELECT count(*) FROM starters WHERE NOT has_left) AS in_treatment
"""

NO_SESSIONS: dict[str, Any] = {"attended": 0, "offered": 0, "excused": 0, "open": 0, "people": 0}


def get_attendance_facts(frozen: Frozen) -> AttendanceFacts:
    """Sessions, reasons and doses of people who started, and one row per month since opening."""
    counted = frozen.ask_one([*STARTERS, "sessions"], COUNTED)
    of_the_month = frozen.ask_one([*STARTERS, "attendance"], OF_THE_MONTH)
    sets = json.loads(counted.pop("sets"))
    months = json.loads(counted.pop("months"))
    reasons = json.loads(of_the_month.pop("reasons"))
    return AttendanceFacts(
        month=Sessions(**sets.get("month", NO_SESSIONS)),
        cumulative=Sessions(**sets.get("cumulative", NO_SESSIONS)),
        retained=Sessions(**sets.get("retained", NO_SESSIONS)),
        missed_by_reason=reasons.get("missed", {}),
        excused_by_reason=reasons.get("excused", {}),
        months=[MonthOfSessions(**row | {"month": date.fromisoformat(row["month"])}) for row in months],
        **counted,
        **of_the_month,
    )
