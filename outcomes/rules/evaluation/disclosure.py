"""The public edition of exact figures: no number of people from 1 to 7 stands in it or follows from it.

Counts of 1 to 7 are left blank, 0 stays 0, and every other count is rounded to the nearest 5. A share is reckoned
from the two rounded counts. What has the month as its window is left out, and so are doses and intervals.

Source: Indicators 4 and 7 (evaluation), the ten rules of the public edition.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from outcomes.rules.evaluation.breakdowns import list_breakdowns
from outcomes.rules.evaluation.definitions import definition_of
from outcomes.rules.evaluation.health import SERVICES
from outcomes.rules.evaluation.indicators import Indicator, Window
from outcomes.rules.evaluation.legacy import KNOWN_OFFENCES, SAVED_GBP
from outcomes.rules.evaluation.own import SHARES

SMALLEST_SHOWN, STEP = 8, 5
HELD = "Not shown: it rests on seven people or fewer, or would give such a number away."
NOT_COMPUTED = "Cannot be computed from what is recorded."

# Figures that are about nobody in the clinic: money of the programme, and what others publish of an area.
ABOUT_NOBODY = ("cost.programme.", "cost.payer.", "cost.running_per_place_year", "need.estimate")
AREA_SUMS = (".last_12m", ".before_12m")
# Shares of a number that everybody knows, so that the rest of it is no number of people. Rule (4).
OF_A_KNOWN_NUMBER = ("flow.occupancy", "need.referred", "need.started", "area.cohort_share")
# Extra counts without which the figure could not be computed: it is blank when one of them is. Rules (2), (3), (7).
USED_EXTRAS = (
    "people",
    "people_paired",
    "people_with_events",
    "events",
    "at_risk",
    "costed",
    "not_costed",
    "not_weighted",
)
# Figures that are blank when one of the others is, of the same source. Rules (2) and (6).
TOTALS_OF = {
    "pre_mean": ("pre",),
    "post_mean": ("post",),
    "pre_rate": ("pre",),
    "post_rate": ("post",),
    "rate_ratio": ("pre", "post"),
}
RECORDED = ("offending.recorded.pre_total", "offending.recorded.post_total")
LEANS_ON: Mapping[str, tuple[str, ...]] = {
    **{
        f"offending.{source}.{figure}": tuple(f"offending.{source}.{part}_total" for part in parts)
        for source in ("recorded", "self_reported")
        for figure, parts in TOTALS_OF.items()
    },
    **{
        f"health.{service}.rate_ratio": (f"health.{service}.pre_rate", f"health.{service}.during_rate")
        for service in SERVICES
    },
    **{f"own.{item}.change": (f"own.{item}.start", f"own.{item}.latest") for item in SHARES},
    "legacy.offending_change_percent": RECORDED,
    "legacy.saving_gbp": RECORDED,
    "flow.in_treatment": ("flow.exited",),
    "flow.exited": ("flow.in_treatment",),
    "flow.occupancy": ("flow.in_treatment", "flow.exited"),
    "retention.snapshot": ("flow.in_treatment", "flow.exited"),
}
# The curve needs more people than stand in its figures. Rule (3).
CURVE_COUNTS = ("flow.started", "flow.exited")

DIFFERENCE = "difference of proportions"

Key = tuple[str, str]


def is_small(number: float | None) -> bool:
    """Whether a count is one of 1 to 7."""
    return number is not None and 0 < number < SMALLEST_SHOWN


def round_count(number: int) -> int | None:
    """A count as the public reads it: None for 1 to 7, else to the nearest 5, and 0 stays 0."""
    if is_small(number):
        return None
    return STEP * ((number + STEP // 2) // STEP)


def two_figures(value: float) -> float:
    """A number to two significant figures."""
    return float(f"{value:.2g}")


def key_of(indicator: Indicator) -> Key:
    """What tells two figures apart: figures of other services have one entry for each source."""
    return indicator.id, str(indicator.source)


def disclose(indicators: Sequence[Indicator], also_held: Iterable[Key] = ()) -> list[Indicator]:
    """The public figures from exact ones, by rules (1) to (9). `also_held` are blank whatever they count."""
    shown = [indicator for indicator in indicators if not _is_left_out(indicator)]
    by_key = {key_of(indicator): indicator for indicator in shown}
    held = _list_held(by_key, set(also_held))
    gone = {
        key
        for breakdown in list_breakdowns(by_key)
        if held.intersection((*breakdown.parts, breakdown.total))
        for key in breakdown.parts
    }
    return [
        _blank(indicator) if key in held else _publish(indicator, by_key)
        for key, indicator in by_key.items()
        if key not in gone
    ]


def _is_left_out(indicator: Indicator) -> bool:
    """Rule (8), and doses. A figure that nobody defined is left out too."""
    definition = definition_of(indicator.id)
    return definition is None or definition.window is Window.MONTH or indicator.domain == "dosing"


def _list_held(by_key: Mapping[Key, Indicator], held: set[Key]) -> set[Key]:
    held = {*held, *(key for key, indicator in by_key.items() if _rests_on_few(indicator))}
    counts = {indicator.id: indicator.numerator for indicator in by_key.values()}
    if any(is_small(counts.get(identifier)) for identifier in CURVE_COUNTS):
        held |= {key for key in by_key if key[0].startswith("retention.km_")}
    leaning = {
        (identifier, source)
        for identifier, source in by_key
        if any((other, source) in held for other in LEANS_ON.get(identifier, ()))
    }
    return held | leaning


def _rests_on_few(indicator: Indicator) -> bool:
    """Rules (2), (4), (7) and (9). Nobody knowing how many people a figure rests on counts as few."""
    if is_about_nobody(indicator.id):
        return False
    used = [indicator.extras.get(key) for key in USED_EXTRAS]
    k, n = indicator.numerator, indicator.denominator
    if indicator.unit == DIFFERENCE:
        used.append(n)
    elif indicator.unit == "percent":
        used += [n, None if k is None or n is None else k + n]
    elif not indicator.unit.startswith("GBP") and isinstance(k, int):
        used.append(k)
    if _is_pair(indicator) and k is not None and n is not None and indicator.id not in OF_A_KNOWN_NUMBER:
        used += [n, n - k] if indicator.unit == "proportion" else [n]
    return any(map(is_small, used)) or not _says_how_many_people(indicator) or _disagrees(indicator)


def is_about_nobody(identifier: str) -> bool:
    """Whether a figure is money of the programme or of others' publishing, and no count of anybody here."""
    return identifier.startswith(ABOUT_NOBODY) or (
        identifier.startswith("area.") and identifier.endswith(AREA_SUMS)
    )


