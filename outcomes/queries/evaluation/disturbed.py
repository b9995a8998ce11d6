"""What was not as usual, and how many days of follow-up lie in it."""

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.disturbed import Disturbance, DisturbedFacts

PERIODS = "SELECT starts_on, ends_on, kind, label FROM disruptions ORDER BY starts_on, kind, label"

# Two that were at once count a day once.
DAYS = """
, disturbed AS (
    SELECT coalesce(range_agg(daterange(starts_on, coalesce(ends_on, %(as_of)s::date))), '{}') AS days FROM disruptions
)
SELECT coalesce(sum(follow_to - started_on), 0)::int AS follow_days,
    coalesce(sum((
        SELECT sum(upper(one) - lower(one))
        FROM unnest(days * datemultirange(daterange(started_on, follow_to))) AS one)), 0)::int AS inside_days
FROM starters CROSS JOIN disturbed
"""


def get_disturbed_facts(frozen: Frozen) -> DisturbedFacts:
    """The periods, and the person-days of the follow-up windows of everybody who started."""
    return DisturbedFacts(
        periods=tuple(Disturbance(**row) for row in frozen.ask(["disruptions"], PERIODS)),
        **frozen.ask_one(["people", "starters", "disruptions"], DAYS),
    )
