"""Answers of outcome forms at the start and last, of people who started."""

import json

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.top import EVERY_DAY, SHOPLIFTING, TopFacts

TABLES = ["people", "starters", "top", "start_forms", "last_forms"]

FORMS = """
, answers AS (
    SELECT person, key AS item, value FROM start_forms CROSS JOIN jsonb_each_text(items)
),
pairs AS (
    SELECT item, a.value AS start, latest.items ->> item AS latest
    FROM answers a JOIN last_forms latest USING (person)
),
paired AS (
    SELECT item, jsonb_agg(jsonb_build_array(start_number, latest_number) ORDER BY start_number, latest_number) AS pairs
    FROM pairs
    CROSS JOIN LATERAL (SELECT
        CASE start WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE start::int END AS start_number,
        CASE latest WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE latest::int END AS latest_number) AS numbers
    WHERE latest IS NOT NULL
    GROUP BY item
)
SELECT
    (SELECT coalesce(jsonb_object_agg(item, pairs), '{}') FROM paired) AS pairs,
    (SELECT count(*) FROM starters) AS started,
    (SELECT count(*) FROM start_forms JOIN last_forms USING (person) WHERE EXISTS (
        SELECT FROM jsonb_object_keys(start_forms.items) AS item
        WHERE last_forms.items -> item IS NOT NULL)) AS compared,
    count(*) AS with_start,
    count(items -> %(shoplifting)s) AS asked_shoplifting,
    count(*) FILTER (WHERE (items ->> %(shoplifting)s)::int = %(every_day)s) AS shoplifted_daily
FROM start_forms
"""


def get_top_facts(frozen: Frozen) -> TopFacts:
    """Each item's pairs, and what the start forms say."""
    facts = frozen.ask_one(TABLES, FORMS, shoplifting=SHOPLIFTING, every_day=EVERY_DAY)
    pairs = json.loads(facts.pop("pairs"))
    return TopFacts(
        **facts,
        pairs={item: [(start, latest) for start, latest in of_item] for item, of_item in pairs.items()},
    )
