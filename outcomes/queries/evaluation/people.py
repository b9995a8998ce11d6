"""How many people each figure rests on, where the figure itself counts something else: offences, events, samples."""

from outcomes.queries.evaluation.frozen import LONG_TREATMENT, Frozen
from outcomes.rules.evaluation.indicators import Source
from outcomes.rules.evaluation.people import PeopleBehind
from outcomes.rules.evaluation.urine import ASSAY

OFFENCES = """
, seen AS (
    SELECT s.person, s.duration, source, offence, css_weight, offence_group, response_cost_gbp, social_cost_gbp,
        occurred_on < started_on AS is_before,
        CASE WHEN occurred_on < pre_from THEN 'earlier' WHEN occurred_on < started_on THEN 'pre'
             WHEN occurred_on < follow_to THEN 'post' END AS part
    FROM starters s JOIN offences USING (person) LEFT JOIN offence_types ON code = offence
)
SELECT CASE source WHEN %(recorded)s THEN 'recorded' ELSE 'self_reported' END || '.' || part AS key,
    count(DISTINCT person) AS people
FROM seen WHERE part IS NOT NULL GROUP BY 1
UNION ALL
SELECT CASE source WHEN %(recorded)s THEN 'recorded' ELSE 'self_reported' END || '.either', count(DISTINCT person)
FROM seen WHERE part IN ('pre', 'post') GROUP BY 1
UNION ALL
SELECT 'recorded.' || offence_group || '.' || part, count(DISTINCT person)
FROM seen WHERE source = %(recorded)s AND part IN ('pre', 'post') AND offence_group IS NOT NULL GROUP BY 1
UNION ALL
SELECT kind || '.' || part, count(DISTINCT person) FILTER (WHERE gbp IS NOT NULL)
FROM seen CROSS JOIN LATERAL (VALUES ('response', response_cost_gbp), ('social', social_cost_gbp)) AS cost(kind, gbp)
WHERE source = %(recorded)s AND part IN ('pre', 'post') GROUP BY 1
UNION ALL
SELECT CASE WHEN is_before THEN 'long.before' ELSE 'long.after' END, count(DISTINCT person)
FROM seen WHERE source = %(recorded)s AND duration >= %(long)s AND (is_before OR part = 'post') GROUP BY 1
"""

EVENTS = """
SELECT key, count(DISTINCT person) AS people
FROM events JOIN starters USING (person)
CROSS JOIN LATERAL (VALUES
    ('over_sedation', category = 'over_sedation'),
    ('overdose.on_site', category = 'overdose' AND on_site),
    ('overdose.off_site', category = 'overdose' AND NOT on_site),
    ('naloxone', coalesce(naloxone, false))) AS kinds(key, is_so)
WHERE is_so GROUP BY key
"""

SAMPLES = """
SELECT count(DISTINCT person) AS due,
    count(DISTINCT person) FILTER (WHERE state IN ('negative', 'positive')) AS valid
FROM samples JOIN starters USING (person)
"""

SERVICES = """
SELECT 'health.' || service || '.' || CASE WHEN ends_on <= started_on THEN 'pre' ELSE 'during' END
        || '@' || source AS key,
    count(DISTINCT person) AS people
FROM service_use JOIN starters USING (person)
CROSS JOIN LATERAL (VALUES ('ambulance', ambulance), ('ae', ae), ('inpatient', inpatient)) AS counts(service, number)
WHERE number > 0 AND (ends_on <= started_on OR starts_on >= started_on)
GROUP BY 1
"""


def get_people_behind(frozen: Frozen, *, sessions: int) -> PeopleBehind:
    """People of S behind offences, events, samples and the use of other services, and behind `sessions`."""
    offences = frozen.ask(
        ["people", "starters", "offences", "offence_types"],
        OFFENCES,
        recorded=Source.POLICE_RECORDED.value,
        long=LONG_TREATMENT,
    )
    samples = frozen.ask_one(["people", "starters", "samples"], SAMPLES, assay=ASSAY)
    services = frozen.ask(["people", "starters", "service_use"], SERVICES)
    return PeopleBehind(
        offences={row["key"]: row["people"] for row in offences},
        events={row["key"]: row["people"] for row in frozen.ask(["people", "starters", "events"], EVENTS)},
        samples_due=samples["due"],
        samples_valid=samples["valid"],
        sessions=sessions,
        services={row["key"]: row["people"] for row in services},
    )
