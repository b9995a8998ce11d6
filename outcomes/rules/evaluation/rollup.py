"""Figures of several clinics as one: counts are summed, shares and rates reckoned anew, medians listed by clinic.

Source: Indicators 2 (evaluation).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from math import isclose
from typing import Any, Final

from hat_clinic.core.decisions import Decision, Finding, block
from outcomes.rules.evaluation.spreadsheet import to_csv
from outcomes.rules.evaluation.statistics import Interval, garwood_rate, wilson

SCHEMA: Final = "hat-rollup/1"
CITED: Final = "indicators 2"
LONGEST_NAME: Final = 100
LONGEST_REASON: Final = 300
FEWEST_CLINICS: Final = 2
NOT_POOLED: Final = (
    "Not one figure for all: the middle of several clinics is not the middle of their middles."
)
NOT_READ: Final = "You do not read the reports of each clinic of this group. Ask somebody who does."
NOWHERE: Final = "No clinic of the group has this figure."


class NetworkKind(StrEnum):
    """What holds a group of clinics together."""

    FORCE_AREA = "force_area"
    FUNDER = "funder"
    NATION = "nation"

    @property
    def label(self) -> str:
        """The kind in plain words."""
        return {"force_area": "Police force area", "funder": "Funder", "nation": "Nation"}[self.value]


def may_add_network(*, name: str, is_taken: bool, clinics: int, is_reader: bool) -> Decision:
    """Decide whether a named group of clinics is made, by somebody who reads the reports of each.

    Source: Indicators 2 (evaluation).
    """
    return Decision.of(
        [
            _unless(
                bool(name.strip()) and len(name.strip()) <= LONGEST_NAME,
                "network_name",
                f"Write the group's name in at most {LONGEST_NAME} letters.",
            ),
            _unless(not is_taken, "network_taken", "There is a group of that name already."),
            _unless(clinics >= FEWEST_CLINICS, "network_clinics", "Tick at least two clinics."),
            _unless(
                is_reader,
                "network_reader",
                "You do not read the reports of each of these clinics. Tick only clinics whose reports you read.",
            ),
        ]
    )


def may_request_rollup(*, is_over: bool, month: date, ended_on: date | None, released: int) -> Decision:
    """Decide whether the figures of a group are put together: of a month that is over, from two clinics or more.

    Of a group that ended, nothing is put together of a month that began after its last day, `ended_on`.
    Source: Indicators 2 (evaluation).
    """
    has_ended = ended_on is not None and ended_on < month
    return Decision.of(
        [
            _unless(is_over, "rollup_month", "That month is not over. Choose one that is."),
            _unless(
                not has_ended,
                "rollup_ended",
                f"This group ended on {_words(ended_on)}. Choose a month that began by then."
                if ended_on
                else "",
            ),
            _unless(
                has_ended or released >= FEWEST_CLINICS,
                "rollup_parts",
                "Fewer than two clinics of this group have a report of that month that is signed off. "
                "Nothing was put together.",
            ),
        ]
    )


def may_end_network(
    *, ended_on: date, why: str, today: date, has_ended: date | None, last_asked: date | None, is_reader: bool
) -> Decision:
    """Decide whether a group of clinics ends with a day: once, with a reason, by somebody who reads each of its clinics.

    `last_asked` is the latest month that was asked for: no group ends before a month that was put together of it.
    Source: Indicators 2 (evaluation).
    """
    return Decision.of(
        [
            _not_ended(has_ended),
            *_last_day(ended_on, why, today, last_asked),
            _unless(is_reader, "network_reader", NOT_READ),
        ]
    )


def may_leave_network(
    *,
    left_on: date,
    why: str,
    today: date,
    is_in: bool,
    clinics: int,
    has_ended: date | None,
    last_asked: date | None,
    is_reader: bool,
) -> Decision:
    """Decide whether one clinic leaves its group with a day; `clinics` are in it until then.

    Two clinics are left at least, since one is no group. Source: Indicators 2 (evaluation).
    """
    return Decision.of(
        [
            _not_ended(has_ended),
            _unless(is_in, "leaving_clinic", "That clinic is not in this group any more."),
            _unless(
                clinics > FEWEST_CLINICS,
                "leaving_last",
                "Two clinics are left. One clinic is no group: end the group instead.",
            ),
            *_last_day(left_on, why, today, last_asked),
            _unless(is_reader, "network_reader", NOT_READ),
        ]
    )


def roll_up(
    *, name: str, month: str, edition: str, parts: Mapping[str, Mapping[str, Any]], missing: Sequence[str]
) -> dict[str, Any]:
    """Put the frozen documents of clinics, by code, together into one; `missing` are the clinics without a report.

    A figure keeps the values of each clinic in `clinics`, and names in `without` those that lack it. One that is
    neither a sum nor a share of sums has no value, and says so. Source: Indicators 2 (evaluation).
    """
    figures: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for code, document in sorted(parts.items()):
        for figure in document["indicators"]:
            figures.setdefault((figure["id"], figure["source"]), {})[code] = figure
    return {
        "schema": SCHEMA,
        "network": name,
        "month": month,
        "edition": edition,
        "clinics": sorted(parts),
        "missing_clinics": sorted(missing),
        "indicators": [_pooled(by_clinic, sorted(parts)) for by_clinic in figures.values()],
    }


def rollup_csv(document: Mapping[str, Any]) -> str:
    """Every figure of a group, one a row, with a column for each clinic."""
    clinics = document["clinics"]
    columns = [
        "id",
        "source",
        "label",
        "unit",
        "numerator",
        "denominator",
        "value",
        "interval_low",
        "interval_high",
    ]
    rows = [
        [
            *(figure[name] for name in columns[:7]),
            *((figure["interval"] or {}).get(end) for end in ("low", "high")),
            figure["note"],
            *(figure["clinics"].get(code, {}).get("value") for code in clinics),
        ]
        for figure in document["indicators"]
    ]
    return to_csv([*columns, "note", *clinics], rows)


def _not_ended(has_ended: date | None) -> Finding | None:
    return block("network_ended", f"This group ended on {_words(has_ended)}.", CITED) if has_ended else None


def _last_day(last_on: date, why: str, today: date, last_asked: date | None) -> Iterable[Finding | None]:
    yield _unless(
        last_on <= today, "ending_day", "That day is still to come. Write the last day once it is here."
    )
    if last_asked is not None and last_on < last_asked:
        yield block(
            "ending_asked",
            f"Figures of {last_asked:%B %Y} were put together for this group. "
            f"Write {_words(last_asked)} or a later day.",
            CITED,
        )
    is_said = bool(why.strip()) and len(why.strip()) <= LONGEST_REASON
    yield _unless(is_said, "ending_reason", f"Write why, in at most {LONGEST_REASON} letters.")


def _words(on: date) -> str:
    return f"{on:%-d %B %Y}"


def _pooled(by_clinic: Mapping[str, Mapping[str, Any]], codes: Iterable[str]) -> dict[str, Any]:
    first = next(iter(by_clinic.values()))
    there = {code: one for code, one in by_clinic.items() if one["value"] is not None}
    numerator = denominator = value = None
    interval: Interval | None = None
    note = None
    if not there:
        note = NOWHERE
    elif all(_is_count(one) for one in there.values()):
        numerator = value = sum(one["value"] for one in there.values())
    elif all(_is_share(one) for one in there.values()):
        numerator = sum(one["numerator"] for one in there.values())
        denominator = sum(one["denominator"] for one in there.values())
        value = numerator / denominator
        interval = _interval(
            numerator, denominator, {(one["interval"] or {}).get("method") for one in there.values()}
        )
    else:
        note = NOT_POOLED
    return {
        "id": first["id"],
        "source": first["source"],
        "label": first["label"],
        "unit": first["unit"],
        "numerator": numerator,
        "denominator": denominator,
        "value": value,
        "interval": None
        if interval is None
        else {"low": interval.low, "high": interval.high, "level": interval.level, "method": interval.method},
        "note": note,
        "without": [code for code in codes if code not in there],
        "clinics": {
            code: {name: one[name] for name in ("numerator", "denominator", "value")}
            for code, one in by_clinic.items()
        },
    }


def _is_count(figure: Mapping[str, Any]) -> bool:
    return figure["denominator"] is None and figure["numerator"] == figure["value"]


def _is_share(figure: Mapping[str, Any]) -> bool:
    """Tell a number of things over a whole; a ratio of two rates is none, because its upper part is no number."""
    k, n = figure["numerator"], figure["denominator"]
    return isinstance(k, int) and bool(n) and isclose(figure["value"], k / n, rel_tol=1e-9, abs_tol=1e-12)


def _interval(k: int, n: float, methods: set[str | None]) -> Interval | None:
    if methods == {"wilson"}:
        return wilson(k, int(n))
    return garwood_rate(k, n)[1] if methods == {"garwood"} else None


def _unless(holds: bool, code: str, message: str) -> Finding | None:
    return None if holds else block(code, message, CITED)
