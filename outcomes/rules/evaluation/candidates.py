"""Whom the programme is for: offences that police recorded of everybody referred, in the two years before.

Source: Indicators 8 (evaluation).
"""

from dataclasses import dataclass

from outcomes.rules.evaluation.indicators import (
    Definition,
    Group,
    Indicator,
    Period,
    Source,
    Window,
    count,
    make,
)

NOBODY_REFERRED = "Nobody had been referred by the data cut."
NONE_RECORDED = (
    "No offence recorded by police is in the records, of anybody: nothing can be said of these years."
)
DETECTED_ONLY = "Detected only: police record some of what is done, and only where somebody is found."


@dataclass(frozen=True, kw_only=True, slots=True)
class CandidateFacts:
    """Recorded offences of people referred in the 730 days before each referral, and the people with any.

    `rows` counts recorded offences of anybody in the whole extract.
    """

    rows: int
    referred: int
    offences: int
    people: int


OFFENCES_2Y = Definition(
    id="candidates.offences_2y",
    label="Recorded offences in the two years before the referral, detected only",
    meaning=(
        "Offences that police recorded of everybody referred, started or not, in the 730 days before each "
        "referral. Detected only. people counts those with any."
    ),
    group=Group.REFERRED,
    source=Source.POLICE_RECORDED,
    window=Window.CUMULATIVE,
    unit="offences",
    numerator="offences",
    denominator="none: a count",
    missing="not known: an offence nobody recorded is not here",
    method="count",
)
DEFINITIONS = (OFFENCES_2Y,)


def list_candidate_indicators(facts: CandidateFacts, period: Period) -> list[Indicator]:
    """The one figure; without any recorded offence in the extract it is null, because nobody may have asked."""
    if not facts.referred or not facts.rows:
        return [make(OFFENCES_2Y, period, note=NONE_RECORDED if facts.referred else NOBODY_REFERRED)]
    extras = {"people": facts.people}
    return [count(OFFENCES_2Y, period, facts.offences, note=DETECTED_ONLY, extras=extras)]
