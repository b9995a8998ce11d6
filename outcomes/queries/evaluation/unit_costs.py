"""The table of unit costs by body that was frozen with an extract."""

import json

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.unit_costs import UnitCostsFacts, as_unit_cost

ROWS = """
SELECT version, label, offence, pence::text AS pence, price_year, source, verified_by, verified_on
FROM unit_costs ORDER BY offence COLLATE "C"
"""


def get_unit_costs_facts(frozen: Frozen) -> UnitCostsFacts:
    """The rows by code of the offence; none where the extract holds none."""
    rows = frozen.ask(["unit_costs"], ROWS)
    if not rows:
        return UnitCostsFacts()
    return UnitCostsFacts(
        version=rows[0]["version"],
        rows=tuple(as_unit_cost({**row, "pence": json.loads(row["pence"])}) for row in rows),
        labels={row["offence"]: row["label"] for row in rows},
    )
