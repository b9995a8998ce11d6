"""The shapes of the report's figures: a period, a definition, an indicator, and the document of them all.

An indicator is one figure with everything needed to quote it: what was counted, of how many, when, from whose
records, how sure one can be, what is missing. A definition is the same for every clinic and month.

Source: Indicators 1, 2 and 3 (evaluation).
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from outcomes.rules.evaluation.statistics import Interval, wilson

SCHEMA = "hat-evaluation/1"
DOCUMENT_KEYS = ("schema", "clinic", "edition", "period", "version", "extract_sha256", "indicators")
FIGURE_KEYS = (
    "id",
    "label",
    "domain",
    "set",
    "source",
    "window",
    "numerator",
    "denominator",
    "value",
    "unit",
    "interval",
    "missing",
    "suppressed",
    "note",
)
WINDOW_KEYS = ("from", "to")
INTERVAL_KEYS = ("low", "high", "level", "method")
NOBODY_STARTED = "Nobody had started treatment by the data cut."


class Source(StrEnum):
    """Whose records a figure rests on. Figures of two sources are never added together."""

    CLINIC_RECORD = "clinic_record"
    SELF_REPORTED = "self_reported"
    POLICE_RECORDED = "police_recorded"
    LABORATORY = "laboratory"
    RECORD = "record"


class Group(StrEnum):
    """The set of people that a figure is about."""

    REFERRED = "R"
    ELIGIBLE = "E"
    STARTED = "S"
    IN_TREATMENT = "T"
    RETAINED_30_WEEKS = "L30"


# How many months a chart and the table below it hold at most: two years, with a letter under each on one page.
MONTHS_SHOWN = 24


class Window(StrEnum):
    """Which days a figure looks at: the month alone, or everything from opening to the data cut."""

    MONTH = "month"
    CUMULATIVE = "cumulative"


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """One calendar month of one clinic.

    `as_of` is the data cut, the first day that no longer counts: the day after the month, or tomorrow while
    the month goes on.
    """

    month: date
    opened_on: date
    as_of: date

    def __post_init__(self) -> None:
        if self.month.day != 1:
            raise ValueError("a period begins on the first day of a month")

    def window(self, kind: Window) -> tuple[date, date]:
        """The half-open window of a figure; before opening the cumulative window is empty, not backwards."""
        if kind is Window.MONTH:
            return self.month, self.as_of
        return min(self.opened_on, self.as_of), self.as_of


def next_month(month: date) -> date:
    """The first day of the month after the month that holds the day."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def data_cut(month: date, today: date) -> date:
    """The first day that does not count: after the month, or tomorrow while the month goes on."""
    return min(next_month(month), today + timedelta(days=1))


def is_over(month: date, today: date) -> bool:
    """Whether a month has ended. On its last day the data cut lies after it, and the day still goes on."""
    return next_month(month) <= today


