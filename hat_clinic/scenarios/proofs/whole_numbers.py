"""What whole numbers keep to a set of sums, by a solver: another way to the answer of the program's own attack."""

from __future__ import annotations

import math
from collections.abc import Sequence

from outcomes.rules.evaluation.bounds import Bounds, Sum
from outcomes.rules.evaluation.disclosure import is_small

MOST = 10_000


def list_pinned(bounds: Bounds, names: Sequence[str]) -> list[str]:
    """The names of which only one number, of 1 to 7, keeps to every sum and limit."""
    found = []
    for name in names:
        low, high = _end(bounds, name, 1), _end(bounds, name, -1)
        if low is not None and low == high and is_small(low):
            found.append(name)
    return found


def _end(bounds: Bounds, name: str, sign: int) -> int | None:
    """The least (sign 1) or the most (sign -1) that a name can be; None where nothing keeps to everything."""
    import numpy as np
    from scipy.optimize import Bounds as Box
    from scipy.optimize import LinearConstraint, milp
    from scipy.sparse import lil_matrix

    relations = [relation for relation in bounds.relations if isinstance(relation, Sum)]
    names = sorted(
        {*bounds.known, *bounds.believed, name, *(one for each in relations for one in each.names)}
    )
    place = {one: index for index, one in enumerate(names)}
    sums = lil_matrix((len(relations), len(names)))
    for row, relation in enumerate(relations):
        sums[row, place[relation.total]] += 1
        for part in relation.parts:
            sums[row, place[part]] -= 1
    known = [_meet(bounds, one) for one in names]
    objective = np.zeros(len(names))
    objective[place[name]] = sign
    answer = milp(
        objective,
        constraints=LinearConstraint(sums.tocsr(), 0, 0),
        integrality=np.ones(len(names)),
        bounds=Box([low for low, _ in known], [high for _, high in known]),
    )
    return round(sign * answer.fun) if answer.success else None


def _meet(bounds: Bounds, name: str) -> tuple[float, float]:
    low, high = bounds.known.get(name, (0, MOST))
    believed = bounds.believed.get(name, (low, high))
    low, high = max(low, believed[0]), min(high, believed[1])
    return (0 if math.isinf(low) else low), (MOST if math.isinf(high) else high)
