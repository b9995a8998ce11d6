"""Sessions attended and offered, reasons, doses: of people who started."""

from typing import Any

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.attendance import AttendanceFacts, MonthOfSessions, Sessions

COUNTED = ["people", "starters", "sessions"]
OF_THE_MONTH = ["people", "starters", "attendance"]

# One row per set: the month, everything since opening, and people retained 210 days or more.
SETS = """
, rows_of_s AS (SELECT c.*, s.duration FROM sessions c JOIN starters s USING (person)),
sets AS (
    SELECT 'month' AS name, * FROM rows_of_s WHERE in_month
    UNION ALL SELECT 'cumulative', * FROM rows_of_s
    UNION ALL SELECT 'retained', * FROM rows_of_s WHERE duration >= 210
)
SELECT name,
    coalesce(sum(sessions) FILTER (WHERE is_attended), 0) AS attended,
    coalesce(sum(sessions) FILTER (WHERE is_offered), 0) AS offered,
    coalesce(sum(sessions) FILTER (WHERE outcome = 'excused'), 0) AS excused,
    coalesce(sum(sessions) FILTER (WHERE outcome IS NULL), 0) AS open,
    count(DISTINCT person) FILTER (WHERE is_offered) AS people
FROM sets GROUP BY name
"""

REASONS = """
SELECT outcome, reason, count(*) AS sessions
FROM attendance JOIN starters USING (person)
WHERE outcome IN ('missed', 'excused')
GROUP BY outcome, reason
"""

PER_PERSON = """
, shares AS (
    SELECT person, coalesce(sum(sessions) FILTER (WHERE is_attended), 0)::float8 / sum(sessions) AS share
    FROM sessions JOIN starters USING (person) WHERE is_offered GROUP BY person
),
doses AS (
    SELECT person, sum(given_mg)::float8 / count(DISTINCT date) AS daily_mg
    FROM attendance JOIN starters USING (person)
    WHERE NOT has_left AND outcome IN ('given', 'given_reduced') GROUP BY person
)
SELECT
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY share) FROM shares) AS median_person,
    (SELECT count(*) FROM shares) AS people_with_offer,
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY daily_mg) FROM doses) AS median_daily_mg,
    (SELECT count(*) FROM doses) AS people_dosed,
    (SELECT count(*) FROM starters) AS started,
    (SELECT count(*) FROM starters WHERE NOT has_left) AS in_treatment
"""

MONTHS = """
SELECT month::date AS month,
    coalesce(sum(sessions) FILTER (WHERE is_attended), 0) AS attended,
    coalesce(sum(sessions) FILTER (WHERE is_offered), 0) AS offered,
    coalesce(sum(sessions) FILTER (WHERE outcome = 'excused'), 0) AS excused
FROM generate_series(date_trunc('month', %(opened_on)s::date), %(month)s::date, interval '1 month') AS month
LEFT JOIN (SELECT c.* FROM sessions c JOIN starters USING (person)) AS c USING (month)
GROUP BY month ORDER BY month
"""

NO_SESSIONS: dict[str, Any] = {"attended": 0, "offered": 0, "excused": 0, "open": 0, "people": 0}


def get_attendance_facts(frozen: Frozen) -> AttendanceFacts:
    """Sessions, reasons and doses of people who started, and one row per month since opening."""
    sets = {row.pop("name"): Sessions(**row) for row in frozen.ask(COUNTED, SETS)}
    reasons: dict[str, dict[str, int]] = {"missed": {}, "excused": {}}
    for row in frozen.ask(OF_THE_MONTH, REASONS):
        reasons[row["outcome"]][row["reason"]] = row["sessions"]
    nothing = Sessions(**NO_SESSIONS)
    return AttendanceFacts(
        month=sets.get("month", nothing),
        cumulative=sets.get("cumulative", nothing),
        retained=sets.get("retained", nothing),
        missed_by_reason=reasons["missed"],
        excused_by_reason=reasons["excused"],
        months=[MonthOfSessions(**row) for row in frozen.ask(COUNTED, MONTHS)],
        **frozen.ask_one([*COUNTED, "attendance"], PER_PERSON),
    )
