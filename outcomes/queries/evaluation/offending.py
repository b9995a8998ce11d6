"""Offences before and after each start, days at liberty, severity: of people who started."""

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.indicators import Source
from outcomes.rules.evaluation.offending import Followed, OffendingFacts, SeverityFacts

FOLLOWED = """
, windows AS (
    SELECT datemultirange(daterange(pre_from, started_on)) AS pre,
        datemultirange(daterange(started_on, follow_to)) AS post,
        follow_to = started_on + 365 AS is_full,
        started_on - pre_from AS pre_length,
        follow_to - started_on AS post_length,
        coalesce(inside, '{}'::datemultirange) AS inside
    FROM starters LEFT JOIN custody USING (person)
)
SELECT count(*) AS started,
    count(*) FILTER (WHERE is_full) AS full_followup,
    coalesce(sum(pre_length - (SELECT coalesce(sum(upper(stay) - lower(stay)), 0)
        FROM unnest(pre * inside) AS stay)), 0)::int AS pre_days,
    coalesce(sum(post_length - (SELECT coalesce(sum(upper(stay) - lower(stay)), 0)
        FROM unnest(post * inside) AS stay)), 0)::int AS post_days
FROM windows
"""

TOTALS = """
SELECT
    (SELECT count(*) FROM offences JOIN people USING (person) WHERE source = %(source)s) AS rows,
    count(*) FILTER (WHERE occurred_on >= pre_from AND occurred_on < started_on) AS pre_total,
    count(*) FILTER (WHERE occurred_on >= started_on AND occurred_on < follow_to) AS post_total,
    count(*) FILTER (WHERE occurred_on < pre_from) AS earlier_total,
    (SELECT count(*) FROM starters s WHERE NOT EXISTS (
        SELECT FROM offences o WHERE o.person = s.person AND o.source = %(source)s
            AND o.occurred_on >= s.started_on AND o.occurred_on < s.follow_to)) AS people_none_post
FROM starters JOIN offences USING (person)
WHERE source = %(source)s
"""

GROUPS = """
SELECT offence_group,
    count(*) FILTER (WHERE occurred_on >= pre_from AND occurred_on < started_on) AS pre,
    count(*) FILTER (WHERE occurred_on >= started_on AND occurred_on < follow_to) AS post
FROM starters JOIN offences USING (person) JOIN offence_types ON code = offence
WHERE source = %(source)s
GROUP BY offence_group
"""

SEVERITY = """
, weighed AS (
    SELECT s.person, css_weight, offence,
        occurred_on >= pre_from AND occurred_on < started_on AS is_pre,
        occurred_on >= started_on AND occurred_on < follow_to AS is_post
    FROM starters s
    LEFT JOIN offences o ON o.person = s.person AND o.source = %(source)s
    LEFT JOIN offence_types ON code = offence
),
sums AS (
    SELECT person,
        coalesce(sum(css_weight) FILTER (WHERE is_pre), 0)::float8 AS pre,
        coalesce(sum(css_weight) FILTER (WHERE is_post), 0)::float8 AS post
    FROM weighed GROUP BY person
)
SELECT
    percentile_cont(0.5) WITHIN GROUP (ORDER BY pre) AS pre_median,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY post) AS post_median,
    (SELECT count(*) FROM weighed WHERE is_pre AND css_weight IS NULL) AS pre_not_weighted,
    (SELECT count(*) FROM weighed WHERE is_post AND css_weight IS NULL) AS post_not_weighted,
    (SELECT coalesce(bool_and(verified), false) FROM offence_types
     WHERE code IN (SELECT offence FROM weighed WHERE is_pre OR is_post)) AS weights_verified,
    coalesce((SELECT left(min(table_sha256), 12) FROM offence_types), 'none') AS table_version
FROM sums
"""


def get_followed(frozen: Frozen) -> Followed:
    """People who started, and the person-days at liberty of their windows before and after."""
    return Followed(**frozen.ask_one(["people", "starters", "custody"], FOLLOWED))


def get_offending_facts(frozen: Frozen, source: Source) -> OffendingFacts:
    """Offences of one source in each person's own windows."""
    totals = frozen.ask_one(["people", "starters", "offences"], TOTALS, source=source.value)
    groups = frozen.ask(["people", "starters", "offences", "offence_types"], GROUPS, source=source.value)
    return OffendingFacts(
        **totals,
        pre_by_group={row["offence_group"]: row["pre"] for row in groups},
        post_by_group={row["offence_group"]: row["post"] for row in groups},
    )


def get_severity_facts(frozen: Frozen) -> SeverityFacts:
    """Medians over people of the summed weights of recorded offences, with the table's own fingerprint."""
    tables = ["people", "starters", "offences", "offence_types"]
    return SeverityFacts(**frozen.ask_one(tables, SEVERITY, source=Source.POLICE_RECORDED.value))
