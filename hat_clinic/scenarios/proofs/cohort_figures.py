"""The figures of an invented clinic at the end of a month, counted one person at a time.

This is a second way to count, beside the statements that count a frozen extract.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from hat_clinic.scenarios.proofs.cohort_measures import (
    Cohort,
    behind_of,
    crime_cost_of,
    custody_of,
    health_of,
    housing_of,
    legacy_of,
    own_of,
    safety_of,
    sessions_of,
    top_of,
    urine_of,
)
from hat_clinic.scenarios.proofs.cohorts import LONG, YEAR, Person
from outcomes.rules.evaluation.attendance import AttendanceFacts
from outcomes.rules.evaluation.candidates import CandidateFacts
from outcomes.rules.evaluation.costs import CostFacts
from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.flow import FlowFacts
from outcomes.rules.evaluation.indicators import Period, next_month
from outcomes.rules.evaluation.offending import Followed, OffendingFacts, SeverityFacts
from outcomes.rules.evaluation.retention import RetentionFacts
from outcomes.rules.evaluation.statistics import median
from outcomes.rules.evaluation.support import SupportFacts

OPENED = date(2024, 1, 1)
QUARTERS = (date(2024, 6, 1), date(2024, 9, 1), date(2024, 12, 1), date(2025, 3, 1), date(2025, 6, 1))


def figures_of(people: Sequence[Person], month: date) -> Figures:
    """What is known of these people at the end of a month."""
    period = Period(month=month, opened_on=OPENED, as_of=next_month(month))
    day = (period.as_of - OPENED).days
    known = [person for person in people if person.referred < day]
    starters = [person for person in known if person.started is not None and person.started < day]
    left = {id(person) for person in known if person.left is not None and person.left < day}
    start = {id(person): person.started or 0 for person in starters}
    stays = {
        id(person): (person.left if id(person) in left and person.left is not None else day)
        - start[id(person)]
        for person in starters
    }
    cohort = Cohort(
        day=day,
        starters=starters,
        long=[person for person in starters if stays[id(person)] >= LONG],
        left=left,
        start=start,
        until={id(person): min(start[id(person)] + YEAR, day) for person in starters},
    )
    sessions = sessions_of(cohort, starters)
    in_treatment = sum(id(person) not in left for person in starters)
    return Figures(
        period=period,
        flow=_flow(known, cohort),
        retention=RetentionFacts(
            durations=[stays[id(person)] for person in starters],
            has_left=[id(person) in left for person in starters],
        ),
        attendance=AttendanceFacts(
            month=sessions,
            cumulative=sessions,
            retained=sessions_of(cohort, cohort.long),
            missed_by_reason={"ill": 3},
            excused_by_reason={},
            median_person=0.9 if sessions.people else None,
            people_with_offer=sessions.people,
            started=len(starters),
            median_daily_mg=None,
            people_dosed=0,
            in_treatment=in_treatment,
            months=[],
        ),
        urine=urine_of(cohort),
        recorded=_offences(cohort),
        self_reported=_told(cohort),
        severity=SeverityFacts(
            pre_median=26.4 if starters else None,
            post_median=3.1 if starters else None,
            pre_not_weighted=0,
            post_not_weighted=0,
            table_version="ab12",
            weights_verified=True,
        ),
        followed=Followed(
            started=len(starters),
            full_followup=sum(cohort.until[id(person)] == start[id(person)] + YEAR for person in starters),
            pre_days=YEAR * len(starters),
            post_days=sum(cohort.until[id(person)] - start[id(person)] for person in starters),
        ),
        custody=custody_of(cohort),
        candidates=_candidates(known),
        own=own_of(cohort),
        top=top_of(cohort),
        housing=housing_of(cohort),
        support=SupportFacts(
            started=len(starters),
            in_treatment=in_treatment,
            reached=0,
            by_domain={},
            by_agency={},
            months=[],
        ),
        health=health_of(cohort),
        safety=safety_of(cohort, len(known)),
        costs=CostFacts(
            by_category={"setup": 6_000_000, "drug": 100_000 * day},
            by_payer={"public health": 6_000_000 + 100_000 * day},
            started=len(starters),
            treatment_days=sum(stays.values()),
        ),
        crime_cost=crime_cost_of(cohort),
        legacy=legacy_of(cohort),
        people=behind_of(cohort),
    )


def issue_after(month: date, quarters: int = 1) -> date:
    """The month some quarters later."""
    for _ in range(3 * quarters):
        month = next_month(month)
    return month


def _flow(known: Sequence[Person], cohort: Cohort) -> FlowFacts:
    starters, left, day = cohort.starters, cohort.left, cohort.day
    began = {id(person) for person in starters}
    others = [person for person in known if id(person) not in began]
    waiting = [person for person in others if person.eligible and id(person) not in left]
    assessed = [person for person in known if person.assessed is not None and person.assessed < day]
    gone = [person for person in starters if id(person) in left]
    return FlowFacts(
        referred=len(known),
        assessed=len(assessed),
        eligible=sum(person.eligible is True for person in known),
        not_eligible=sum(person.eligible is False for person in known),
        undecided=sum(person.eligible is None and id(person) not in left for person in others),
        left_before_start=sum(person.eligible is not False and id(person) in left for person in others),
        waiting=len(waiting),
        started=len(starters),
        in_treatment=len(starters) - len(gone),
        exited=len(gone),
        held_against_criteria=len(starters),
        not_held_against_criteria=0,
        accepted_against_criteria=len(starters) // 4,
        places=20,
        exited_by_reason=Counter(person.reason for person in gone),
        referred_by_source=Counter(person.source for person in known),
        started_by_source=Counter(person.source for person in starters),
        started_by_area=Counter(person.area for person in starters),
        assessment_days=median([(person.assessed or 0) - person.referred for person in assessed]),
        start_days=median([(person.started or 0) - person.referred for person in starters]),
        waiting_days=median([day - person.referred for person in waiting]),
    )


def _candidates(known: Sequence[Person]) -> CandidateFacts:
    before = [sum(at < person.referred for at, _ in person.offences) for person in known]
    return CandidateFacts(
        rows=sum(before), referred=len(known), offences=sum(before), people=sum(map(bool, before))
    )


def _offences(cohort: Cohort) -> OffendingFacts:
    parts = [cohort.parts(person) for person in cohort.starters]
    every = [each for one in parts for each in one]
    return OffendingFacts(
        rows=len(every),
        pre_total=sum(part == "pre" for part, _ in every),
        post_total=sum(part == "post" for part, _ in every),
        earlier_total=sum(part == "earlier" for part, _ in every),
        people_none_post=sum(all(part != "post" for part, _ in one) for one in parts),
        pre_by_group=Counter(group for part, group in every if part == "pre"),
        post_by_group=Counter(group for part, group in every if part == "post"),
    )


def _told(cohort: Cohort) -> OffendingFacts:
    parts = [cohort.told_parts(person) for person in cohort.starters]
    every = Counter(part for one in parts for part in one)
    return OffendingFacts(
        rows=sum(every.values()),
        pre_total=every["pre"],
        post_total=every["post"],
        earlier_total=every["earlier"],
        people_none_post=sum("post" not in one for one in parts),
        pre_by_group={},
        post_by_group={},
    )
