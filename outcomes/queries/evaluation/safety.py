"""Events of safety of people who started."""

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.safety import SafetyFacts

# A death ends a life once, however many rows tell of it.
EVENTS = """
, lives AS (
    SELECT person, exited_on, exit_reason, has_left,
        (SELECT min(date) FROM events e WHERE e.person = people.person AND category = 'death') AS died_on
    FROM people WHERE has_started
),
deaths AS (
    SELECT *, NOT has_left OR died_on < exited_on OR (died_on = exited_on AND exit_reason = 'died') AS in_treatment
    FROM lives WHERE died_on IS NOT NULL
)
SELECT (SELECT count(*) FROM lives) AS started,
    count(*) FILTER (WHERE category = 'over_sedation') AS over_sedation,
    count(*) FILTER (WHERE category = 'overdose' AND on_site) AS overdose_on_site,
    count(*) FILTER (WHERE category = 'overdose' AND NOT on_site) AS overdose_off_site,
    count(*) FILTER (WHERE naloxone) AS naloxone,
    (SELECT count(*) FROM deaths WHERE in_treatment) AS deaths_in_treatment,
    (SELECT count(*) FROM deaths WHERE NOT in_treatment AND died_on < exited_on + 28) AS deaths_after_exit_28d
FROM lives JOIN events USING (person)
"""


def get_safety_facts(frozen: Frozen) -> SafetyFacts:
    """Counts of events from opening to the data cut."""
    return SafetyFacts(**frozen.ask_one(["people", "events"], EVENTS))
