"""Where people who started lived: at the start, a month later, and last."""

from outcomes.queries.evaluation.frozen import LONG_TREATMENT, Frozen
from outcomes.rules.evaluation.housing import HousingFacts, Moment

# A line of ours is in force until the next line begins. It tells nothing of a day that had not come at the data cut,
# and of a day after the person left only when it began within 14 days of it: nobody asks any more.
HOMES = """
, marks AS (
    SELECT person, 'start' AS moment, started_on AS about, duration, has_left, started_on FROM starters
    UNION ALL SELECT person, 'month1', started_on + 28, duration, has_left, started_on FROM starters
),
newest AS (
    SELECT DISTINCT ON (person, moment) person, moment, state, holds AND (
        NOT has_left OR about - started_on <= duration OR about - date <= 14) AS is_in_force
    FROM marks JOIN housing USING (person)
    WHERE date <= about AND about < %(as_of)s
    ORDER BY person, moment, date DESC
),
in_force AS (SELECT person, moment, state FROM newest WHERE is_in_force),
nearest AS (
    SELECT DISTINCT ON (person, moment) person, moment, state
    FROM marks JOIN housing USING (person)
    WHERE NOT holds AND abs(date - about) <= 14
        AND NOT EXISTS (SELECT FROM in_force f WHERE f.person = marks.person AND f.moment = marks.moment)
    ORDER BY person, moment, abs(date - about), date
),
latest AS (
    SELECT DISTINCT ON (person) person, 'latest' AS moment, state
    FROM starters JOIN housing USING (person)
    ORDER BY person, date DESC
)
SELECT moment, state, count(*) AS people,
    count(*) FILTER (WHERE duration >= %(long)s) AS people_of_l30
FROM (SELECT * FROM in_force UNION ALL SELECT * FROM nearest UNION ALL SELECT * FROM latest) AS homes
JOIN starters USING (person)
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
