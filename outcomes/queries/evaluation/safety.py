"""Events of safety of people who started, and deaths of everybody referred with the time they were observed."""

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.safety import SafetyFacts

# A death ends a life once, however many rows tell of it, and it is counted from the opening. One that only the reason
# for leaving tells of counts on that day.
EVENTS = """
, lives AS (
    SELECT people.*, greatest(referred_on, %(opened_on)s) AS known_from,
        coalesce(died_on, CASE WHEN has_left AND exit_reason = 'died' THEN exited_on END) AS died_on
    FROM people LEFT JOIN deaths USING (person)
),
stretches AS (
    SELECT *, least(died_on, %(as_of)s) AS until, CASE
        WHEN died_on IS NULL OR died_on < %(opened_on)s THEN NULL
        WHEN NOT has_started THEN 'before_start'
        WHEN NOT has_left OR died_on < exited_on OR (died_on = exited_on AND exit_reason = 'died') THEN 'in_treatment'
        WHEN died_on < exited_on + 28 THEN 'after_exit_28d'
        ELSE 'after_exit_later' END AS death
    FROM lives
),
deaths_and_days AS (
    SELECT count(*) AS referred,
        count(*) FILTER (WHERE has_started) AS started,
        count(*) FILTER (WHERE death = 'before_start') AS deaths_before_start,
        count(*) FILTER (WHERE death = 'in_treatment') AS deaths_in_treatment,
        count(*) FILTER (WHERE death = 'after_exit_28d') AS deaths_after_exit_28d,
        count(*) FILTER (WHERE death = 'after_exit_later') AS deaths_after_exit_later,
        coalesce(sum(greatest(0, CASE WHEN has_started THEN least(started_on, until) ELSE until END - known_from)), 0)
            ::int AS days_before_start,
        coalesce(sum(greatest(0, CASE WHEN has_left THEN least(exited_on, until) ELSE until END - started_on))
            FILTER (WHERE has_started), 0)::int AS days_in_treatment,
        coalesce(sum(greatest(0, least(exited_on + 28, until) - exited_on))
            FILTER (WHERE has_started AND has_left), 0)::int AS days_after_exit_28d,
        coalesce(sum(greatest(0, until - (exited_on + 28)))
            FILTER (WHERE has_started AND has_left), 0)::int AS days_after_exit_later
    FROM stretches
),
counts AS (
    SELECT count(*) FILTER (WHERE category = 'over_sedation') AS over_sedation,
        count(*) FILTER (WHERE category = 'overdose' AND on_site) AS overdose_on_site,
        count(*) FILTER (WHERE category = 'overdose' AND NOT on_site) AS overdose_off_site,
        count(*) FILTER (WHERE naloxone) AS naloxone
    FROM people JOIN events USING (person) WHERE has_started
)
SELECT * FROM deaths_and_days, counts
"""


def get_safety_facts(frozen: Frozen) -> SafetyFacts:
    """Counts of events from opening to the data cut, deaths by when they fell, and the days observed."""
    return SafetyFacts(**frozen.ask_one(["people", "events", "deaths"], EVENTS))