def last_month(day: date) -> date:
    """The first day of the month that ended last before the day."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """What one figure means, in words that can be checked by hand.

    `id` may hold one place in angle brackets (`flow.exited.<reason>`), and then `label` holds `{}` for its
    words. `numerator`, `denominator`, `missing` and `method` are sentences for the methods page.
    """

    id: str
    label: str
    meaning: str
    group: Group
    source: Source
    window: Window
    unit: str
    numerator: str
    denominator: str
    missing: str
    method: str

    @property
    def domain(self) -> str:
        return self.id.split(".", 1)[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Indicator:
    """One figure of one report. `value` is None where it cannot be computed, and `note` then says why.

    `is_missing_held` says that the public may not read how many are missing.
    """

    id: str
    label: str
    domain: str
    group: Group
    source: Source
    window: tuple[date, date]
    unit: str
    numerator: int | float | None = None
    denominator: int | float | None = None
    value: int | float | None = None
    interval: Interval | None = None
    missing: int = 0
    suppressed: bool = False
    is_missing_held: bool = False
    note: str | None = None
    extras: Mapping[str, int | float | None] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        numbers = [self.value, self.numerator, self.denominator, *self.extras.values()]
        if self.interval:
            numbers += [self.interval.low, self.interval.high]
        if not all(number is None or math.isfinite(number) for number in numbers):
            raise ValueError(f"{self.id} holds a number that is not finite")
        if self.value is None and not self.note:
            raise ValueError(f"{self.id} has no value and no note that says why")

    def to_json(self) -> dict[str, Any]:
        """The figure as it stands in the document, extra keys on the top level. Indicators 1."""
        start, end = self.window
        return {
            "id": self.id,
            "label": self.label,
            "domain": self.domain,
            "set": str(self.group),
            "source": str(self.source),
            "window": {"from": start.isoformat(), "to": end.isoformat()},
            "numerator": self.numerator,
            "denominator": self.denominator,
            "value": self.value,
            "unit": self.unit,
            "interval": _interval_to_json(self.interval),
            "missing": None if self.is_missing_held else self.missing,
            "suppressed": self.suppressed,
            "note": self.note,
            **dict(sorted(self.extras.items())),
        }


def make(
    definition: Definition,
    period: Period,
    *,
    key: str | None = None,
    words: str | None = None,
    value: int | float | None = None,
    numerator: int | float | None = None,
    denominator: int | float | None = None,
    interval: Interval | None = None,
    missing: int = 0,
    note: str | None = None,
    extras: Mapping[str, int | float | None] | None = None,
) -> Indicator:
    """The figure of a definition for a period; `key` fills the place in angle brackets, `words` its label."""
    identifier, label = definition.id, definition.label
    if key is not None:
        head, _, rest = identifier.partition("<")
        identifier = head + key + rest.partition(">")[2]
        label = label.format(words or key.replace("_", " "))
    return Indicator(
        id=identifier,
        label=label,
        domain=definition.domain,
        group=definition.group,
        source=definition.source,
        window=period.window(definition.window),
        unit=definition.unit,
        numerator=numerator,
        denominator=denominator,
        value=value,
        interval=interval,
        missing=missing,
        note=note,
        extras=MappingProxyType(dict(extras or {})),
    )


def count(
    definition: Definition,
    period: Period,
    number: int | float,
    *,
    key: str | None = None,
    words: str | None = None,
    missing: int = 0,
    note: str | None = None,
    extras: Mapping[str, int | float | None] | None = None,
) -> Indicator:
    """A count: numerator and value are the number, there is no denominator and no interval."""
    return make(
        definition,
        period,
        key=key,
        words=words,
        value=number,
        numerator=number,
        missing=missing,
        note=note,
        extras=extras,
    )


def proportion(
    definition: Definition,
    period: Period,
    k: int,
    n: int,
    *,
    empty: str,
    key: str | None = None,
    words: str | None = None,
    missing: int = 0,
    note: str | None = None,
    extras: Mapping[str, int | float | None] | None = None,
) -> Indicator:
    """k of n with the Wilson interval; without an n the value is null and `empty` says why. Indicators 2."""
    return make(
        definition,
        period,
        key=key,
        words=words,
        value=k / n if n else None,
        numerator=k,
        denominator=n,
        interval=wilson(k, n),
        missing=missing,
        note=note if n else empty,
        extras=extras,
    )


def document(
    *,
    clinic: str,
    edition: str,
    period: Period,
    version: str,
    extract_sha256: str,
    indicators: Iterable[Indicator],
) -> dict[str, Any]:
    """The whole report as one JSON document. Indicators 1."""
    return {
        "schema": SCHEMA,
        "clinic": clinic,
        "edition": edition,
        "period": {"from": period.month.isoformat(), "to": period.as_of.isoformat()},
        "version": version,
        "extract_sha256": extract_sha256,
        "indicators": [indicator.to_json() for indicator in indicators],
    }


def document_text(document: Mapping[str, Any]) -> str:
    """A document as the text that is given out: the same document, the same bytes."""
    return json.dumps(in_order(document), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def in_order(document: Mapping[str, Any]) -> dict[str, Any]:
    """A stored document with its keys as they were written: PostgreSQL keeps objects in an order of its own."""
    figures = [_in_order_of(FIGURE_KEYS, figure) for figure in document["indicators"]]
    for figure in figures:
        figure["window"] = _in_order_of(WINDOW_KEYS, figure["window"])
        if figure["interval"]:
            figure["interval"] = _in_order_of(INTERVAL_KEYS, figure["interval"])
    period = _in_order_of(WINDOW_KEYS, document["period"])
    return _in_order_of(DOCUMENT_KEYS, {**document, "period": period, "indicators": figures})


def _in_order_of(first: Sequence[str], mapping: Mapping[str, Any]) -> dict[str, Any]:
    keys = [*first, *sorted(key for key in mapping if key not in first)]
    return {key: mapping[key] for key in keys}


def document_interval(figure: Mapping[str, Any]) -> Interval | None:
    """The interval of a figure of a document, or None."""
    found = figure["interval"]
    if not found:
        return None
    return Interval(low=found["low"], high=found["high"], level=found["level"], method=found["method"])


def _interval_to_json(interval: Interval | None) -> dict[str, Any] | None:
    if interval is None:
        return None
    return {"low": interval.low, "high": interval.high, "level": interval.level, "method": interval.method}
