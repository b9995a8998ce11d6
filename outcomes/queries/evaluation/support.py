"""Help around treatment, of people who started."""

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.support import Booked, MonthOfSupport, SupportFacts

TABLES = ["people", "starters", "support"]

PEOPLE = """
SELECT
    (SELECT count(*) FROM starters) AS started,
    (SELECT count(*) FROM starters WHERE NOT has_left) AS in_treatment,
    (SELECT count(DISTINCT person) FROM support JOIN starters USING (person)
     WHERE attended AND NOT has_left) AS reached
"""

BOOKED = """
SELECT kind, key,
    count(*) FILTER (WHERE attended) AS attended,
    count(*) FILTER (WHERE NOT attended) AS not_attended,
    count(DISTINCT person) FILTER (WHERE attended) AS people,
    coalesce(sum(minutes) FILTER (WHERE attended), 0) AS minutes,
    count(*) FILTER (WHERE attended AND minutes IS NULL) AS without_minutes
FROM support JOIN starters USING (person)
CROSS JOIN LATERAL (VALUES ('domain', domain), ('agency', coalesce(agency, ''))) AS kinds(kind, key)
GROUP BY kind, key ORDER BY kind, key
"""

# One row per month since opening.
MONTHS = """
SELECT month::date AS month,
    coalesce(sum(number) FILTER (WHERE attended), 0) AS attended,
    coalesce(sum(number) FILTER (WHERE NOT attended), 0) AS not_attended
FROM generate_series(date_trunc('month', %(opened_on)s::date), %(month)s::date, interval '1 month') AS month
LEFT JOIN (SELECT s.* FROM supported s JOIN starters USING (person)) AS s USING (month)
GROUP BY month ORDER BY month
"""


def get_support_facts(frozen: Frozen) -> SupportFacts:
    """Sessions by domain, agency and month, and how many people in treatment were reached in the month."""
    booked: dict[str, dict[str, Booked]] = {"domain": {}, "agency": {}}
    for row in frozen.ask(TABLES, BOOKED):
        kind, key = row.pop("kind"), row.pop("key")
        booked[kind][key] = Booked(**row)
    return SupportFacts(
        **frozen.ask_one(TABLES, PEOPLE),
        by_domain=booked["domain"],
        by_agency=booked["agency"],
        months=[MonthOfSupport(**row) for row in frozen.ask(["people", "starters", "supported"], MONTHS)],
    )
