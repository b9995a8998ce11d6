"""The justice edition: what police, probation and prisons pay for in exact numbers, and the rest as the public reads it.

Offences, custody, costs, the area, the need, the candidates and the totals of people are exact. Every other figure
stands as in the last public issue that was signed off, or says that there is none. Exact totals can narrow what the
public issue leaves blank: then some of them are left blank too, as few as a short ladder finds.

Source: Indicators 8 (evaluation), the justice edition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from hat_clinic.core.decisions import Decision, block
from outcomes.rules.evaluation.attack import Figures
from outcomes.rules.evaluation.attack_reading import STARTED, cells
from outcomes.rules.evaluation.definitions import DEFINITIONS
from outcomes.rules.evaluation.indicators import Indicator, Period, Window, make
from outcomes.rules.evaluation.justice_attack import find_leaks_beside, is_exact

SOURCE: Final = "indicators-8"
NO_PUBLIC: Final = "Not shown: no public issue was signed off yet."
HELD_BESIDE: Final = (
    "Not shown: beside the public issue it would give a number of seven people or fewer away."
)
# Without these nobody reckons how many started: the others do not add up to it.
OPENINGS: Final = (STARTED, "flow.exited", "flow.referred")


def make_justice(
    exact: Sequence[Indicator],
    *,
    period: Period,
    public: Figures | None,
    public_around: Sequence[Figures] = (),
    justice_around: Sequence[Figures] = (),
) -> list[dict[str, Any]]:
    """The figures of a justice issue, in the order of the exact ones.

    `public` is the last public issue that was signed off. `public_around` and `justice_around` are the issues that a
    reader may lay beside this one. What still leaks on the last step of the ladder is refused at the release.

    Source: Indicators 8 (evaluation).
    """
    others = [dict(figure) for figure in public if not is_exact(figure["id"])] if public else _blanks(period)
    shown = [indicator for indicator in exact if is_exact(indicator.id)]
    issue: list[dict[str, Any]] = []
    for held in _ladder(shown, public_around):
        issue = [(_blank(one) if one.id in held else one).to_json() for one in shown] + others
        if not any(find_leaks_beside(around, issue, *justice_around) for around in public_around):
            break
    order = {domain: place for place, domain in enumerate(dict.fromkeys(one.domain for one in exact))}
    return sorted(issue, key=lambda figure: order.get(figure["domain"], len(order)))


def stands_as_public(figures: Figures, public: Figures | None) -> Decision:
    """Decide whether everything that is not exact in a justice issue is what the public issue says, or blank.

    Source: Indicators 8 (evaluation).
    """
    said = {(figure["id"], figure["source"]): figure for figure in public or ()}
    differing = sorted(
        {
            figure["id"]
            for figure in figures
            if not is_exact(figure["id"])
            and said.get((figure["id"], figure["source"])) != figure
            and not (public is None and figure["suppressed"] and figure["value"] is None)
        }
    )
    if not differing:
        return Decision()
    message = (
        "This report was not released: it says something else than the public issue about "
        f"{', '.join(differing[:8])}. Build it again."
    )
    return Decision((block("report_differs_from_public", message, SOURCE),))


def _blanks(period: Period) -> list[dict[str, Any]]:
    """What the public edition can hold, blank. Which reasons and payers there are would tell something: none stands."""
    return [
        replace(make(definition, period, note=NO_PUBLIC), suppressed=True, is_missing_held=True).to_json()
        for definition in DEFINITIONS
        if "<" not in definition.id
        and definition.window is Window.CUMULATIVE
        and definition.domain != "dosing"
        and not is_exact(definition.id)
    ]


def _ladder(shown: Sequence[Indicator], public_around: Sequence[Figures]) -> list[set[str]]:
    """Which exact figures are left blank, step by step: none, what says how many started, every total, all in common."""
    names = {one.id: {name for name, _, _ in cells(one.to_json())} for one in shown}
    public = {name for figures in public_around for figure in figures for name, _, _ in cells(figure)}
    started = {key for key, printed in names.items() if STARTED in printed} | set(OPENINGS)
    totals = started | {key for key in names if key.startswith("flow.")}
    common = totals | {key for key, printed in names.items() if printed & public}
    return [set(), started, totals, common]


def _blank(indicator: Indicator) -> Indicator:
    extras: Mapping[str, None] = dict.fromkeys(indicator.extras)
    return replace(
        indicator,
        numerator=None,
        denominator=None,
        value=None,
        interval=None,
        missing=0,
        is_missing_held=True,
        suppressed=True,
        note=HELD_BESIDE,
        extras=MappingProxyType(extras),
    )
