"""Everything one report says, before it is put on pages: the facts the charts draw, and the indicators."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from outcomes.rules.evaluation.aims import AimsFacts
from outcomes.rules.evaluation.around import AroundFacts, list_around_indicators
from outcomes.rules.evaluation.attendance import AttendanceFacts, list_attendance_indicators
from outcomes.rules.evaluation.candidates import CandidateFacts, list_candidate_indicators
from outcomes.rules.evaluation.costs import CostFacts, list_cost_indicators
from outcomes.rules.evaluation.crime_cost import CrimeCostFacts, list_crime_cost_indicators
from outcomes.rules.evaluation.custody import CustodyFacts, list_custody_indicators
from outcomes.rules.evaluation.disturbed import DisturbedFacts
from outcomes.rules.evaluation.flow import FlowFacts, list_flow_indicators
from outcomes.rules.evaluation.health import HealthFacts, list_health_indicators
from outcomes.rules.evaluation.housing import HousingFacts, list_housing_indicators
from outcomes.rules.evaluation.indicators import MONTHS_SHOWN, Indicator, Period
from outcomes.rules.evaluation.legacy import LegacyFacts, list_legacy_indicators
from outcomes.rules.evaluation.offending import (
    Followed,
    OffendingFacts,
    SeverityFacts,
    list_offending_indicators,
)
from outcomes.rules.evaluation.own import OwnFacts, list_own_indicators
from outcomes.rules.evaluation.people import PeopleBehind, name_people
from outcomes.rules.evaluation.retention import RetentionFacts, list_retention_indicators
from outcomes.rules.evaluation.safety import SafetyFacts, list_safety_indicators
from outcomes.rules.evaluation.support import SupportFacts, list_support_indicators
from outcomes.rules.evaluation.top import TopFacts, list_top_indicators
from outcomes.rules.evaluation.unit_costs import UnitCostsFacts
from outcomes.rules.evaluation.urine import UrineFacts, list_urine_indicators


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """The facts of one month of one clinic, counted from one frozen extract."""

    period: Period
    flow: FlowFacts
    retention: RetentionFacts
    attendance: AttendanceFacts
    urine: UrineFacts
    recorded: OffendingFacts
    self_reported: OffendingFacts
    severity: SeverityFacts
    followed: Followed
    custody: CustodyFacts
    candidates: CandidateFacts
    top: TopFacts
    own: OwnFacts
    housing: HousingFacts
    support: SupportFacts
    health: HealthFacts
    safety: SafetyFacts
    costs: CostFacts
    crime_cost: CrimeCostFacts
    legacy: LegacyFacts
    around: AroundFacts = field(default_factory=AroundFacts)
    disturbed: DisturbedFacts = field(default_factory=DisturbedFacts)
    people: PeopleBehind = field(default_factory=PeopleBehind)
    aims: AimsFacts = field(default_factory=AimsFacts)
    unit_costs: UnitCostsFacts = field(default_factory=UnitCostsFacts)


def with_latest_months(figures: Figures) -> Figures:
    """The figures with the last months alone where they run month by month, as the pages show them."""
    return replace(
        figures,
        attendance=replace(figures.attendance, months=figures.attendance.months[-MONTHS_SHOWN:]),
        urine=replace(figures.urine, months=figures.urine.months[-MONTHS_SHOWN:]),
        support=replace(figures.support, months=figures.support.months[-MONTHS_SHOWN:]),
    )


def list_indicators(figures: Figures) -> Sequence[Indicator]:
    """Every indicator of the restricted edition, in the order of the pages. Indicators 3."""
    flow = {
        "assessed": figures.flow.assessed,
        "started": figures.flow.started,
        "waiting": figures.flow.waiting,
    }
    return name_people(_list_all(figures), figures.people, flow)


def _list_all(figures: Figures) -> Sequence[Indicator]:
    return (
        *list_flow_indicators(figures.flow, figures.period),
        *list_retention_indicators(figures.retention, figures.period),
        *list_attendance_indicators(figures.attendance, figures.period),
        *list_urine_indicators(figures.urine, figures.period),
        *list_offending_indicators(
            recorded=figures.recorded,
            self_reported=figures.self_reported,
            severity=figures.severity,
            followed=figures.followed,
            period=figures.period,
        ),
        *list_custody_indicators(figures.custody, figures.period),
        *list_candidate_indicators(figures.candidates, figures.period),
        *list_top_indicators(figures.top, figures.period),
        *list_own_indicators(figures.own, figures.period),
        *list_housing_indicators(figures.housing, figures.period),
        *list_support_indicators(figures.support, figures.period),
        *list_health_indicators(figures.health, figures.period),
        *list_safety_indicators(figures.safety, figures.period),
        *list_cost_indicators(figures.costs, figures.period),
        *list_around_indicators(
            figures.around,
            figures.period,
            referred=figures.flow.referred,
            started=figures.flow.started,
            running_pence=figures.costs.running_pence,
        ),
        *list_crime_cost_indicators(figures.crime_cost, figures.period),
        *list_legacy_indicators(figures.legacy, figures.housing, figures.recorded, figures.period),
    )
