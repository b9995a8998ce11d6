"""One person on the board, as a tile: which column, and what its tag says."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import sha256

from dosing.rules.observation import OVERDUE_AFTER


class Place(StrEnum):
    """Which column of the board a person stands in."""

    DUE = "due"
    ARRIVED = "arrived"
    ROOM = "room"
    OBSERVED = "observed"
    LEFT = "left"
    MISSED = "missed"


class Mark(StrEnum):
    """What a tag on a tile says, besides its words."""

    NONE = ""
    HOLD = "hold"
    WAIT = "wait"
    NEW = "new"
    ACT = "act"
    LOOK = "look"
    CAPPED = "capped"


@dataclass(frozen=True, slots=True)
class Tile:
    """One person on the board: no dose on it, because the board is seen from the hatch.

    `goes_to` is the name of the page that a tap opens, empty for none. Seconds count from the end of the
    injection for those observed: `elapsed_s` of `of_s`, the next reading at `due_s`. `alert` is the weight of the
    heaviest alert; what it says is read at the check-in.
    """

    patient_id: uuid.UUID
    session_id: uuid.UUID | None
    name: str
    initials: str
    place: Place
    goes_to: str
    facts: str
    tag: str = ""
    mark: Mark = Mark.NONE
    steps_done: int = 0
    elapsed_s: int = 0
    of_s: int = 0
    due_s: int | None = None
    due_minute: int | None = None
    escalation: str = ""
    photo: str = ""
    alert: str = ""

    @property
    def state(self) -> str:
        """A short mark of all that a tile shows but its running clocks: another mark, another tile."""
        clockless = replace(self, elapsed_s=0)
        return sha256(repr((clockless, self.is_overdue)).encode()).hexdigest()[:16]

    @property
    def of_min(self) -> int:
        """The minutes of the whole observation."""
        return self.of_s // 60

    @property
    def steps(self) -> tuple[bool, ...]:
        """Which of the five steps are done."""
        return tuple(place < self.steps_done for place in range(5))

    @property
    def is_overdue(self) -> bool:
        """Whether a reading is over a minute late. Source: clinical rule 27."""
        return self.due_s is not None and self.elapsed_s > self.due_s + OVERDUE_AFTER.total_seconds()

    @property
    def overdue_s(self) -> int:
        """How many seconds the reading is late."""
        return max(0, self.elapsed_s - self.due_s) if self.due_s is not None else 0

    @property
    def due_in_s(self) -> int:
        """In how many seconds the reading is due."""
        return max(0, self.due_s - self.elapsed_s) if self.due_s is not None else 0
