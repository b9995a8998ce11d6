"""The aims of the programme that were frozen with an extract."""

import json

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.aims import Aim, AimsFacts

AIMS = "SELECT number, words, figures::text AS figures, unknown, version, source, basis FROM aims ORDER BY number"


def get_aims_facts(frozen: Frozen) -> AimsFacts:
    """The aims in their order; none where the extract holds none."""
    rows = frozen.ask(["aims"], AIMS)
    if not rows:
        return AimsFacts()
    first = rows[0]
    return AimsFacts(
        version=first["version"],
        source=first["source"],
        basis=first["basis"],
        aims=tuple(
            Aim(
                number=row["number"],
                words=row["words"],
                figures=tuple(json.loads(row["figures"])),
                unknown=row["unknown"],
            )
            for row in rows
        ),
    )
