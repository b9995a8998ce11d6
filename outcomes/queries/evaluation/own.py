"""Answers to the clinic's own questions at the start and last, of people who started."""

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.own import OwnFacts

TABLES = ["people", "starters", "own", "own_at_start", "own_paired"]

PAIRS = """
SELECT item, array_agg(ARRAY[start, latest] ORDER BY start, latest) AS pairs
FROM own_paired CROSS JOIN LATERAL (VALUES
    ('spend_week_gbp', (first ->> 'spend_week_pence')::bigint, (last ->> 'spend_week_pence')::bigint),
    ('public_injecting', (first ->> 'public_injecting')::boolean::int, (last ->> 'public_injecting')::boolean::int),
    ('unsafe_disposal', (first ->> 'unsafe_disposal')::boolean::int, (last ->> 'unsafe_disposal')::boolean::int),
    ('family_contact',
        CASE first ->> 'family_contact' WHEN 'wanted_has' THEN 1 WHEN 'wanted_not' THEN 0 END,
        CASE last ->> 'family_contact' WHEN 'wanted_has' THEN 1 WHEN 'wanted_not' THEN 0 END)
) AS said(item, start, latest)
WHERE start IS NOT NULL AND latest IS NOT NULL
GROUP BY item
"""

COUNTS = """
SELECT (SELECT count(*) FROM own) AS rows,
    (SELECT count(*) FROM starters) AS started,
    (SELECT count(*) FROM own_paired
     WHERE first ->> 'family_contact' IS NOT NULL AND last ->> 'family_contact' IS NOT NULL
        AND (first ->> 'family_contact' IN ('not_wanted', 'not_safe')
            OR last ->> 'family_contact' IN ('not_wanted', 'not_safe'))) AS not_asking
"""


def get_own_facts(frozen: Frozen) -> OwnFacts:
    """Each question's pairs; a person is paired for a question that both sheets answer."""
    pairs = {
        row["item"]: [(start, latest) for start, latest in row["pairs"]] for row in frozen.ask(TABLES, PAIRS)
    }
    return OwnFacts(**frozen.ask_one(TABLES, COUNTS), pairs=pairs)
