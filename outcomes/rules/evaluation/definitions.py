"""Every indicator of the report as one small documented object, in the order of the pages.

Source: Indicators 3 and 8 (evaluation).
"""

import re
from functools import cache

from outcomes.rules.evaluation import (
    around,
    attendance,
    candidates,
    costs,
    crime_cost,
    custody,
    flow,
    health,
    housing,
    legacy,
    offending,
    own,
    retention,
    safety,
    support,
    top,
    urine,
)
from outcomes.rules.evaluation.indicators import Definition
from outcomes.rules.measures import YES_NO_ITEMS

DEFINITIONS: tuple[Definition, ...] = (
    *flow.DEFINITIONS,
    *retention.DEFINITIONS,
    *attendance.DEFINITIONS,
    *urine.DEFINITIONS,
    *offending.DEFINITIONS,
    *custody.DEFINITIONS,
    *candidates.DEFINITIONS,
    *top.DEFINITIONS,
    *own.DEFINITIONS,
    *housing.DEFINITIONS,
    *support.DEFINITIONS,
    *health.DEFINITIONS,
    *safety.DEFINITIONS,
    *costs.DEFINITIONS,
    *around.DEFINITIONS,
    *crime_cost.DEFINITIONS,
    *legacy.DEFINITIONS,
)


@cache
def definition_of(identifier: str) -> Definition | None:
    """The definition of a figure by its id, with whatever stands in the place in angle brackets; or None.

    An id that is written out wins over one with a place in it.
    """
    exact = [definition for definition in DEFINITIONS if definition.id == identifier]
    return next(iter(exact + [found for found in DEFINITIONS if _fits(found.id, identifier)]), None)


def _fits(pattern: str, identifier: str) -> bool:
    head, bracket, rest = pattern.partition("<")
    place, _, tail = rest.partition(">")
    found = re.fullmatch(f"{re.escape(head)}(.+){re.escape(tail)}", identifier, re.DOTALL)
    if not bracket or found is None:
        return False
    return "item" not in place or (found[1] in YES_NO_ITEMS) == place.startswith("yes-or-no")
