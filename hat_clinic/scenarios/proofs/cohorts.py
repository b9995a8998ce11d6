"""Random small clinics of invented people, to attack what would be published of them.

People are made one by one, so that every figure of one clinic hangs together as real ones do. Sizes are drawn
around the edges of the disclosure rule, where leaks are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from outcomes.rules.evaluation.flow import EXIT_REASONS
from outcomes.rules.evaluation.housing import Moment
from outcomes.rules.evaluation.offending import GROUPS
from outcomes.rules.housing import HousingState
from outcomes.rules.measures import DAY_ITEMS, SCORE_ITEMS, YES_NO_ITEMS

SOURCES, AREAS = ("police", "self", "probation"), ("north", "south")
LONG, YEAR, HALF_YEAR = 210, 365, 182


@dataclass
class Person:
    """One invented person: days are counted from the opening, and None is never."""

    referred: int
    source: str
    area: str
    eligible: bool | None
    assessed: int | None
    started: int | None
    left: int | None
    reason: str
    offences: list[tuple[int, str]] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    homes: dict[Moment, tuple[int, str]] = field(default_factory=dict)
    answers: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    samples: list[tuple[int, str]] = field(default_factory=list)
    sessions: list[tuple[int, bool]] = field(default_factory=list)
    events: list[tuple[int, str]] = field(default_factory=list)
    calls: tuple[int, int, int] | None = None
    inside: tuple[int, int] = (0, 0)
    spent: tuple[int, int] | None = None


def make_people(random: Random) -> list[Person]:
    """Up to some forty people, each with a life of their own over two years."""
    size = random.choice((8, 12, 17, 20, 28, 30, 33, 40))
    pace = random.choice((5, 12, 30))
    return [_person(random, index * pace) for index in range(size)]


def _person(random: Random, day: int) -> Person:
    eligible = random.choices((True, False, None), (8, 1, 1))[0]
    started = day + random.randint(3, 40) if eligible and random.random() < 0.8 else None
    left = (
        (started if started is not None else day) + random.randint(5, 500) if random.random() < 0.5 else None
    )
    person = Person(
        referred=day,
        source=random.choices(SOURCES, (6, 2, 1))[0],
        area=random.choice(AREAS),
        eligible=eligible,
        assessed=day + random.randint(1, 3) if eligible is not None else None,
        started=started,
        left=left,
        reason=random.choices(tuple(EXIT_REASONS), (5, 1, 4, 1, 2, 1, 1, 1))[0],
    )
    if started is not None:
        _live(random, person, started)
    return person


def _live(random: Random, person: Person, start: int) -> None:
    if random.random() < 0.7:
        person.offences = [
            (start + random.randint(-500, 365), random.choices(GROUPS, (6, 1, 1, 2))[0])
            for _ in range(random.choice((1, 2, 3, 8, 30)))
        ]
    person.told = [start + random.randint(-365, 365) for _ in range(random.choice((0, 0, 1, 5)))]
    for moment, at in ((Moment.START, 0), (Moment.MONTH_1, 28), (Moment.LATEST, random.randint(30, 200))):
        if random.random() < 0.85:
            state = random.choices(tuple(HousingState), (5, 2, 2, 4, 4, 1))[0]
            person.homes[moment] = start + at, str(state)
    for item in (*DAY_ITEMS, *SCORE_ITEMS, *YES_NO_ITEMS):
        if random.random() < 0.8:
            most = 1 if item in YES_NO_ITEMS else 20 if item in SCORE_ITEMS else 28
            first, last = (
                random.choice((0, most, random.randint(0, most))),
                random.choice((0, random.randint(0, most))),
            )
            person.answers[item] = start + random.randint(40, 200), first, last
    end = min(person.left or 730, start + 300)
    for day in range(start + 3, end, 14):
        person.samples.append(
            (day, random.choices(("negative", "positive", "void", "not_taken"), (5, 3, 1, 1))[0])
        )
    person.sessions = [(day, random.random() < 0.9) for day in range(start, end, 3)]
    if random.random() < 0.3:
        kind = random.choice(("over_sedation", "on_site", "off_site", "naloxone"))
        person.events = [(start + random.randint(0, 300), kind) for _ in range(random.choice((1, 1, 9)))]
    if random.random() < 0.6:
        person.calls = random.choice((0, 0, 1, 4)), random.choice((0, 1, 3)), random.randint(30, 200)
    if random.random() < 0.4:
        person.inside = random.choice((0, 3, 40)), random.choice((0, 2, 20))
    if random.random() < 0.6:
        person.spent = random.choice((0, 20_000)), random.choice((0, 5_000))