def _is_pair(indicator: Indicator) -> bool:
    """Whether the figure is one count of another, which are both whole numbers."""
    return (
        indicator.unit not in ("percent", DIFFERENCE)
        and isinstance(indicator.numerator, int)
        and isinstance(indicator.denominator, int)
    )


def _says_how_many_people(indicator: Indicator) -> bool:
    if indicator.value is None or indicator.unit == "people" or indicator.id.startswith("need."):
        return True
    if any(key in indicator.extras for key in ("people", "people_paired", "people_with_events", "at_risk")):
        return True
    definition = definition_of(indicator.id)
    of_people = definition is not None and definition.denominator.startswith(("people", "places"))
    return indicator.unit == "proportion" and of_people


def _disagrees(indicator: Indicator) -> bool:
    """Whether something was counted of nobody: then how many people it was is not known."""
    return bool(indicator.value) and indicator.extras.get("people", 1) == 0


def _rounded(by_key: Mapping[Key, Indicator], identifier: str) -> int:
    """The rounded numerator of another figure, which is not small."""
    found = [indicator.numerator for key, indicator in by_key.items() if key[0] == identifier]
    return round_count(int(found[0] or 0)) or 0 if found else 0


def _blank(indicator: Indicator) -> Indicator:
    extras = {key: None for key, number in indicator.extras.items() if not isinstance(number, float)}
    return replace(
        indicator,
        numerator=None,
        denominator=None,
        value=None,
        interval=None,
        missing=0,
        is_missing_held=True,
        suppressed=True,
        note=HELD,
        extras=MappingProxyType(extras),
    )


