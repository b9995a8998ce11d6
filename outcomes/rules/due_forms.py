"""When an outcome form is due, and what became of it: at the start, every so many days, and at leaving.

Source: product W 4.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from outcomes.rules.askings import FormStage


@dataclass(frozen=True, slots=True)
class Schedule:
    """The numbers of a clinic: days between two reviews, and days around a due day in which a form is in time.

    `basis` says who stands for them: empty is our own proposal, which nobody has verified.
    """

    every_days: int
    window_days: int
    basis: str = ""

    @property
    def words(self) -> str:
        """The numbers in a sentence, and who stands for them; of a proposal that nobody does."""
        said = (
            f"Due at the start, every {self.every_days} days after the first dose, and at leaving; "
            f"in time is up to {self.window_days} days before or after."
        )
        return f"{said} {self.basis or 'These numbers are a proposal: nobody has verified them.'}"


# Unverified, our own proposal ([P]), for every clinic until it has numbers of its own.
PROPOSED: Final = Schedule(every_days=84, window_days=14)


@dataclass(frozen=True, slots=True)
class Schedules:
    """The numbers of a clinic through time: each from its first day on, the earliest first."""

    dated: tuple[tuple[date, Schedule], ...] = ()

    def on(self, day: date) -> Schedule:
        """Return what is in force on a day; before the first of its own numbers it is the proposal."""
        return next((schedule for begins, schedule in reversed(self.dated) if begins <= day), PROPOSED)


class DueState(StrEnum):
    """What became of a form that is due."""

    NOT_YET = "not_yet"
    DUE = "due"
    OVERDUE = "overdue"
    IN_TIME = "in_time"
    EARLY = "early"
    LATE = "late"
    MISSED = "missed"


TO_ASK: Final = frozenset({DueState.DUE, DueState.OVERDUE})


@dataclass(frozen=True, slots=True)
class DueForm:
    """One form that is due: from when to when it is in time, and the day of the form that was given (None: none)."""

    stage: FormStage
    due_on: date
    opens_on: date
    closes_on: date
    given_on: date | None
    state: DueState


def due_forms(
    *,
    started_on: date | None,
    left_on: date | None,
    given: Iterable[tuple[str, date]],
    today: date,
    schedules: Schedules,
    ended_by_death: bool = False,
    has_died: bool = False,
) -> tuple[DueForm, ...]:
    """Return every form that one treatment has asked for until now, and the next one where its window is open.

    `given` are the forms of this treatment that count, by point and day. A form belongs to the due day it is nearest
    to, a start form to the start whatever its age; one outside the window is early or late. Where nobody asked, it is
    overdue until the next due day is nearer, and missed from then on, or from leaving on but for the form at leaving.
    Nothing is due before the first dose. Each due day is reckoned from the one before it with the numbers in force on
    that day, so that new numbers change no day that has been due. A review is not asked for where leaving is within its
    window: the form at leaving stands for it. Nothing is asked of somebody
    who has died, and no form is due at leaving where a treatment ended by death. These readings are unverified, our own.
    """
    if started_on is None:
        return ()
    found, has_left = list(given), left_on is not None and left_on <= today
    return tuple(
        _due(
            stage,
            due_on,
            found,
            today,
            schedules.on(due_on),
            cannot_be_asked=has_died or (has_left and stage != FormStage.EXIT),
        )
        for stage, due_on in _points(started_on, left_on, today, schedules)
        if not (ended_by_death and stage == FormStage.EXIT)
    )


def _points(
    started_on: date, left_on: date | None, today: date, schedules: Schedules
) -> list[tuple[FormStage, date]]:
    points, due_on = [(FormStage.START, started_on)], started_on
    while True:
        due_on += timedelta(days=schedules.on(due_on).every_days)
        window = timedelta(days=schedules.on(due_on).window_days)
        if due_on > (today + window if left_on is None else left_on - window):
            break
        points.append((FormStage.REVIEW, due_on))
    return points if left_on is None else [*points, (FormStage.EXIT, left_on)]


def _due(
    stage: FormStage,
    due_on: date,
    given: list[tuple[str, date]],
    today: date,
    schedule: Schedule,
    *,
    cannot_be_asked: bool,
) -> DueForm:
    window, half = timedelta(days=schedule.window_days), timedelta(days=schedule.every_days // 2)
    opens_on, closes_on = due_on - window, due_on + window
    near = [
        on
        for point, on in given
        # A start form is that of its treatment however old it is.
        if point == stage and (stage == FormStage.START or due_on - half < on <= due_on + half)
    ]
    given_on = min(near, key=lambda on: (abs(on - due_on), on), default=None)
    if given_on is not None:
        state = (
            DueState.EARLY
            if given_on < opens_on
            else DueState.LATE
            if given_on > closes_on
            else DueState.IN_TIME
        )
    elif cannot_be_asked:
        state = DueState.MISSED
    elif today < opens_on:
        state = DueState.NOT_YET
    elif today <= closes_on:
        state = DueState.DUE
    else:
        state = DueState.OVERDUE if today <= due_on + half else DueState.MISSED
    return DueForm(stage, due_on, opens_on, closes_on, given_on, state)
