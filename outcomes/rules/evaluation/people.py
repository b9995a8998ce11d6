"""How many people each figure rests on. A hundred offences of two people are two people's offences.

A figure whose own numbers count people needs nothing more. Every other figure names the people behind it as
`people`, so that the public edition can leave out what rests on few. Where other services are asked about,
`people` are those asked and `people_with_events` those to whom something happened.

Source: Indicators 7 (evaluation), rule (9) of the public edition.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from outcomes.rules.evaluation.indicators import Indicator

NOBODY: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class PeopleBehind:
    """People of S with at least one such row. A key that is not there stands for nobody.

    `offences` by source and window (`recorded.pre`, `self_reported.earlier`, either window as
    `recorded.either`), by group (`recorded.drug.post`), by kind of cost of those costed (`social.pre`), and of
    people of L30 (`long.before`, `long.after`); `events` as safety names them; `services` as
    `health.ae.pre@record`.
    """

    offences: Mapping[str, int] = field(default_factory=lambda: NOBODY)
    events: Mapping[str, int] = field(default_factory=lambda: NOBODY)
    samples_due: int = 0
    samples_valid: int = 0
    sessions: int = 0
    services: Mapping[str, int] = field(default_factory=lambda: NOBODY)


def name_people(
    indicators: Sequence[Indicator], behind: PeopleBehind, flow: Mapping[str, int]
) -> list[Indicator]:
    """The same figures, each with the people it rests on where its own numbers do not say so.

    `flow` holds the counts of people by the last word of their id, such as `started`.
    """
    people = _by_id(behind, flow)
    return [_named(indicator, people, behind.services) for indicator in indicators]


def _named(indicator: Indicator, people: Mapping[str, int], services: Mapping[str, int]) -> Indicator:
    if indicator.id.startswith("health."):
        return _with(indicator, "people_with_events", _with_events(indicator, services))
    if indicator.id.startswith("safety.deaths.") and indicator.id.endswith(".rate"):
        return _with(indicator, "people", int(indicator.numerator or 0))
    if indicator.id in people and "people" not in indicator.extras:
        return _with(indicator, "people", people[indicator.id])
    return indicator


def _with(indicator: Indicator, key: str, number: int) -> Indicator:
    return replace(indicator, extras=MappingProxyType({**indicator.extras, key: number}))


def _with_events(indicator: Indicator, services: Mapping[str, int]) -> int:
    service, _, kind = indicator.id.removeprefix("health.").partition(".")
    before, during = (
        services.get(f"health.{service}.{part}@{indicator.source}", 0) for part in ("pre", "during")
    )
    if kind == "pre_rate":
        return before
    if kind == "during_rate":
        return during
    return min((number for number in (before, during) if number), default=0)


def _by_id(behind: PeopleBehind, flow: Mapping[str, int]) -> dict[str, int]:
    offences = behind.offences
    people = {
        "flow.wait.assessment_days": flow["assessed"],
        "flow.wait.start_days": flow["started"],
        "flow.wait.waiting_days": flow["waiting"],
        "attendance.strict.cumulative": behind.sessions,
        "urine.negative_samples.cumulative": behind.samples_valid,
        "quality.urine_taken": behind.samples_due,
        "cost.per_patient_year": flow["started"],
        "cost.drug_per_patient_year": flow["started"],
        "legacy.known_before": offences.get("long.before", 0),
        "legacy.recorded_after": offences.get("long.after", 0),
        "legacy.offending_change_percent": offences.get("recorded.either", 0),
        "legacy.saving_gbp": offences.get("recorded.either", 0),
    }
    for source in ("recorded", "self_reported"):
        for part in ("pre", "post"):
            for kind in ("total", "mean", "rate"):
                people[f"offending.{source}.{part}_{kind}"] = offences.get(f"{source}.{part}", 0)
        people[f"offending.{source}.earlier_total"] = offences.get(f"{source}.earlier", 0)
        people[f"offending.{source}.rate_ratio"] = offences.get(f"{source}.either", 0)
    for part in ("pre", "post"):
        people[f"offending.severity.{part}_median"] = offences.get(f"recorded.{part}", 0)
        for group in ("acquisitive", "violence", "drug", "order"):
            people[f"offending.recorded.{group}.{part}_total"] = offences.get(f"recorded.{group}.{part}", 0)
        for kind in ("response", "social"):
            people[f"crime_cost.{kind}.{part}"] = offences.get(f"{kind}.{part}", 0)
    for event in ("over_sedation", "overdose.on_site", "overdose.off_site", "naloxone"):
        people[f"safety.{event}"] = behind.events.get(event, 0)
    return people
