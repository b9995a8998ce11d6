"""What the first reports counted, of people treated for 30 weeks or more."""

from outcomes.queries.evaluation.frozen import LONG_TREATMENT, Frozen
from outcomes.rules.evaluation.indicators import Source
from outcomes.rules.evaluation.legacy import SCORES, LegacyFacts, MonthOne

OFFENCES = """
, long AS (SELECT * FROM starters WHERE duration >= %(long)s),
counts AS (
    SELECT count(o.person) FILTER (WHERE occurred_on < started_on) AS before,
        count(o.person) FILTER (WHERE occurred_on >= started_on AND occurred_on < follow_to) AS after
    FROM long LEFT JOIN offences o ON o.person = long.person AND o.source = %(source)s
    GROUP BY long.person
)
SELECT count(*) AS people,
    coalesce(sum(before), 0)::int AS known_before,
    coalesce(sum(after), 0)::int AS recorded_after,
    count(*) FILTER (WHERE after = 0) AS people_none_after
FROM counts
"""

# The form of any stage nearest to 28 days after the start, of people of L30, beside their start form.
MONTH_ONE = """
, month1 AS (
    SELECT DISTINCT ON (person) person, start_forms.items AS start_items, top.items
    FROM start_forms JOIN top USING (person)
    WHERE duration >= %(long)s AND top.date <> start_forms.date AND abs(top.date - (started_on + 28)) <= 14
    ORDER BY person, abs(top.date - (started_on + 28)), top.date
)
SELECT item, count(*) AS people,
    coalesce(sum((start_items ->> item)::int), 0)::int AS start,
    coalesce(sum((items ->> item)::int), 0)::int AS month1
FROM month1 CROSS JOIN unnest(%(scores)s) AS item
WHERE start_items -> item IS NOT NULL AND items -> item IS NOT NULL
GROUP BY item
"""


def get_legacy_facts(frozen: Frozen) -> LegacyFacts:
    """Offences and scores of people of L30."""
    offences = frozen.ask_one(
        ["people", "starters", "offences"],
        OFFENCES,
        long=LONG_TREATMENT,
        source=Source.POLICE_RECORDED.value,
    )
    forms = ["people", "starters", "top", "start_forms"]
    scores = frozen.ask(forms, MONTH_ONE, long=LONG_TREATMENT, scores=list(SCORES))
    return LegacyFacts(**offences, scores={row.pop("item"): MonthOne(**row) for row in scores})
