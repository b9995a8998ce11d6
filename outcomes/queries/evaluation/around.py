"""What others published of the area, the estimates of need, and the days that places were open."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.around import (
    BEFORE,
    LAST,
    AreaSum,
    AroundFacts,
    CohortShare,
    NeedFacts,
    last_twelve,
    twelve_before,
    year_before_opening,
)
from outcomes.rules.evaluation.indicators import Source

# The counts that lie wholly in a window, by measure. The days of one area that two counts share are no days of both.
SUMS = """
, inside AS (
    SELECT *, daterange(starts_on, ends_on) AS during FROM area WHERE starts_on >= %(first)s AND ends_on <= %(until)s
), of_areas AS (
    SELECT measure, area, sum(number)::bigint AS total, sum(ends_on - starts_on)::int AS days,
        (SELECT sum(upper(one) - lower(one)) FROM unnest(range_agg(during)) AS one)::int AS covered
    FROM inside GROUP BY measure, area
)
SELECT a.measure, sum(a.total)::bigint AS total, sum(a.covered)::int AS days,
    (count(*) * (%(until)s::date - %(first)s::date))::int AS whole, bool_or(a.days > a.covered) AS has_overlap,
    (SELECT array_agg(DISTINCT i.source ORDER BY i.source) FROM inside i WHERE i.measure = a.measure) AS sources
FROM of_areas a GROUP BY a.measure
"""

# Offences of everybody who has started, on the days that a count of the area covers.
SHARE = """
, covered AS (
    SELECT range_agg(daterange(starts_on, ends_on)) AS days FROM area
    WHERE measure = 'recorded_all' AND starts_on >= %(first)s AND ends_on <= %(until)s
), theirs AS (
    SELECT person FROM starters JOIN offences USING (person) CROSS JOIN covered
    WHERE source = %(source)s AND occurred_on <@ days
)
SELECT (SELECT count(*) FROM offences WHERE source = %(source)s) AS rows,
    (SELECT count(*) FROM starters) AS started,
    (SELECT count(*) FROM theirs) AS offences,
    (SELECT count(DISTINCT person) FROM theirs) AS people
"""

NEED = """
SELECT estimated_on, area, people, method, source FROM need
WHERE estimated_on = (SELECT max(estimated_on) FROM need)
ORDER BY area, method, source, people
"""

# Without any phase the places of the clinic's own row count on every day.
PLACES = """
, times AS (
    SELECT places, greatest(starts_on, %(opened_on)s) AS first,
        least(coalesce(ends_on, %(as_of)s::date), %(as_of)s) AS until
    FROM phases
    UNION ALL
    SELECT places, %(opened_on)s, %(as_of)s FROM programme WHERE NOT EXISTS (SELECT FROM phases)
)
SELECT coalesce(sum(places * (until - first)), 0)::bigint AS place_days, coalesce(sum(until - first), 0)::int AS days
FROM times WHERE until > first
"""


def get_around_facts(frozen: Frozen) -> AroundFacts:
    """All facts of the programme around the clinic."""
    period = frozen.period
    windows = {LAST: last_twelve(period), BEFORE: twelve_before(period)}
    places = frozen.ask_one(["programme", "phases"], PLACES)
    return AroundFacts(
        sums={
            (measure, which): found
            for which, window in windows.items()
            for measure, found in _sums(frozen, window).items()
        },
        share=_share(frozen),
        need=_need(frozen.ask(["need"], NEED)),
        place_days=places["place_days"],
        gap_days=max((period.as_of - period.opened_on).days, 0) - places["days"],
    )


def _sums(frozen: Frozen, window: tuple[date, date]) -> dict[str, AreaSum]:
    first, until = window
    return {
        row["measure"]: AreaSum(
            total=row["total"],
            days=row["days"],
            whole=row["whole"],
            has_overlap=row["has_overlap"],
            sources=tuple(row["sources"]),
        )
        for row in frozen.ask(["area"], SUMS, first=first, until=until)
    }


def _share(frozen: Frozen) -> CohortShare:
    first, until = year_before_opening(frozen.period)
    found = frozen.ask_one(
        ["people", "starters", "offences", "area"],
        SHARE,
        first=first,
        until=until,
        source=Source.POLICE_RECORDED.value,
    )
    return CohortShare(**found, of_area=_sums(frozen, (first, until)).get("recorded_all"))


def _need(rows: Sequence[dict[str, Any]]) -> NeedFacts:
    if not rows:
        return NeedFacts()
    areas = tuple(row["area"] for row in rows)
    return NeedFacts(
        estimated_on=rows[0]["estimated_on"],
        people=sum(row["people"] for row in rows),
        areas=areas,
        is_twice=len(set(areas)) < len(areas),
        methods=tuple(sorted({row["method"] for row in rows})),
        sources=tuple(sorted({row["source"] for row in rows})),
    )
