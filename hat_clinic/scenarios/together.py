"""Acts that are made of several: one page sent many times, and rivals at the same moment. Threads, real connections."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import permutations
from typing import TypeVar

from django.db import connections

from hat_clinic.scenarios import hatch
from hat_clinic.scenarios.reading import Content, Named, NotBuilt, moment
from hat_clinic.scenarios.results import STRENGTH, Result
from hat_clinic.scenarios.standing import Standing
from hat_clinic.scenarios.world import World

LATER = timedelta(minutes=2)
Answer = TypeVar("Answer")


def at_once(works: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Run each in a thread and a connection of its own, all let go together; raise the first that failed."""
    barrier = threading.Barrier(len(works))
    answers: dict[int, Answer] = {}
    failures: list[Exception] = []

    def run(place: int, work: Callable[[], Answer]) -> None:
        try:
            barrier.wait(timeout=60)
            answers[place] = work()
        except Exception as failure:
            failures.append(failure)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return [answers[place] for place in range(len(works))]


# --- one page, sent many times -----------------------------------------------------------------------------


def repeated(act: Named) -> Named:
    """Return the act that a `repeat` sends."""
    content = {name: value for name, value in act.content.items() if name not in ("act", "times")}
    if act.content.get("act") != "give" or "key" not in content:
        raise NotBuilt(f"repeating {act.content.get('act')}")
    return Named("give", content)


def repeat(world: World, content: Content) -> Result:
    """Send one filled page of a dose all at once but for the last time, which comes two minutes after the others."""
    times = content["times"]
    if not isinstance(times, int) or times < 2:
        raise NotBuilt(f"repeating an act {times} times")
    once = repeated(Named("repeat", content)).content
    at = moment(once["at"])
    page = hatch.open_page(world, once, at)
    posts = at_once([lambda: hatch.post(world, once, page, at) for _ in range(times - 1)])
    world.clock.put(at + LATER)
    posts.append(hatch.post(world, once, page, at + LATER))
    first, answers = posts[0][0], {answer for _, answer in posts}
    if len(answers) == 1 and None not in answers:
        return replace(first, reply="same_as_first")
    refused = [result for result, answer in posts if answer is None]
    return refused[0] if refused else first


# --- rivals ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Raced:
    """What became of rivals: each one's result, and what the tables held before and after."""

    results: tuple[Result, ...]
    before: Standing
    after: Standing

    @property
    def saved(self) -> int:
        """How many of the rivals were stored."""
        return sum(result.reply.startswith("saved") for result in self.results)

    @property
    def stored(self) -> tuple[tuple[str, ...], dict[str, int]]:
        """What tells one ending from another: each rival's reply, and the rows that were added."""
        added = {name: self.after.counts[name] - count for name, count in self.before.counts.items()}
        return tuple(result.reply for result in self.results), added


def rivals_of(act: Named) -> list[Named]:
    """Return the rivals of a race, each at its moment."""
    found = []
    for rival in act.content["rivals"]:
        ((kind, content),) = rival.items()
        found.append(Named(kind, {"at": act.content["at"], **content}))
    if len(found) < 2:
        raise NotBuilt("a race of fewer than two rivals")
    return found


def orders_of(rivals: Sequence[Named]) -> list[tuple[int, ...]]:
    """Return every order in which rivals may come one after another."""
    return list(permutations(range(len(rivals))))


def judge_race(raced: Raced, in_turn: Sequence[Raced]) -> Result:
    """Return what became of a race, held against what becomes of the same rivals one after another.

    A race that ends as one of those does is not interleaved. The decision is the strongest that any rival met in
    any order, because who comes first is chance.
    """
    met = [result for one in (raced, *in_turn) for result in one.results]
    decision = max((result.decision for result in met), key=STRENGTH.index)
    told = tuple(dict.fromkeys(words for result in met for words in result.told))
    if all(one.stored != raced.stored for one in in_turn):
        reply = "interleaved"
    elif raced.saved == 1 and all(one.saved == 1 for one in in_turn):
        reply = "one_of_two"
    else:
        reply = "one_order_only"
    return Result(decision=decision, reply=reply, told=told)
