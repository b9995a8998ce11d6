"""Use of other health services by people who started."""

from collections.abc import Mapping, Sequence
from typing import Any

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.health import HealthFacts, Used, UseOfSource
from outcomes.rules.evaluation.indicators import Source

TABLES = ["people", "starters", "service_use"]

STARTED = "SELECT count(*) AS started FROM starters"

# A stretch over the day of the start lies in neither window, and its source is still one that has rows.
USE = """
, stretches AS (
    SELECT person, source, service, number, ends_on - starts_on AS days,
        CASE WHEN ends_on <= started_on THEN 'pre' WHEN starts_on >= started_on THEN 'during' END AS part
    FROM service_use JOIN starters USING (person)
    CROSS JOIN LATERAL (VALUES ('ambulance', ambulance), ('ae', ae), ('inpatient', inpatient))
        AS counts(service, number)
)
SELECT source, service, part,
    coalesce(sum(number), 0)::int AS events,
    coalesce(sum(days) FILTER (WHERE number IS NOT NULL), 0)::int AS days,
    count(DISTINCT person) FILTER (WHERE number IS NOT NULL) AS people,
    (SELECT count(*) FROM (
        SELECT FROM stretches s
        WHERE s.source = stretches.source AND s.service = stretches.service AND s.number IS NOT NULL
        GROUP BY s.person HAVING bool_or(s.part = 'pre') AND bool_or(s.part = 'during')) AS asked) AS in_both
FROM stretches
GROUP BY source, service, part ORDER BY source, service, part
"""


def get_health_facts(frozen: Frozen) -> HealthFacts:
    """Events and days of each service by source, before the start and since."""
    rows = frozen.ask(TABLES, USE)
    return HealthFacts(
        **frozen.ask_one(["people", "starters"], STARTED),
        by_source={
            Source(source): UseOfSource(
                pre=_used(rows, source, "pre"),
                during=_used(rows, source, "during"),
                people_in_both={row["service"]: row["in_both"] for row in rows if row["source"] == source},
            )
            for source in dict.fromkeys(row["source"] for row in rows)
        },
    )


def _used(rows: Sequence[Mapping[str, Any]], source: str, part: str) -> dict[str, Used]:
    return {
        row["service"]: Used(events=row["events"], days=row["days"], people=row["people"])
        for row in rows
        if row["source"] == source and row["part"] == part
    }
