"""All facts of one report, each counted in SQL from the frozen extract."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from outcomes.queries.evaluation.aims import get_aims_facts
from outcomes.queries.evaluation.around import get_around_facts
from outcomes.queries.evaluation.attendance import get_attendance_facts
from outcomes.queries.evaluation.candidates import get_candidate_facts
from outcomes.queries.evaluation.costs import get_cost_facts
from outcomes.queries.evaluation.crime_cost import get_crime_cost_facts
from outcomes.queries.evaluation.custody import get_custody_facts
from outcomes.queries.evaluation.disturbed import get_disturbed_facts
from outcomes.queries.evaluation.flow import get_flow_facts, get_retention_facts
from outcomes.queries.evaluation.frozen import Frozen, get_period
from outcomes.queries.evaluation.health import get_health_facts
from outcomes.queries.evaluation.housing import get_housing_facts
from outcomes.queries.evaluation.legacy import get_legacy_facts
from outcomes.queries.evaluation.offending import (
    get_followed,
    get_offending_facts,
    get_severity_facts,
)
from outcomes.queries.evaluation.own import get_own_facts
from outcomes.queries.evaluation.people import get_people_behind
from outcomes.queries.evaluation.safety import get_safety_facts
from outcomes.queries.evaluation.support import get_support_facts
from outcomes.queries.evaluation.top import get_top_facts
from outcomes.queries.evaluation.unit_costs import get_unit_costs_facts
from outcomes.queries.evaluation.urine import get_urine_facts
from outcomes.rules.evaluation.figures import Figures
from outcomes.rules.evaluation.indicators import Source


def get_figures(*, segment_ids: Sequence[int], month: date, as_of: date) -> Figures:
    """The facts of a month from the segments of its extract, up to a data cut. Indicators 1, 2 and 3."""
    period = get_period(segment_ids, month, as_of)
    frozen = Frozen(segment_ids=segment_ids, period=period)
    attendance = get_attendance_facts(frozen)
    return Figures(
        period=period,
        flow=get_flow_facts(frozen),
        retention=get_retention_facts(frozen),
        attendance=attendance,
        urine=get_urine_facts(frozen),
        recorded=get_offending_facts(frozen, Source.POLICE_RECORDED),
        self_reported=get_offending_facts(frozen, Source.SELF_REPORTED),
        severity=get_severity_facts(frozen),
        followed=get_followed(frozen),
        custody=get_custody_facts(frozen),
        candidates=get_candidate_facts(frozen),
        top=get_top_facts(frozen),
        own=get_own_facts(frozen),
        housing=get_housing_facts(frozen),
        support=get_support_facts(frozen),
        health=get_health_facts(frozen),
        safety=get_safety_facts(frozen),
        costs=get_cost_facts(frozen),
        crime_cost=get_crime_cost_facts(frozen),
        legacy=get_legacy_facts(frozen),
        around=get_around_facts(frozen),
        disturbed=get_disturbed_facts(frozen),
        people=get_people_behind(frozen, sessions=attendance.people_asked),
        aims=get_aims_facts(frozen),
        unit_costs=get_unit_costs_facts(frozen),
    )


@lru_cache(maxsize=1)
def get_figures_once(segment_ids: tuple[int, ...], extract_sha256: str, month: date, as_of: date) -> Figures:
    """The same figures, and kept until others are asked for: the worker that has built a report prints it next.

    Segments never change; the hash over them tells those of one database from those of another.
    """
    return get_figures(segment_ids=segment_ids, month=month, as_of=as_of)