def _publish(indicator: Indicator, by_key: Mapping[Key, Indicator]) -> Indicator:
    k, n, value = indicator.numerator, indicator.denominator, indicator.value
    if not is_about_nobody(indicator.id):
        k, n, value = _restate(indicator, by_key)
    extras = {
        key: _count(number) for key, number in indicator.extras.items() if not isinstance(number, float)
    }
    note = _without_numbers(indicator.note)
    return replace(
        indicator,
        numerator=k,
        denominator=n,
        value=value,
        interval=None,
        missing=round_count(indicator.missing) or 0,
        is_missing_held=is_small(indicator.missing),
        note=note or (NOT_COMPUTED if value is None else None),
        extras=MappingProxyType(extras),
    )


Restated = tuple[int | float | None, int | float | None, int | float | None]


def _restate(indicator: Indicator, by_key: Mapping[Key, Indicator]) -> Restated:
    """Numerator, denominator and value from rounded counts. Rules (1), (2) and (3)."""
    k, n, value = indicator.numerator, indicator.denominator, indicator.value
    if indicator.id == "legacy.saving_gbp" and value is not None:
        before, after = (_rounded(by_key, total) for total in RECORDED)
        saved = two_figures((before - after) * SAVED_GBP / KNOWN_OFFENCES)
        return saved, None, saved
    if indicator.domain == "crime_cost" and value is not None:
        costed = int(indicator.extras.get("costed") or 0)
        pounds = two_figures(value * (round_count(costed) or 0) / costed) if costed else 0.0
        return pounds, None, pounds
    if indicator.unit == "percent" and k is not None and n is not None:
        return _restate_change(int(n), int(k + n))
    if indicator.unit == DIFFERENCE:
        start, latest = (_rounded(by_key, other) for other in LEANS_ON[indicator.id])
        whole = round_count(int(n or 0))
        return latest - start, whole, (latest - start) / whole if whole else None
    if _is_pair(indicator):
        return _restate_pair(indicator, int(k or 0), int(n or 0))
    if indicator.id.startswith("retention.km_"):
        return None, None, None if value is None else round(round(value / 0.05) * 0.05, 2)
    if isinstance(k, int) and n is None and not indicator.unit.startswith("GBP"):
        return round_count(k), None, round_count(k) if value is not None else None
    return (
        round_count(k) if isinstance(k, int) else None if k is None else two_figures(k),
        None,
        None if value is None else two_figures(value),
    )


def _restate_pair(indicator: Indicator, k: int, n: int) -> Restated:
    part = round_count(k)
    whole = n if indicator.id in OF_A_KNOWN_NUMBER else round_count(n)
    return part, whole, None if part is None or not whole else part / whole


def _restate_change(before: int, after: int) -> Restated:
    first, last = round_count(before) or 0, round_count(after) or 0
    return last - first, first, 100 * (last - first) / first if first else None


def _count(number: float | None) -> int | None:
    return None if number is None else round_count(int(number))


def _without_numbers(note: str | None) -> str | None:
    """The sentences of a note that hold no number and speak of no interval; a table's own version may stay."""
    sentences = re.split(r"(?<=[.!?])\s+", note or "")
    kept = [
        sentence
        for sentence in sentences
        if sentence.startswith(("Weights of", "Unit costs"))
        or not (re.search(r"\d|%", sentence) or "interval" in sentence)
    ]
    return " ".join(kept) or None
