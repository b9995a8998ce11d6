"""Figures that must add up to another: exit reasons, where people live, who referred them, groups of offences.

Source: Indicators 7 (evaluation), rule (5) of the public edition.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from outcomes.rules.evaluation.housing import Moment
from outcomes.rules.evaluation.indicators import Source
from outcomes.rules.evaluation.offending import GROUPS
from outcomes.rules.housing import HousingState

Key = tuple[str, str]
CLINIC, POLICE = str(Source.CLINIC_RECORD), str(Source.POLICE_RECORDED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Breakdown:
    """Parts of one total. Where people live the total is the denominator of each part, and `total` is a part."""

    total: Key
    parts: tuple[Key, ...]


def list_breakdowns(keys: Mapping[Key, object] | Iterable[Key]) -> list[Breakdown]:
    """The breakdowns that these figures hold parts of. Those who started are told apart by source and by area
    under one id each, so these two are one breakdown."""
    known = set(keys)
    found = [
        Breakdown(
            total=(total, CLINIC),
            parts=tuple(sorted(key for key in known if key[0].startswith(f"{total}."))),
        )
        for total in ("flow.exited", "flow.referred", "flow.started")
    ]
    for moment in Moment:
        parts = tuple((f"housing.{state}.{moment}", CLINIC) for state in HousingState)
        found.append(Breakdown(total=parts[0], parts=parts))
    found += [
        Breakdown(
            total=(f"offending.recorded.{part}_total", POLICE),
            parts=tuple((f"offending.recorded.{group}.{part}_total", POLICE) for group in GROUPS),
        )
        for part in ("pre", "post")
    ]
    return [breakdown for breakdown in found if known.intersection(breakdown.parts)]
