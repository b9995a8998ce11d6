"""What can be said of numbers that are not given, from sums and limits that are known: the least and the most.

Every sum is turned round for each of its parts until nothing gets narrower. That tries each sum, each rest and
each difference at once, and all their chains.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

ROUNDS = 60
FIRST_LARGE = 8

Boxes = dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Sum:
    """The total is its parts together."""

    total: str
    parts: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.total, *self.parts)


@dataclass(frozen=True, slots=True)
class AtMost:
    """The one is never more than so many times the other."""

    less: str
    more: str
    times: float = 1.0

    @property
    def names(self) -> tuple[str, ...]:
        return (self.less, self.more)


Relation = Sum | AtMost


class Contradiction(Exception):
    """No numbers keep to a relation within what is known; something believed is not so."""

    def __init__(self, relation: Relation) -> None:
        super().__init__(str(relation))
        self.relation = relation


@dataclass(slots=True)
class Bounds:
    """Whole numbers by name: what is known of each, what is only believed, and how they hang together.

    `never_small` are names that are 0 or 8 and more. A belief that leads to a contradiction is given up, and
    then a relation that does.
    """

    known: Boxes = field(default_factory=dict)
    believed: Boxes = field(default_factory=dict)
    never_small: set[str] = field(default_factory=set)
    relations: list[Relation] = field(default_factory=list)
    # The relation that narrowed a name last.
    told_by: dict[str, Relation] = field(default_factory=dict)

    def know(self, name: str, low: float, high: float) -> None:
        """Narrow what is known of a name; what does not overlap is not taken."""
        old_low, old_high = self.known.get(name, (0, math.inf))
        if max(low, old_low) <= min(high, old_high):
            self.known[name] = max(low, old_low), min(high, old_high)

    def believe(self, name: str, low: float, high: float) -> None:
        """What holds of a name unless something contradicts it."""
        self.believed[name] = low, high

    def add(self, total: str, parts: Iterable[str]) -> None:
        """Tell of a sum."""
        self.relations.append(Sum(total, tuple(parts)))

    def limit(self, less: str, more: str, times: float = 1.0) -> None:
        """Tell of a limit."""
        self.relations.append(AtMost(less, more, times))

    def narrow(self) -> Boxes:
        """The least and the most of every name."""
        believed, relations = dict(self.believed), list(self.relations)
        while True:
            try:
                return self._narrow(believed, relations)
            except Contradiction as found:
                doubtful = [name for name in found.relation.names if name in believed]
                for name in doubtful:
                    del believed[name]
                if not doubtful:
                    relations.remove(found.relation)

    def _narrow(self, believed: Boxes, relations: Sequence[Relation]) -> Boxes:
        self.told_by = {}
        names = {*self.known, *believed, *(name for relation in relations for name in relation.names)}
        boxes = {name: _meet(self.known.get(name), believed.get(name)) for name in names}
        for _ in range(ROUNDS):
            before = dict(boxes)
            for relation in relations:
                for name, low, high in _implied(boxes, relation):
                    self._set(boxes, relation, name, low, high)
            if boxes == before:
                break
        return boxes

    def _set(self, boxes: Boxes, relation: Relation, name: str, low: float, high: float) -> None:
        old = boxes[name]
        low, high = max(low, old[0]), min(high, old[1])
        if name in self.never_small:
            low = FIRST_LARGE if 0 < low < FIRST_LARGE else low
            high = 0 if 0 <= high < FIRST_LARGE else high
        if low > high:
            raise Contradiction(relation)
        if (low, high) != old:
            boxes[name] = low, high
            self.told_by[name] = relation


def _meet(known: tuple[float, float] | None, believed: tuple[float, float] | None) -> tuple[float, float]:
    low, high = known or (-math.inf, math.inf)
    if believed and max(low, believed[0]) <= min(high, believed[1]):
        low, high = max(low, believed[0]), min(high, believed[1])
    return low, high


def _implied(boxes: Boxes, relation: Relation) -> Iterator[tuple[str, float, float]]:
    """What a relation says of each of its names, by what is known of the others."""
    if isinstance(relation, AtMost):
        yield relation.less, -math.inf, _down(boxes[relation.more][1] * relation.times)
        yield relation.more, _up(boxes[relation.less][0] / relation.times), math.inf
        return
    parts = relation.parts
    yield relation.total, sum(boxes[part][0] for part in parts), sum(boxes[part][1] for part in parts)
    for part in parts:
        low, high = boxes[relation.total]
        others = [boxes[other] for other in parts if other != part]
        yield part, low - sum(most for _, most in others), high - sum(least for least, _ in others)


def _down(number: float) -> float:
    return number if math.isinf(number) else math.floor(number + 1e-9)


def _up(number: float) -> float:
    return number if math.isinf(number) else math.ceil(number - 1e-9)
