"""Where people who started lived: at the start, a month later, and last."""

from outcomes.queries.evaluation.frozen import LONG_TREATMENT, Frozen
from outcomes.rules.evaluation.housing import HousingFacts, Moment

HOMES = """
, marks AS (
    SELECT person, 'start' AS moment, started_on AS about FROM starters
    UNION ALL SELECT person, 'month1', started_on + 28 FROM starters
),
nearest AS (
    SELECT DISTINCT ON (person, moment) person, moment, state
    FROM marks JOIN housing USING (person)
    WHERE abs(date - about) <= 14
    ORDER BY person, moment, abs(date - about), date
),
latest AS (
    SELECT DISTINCT ON (person) person, 'latest' AS moment, state
    FROM starters JOIN housing USING (person)
    ORDER BY person, date DESC
)
SELECT moment, state, count(*) AS people,
    count(*) FILTER (WHERE duration >= %(long)s) AS people_of_l30
FROM (SELECT * FROM nearest UNION ALL SELECT * FROM latest) AS homes JOIN starters USING (person)
GROUP BY moment, state ORDER BY moment, state
"""

STARTED = "SELECT count(*) AS started FROM starters"


def get_housing_facts(frozen: Frozen) -> HousingFacts:
    """People by state for each moment."""
    people: dict[Moment, dict[str, int]] = {moment: {} for moment in Moment}
    of_l30: dict[Moment, dict[str, int]] = {moment: {} for moment in Moment}
    for row in frozen.ask(["people", "starters", "housing"], HOMES, long=LONG_TREATMENT):
        moment = Moment(row["moment"])
        people[moment][row["state"]] = row["people"]
        of_l30[moment][row["state"]] = row["people_of_l30"]
    return HousingFacts(
        **frozen.ask_one(["people", "starters"], STARTED), people=people, people_of_l30=of_l30
    )
