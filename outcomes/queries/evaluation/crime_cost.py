"""Unit costs of recorded offences before and after each start."""

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.crime_cost import KINDS, WINDOWS, Costed, CrimeCostFacts
from outcomes.rules.evaluation.indicators import Source

TABLES = ["people", "starters", "offences", "offence_types"]

COSTS = """
, priced AS (
    SELECT kind, gbp, verified, CASE WHEN occurred_on < started_on THEN 'pre' ELSE 'post' END AS part
    FROM starters JOIN offences USING (person) JOIN offence_types ON code = offence
    CROSS JOIN LATERAL (VALUES ('response', response_cost_gbp), ('social', social_cost_gbp)) AS costs(kind, gbp)
    WHERE source = %(source)s AND occurred_on >= pre_from AND occurred_on < follow_to
)
SELECT kind, part,
    coalesce(sum(gbp), 0)::bigint AS gbp,
    count(gbp) AS costed,
    count(*) - count(gbp) AS not_costed,
    coalesce(bool_and(verified) FILTER (WHERE gbp IS NOT NULL), true) AS verified
FROM priced GROUP BY kind, part
"""

TABLE = """
SELECT count(*) AS started,
    coalesce((SELECT left(min(table_sha256), 12) FROM offence_types), 'none') AS table_version
FROM starters
"""


def get_crime_cost_facts(frozen: Frozen) -> CrimeCostFacts:
    """Pounds by kind and window, and the offences without a unit cost."""
    rows = frozen.ask(TABLES, COSTS, source=Source.POLICE_RECORDED.value)
    nothing = Costed(gbp=0, costed=0, not_costed=0, verified=True)
    found = {(kind, key): nothing for kind in KINDS for key in WINDOWS}
    for row in rows:
        found[row["kind"], row["part"]] = Costed(
            gbp=row["gbp"], costed=row["costed"], not_costed=row["not_costed"], verified=row["verified"]
        )
    return CrimeCostFacts(
        **frozen.ask_one(["people", "starters", "offence_types"], TABLE),
        by_kind=found,
    )
