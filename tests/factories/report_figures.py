"""The facts of a made-up month of a made-up clinic, for tests of what its pages say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from outcomes.rules.evaluation.attendance import AttendanceFacts, MonthOfSessions, Sessions
from outcomes.rules.evaluation.candidates import CandidateFacts
from outcomes.rules.evaluation.costs import CostFacts
from outcomes.rules.evaluation.crime_cost import Costed, CrimeCostFacts
from outcomes.rules.evaluation.custody import CustodyFacts, CustodyWindow
from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.flow import FlowFacts
from outcomes.rules.evaluation.health import SERVICES, HealthFacts, Used, UseOfSource
from outcomes.rules.evaluation.housing import HousingFacts, Moment
from outcomes.rules.evaluation.indicators import Period, Source
from outcomes.rules.evaluation.legacy import LegacyFacts, MonthOne
from outcomes.rules.evaluation.offending import Followed, OffendingFacts, SeverityFacts
from outcomes.rules.evaluation.own import OwnFacts
from outcomes.rules.evaluation.pages.blocks import Control
from outcomes.rules.evaluation.retention import RetentionFacts
from outcomes.rules.evaluation.safety import SafetyFacts
from outcomes.rules.evaluation.support import Booked, MonthOfSupport, SupportFacts
from outcomes.rules.evaluation.top import TopFacts
from outcomes.rules.evaluation.urine import MonthOfSamples, PersonWeeks, Samples, UrineFacts

MONTHS = [date(2024 + index // 12, index % 12 + 1, 1) for index in range(14)]
PERIOD = Period(month=MONTHS[-1], opened_on=MONTHS[0], as_of=date(2025, 3, 1))
SAMPLES = Samples(due=20, negative=12, positive=4, void=1, not_taken=2)
OFFENCES = OffendingFacts(
    rows=30,
    pre_total=20,
    post_total=4,
    earlier_total=6,
    people_none_post=8,
    pre_by_group={"acquisitive": 20},
    post_by_group={"acquisitive": 4},
)
SESSIONS = Sessions(attended=90, offered=100, excused=2, open=0, people=12)
NO_SESSIONS = Sessions(attended=0, offered=0, excused=0, open=0, people=0)


def months(*shares):
    return [
        MonthOfSessions(month=month, attended=round(share * 100), offered=100, excused=1)
        for month, share in zip(MONTHS, shares, strict=True)
    ]


FIGURES = Figures(
    period=PERIOD,
    flow=FlowFacts(
        referred=14,
        assessed=13,
        eligible=13,
        not_eligible=1,
        undecided=0,
        left_before_start=0,
        waiting=1,
        started=12,
        in_treatment=8,
        exited=4,
        held_against_criteria=12,
        not_held_against_criteria=1,
        accepted_against_criteria=2,
        places=15,
        exited_by_reason={"prison": 3, "died": 1},
        referred_by_source={"police": 14},
        started_by_source={"police": 12},
        started_by_area={"Northtown": 9},
        assessment_days=3.5,
        start_days=10,
        waiting_days=20,
    ),
    retention=RetentionFacts(durations=[40, 80, 200, 300, *[400] * 8], has_left=[True] * 4 + [False] * 8),
    attendance=AttendanceFacts(
        month=SESSIONS,
        cumulative=replace(SESSIONS, attended=1270, offered=1400),
        retained=SESSIONS,
        missed_by_reason={"ill": 10},
        excused_by_reason={"custody": 2},
        median_person=0.92,
        people_with_offer=12,
        started=12,
        median_daily_mg=310.0,
        people_dosed=8,
        in_treatment=8,
        months=months(*[0.9, 0.91] * 7),
    ),
    urine=UrineFacts(
        month=SAMPLES,
        cumulative=SAMPLES,
        weeks=[PersonWeeks(negative=8, valid=10)] * 10,
        started=12,
        months=[MonthOfSamples(month=month, samples=SAMPLES) for month in MONTHS],
    ),
    recorded=OFFENCES,
    self_reported=OFFENCES,
    severity=SeverityFacts(
        pre_median=26.0,
        post_median=0.0,
        pre_not_weighted=0,
        post_not_weighted=0,
        table_version="abc",
        weights_verified=True,
    ),
    followed=Followed(started=12, full_followup=12, pre_days=4380, post_days=4380),
    custody=CustodyFacts(
        rows=9,
        started=12,
        pre=CustodyWindow(days=4380, inside=120, stays=6, people=4),
        post=CustodyWindow(days=4380, inside=30, stays=2, people=2),
    ),
    candidates=CandidateFacts(rows=60, referred=14, offences=41, people=9),
    top=TopFacts(
        started=12,
        with_start=11,
        asked_shoplifting=11,
        shoplifted_daily=7,
        compared=11,
        pairs={
            "opiates_days": [(28, 0)] * 8 + [(28, 4)] * 2,
            "alcohol_days": [(0, 0), (0, 3), (4, 0), (10, 12)],
            "shoplifting_days": [(28, 0)] * 5 + [(28, 10), (3, 0)],
            "psychological": [(3, 11), (4, 10), (5, 12)],
            "sharing": [(1, 0), (1, 0), (0, 0)],
        },
    ),
    own=OwnFacts(
        rows=20,
        started=12,
        not_asking=2,
        pairs={
            "spend_week_gbp": [(20000, 0), (35000, 5000), (10000, 2000)],
            "public_injecting": [(1, 0)] * 5 + [(0, 0)] * 3,
            "family_contact": [(0, 1), (0, 0), (1, 1)],
        },
    ),
    housing=HousingFacts(
        started=12,
        people={
            Moment.START: {"rough": 6, "sofa": 2, "own": 3},
            Moment.MONTH_1: {"rough": 1, "supported": 7, "own": 2},
            Moment.LATEST: {"emergency": 1, "supported": 6, "own": 5},
        },
        people_of_l30={Moment.START: {"rough": 3}, Moment.MONTH_1: {"own": 3}, Moment.LATEST: {"own": 3}},
    ),
    support=SupportFacts(
        started=12,
        in_treatment=8,
        reached=6,
        by_domain={
            "housing": Booked(attended=8, not_attended=2, people=5, minutes=330, without_minutes=0),
            "health": Booked(attended=2, not_attended=0, people=2, minutes=0, without_minutes=2),
        },
        by_agency={
            "": Booked(attended=3, not_attended=1, people=3, minutes=90, without_minutes=0),
            "Coast Homes": Booked(attended=7, not_attended=1, people=4, minutes=240, without_minutes=2),
        },
        months=[MonthOfSupport(month=month, attended=10, not_attended=2) for month in MONTHS],
    ),
    health=HealthFacts(
        started=12,
        by_source={
            Source.SELF_REPORTED: UseOfSource(
                pre={key: Used(events=4, days=400, people=10) for key in SERVICES},
                during={key: Used(events=3, days=1500, people=9) for key in SERVICES},
                people_in_both=dict.fromkeys(SERVICES, 8),
            )
        },
    ),
    safety=SafetyFacts(
        referred=14,
        started=12,
        over_sedation=2,
        overdose_on_site=0,
        overdose_off_site=1,
        naloxone=1,
        deaths_before_start=0,
        deaths_in_treatment=1,
        deaths_after_exit_28d=0,
        deaths_after_exit_later=1,
        days_before_start=600,
        days_in_treatment=3820,
        days_after_exit_28d=110,
        days_after_exit_later=900,
    ),
    costs=CostFacts(
        by_category={"setup": 6_000_000, "drug": 9_000_000, "staff": 15_000_000},
        by_payer={"public health": 20_000_000, "the prison group": 10_000_000},
        started=12,
        treatment_days=3820,
    ),
    crime_cost=CrimeCostFacts(
        started=12,
        by_kind={
            ("response", "pre"): Costed(gbp=0, costed=0, not_costed=20, verified=False),
            ("response", "post"): Costed(gbp=0, costed=0, not_costed=4, verified=False),
            ("social", "pre"): Costed(gbp=24_150, costed=5, not_costed=15, verified=False),
            ("social", "post"): Costed(gbp=1_380, costed=1, not_costed=3, verified=False),
        },
        table_version="abc",
    ),
    legacy=LegacyFacts(
        people=8,
        known_before=400,
        recorded_after=3,
        people_none_after=6,
        scores={
            "psychological": MonthOne(people=7, start=21, month1=70),
            "physical": MonthOne(people=7, start=28, month1=63),
        },
    ),
)
CONTROL = Control(
    clinic_code="T1",
    clinic_name="A clinic",
    edition="restricted",
    period=PERIOD,
    issue=1,
    replaces=None,
    built_at=datetime(2025, 3, 1, 6, tzinfo=UTC),
    version="0.1.0",
    extract_sha256="ab" * 32,
    is_invented=False,
    is_provisional=False,
)
