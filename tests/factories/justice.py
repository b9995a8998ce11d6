"""Invented clinics with the public issues of two quarters, some of which exact totals give away."""

from __future__ import annotations

from functools import cache
from random import Random

from hat_clinic.scenarios.proofs.cohort_figures import QUARTERS, figures_of
from hat_clinic.scenarios.proofs.cohorts import make_people
from outcomes.rules.evaluation.figures import list_indicators
from outcomes.rules.evaluation.justice import make_justice
from outcomes.rules.evaluation.justice_attack import find_leaks_beside
from outcomes.rules.evaluation.public import make_public


def as_json(indicators):
    return [indicator.to_json() for indicator in indicators]


@cache
def a_pair(seed: int):
    """The exact figures of a quarter's end, and the public issues of the quarter before and of this one."""
    random = Random(seed)
    people, quarter = make_people(random), random.randrange(len(QUARTERS) - 1)
    before, now = (figures_of(people, QUARTERS[at]) for at in (quarter, quarter + 1))
    first = as_json(make_public(list_indicators(before)))
    return now, first, as_json(make_public(list_indicators(now), first))


def leaking(seeds=range(40)):
    """The first clinic whose exact totals tell a blank of the public issue."""
    for seed in seeds:
        figures, before, public = a_pair(seed)
        bare = make_justice(list_indicators(figures), period=figures.period, public=before)
        if find_leaks_beside(public, bare):
            return figures, before, public, bare
    raise AssertionError("no clinic leaks: the control found nothing")
