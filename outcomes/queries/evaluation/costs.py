"""Money spent on the programme, and the days people spent in treatment."""

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.costs import CostFacts

SPENT = """
SELECT kind, key, sum(amount_pence)::bigint AS pence
FROM costs CROSS JOIN LATERAL (VALUES ('category', category), ('payer', payer)) AS kinds(kind, key)
GROUP BY kind, key ORDER BY kind, key COLLATE "C"
"""

DAYS = "SELECT count(*) AS started, coalesce(sum(duration), 0)::int AS treatment_days FROM starters"


def get_cost_facts(frozen: Frozen) -> CostFacts:
    """Pence by category and by payer."""
    spent: dict[str, dict[str, int]] = {"category": {}, "payer": {}}
    for row in frozen.ask(["costs"], SPENT):
        spent[row["kind"]][row["key"]] = row["pence"]
    return CostFacts(
        by_category=spent["category"],
        by_payer=spent["payer"],
        **frozen.ask_one(["people", "starters"], DAYS),
    )
