"""Running one scenario in a database of its own: facts, act, comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hat_clinic.accounts.actions import get_program
from hat_clinic.scenarios.acts import RACE, attempt, get_ready, moment_of, open_page
from hat_clinic.scenarios.compare import differences, doubt
from hat_clinic.scenarios.facts import lay
from hat_clinic.scenarios.reading import Named, NotBuilt, Scenario, moment
from hat_clinic.scenarios.results import Result
from hat_clinic.scenarios.scratch import own_copy
from hat_clinic.scenarios.standing import take_standing
from hat_clinic.scenarios.together import Raced, at_once, judge_race, orders_of, rivals_of
from hat_clinic.scenarios.world import World

BEFORE_ANYTHING = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a scenario went as expected; `against` says what did not, `told` what the person read.

    `doubt` says that it may have been refused for another reason than expected.
    """

    scenario: Scenario
    against: tuple[str, ...]
    told: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def has_passed(self) -> bool:
        return not self.against


def run(scenario: Scenario, *, template: str) -> Verdict:
    """Run a scenario in a copy of a migrated database. What the program does not have yet is a failure, named so.

    An act that is one of several is tried once for each, in a database of its own, and every try must go as
    expected.
    """
    try:
        tries = each_of(scenario.act)
    except NotBuilt as missing:
        return Verdict(scenario, (f"not built: {missing}",))
    verdicts = [_run_once(replace(scenario, act=act), template) for act in tries]
    if len(verdicts) == 1:
        return replace(verdicts[0], scenario=scenario)
    return Verdict(
        scenario,
        tuple(f"try {place}: {words}" for place, one in enumerate(verdicts, 1) for words in one.against),
        tuple(words for one in verdicts for words in one.told),
        next((one.doubt for one in verdicts if one.doubt), ""),
    )


def each_of(act: Named) -> list[Named]:
    """Return the acts that a scenario attempts: one, or one for every value of the one list of an `each_of`."""
    if act.kind != "each_of":
        return [act]
    content = dict(act.content)
    kind = content.pop("act", None)
    lists = [name for name, value in content.items() if isinstance(value, list)]
    if kind is None or len(lists) != 1:
        raise NotBuilt("an act for each of several lists")
    return [Named(kind, {**content, lists[0]: value}) for value in content[lists[0]]]


def _run_once(scenario: Scenario, template: str) -> Verdict:
    try:
        moment_of(scenario.act)
        if scenario.act.kind == RACE:
            result, against = _race(scenario, template)
        else:
            with _laid(scenario, template) as world:
                get_ready(world, scenario.act)
                before = take_standing()
                result = attempt(world, scenario.act)
                against = differences(scenario.expect, result, before, take_standing())
    except NotBuilt as missing:
        return Verdict(scenario, (f"not built: {missing}",))
    except Exception as error:
        # One scenario that cannot be run must not hide what the others say.
        return Verdict(
            scenario, (f"could not be run: {type(error).__name__}: {str(error).partition(chr(10))[0]}",)
        )
    return Verdict(scenario, tuple(against), result.told, doubt(scenario.expect, result))


@contextmanager
def _laid(scenario: Scenario, template: str) -> Iterator[World]:
    """Give the world of a scenario's facts in a database of its own, at the moment of the act."""
    at = moment_of(scenario.act)
    with own_copy(template) as clock:
        begins_at = _earliest(scenario, at) - BEFORE_ANYTHING
        clock.put(begins_at)
        world = World(clock=clock, by=get_program(name="scenarios", at=begins_at), begins_at=begins_at)
        lay(world, scenario.setup, act_at=at)
        yield world


def _race(scenario: Scenario, template: str) -> tuple[Result, list[str]]:
    """Let rivals go at the same moment, and one after another in every order, each time from the same facts."""
    rivals = rivals_of(scenario.act)

    def run_once(order: Sequence[int]) -> Raced:
        with _laid(scenario, template) as world:
            for rival in rivals:
                get_ready(world, rival)
            before = take_standing()
            works = [open_page(world, rival) for rival in rivals]
            if order:
                found = {place: works[place]() for place in order}
                results = [found[place] for place in range(len(rivals))]
            else:
                results = at_once(works)
            return Raced(tuple(results), before, take_standing())

    raced = run_once(())
    result = judge_race(raced, [run_once(order) for order in orders_of(rivals)])
    return result, differences(scenario.expect, result, raced.before, raced.after)


def _earliest(scenario: Scenario, at: datetime) -> datetime:
    """Return the first moment that a scenario writes of, however deep it is written."""
    return min([at, *_moments([fact.content for fact in scenario.setup])])


def _moments(written: Any) -> list[datetime]:
    if isinstance(written, dict):
        return [found for key, value in written.items() if key != "born" for found in _moments(value)]
    if isinstance(written, list):
        return [found for value in written for found in _moments(value)]
    if isinstance(written, str) and len(written) >= len("2026-10-12") and written[:1].isdigit():
        try:
            return [moment(written)]
        except ValueError:
            return []
    return []
