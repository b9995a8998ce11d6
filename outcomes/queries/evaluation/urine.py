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
)

TABLES = ["people", "starters", "urine"]

# One row per month since opening; their sum is the cumulative figure.
MONTHS = """
SELECT month::date AS month,
    count(person) AS due,
    count(person) FILTER (WHERE result = 'negative') AS negative,
    count(person) FILTER (WHERE result = 'positive') AS positive,
    count(person) FILTER (WHERE result = 'void') AS void,
    count(person) FILTER (WHERE result = 'not_taken') AS not_taken,
    count(person) FILTER (WHERE result IS NULL AND taken_on IS NOT NULL) AS at_laboratory
FROM generate_series(date_trunc('month', %(opened_on)s::date), %(month)s::date, interval '1 month') AS month
LEFT JOIN (SELECT u.* FROM urine u JOIN starters USING (person)) AS u
    ON date_trunc('month', u.due_on) = month
GROUP BY month ORDER BY month
"""

TOTALS = """
SELECT in_month,
    count(*) AS due,
    count(*) FILTER (WHERE result = 'negative') AS negative,
    count(*) FILTER (WHERE result = 'positive') AS positive,
    count(*) FILTER (WHERE result = 'void') AS void,
    count(*) FILTER (WHERE result = 'not_taken') AS not_taken,
    count(*) FILTER (WHERE result IS NULL AND taken_on IS NOT NULL) AS at_laboratory
FROM (
    SELECT false AS in_month, result, taken_on FROM urine JOIN starters USING (person)
    UNION ALL
    SELECT true, result, taken_on FROM urine JOIN starters USING (person) WHERE in_month
) AS samples
GROUP BY in_month
"""

WEEKS = """
, slots AS (
    SELECT person,
        bool_or(result = 'negative') AND NOT bool_or(result = 'positive') AS is_negative,
        bool_or(result IN ('negative', 'positive')) AS is_valid
    FROM urine JOIN starters USING (person)
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
    totals = {row.pop("in_month"): Samples(**row) for row in frozen.ask(TABLES, TOTALS, assay=ASSAY)}
    nothing = Samples(due=0, negative=0, positive=0, void=0, not_taken=0)
    weeks = frozen.ask(TABLES, WEEKS, assay=ASSAY, first_week=FIRST_WEEK, last_week=LAST_WEEK)
    return UrineFacts(
        month=totals.get(True, nothing),
        cumulative=totals.get(False, nothing),
        weeks=[PersonWeeks(**row) for row in weeks],
        started=frozen.ask_one(["people", "starters"], STARTED)["started"],
        months=[
            MonthOfSamples(month=row.pop("month"), samples=Samples(**row))
            for row in frozen.ask(TABLES, MONTHS, assay=ASSAY)
        ],
    )
