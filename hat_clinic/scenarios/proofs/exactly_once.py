"""The promise that a dose is recorded exactly once, and never after its order was stopped; tried many times.

Real threads and real processes against PostgreSQL, in scratch databases, through the program's own actions.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

from dosing.actions import holds, injections, orders
from dosing.actions.holds import place_hold
from dosing.actions.injections import InjectionRecorded, InjectionRefused
from dosing.actions.orders import SentPage, end_order
from dosing.models import Hold, Injection, OrderPeriod, Preparation, RegisterEntry, RegisterHead
from dosing.queries.chain import verify_line
from dosing.queries.orders import as_seen, get_last_order
from dosing.rules.holds import HoldReason, HoldSeverity
from dosing.rules.orders import EndReason, Product
from hat_clinic.core.clock import now
from hat_clinic.scenarios import hatch
from hat_clinic.scenarios.proofs.crews import Crew, a_crew, meeting_at_the_act
from hat_clinic.scenarios.proofs.kills import (
    HALF,
    LOST,
    SHOWN,
    kill_between,
    kill_where_nothing_was_committed,
    what_is_seen_of_rests,
)
from hat_clinic.scenarios.proofs.measures import Figure
from hat_clinic.scenarios.proofs.rooms import GIVER, OVER, WITNESS, Room, a_room
from hat_clinic.scenarios.scratch import as_owner

TITLE = "Exactly once: what was measured"
REMARKS = (
    "Every figure is of a scratch database with the program's own actions, a connection of its own for each rival, "
    "real commits\nand the database's running clock. Only the hash of the PINs is made quick: it is no part of a race "
    "and would be most of its time.\nA control takes away what keeps the promise above it, and has to see it broken."
)
# No rival comes later than this after the other: about as long as an injection takes.
JITTER_S = 0.012
ENOUGH = 3
GUARDS = (
    "minimum_interval_between_sessions",
    "one_injection_of_a_number_per_session",
    "one_first_outcome_per_session",
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How often each promise is tried; a control of the stops goes on until it has seen three go wrong."""

    sessions: int
    rivals: int
    post_rounds: int
    posts: int
    stops: int
    kills: int
    controls: int
    stop_controls: int


FULL = Sizes(
    sessions=1000, rivals=8, post_rounds=50, posts=20, stops=400, kills=100, controls=40, stop_controls=400
)
FEW = Sizes(sessions=3, rivals=4, post_rounds=1, posts=20, stops=6, kills=3, controls=12, stop_controls=80)


def prove(*, template: str, sizes: Sizes, seed: int) -> Iterator[Figure]:
    """Yield one figure after another, each from a scratch database of its own."""
    yield _raced(template, sizes)
    yield _raced_without_guards(template, sizes)
    yield _posted(template, sizes)
    yield _stopped(template, sizes, seed)
    yield _stopped_without_lock(template, sizes, seed)
    yield _killed(template, sizes, seed)
    yield _killed_uncommitted(template, sizes, seed)
    yield _left_behind(template)


def in_figures(failures: int, tried: int) -> str:
    """Return what so many failures of so many trials say of the rate; of none, the 95 % limit of 3/N."""
    if failures:
        return f"{failures} of {tried}"
    return f"rate under {min(100.0, 300 / tried):.2f}".rstrip("0").rstrip(".") + " %"


# --- one dose of eight tries -------------------------------------------------------------------------------


def _race_for(room: Room, crew: Crew, drawn: Preparation) -> list[Any]:
    """Let two nurses press again and again, each time with a page of its own."""
    nurses = [(GIVER, WITNESS)[place % 2] for place in range(crew.size)]
    with meeting_at_the_act(crew.size):
        return crew.at_once([partial(room.inject, drawn, by=by) for by in nurses])


