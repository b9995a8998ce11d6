"""An attack on a public issue: what somebody finds who has it, the one before, and the rules it was made by.

Every blank and every rounded number is taken for what it can have been, and then each sum, rest, share and
difference is tried, also between the two issues. A number of 1 to 7 of which only one or two values are left is a leak.
So is a figure that is not as the rules make it.

Source: Indicators 7 (evaluation), rule (10) of the public edition.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hat_clinic.core.decisions import Decision, Finding, Level
from outcomes.rules.evaluation.attack_reading import read_issue
from outcomes.rules.evaluation.bounds import Bounds, Sum
from outcomes.rules.evaluation.disclosure import OF_A_KNOWN_NUMBER, is_about_nobody, is_small
from outcomes.rules.evaluation.indicators import FIGURE_KEYS

SOURCE = "indicators-7"
NOW, BEFORE, CHANGE = "now", "before", "change"
# Counts since opening that only grow: somebody who was referred once was referred.
GROWING = ("flow.referred", "flow.assessed", "flow.started")
FIGURES_NAMED = 8
# Something is told where no more of the seven numbers than these are left.
NUMBERS_LEFT = 2

Figures = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Leak:
    """One number that can be told: which, of which issue or between the two, and how much it is at least."""

    name: str
    issue: str
    number: int | None
    why: str
    through: tuple[str, ...] = ()

    @property
    def figure(self) -> str:
        """The id of the figure that the number belongs to."""
        return self.name.split(":")[0].split("@")[0]


def find_leaks(figures: Figures, *earlier: Figures) -> list[Leak]:
    """Everything from 1 to 7 that can be told from an issue, alone or with each earlier one; and each broken rule.

    What an earlier issue tells by itself is out already and is not held against this one.
    """
    alone = Bounds()
    read_issue(alone, figures, NOW)
    found = [*_broken_rules(figures), *pinned(alone)]
    for before in earlier:
        found += [leak for leak in _told_together(figures, before) if leak not in found]
    return found


def may_release(figures: Figures, *earlier: Figures) -> Decision:
    """Whether a public issue may be given out after those before it: refused when anything can be told."""
    leaks = find_leaks(figures, *earlier)
    if not leaks:
        return Decision.of([])
    ids = sorted({leak.figure for leak in leaks})
    named = ", ".join(ids[:FIGURES_NAMED]) + (" and more" if len(ids) > FIGURES_NAMED else "")
    return Decision.of(
        [
            Finding(
                code="report_gives_people_away",
                level=Level.BLOCK,
                message=(
                    "This report was not released: a number of seven people or fewer could be worked out from "
                    f"it, alone or together with the one before it. It concerns: {named}."
                ),
                source=SOURCE,
            )
        ]
    )


def _told_together(figures: Figures, before: Figures) -> list[Leak]:
    bounds, alone = Bounds(), Bounds()
    names = read_issue(bounds, figures, NOW) & read_issue(bounds, before, BEFORE)
    compare(bounds, names, ends(figures) - ends(before))
    read_issue(alone, before, BEFORE)
    known = {leak.name for leak in pinned(alone)}
    return [leak for leak in pinned(bounds) if leak.issue == NOW or leak.name not in known]


def ends(figures: Figures) -> int:
    """The day of the data cut, as a number."""
    return max((date.fromisoformat(figure["window"]["to"]).toordinal() for figure in figures), default=0)


def compare(bounds: Bounds, names: set[str], days_later: int) -> None:
    """What changed of each number that stands in both issues; what only grows says more."""
    for name in sorted(names):
        grows = name in GROWING and days_later
        low = 0 if grows and days_later > 0 else -math.inf
        high = 0 if grows and days_later < 0 else math.inf
        bounds.known[f"{CHANGE}:{name}"] = low, high
        bounds.add(f"{NOW}:{name}", (f"{BEFORE}:{name}", f"{CHANGE}:{name}"))
    for relation in list(bounds.relations):
        here = [name.removeprefix(f"{NOW}:") for name in relation.names if name.startswith(f"{NOW}:")]
        if isinstance(relation, Sum) and len(here) == len(relation.names) and names.issuperset(here):
            bounds.add(f"{CHANGE}:{here[0]}", [f"{CHANGE}:{name}" for name in here[1:]])


def pinned(bounds: Bounds) -> list[Leak]:
    boxes = bounds.narrow()
    return [
        Leak(
            name=name.partition(":")[2],
            issue=name.partition(":")[0],
            number=int(low),
            why="Only one number is left." if low == high else "Only two numbers are left.",
            through=bounds.told_by[name].names if name in bounds.told_by else (),
        )
        for name, (low, high) in sorted(boxes.items())
        if high - low < NUMBERS_LEFT and low * high > 0 and is_small(abs(low)) and is_small(abs(high))
    ]


def _broken_rules(figures: Figures) -> list[Leak]:
    """Figures that the rules of the public edition do not make."""
    return [
        Leak(name=figure["id"], issue=NOW, number=None, why=why)
        for figure in figures
        for why in _why_broken(figure)
    ]


def _why_broken(figure: Mapping[str, Any]) -> list[str]:
    found = []
    if figure["interval"] is not None:
        found.append("It has an interval.")
    if not is_about_nobody(figure["id"]) and any(
        isinstance(number, int) and not isinstance(number, bool) and number % 5 for number in _counts(figure)
    ):
        found.append("A count is not rounded.")
    if figure["suppressed"] and any(number is not None for number in (figure["value"], *_counts(figure))):
        found.append("It is blank, and a number of it stands there.")
    k, n, value = figure["numerator"], figure["denominator"], figure["value"]
    if figure["unit"] == "proportion" and None not in (k, n, value) and abs(value * n - k) > 1e-6:
        found.append("The share is not that of the rounded counts.")
    return found


def _counts(figure: Mapping[str, Any]) -> list[Any]:
    known = figure["id"] in OF_A_KNOWN_NUMBER
    fixed = ("numerator", "missing") if known else ("numerator", "denominator", "missing")
    return [
        *(figure[key] for key in fixed),
        *(number for key, number in figure.items() if key not in FIGURE_KEYS and key not in fixed),
    ]
