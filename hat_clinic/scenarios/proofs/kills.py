"""A process that draws a dose up and is killed while it injects it, and what the next screen says then."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Callable
from typing import Any

from django.db import connections, transaction
from django.db.models import QuerySet

from dosing.actions.injections import ACT
from dosing.models import (
    Injection,
    PatientDay,
    PlannedSession,
    Preparation,
    RecordedRequest,
    RegisterEntry,
    SessionOutcome,
    Visit,
)
from dosing.queries.board import get_board
from hat_clinic.audit.actions import record
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from hat_clinic.scenarios import hatch
from hat_clinic.scenarios.proofs.rooms import GIVER, Room
from hat_clinic.scenarios.reading import Content

SHOWN, LOST, HALF = "shown", "lost", "half stored"
_REACHED, _DONE, _FAILED = b"r", b"d", b"f"


def kill_between(room: Room, *, number: int, step: int | None) -> str:
    """Kill a process before a statement of the injection it is storing, and return what the board shows then.

    A step beyond the statements is the commit. `step` None lets the process end, and returns how many statements
    the injection took.
    """
    name = room.checked(number)
    told = _fork(room, name, step, is_draw_committed=True)
    return told or _on_the_next_screen(room, name)


def kill_where_nothing_was_committed(room: Room, *, number: int, step: int) -> str:
    """Do the same with the draw and the injection in one transaction, as no action of the program does it."""
    name = room.checked(number)
    return _fork(room, name, step, is_draw_committed=False) or _on_the_next_screen(room, name)


def is_half_stored(person_id: uuid.UUID) -> bool:
    """Tell whether anything of an injection is stored of somebody whose dose is drawn up and not injected.

    Asked of every table that an injection writes for its person; the balance of the register is asked for them all.
    """
    written: tuple[QuerySet[Any], ...] = (
        Injection.objects.filter(patient_id=person_id),
        SessionOutcome.objects.filter(session__patient_id=person_id),
        RegisterEntry.objects.filter(patient_id=person_id),
        PatientDay.objects.filter(patient_id=person_id, administered_mg__gt=0),
        Visit.objects.filter(patient_id=person_id, injected_at__isnull=False),
        RecordedRequest.objects.filter(
            act=ACT, answer__session_id__in=_as_text(PlannedSession.objects.filter(patient_id=person_id))
        ),
        AuditEvent.objects.filter(event=ACT, person=person_id),
    )
    return any(rows.exists() for rows in written)


def _as_text(sessions: QuerySet[PlannedSession]) -> list[str]:
    return [str(session_id) for session_id in sessions.values_list("id", flat=True)]


def what_is_seen_of_rests(room: Room, *, number: int) -> list[str]:
    """Return what the next screen is taken to say where one write of an injection was left behind, one after another.

    Each is put there by hand and taken away again. The database refuses an injection, an outcome or a register line
    that stands alone, so those need no hand.
    """
    name = room.checked(number)
    sent = hatch.send_page(room.world, room.content(name), _page(room, name))
    if not isinstance(sent, tuple):
        raise AssertionError("unreachable: nothing stands against this dose")
    drawn, by = Preparation.objects.get(id=sent[0]), room.world.user(GIVER)
    answer = {"session_id": str(drawn.session_id)}
    rests: tuple[Callable[[], object], ...] = (
        lambda: PatientDay.objects.filter(patient_id=drawn.patient_id).update(administered_mg=1),
        lambda: RecordedRequest.objects.create(
            key=uuid.uuid4(),
            act=ACT,
            content_sha256="0" * 64,
            answer=answer,
            recorded_by=by,
            recorded_at=now(),
        ),
        lambda: record(
            "dosing.injection_recorded", by=by, at=now(), clinic=room.house.clinic.id, person=drawn.patient_id
        ),
    )
    seen = []
    for leave in rests:
        with transaction.atomic():
            leave()
            seen.append(_on_the_next_screen(room, name))
            transaction.set_rollback(True)
    return [*seen, _on_the_next_screen(room, name)]


def _page(room: Room, name: str) -> hatch.Page:
    page = hatch.open_page(room.world, room.content(name), now())
    if not isinstance(page, hatch.Page):
        raise AssertionError("unreachable: nothing stands against this dose")
    return page


def _fork(room: Room, name: str, step: int | None, *, is_draw_committed: bool) -> str:
    """Run both acts in a child and kill it where it says that it came to the step; return what it counted."""
    content, page = room.content(name), _page(room, name)
    connections["default"].close()  # a connection must not be shared by two processes
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ours)
        _draw_and_inject(room, content, page, step, theirs, is_draw_committed=is_draw_committed)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.readline().strip()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if said.startswith(_DONE) and step is None:
        return said.removeprefix(_DONE).decode()
    if said != _REACHED:
        raise AssertionError(f"the process was not killed where it should have been: {said!r}")
    return ""


def _draw_and_inject(
    room: Room, content: Content, page: hatch.Page, step: int | None, pipe: int, *, is_draw_committed: bool
) -> None:
    """Draw up and inject in this process, and wait to be killed; never returns."""
    try:
        connection = connections["default"]
        if not is_draw_committed:
            connection.set_autocommit(False)
        sent = hatch.send_page(room.world, content, page)
        if not isinstance(sent, tuple):
            raise AssertionError("unreachable: nothing stands against this dose")
        counted = _Steps(step, pipe)
        # A commit is no statement that the wrapper sees; the method is Django's own, which its types leave out.
        connection._commit = counted.before(connection._commit)  # type: ignore[attr-defined]
        with connection.execute_wrapper(counted):
            room.inject(Preparation.objects.get(id=sent[0]))
        os.write(pipe, _DONE + str(counted.passed).encode() + b"\n")
    except BaseException as failure:
        os.write(pipe, _FAILED + type(failure).__name__.encode() + b"\n")
    finally:
        os._exit(0)


class _Steps:
    """Counts the statements of the injection, and at one of them tells the parent and waits for the end."""

    def __init__(self, step: int | None, pipe: int) -> None:
        self.passed, self._step, self._pipe = -1, step, pipe  # the first statement is the reading of the draw

    def __call__(self, execute: Callable[..., Any], *args: Any) -> Any:
        self.passed += 1
        self._wait_at(self.passed)
        return execute(*args)

    def before(self, commit: Callable[[], None]) -> Callable[[], None]:
        """Return the commit, which is a step of its own after the last statement."""

        def committed() -> None:
            self._wait_at(self.passed + 1)
            commit()

        return committed

    def _wait_at(self, place: int) -> None:
        if place == self._step:
            os.write(self._pipe, _REACHED + b"\n")
            while True:
                signal.pause()


def _on_the_next_screen(room: Room, name: str) -> str:
    person_id = room.world.episode(name).person_id
    if is_half_stored(person_id):
        return HALF
    board = get_board(clinic=room.house.clinic, at=now())
    return SHOWN if any(tile.patient_id == person_id for tile in board.open_draws) else LOST