def _raced(template: str, sizes: Sizes) -> Figure:
    doubles = unstored = strange = 0
    with a_room(template, people=sizes.sessions) as room, a_crew(sizes.rivals) as crew:
        for number in range(sizes.sessions):
            drawn = room.drawn(number)
            answers = _race_for(room, crew, drawn)
            stored = Injection.objects.filter(session_id=drawn.session_id).count()
            doubles += stored > 1
            unstored += stored < 1
            strange += sum(not isinstance(one, (InjectionRecorded, InjectionRefused)) for one in answers)
            strange += sum(isinstance(one, InjectionRecorded) for one in answers) != stored
        balance = RegisterHead.objects.get(line=room.line).balance
        is_whole = verify_line(room.line.id).verdict.ok
    is_kept = not (doubles or unstored or strange) and balance == OVER and is_whole
    return Figure(
        "Doubles in a raced session",
        f"a dose drawn up once and sent by {sizes.rivals} threads of two nurses with keys of their own, let go "
        "together inside the act, past their PINs",
        f"{sizes.sessions} sessions × {sizes.rivals} threads",
        f"{doubles} doubles, {unstored} without a dose, {strange} strange answers; "
        f"{in_figures(doubles, sizes.sessions)}; balance {balance} of {OVER}, chain {'whole' if is_whole else 'BROKEN'}",
        is_kept,
    )


def _take_guards_away(owner: Any) -> None:
    """Drop what in the database keeps a dose single, so that only the lock would be left."""
    for name in (
        *GUARDS[:2],
        *_uniques(owner, "preparation_id", "giver_signature_id", "witness_signature_id"),
    ):
        owner.execute(f'ALTER TABLE dosing_injection DROP CONSTRAINT "{name}"')
    owner.execute(f"DROP INDEX {GUARDS[2]}")
    owner.execute("ALTER TABLE dosing_sessionoutcome DISABLE TRIGGER outcome_agrees_with_its_injection")
    for trigger in ("injection_is_prepared", "injection_within_its_session"):
        owner.execute(f"ALTER TABLE dosing_injection DISABLE TRIGGER {trigger}")


def _uniques(owner: Any, *columns: str) -> list[str]:
    owner.execute(
        "SELECT c.conname FROM pg_constraint c JOIN pg_attribute a"
        " ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)"
        " WHERE c.contype = 'u' AND c.conrelid = 'dosing_injection'::regclass AND a.attname = ANY (%s)",
        [list(columns)],
    )
    return [name for (name,) in owner.fetchall()]


def _raced_without_guards(template: str, sizes: Sizes) -> Figure:
    doubles = 0
    with (
        a_room(template, people=sizes.controls, doses_each=sizes.rivals) as room,
        a_crew(sizes.rivals) as crew,
        as_owner() as owner,
        patch.object(injections, "lock_person_and_dosing_state", _no_lock),
    ):
        _take_guards_away(owner)
        for number in range(sizes.controls):
            drawn = room.drawn(number)
            _race_for(room, crew, drawn)
            doubles += Injection.objects.filter(session_id=drawn.session_id).count() > 1
    return Figure(
        "Positive control of those",
        "the same, the person's lock and the guards of the database taken away",
        f"{sizes.controls} sessions × {sizes.rivals} threads",
        f"{doubles} doubles seen",
        doubles > 0,
    )


def _no_lock(*, patient_id: uuid.UUID) -> bool:
    return bool(patient_id)


# --- one page sent twenty times ----------------------------------------------------------------------------


