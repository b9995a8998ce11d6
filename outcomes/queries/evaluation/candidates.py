"""Recorded offences of everybody referred, in the two years before the referral."""

from outcomes.queries.evaluation.frozen import Frozen
from outcomes.rules.evaluation.candidates import CandidateFacts
from outcomes.rules.evaluation.indicators import Source

OFFENCES = """
SELECT (SELECT count(*) FROM offences WHERE source = %(source)s) AS rows,
    (SELECT count(*) FROM people) AS referred,
    count(*) AS offences,
    count(DISTINCT person) AS people
FROM people JOIN offences USING (person)
WHERE source = %(source)s AND occurred_on >= referred_on - 730 AND occurred_on < referred_on
"""


def get_candidate_facts(frozen: Frozen) -> CandidateFacts:
    """Offences and people, from each person's first referral."""
    found = frozen.ask_one(["people", "offences"], OFFENCES, source=Source.POLICE_RECORDED.value)
    return CandidateFacts(**found)
