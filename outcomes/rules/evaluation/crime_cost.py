"""What recorded offences cost by a loaded table: the response of public bodies, and the wider cost to society.

Two lines that are never added, and neither is money that anybody gets back.

Source: Indicators 3, 5 and 7 (evaluation).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from outcomes.rules.evaluation.indicators import (
    NOBODY_STARTED,
    Definition,
    Group,
    Indicator,
    Period,
    Source,
    Window,
    make,
)
from outcomes.rules.evaluation.offending import POST, PRE

KINDS = {
    "response": "response cost to public bodies",
    "social": "wider cost to society",
}
WINDOWS = {"pre": ("a year before the start", PRE), "post": ("up to a year after it", POST)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Costed:
    """Recorded offences of one window by one column of the table: pounds of those costed, and how many are not.

    `verified` says whether a named person verified every unit cost that was used.
    """

    gbp: int
    costed: int
    not_costed: int
    verified: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class CrimeCostFacts:
    """Each kind of cost in each window, of people who started, with the fingerprint of the table."""

    started: int
    by_kind: Mapping[tuple[str, str], Costed]
    table_version: str


COST = {
    (kind, key): Definition(
        id=f"crime_cost.{kind}.{key}",
        label=f"Recorded offences, {words}, {label}",
        meaning=(
            f"The unit cost of each recorded offence {where}, added up. An offence that the table gives no "
            "cost is counted as not_costed and never as £0. Not cash that anybody gets back."
        ),
        group=Group.STARTED,
        source=Source.POLICE_RECORDED,
        window=Window.CUMULATIVE,
        unit="GBP",
        numerator="pounds by the unit costs of the offence table",
        denominator="none: a sum of money",
        missing="offences without a unit cost, as not_costed",
        method="a sum, no interval",
    )
    for kind, words in KINDS.items()
    for key, (label, where) in WINDOWS.items()
}
DEFINITIONS = tuple(COST.values())


def list_crime_cost_indicators(facts: CrimeCostFacts, period: Period) -> list[Indicator]:
    """The two kinds of cost in the two windows. Offences of which none is costed give null. Indicators 3 and 7."""
    return [_cost(facts, period, kind, key) for kind, key in COST]


def _cost(facts: CrimeCostFacts, period: Period, kind: str, key: str) -> Indicator:
    costed = facts.by_kind[kind, key]
    extras = {"not_costed": costed.not_costed, "costed": costed.costed}
    definition = COST[kind, key]
    if not facts.started:
        return make(definition, period, note=NOBODY_STARTED, extras=extras)
    if costed.not_costed and not costed.costed:
        note = f"The offence table gives no unit cost for any of these {costed.not_costed} offences."
        return make(definition, period, missing=costed.not_costed, note=note, extras=extras)
    note = f"Unit costs as in the offence table, version {facts.table_version}"
    note += "." if costed.verified else "; not yet verified by a named person."
    if costed.not_costed:
        note += f" {costed.not_costed} more offences have no unit cost and are not in the sum."
    return make(
        definition,
        period,
        value=costed.gbp,
        numerator=costed.gbp,
        missing=costed.not_costed,
        note=note,
        extras=extras,
    )