def _posted(template: str, sizes: Sizes) -> Figure:
    wrong = 0
    with a_room(template, people=sizes.post_rounds) as room, a_crew(sizes.posts) as crew:
        for number in range(sizes.post_rounds):
            name = room.checked(number)
            content, at = room.content(name) | {"key": f"press {number}"}, now()
            page = hatch.open_page(room.world, content, at)
            send = partial(hatch.post, room.world, content, page, at)
            posts = [*crew.at_once([send] * sizes.posts), *_late(send)]
            answers = {str(one[1]) if isinstance(one, tuple) else repr(one) for one in posts}
            given = Injection.objects.filter(patient_id=room.world.episode(name).person_id)
            lines = RegisterEntry.objects.filter(injection__in=given).count()
            wrong += (len(answers), given.count(), lines) != (1, 1, 1)
        is_whole = verify_line(room.line.id).verdict.ok
    return Figure(
        "Identical posts of one page",
        "drawing up and injection with their two keys, sent at once and once more when all had their answer: one "
        "injection, one register line, one and the same answer",
        f"{sizes.post_rounds} pages × ({sizes.posts} + 1) posts",
        f"{sizes.post_rounds - wrong} stored 1, {wrong} otherwise; {in_figures(wrong, sizes.post_rounds)}; "
        f"chain {'whole' if is_whole else 'BROKEN'}",
        not wrong and is_whole,
    )


def _late(work: Callable[[], Any]) -> list[Any]:
    try:
        return [work()]
    except Exception as error:
        return [error]


# --- stopped while it is given -----------------------------------------------------------------------------


def _suspend(room: Room, drawn: Preparation) -> Hold:
    return place_hold(
        episode=drawn.session.episode,
        severity=HoldSeverity.SUSPENSION,
        reason=HoldReason.REVIEW,
        words="Chest infection.",
        by=room.world.user("adeyemi"),
        at=now(),
    )


def _end(room: Room, drawn: Preparation) -> None:
    end_order(
        clinic=room.house.clinic,
        episode=drawn.session.episode,
        reason=EndReason.ASKED,
        words="Wants methadone.",
        page=SentPage(
            key=uuid.uuid4(),
            seen=as_seen(get_last_order(patient_id=drawn.patient_id, product=Product.DIAMORPHINE)),
        ),
        by=room.world.user("adeyemi"),
        at=now(),
    )


def _is_after_the_stop(injection: Injection) -> bool:
    """Tell whether an injection was recorded when its order had ended or was suspended."""
    held = Hold.objects.filter(patient_id=injection.patient_id).first()
    if held is not None:
        return injection.ended_at >= held.opened_at
    period = OrderPeriod.objects.get(order_id=injection.order_id)
    return injection.started_at not in period.during


@dataclass(frozen=True, slots=True)
class Ended:
    """How one race of a stop against an injection ended.

    `is_broken`: an injection was recorded after its order was stopped. `is_strange`: somebody was told what is not so,
    or met an error.
    """

    injection: Injection | None
    is_broken: bool
    is_strange: bool


