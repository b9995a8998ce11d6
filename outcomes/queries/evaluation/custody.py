"""Days inside and stays begun, in each person's own windows before and after the start."""

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.custody import CustodyFacts, CustodyWindow

WINDOWS = """
, windows AS (
    SELECT person, key, length, starts, ends, coalesce(inside, '{}'::datemultirange) * days AS inside
    FROM starters LEFT JOIN custody USING (person)
    CROSS JOIN LATERAL (VALUES ('pre', pre_from, started_on), ('post', started_on, follow_to)) AS w(key, starts, ends)
    CROSS JOIN LATERAL (SELECT datemultirange(daterange(starts, ends)) AS days, ends - starts AS length) AS d
)
SELECT key,
    sum(length)::int AS days,
    coalesce(sum((SELECT sum(upper(stay) - lower(stay)) FROM unnest(inside) AS stay)), 0)::int AS inside,
    coalesce(sum((SELECT count(*) FROM stays
        WHERE stays.person = windows.person AND starts_on >= starts AND starts_on < ends)), 0)::int AS stays,
    count(*) FILTER (WHERE NOT isempty(inside)) AS people
FROM windows GROUP BY key
"""

ROWS = "SELECT (SELECT count(*) FROM stays) AS rows, (SELECT count(*) FROM starters) AS started"


def get_custody_facts(frozen: Frozen) -> CustodyFacts:
    """The two windows; without anybody who started both are empty."""
    windows = {"pre": _NOTHING, "post": _NOTHING}
    for row in frozen.ask(["people", "starters", "custody", "told_stays", "stays"], WINDOWS):
        key = row.pop("key")
        windows[key] = CustodyWindow(**row)
    counts = frozen.ask_one(["people", "starters", "told_stays", "stays"], ROWS)
    return CustodyFacts(**counts, pre=windows["pre"], post=windows["post"])


_NOTHING = CustodyWindow(days=0, inside=0, stays=0, people=0)
