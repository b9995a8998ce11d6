"""The attack on the pair of a justice and a public issue: what the exact numbers of the one say of the other's blanks.

A justice issue of another month helps too: how many were referred, assessed and started only grows, so two such
issues can leave one number for the day between them.

Source: Indicators 7 and 8 (evaluation).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from hat_clinic.core.decisions import Decision, Finding, Level
from outcomes.rules.evaluation.attack import CHANGE, FIGURES_NAMED, GROWING, NOW, Figures, Leak, ends, pinned
from outcomes.rules.evaluation.attack_reading import cells, read_issue, tell_sums
from outcomes.rules.evaluation.bounds import Bounds

SOURCE: Final = "indicators-8"
EXACT_DOMAINS: Final = ("offending", "custody", "crime_cost", "cost", "area", "need", "candidates")
# The totals of people, without a reason, a source or an area.
FLOW_TOTALS: Final = tuple(
    f"flow.{total}"
    for total in (
        "referred",
        "assessed",
        "eligible",
        "not_eligible",
        "undecided",
        "left_before_start",
        "waiting",
        "started",
        "in_treatment",
        "exited",
    )
)


def is_exact(identifier: str) -> bool:
    """Whether a justice issue gives a figure in exact numbers.

    Source: Indicators 8 (evaluation).
    """
    return identifier in FLOW_TOTALS or identifier.split(".", 1)[0] in EXACT_DOMAINS


def find_leaks_beside(public: Figures, *justice: Figures) -> list[Leak]:
    """Every number from 1 to 7 of a public issue that justice issues let somebody tell.

    What the public issue tells by itself, and what the justice edition gives in exact numbers on purpose, is no leak.
    """
    alone, bounds = Bounds(), Bounds()
    read_issue(alone, public, NOW)
    names = read_issue(bounds, public, NOW)
    for number, figures in enumerate(justice):
        issue = f"justice{number}"
        exact = _read_exact(bounds, figures, issue)
        _tie(bounds, sorted(names & exact), issue, ends(public) - ends(figures))
    known = {leak.name for leak in pinned(alone)}
    return [
        leak
        for leak in pinned(bounds)
        if leak.issue == NOW and leak.name not in known and not is_exact(leak.figure)
    ]


def may_release_beside(public: Figures, *justice: Figures, known: Sequence[Leak] = ()) -> Decision:
    """Whether a public and the justice issues may be read by one reader; `known` is out already.

    Source: Indicators 8 (evaluation).
    """
    out = {leak.name for leak in known}
    ids = sorted({leak.figure for leak in find_leaks_beside(public, *justice) if leak.name not in out})
    if not ids:
        return Decision()
    named = ", ".join(ids[:FIGURES_NAMED]) + (" and more" if len(ids) > FIGURES_NAMED else "")
    message = (
        "This report was not released: whoever reads the public and the justice edition could work out a number of "
        f"seven people or fewer. It concerns: {named}."
    )
    return Decision((Finding("report_pair_gives_people_away", Level.BLOCK, message, SOURCE),))


def _read_exact(bounds: Bounds, figures: Figures, issue: str) -> set[str]:
    """Tell the exact numbers of a justice issue, and how they hang together; the names it gives or leaves blank."""
    exact = [figure for figure in figures if is_exact(figure["id"])]
    names = set()
    for figure in exact:
        for name, number, _ in cells(figure):
            names.add(name)
            low, high = (0.0, math.inf) if number is None else (number, number)
            bounds.know(f"{issue}:{name}", low, high)
    tell_sums(bounds, lambda name: f"{issue}:{name}", exact, names)
    return names


def _tie(bounds: Bounds, names: Sequence[str], issue: str, days_later: int) -> None:
    """Tell how a number of the public issue hangs together with the same one of a justice issue."""
    for name in names:
        change = f"{CHANGE}-{issue}:{name}"
        if days_later == 0:
            bounds.believe(change, 0, 0)
            bounds.know(change, -math.inf, math.inf)
        elif name in GROWING:
            bounds.know(change, *((0, math.inf) if days_later > 0 else (-math.inf, 0)))
        else:
            continue
        bounds.add(f"{NOW}:{name}", (f"{issue}:{name}", change))