def _race_a_stop(room: Room, crew: Crew, number: int, chance: random.Random) -> Ended:
    """Race a stop against an injection."""
    drawn = room.drawn(number)
    stop = (_suspend, _end)[number % 2]
    pauses = [chance.uniform(0, JITTER_S) * (place == number // 2 % 2) for place in range(2)]

    def later(pause: float, work: Callable[[], Any]) -> Any:
        time.sleep(pause)
        return work()

    given, stopped = crew.at_once(
        [
            lambda: later(pauses[0], lambda: room.inject(drawn)),
            lambda: later(pauses[1], lambda: stop(room, drawn)),
        ]
    )
    injection = Injection.objects.filter(preparation=drawn).first()
    said = InjectionRecorded if injection is not None else InjectionRefused
    return Ended(
        injection,
        is_broken=not isinstance(stopped, Exception)
        and injection is not None
        and _is_after_the_stop(injection),
        is_strange=isinstance(stopped, Exception) or not isinstance(given, said),
    )


def _stopped(template: str, sizes: Sizes, seed: int) -> Figure:
    chance = random.Random(seed)  # noqa: S311 - a pause between rivals, no secret
    wrong = first = 0
    with a_room(template, people=sizes.stops) as room, a_crew(2) as crew:
        for number in range(sizes.stops):
            ended = _race_a_stop(room, crew, number, chance)
            wrong += ended.is_broken or ended.is_strange
            first += ended.injection is not None
        is_whole = verify_line(room.line.id).verdict.ok
    return Figure(
        "An order stopped while its dose is given",
        "a suspension, and in every other race the end of the order, against the injection of a drawn dose, one of the "
        f"two up to {JITTER_S * 1000:.0f} ms later",
        f"{sizes.stops} races",
        f"{wrong} wrong, {in_figures(wrong, sizes.stops)}; {first} given before the stop, {sizes.stops - first} refused "
        f"after it; chain {'whole' if is_whole else 'BROKEN'}",
        not wrong and is_whole,
    )


def _stopped_without_lock(template: str, sizes: Sizes, seed: int) -> Figure:
    chance = random.Random(seed)  # noqa: S311 - a pause between rivals, no secret
    broken = tried = 0
    with ExitStack() as stack:
        room = stack.enter_context(a_room(template, people=sizes.stop_controls))
        crew = stack.enter_context(a_crew(2))
        stack.enter_context(patch.object(injections, "lock_person_and_dosing_state", _no_lock))
        for module in (holds, orders):
            stack.enter_context(patch.object(module, "lock_dosing_state", _no_lock))
        while broken < ENOUGH and tried < sizes.stop_controls:
            broken += _race_a_stop(room, crew, tried, chance).is_broken
            tried += 1
    return Figure(
        "Positive control of those",
        f"the same without the person's lock, until {ENOUGH} were given after the stop; errors are not counted",
        f"{tried} races",
        f"{broken} given after the stop seen",
        broken > 0,
    )


# --- killed between the draw and the outcome ---------------------------------------------------------------


def _killed(template: str, sizes: Sizes, seed: int) -> Figure:
    chance = random.Random(seed)  # noqa: S311 - at which statement a process is killed, no secret
    shown = ended = 0
    with a_room(template, people=sizes.kills + 1) as room:
        statements = kill_between(room, number=0, step=None)
        for number in range(1, sizes.kills + 1):
            # The last step is the commit.
            found = kill_between(room, number=number, step=chance.randint(1, int(statements) + 1))
            shown += found == SHOWN
            drawn = Preparation.objects.filter(injection=None, waste=None).latest("prepared_at")
            ended += isinstance(room.inject(drawn, by=WITNESS), InjectionRecorded)
        balance = RegisterHead.objects.get(line=room.line).balance
        is_whole = verify_line(room.line.id).verdict.ok
    return Figure(
        "Kills between the draw and the outcome",
        "a process of its own draws up and injects, and is killed with signal 9 at a random one of the "
        f"{statements} statements of the injection or at its commit; then the board is read, and the other nurse ends "
        "the dose from it",
        f"{sizes.kills} kills",
        f"{shown} shown on the next screen with nothing half stored, {in_figures(sizes.kills - shown, sizes.kills)}; "
        f"{ended} ended from there; balance {balance} of {OVER}, chain {'whole' if is_whole else 'BROKEN'}",
        shown == ended == sizes.kills and balance == OVER and is_whole,
    )


def _killed_uncommitted(template: str, sizes: Sizes, seed: int) -> Figure:
    chance = random.Random(seed)  # noqa: S311 - at which statement a process is killed, no secret
    kills = min(sizes.controls, sizes.kills)
    lost = 0
    with a_room(template, people=kills) as room:
        for number in range(kills):
            lost += kill_where_nothing_was_committed(room, number=number, step=chance.randint(1, 5)) == LOST
    return Figure(
        "Positive control of those",
        "the same where the draw is not committed before the injection",
        f"{kills} kills",
        f"{lost} drawn doses nowhere to be seen",
        lost == kills,
    )


def _left_behind(template: str) -> Figure:
    with a_room(template, people=1) as room:
        *seen, without = what_is_seen_of_rests(room, number=0)
    return Figure(
        "Positive control of those",
        "no kill: one write of an injection left behind by hand, in one table after another, and taken away again",
        f"{len(seen)} writes",
        f"{seen.count(HALF)} seen as half stored, {int(without == SHOWN)} of 1 without any",
        seen == [HALF] * len(seen) and without == SHOWN,
    )
