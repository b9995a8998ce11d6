"""Flow: how many were referred, assessed, started, are in treatment, left and wait. It must close.

Source: Indicators 3, 7 and 8 (evaluation).
"""

from collections.abc import Mapping
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
    proportion,
)

# In the order in which the pages print them, always all eight. Indicators 7.
EXIT_REASONS = {
    "completed": "completed",
    "transferred": "transferred",
    "dropped_out": "dropped out",
    "withdrawn": "chose to stop",
    "prison": "to prison",
    "declined": "declined",
    "died": "died",
    "other": "other reason",
}

# Who refers, in the order of the pages.
SOURCE_WORDS = {
    "police": "Police",
    "probation": "Probation",
    "prison": "Prison",
    "health": "Health services",
    "housing": "Housing services",
    "social_care": "Social care",
    "self": "Themselves",
    "other": "Others",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowFacts:
    """Counts of people as at the data cut. `places` is None where no phase covers the last day.

    The three waits are medians in days, None where nobody is in them; the three mappings hold people by
    source, by area and by reason for leaving.
    """

    referred: int
    assessed: int
    eligible: int
    not_eligible: int
    undecided: int
    left_before_start: int
    waiting: int
    started: int
    in_treatment: int
    exited: int
    held_against_criteria: int
    not_held_against_criteria: int
    accepted_against_criteria: int
    places: int | None
    exited_by_reason: Mapping[str, int]
    referred_by_source: Mapping[str, int]
    started_by_source: Mapping[str, int]
    started_by_area: Mapping[str, int]
    assessment_days: float | None
    start_days: float | None
    waiting_days: float | None


def _people(id: str, label: str, meaning: str, group: Group = Group.REFERRED) -> Definition:
    return Definition(
        id=f"flow.{id}",
        label=label,
        meaning=meaning,
        group=group,
        source=Source.CLINIC_RECORD,
        window=Window.CUMULATIVE,
        unit="people",
        numerator="people",
        denominator="none: a count",
        missing="never: a fact that was not recorded is not met",
        method="count",
    )


def _days(id: str, label: str, meaning: str, group: Group = Group.REFERRED) -> Definition:
    return Definition(
        id=f"flow.wait.{id}",
        label=label,
        meaning=meaning,
        group=group,
        source=Source.CLINIC_RECORD,
        window=Window.CUMULATIVE,
        unit="days",
        numerator="days of each person",
        denominator="none: a median over people",
        missing="never: only people with both dates are asked about",
        method="median; no interval, no longest wait",
    )


REFERRED = _people("referred", "People referred", "Referred before the data cut.")
ASSESSED = _people("assessed", "People assessed", "Referred, and assessed before the data cut.")
ELIGIBLE = _people(
    "eligible",
    "People found eligible",
    "Referred and eligible, whatever the assessment date.",
    Group.ELIGIBLE,
)
STARTED = _people(
    "started",
    "People who started treatment",
    "First supervised dose before the data cut. A person who came back counts once, from the first start.",
    Group.STARTED,
)
IN_TREATMENT = _people(
    "in_treatment",
    "People in treatment at the data cut",
    "Started, and had not left before the data cut.",
    Group.IN_TREATMENT,
)
EXITED = _people(
    "exited", "People who left treatment", "Started, and left before the data cut.", Group.STARTED
)
EXITED_REASON = _people(
    "exited.<reason>",
    "Left treatment: {}",
    (
        "People who left before the data cut, by the reason recorded at the exit. An id is absent when "
        "nobody did."
    ),
    Group.STARTED,
)
WAITING = _people(
    "waiting",
    "Eligible people waiting to start",
    "Referred and eligible, not started and not left before the data cut.",
    Group.ELIGIBLE,
)
NOT_ELIGIBLE = _people("not_eligible", "People found not eligible", "Referred and not eligible.")
UNDECIDED = _people(
    "undecided",
    "People not decided on",
    "Referred, eligibility not recorded, not started and not left before the data cut.",
)
LEFT_BEFORE_START = _people(
    "left_before_start",
    "People who left before a start",
    "Referred, never started, not found ineligible, and closed before the data cut.",
)
REFERRED_SOURCE = _people(
    "referred.<source>", "Referred by: {}", "People referred, by who referred them. An id is absent at 0."
)
STARTED_SOURCE = _people(
    "started.<source>",
    "Started, referred by: {}",
    "People who started, by who referred them. An id is absent at 0.",
    Group.STARTED,
)
STARTED_AREA = _people(
    "started.<area>",
    "Started, from: {}",
    "People who started, by area of home. An id is absent at 0.",
    Group.STARTED,
)
OCCUPANCY = Definition(
    id="flow.occupancy",
    label="Places in use",
    meaning="People in treatment at the data cut, of the places of the programme's phase on the last day.",
    group=Group.IN_TREATMENT,
    source=Source.CLINIC_RECORD,
    window=Window.CUMULATIVE,
    unit="proportion",
    numerator="people in treatment",
    denominator="places",
    missing="never",
    method="Wilson 95 %; none above 1",
)
AGAINST_CRITERIA = Definition(
    id="flow.against_criteria",
    label="Accepted although a criterion was not met or not known",
    meaning=(
        "People whom a clinician accepted against the clinic's written criteria, with a written reason, of the people "
        "accepted who were held against them."
    ),
    group=Group.ELIGIBLE,
    source=Source.CLINIC_RECORD,
    window=Window.CUMULATIVE,
    unit="proportion",
    numerator="people accepted against the criteria",
    denominator="people accepted and held against written criteria",
    missing="people found eligible and not held against criteria: none were in force, or their records were brought in",
    method="Wilson 95 %",
)
WAIT_ASSESSMENT = _days("assessment_days", "Days from referral to assessment", "Median over people assessed.")
WAIT_START = _days(
    "start_days", "Days from referral to start", "Median over people who started.", Group.STARTED
)
WAIT_WAITING = _days(
    "waiting_days",
    "Days waited so far",
    "Median over eligible people waiting, from referral to the data cut.",
    Group.ELIGIBLE,
)

DEFINITIONS = (
    REFERRED,
    ASSESSED,
    ELIGIBLE,
    NOT_ELIGIBLE,
    UNDECIDED,
    LEFT_BEFORE_START,
    WAITING,
    STARTED,
    IN_TREATMENT,
    EXITED,
    EXITED_REASON,
    OCCUPANCY,
    AGAINST_CRITERIA,
    REFERRED_SOURCE,
    STARTED_SOURCE,
    STARTED_AREA,
    WAIT_ASSESSMENT,
    WAIT_START,
    WAIT_WAITING,
)


def list_flow_indicators(facts: FlowFacts, period: Period) -> list[Indicator]:
    """Every figure of flow. Raises FlowDoesNotClose rather than printing counts that disagree."""
    _check_that_it_closes(facts)
    figures = [
        count(REFERRED, period, facts.referred),
        count(ASSESSED, period, facts.assessed),
        count(ELIGIBLE, period, facts.eligible),
        count(NOT_ELIGIBLE, period, facts.not_eligible),
        count(UNDECIDED, period, facts.undecided),
        count(LEFT_BEFORE_START, period, facts.left_before_start),
        count(WAITING, period, facts.waiting),
        count(STARTED, period, facts.started),
        count(IN_TREATMENT, period, facts.in_treatment),
        count(EXITED, period, facts.exited),
    ]
    figures += [
        count(EXITED_REASON, period, facts.exited_by_reason[reason], key=reason, words=words)
        for reason, words in EXIT_REASONS.items()
        if facts.exited_by_reason.get(reason)
    ]
    figures.append(_occupancy(facts, period))
    figures.append(
        proportion(
            AGAINST_CRITERIA,
            period,
            facts.accepted_against_criteria,
            facts.held_against_criteria,
            empty="Nobody who was accepted was held against written criteria.",
            missing=facts.not_held_against_criteria,
        )
    )
    for definition, people_by in (
        (REFERRED_SOURCE, facts.referred_by_source),
        (STARTED_SOURCE, facts.started_by_source),
        (STARTED_AREA, facts.started_by_area),
    ):
        figures += [
            count(
                definition,
                period,
                people_by[key],
                key=_key_of(definition, key),
                words=SOURCE_WORDS.get(key, key),
            )
            for key in sorted(people_by)
        ]
    for definition, days, empty in (
        (WAIT_ASSESSMENT, facts.assessment_days, "Nobody had been assessed by the data cut."),
        (WAIT_START, facts.start_days, "Nobody had started treatment by the data cut."),
        (WAIT_WAITING, facts.waiting_days, "Nobody was waiting at the data cut."),
    ):
        figures.append(make(definition, period, value=days, note=empty if days is None else None))
    return figures


def _key_of(definition: Definition, key: str) -> str:
    """Return the key, apart from that of a source where an area has the name of one."""
    return f"area {key}" if definition is STARTED_AREA and key in SOURCE_WORDS else key


class FlowDoesNotClose(ValueError):
    """The counts of people do not add up, so the extract is wrong and no report is made of it."""


def _check_that_it_closes(facts: FlowFacts) -> None:
    if facts.started != facts.in_treatment + facts.exited:
        raise FlowDoesNotClose("The people who started are not those in treatment and those who left.")
    parts = facts.not_eligible + facts.undecided + facts.left_before_start + facts.waiting + facts.started
    if facts.referred != parts:
        raise FlowDoesNotClose(
            "The people referred are not those refused, undecided, closed, waiting and started together."
        )


def _occupancy(facts: FlowFacts, period: Period) -> Indicator:
    if not facts.places:
        return make(
            OCCUPANCY,
            period,
            numerator=facts.in_treatment,
            note="The programme had no phase, and so no places, on the last day of the period.",
        )
    if facts.in_treatment > facts.places:
        return make(
            OCCUPANCY,
            period,
            numerator=facts.in_treatment,
            denominator=facts.places,
            value=facts.in_treatment / facts.places,
            note="More people than places: no interval.",
        )
    return proportion(OCCUPANCY, period, facts.in_treatment, facts.places, empty="")
