"""Every indicator of the report as one small documented object, in the order of the pages.

Source: Indicators 3 and 8 (evaluation).
"""

from outcomes.rules.evaluation import (
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
    *crime_cost.DEFINITIONS,
    *legacy.DEFINITIONS,
)
