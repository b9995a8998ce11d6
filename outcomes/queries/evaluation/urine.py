"""Urine samples on the street-heroin marker, of people who started."""

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.urine import (
    ASSAY,
    FIRST_WEEK,
    LAST_WEEK,
    MonthOfSamples,
    PersonWeeks,
    Samples,
    UrineFacts,
    add_up,
)

STARTERS = ["people", "starters"]

# One row per month since opening; their sum is the cumulative figure.
MONTHS = """
SELECT month::date AS month,
    coalesce(sum(number), 0) AS due,
    coalesce(sum(number) FILTER (WHERE state = 'negative'), 0) AS negative,
    coalesce(sum(number) FILTER (WHERE state = 'positive'), 0) AS positive,
    coalesce(sum(number) FILTER (WHERE state = 'void'), 0) AS void,
    coalesce(sum(number) FILTER (WHERE state = 'not_taken'), 0) AS not_taken,
    coalesce(sum(number) FILTER (WHERE state = 'at_laboratory'), 0) AS at_laboratory
FROM generate_series(date_trunc('month', %(opened_on)s::date), %(month)s::date, interval '1 month') AS month
LEFT JOIN (SELECT u.* FROM samples u JOIN starters USING (person)) AS u USING (month)
GROUP BY month ORDER BY month
"""

WEEKS = """
, slots AS (
    SELECT person,
        bool_or(result = 'negative') AND NOT bool_or(result = 'positive') AS is_negative,
        bool_or(result IN ('negative', 'positive')) AS is_valid
    FROM weekly_samples JOIN starters USING (person)
    WHERE due_on >= started_on + 7 * (%(first_week)s - 1) AND due_on < started_on + 7 * %(last_week)s
    GROUP BY person, (due_on - started_on) / 7
)
SELECT
    count(*) FILTER (WHERE is_negative) AS negative,
    count(*) FILTER (WHERE is_valid) AS valid
FROM starters LEFT JOIN slots USING (person)
WHERE started_on + 182 <= %(as_of)s
GROUP BY person ORDER BY 1, 2
"""

STARTED = "SELECT count(*) AS started FROM starters"


def get_urine_facts(frozen: Frozen) -> UrineFacts:
    """Samples by window and month, and the 13 weeks of each person with 182 days since the start."""
    months = [
        MonthOfSamples(month=row.pop("month"), samples=Samples(**row))
        for row in frozen.ask([*STARTERS, "samples"], MONTHS, assay=ASSAY)
    ]
    weeks = frozen.ask(
        [*STARTERS, "weekly_samples"], WEEKS, assay=ASSAY, first_week=FIRST_WEEK, last_week=LAST_WEEK
    )
    return UrineFacts(
        month=add_up(months[-1:]),
        cumulative=add_up(months),
        weeks=[PersonWeeks(**row) for row in weeks],
        started=frozen.ask_one(STARTERS, STARTED)["started"],
        months=months,
    )
