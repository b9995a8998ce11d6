"""What one person's line of time tells of, and what each thing on it is called."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from dosing.rules.checks import BREATHS_HOLD_BELOW, OXYGEN_HOLD_BELOW, Readings, Sedation
from dosing.rules.missed import Opening, is_booked, sessions_held
from dosing.rules.observation import Escalation
from dosing.rules.sessions import Outcome


class Mark(StrEnum):
    """What became of one session, as a shape and a word."""

    GIVEN = "given"
    LESS = "less"
    WITHHELD = "withheld"
    MISSED = "missed"
    EXCUSED = "excused"
    HELD = "held"
    OPEN = "open"
    NO_RECORD = "no_record"

    @property
    def word(self) -> str:
        """The word that stands with the shape."""
        return self.value.replace("_", " ")

    @property
    def meaning(self) -> str:
        """What the word means, for the legend and the table."""
        return _MEANINGS[self]


_MEANINGS: Final = {
    Mark.GIVEN: "given",
    Mark.LESS: "less given than ordered",
    Mark.WITHHELD: "withheld",
    Mark.MISSED: "missed",
    Mark.EXCUSED: "excused",
    Mark.HELD: "held, a doctor decides",
    Mark.OPEN: "not ended yet",
    Mark.NO_RECORD: "ordered, nothing recorded: counts as missed",
}
_MARK_OF: Final = {
    Outcome.GIVEN: Mark.GIVEN,
    Outcome.GIVEN_REDUCED: Mark.LESS,
    Outcome.WITHHELD: Mark.WITHHELD,
    Outcome.MISSED: Mark.MISSED,
    Outcome.EXCUSED: Mark.EXCUSED,
}
# From awake to not to be roused: somebody asleep who is easily roused stands between drowsy and drifting off.
_DROWSINESS: Final = (
    Sedation.ALERT,
    Sedation.SLIGHTLY_DROWSY,
    Sedation.ASLEEP,
    Sedation.DRIFTS_OFF,
    Sedation.HARD_TO_ROUSE,
)


def mark_of(outcome: Outcome | None, *, is_held: bool) -> Mark:
    """Return the mark of a session by its live outcome; without one it is held, or not ended yet."""
    if outcome is None:
        return Mark.HELD if is_held else Mark.OPEN
    return _MARK_OF[outcome]


@dataclass(frozen=True, slots=True)
class After:
    """The readings after one injection: the most drowsy, the slowest breathing, the lowest oxygen measured.

    `oxygen` is None when it was never measured; `is_unmeasured` when it could not be measured once or more.
    """

    sedation: Sedation
    breaths: int
    oxygen: int | None
    is_unmeasured: bool
    escalation: Escalation

    @property
    def is_drowsy(self) -> bool:
        """Tell whether the sedation alone asked for something."""
        return self.sedation in (Sedation.DRIFTS_OFF, Sedation.HARD_TO_ROUSE)

    @property
    def is_low(self) -> bool:
        """Tell whether the oxygen alone asked for something."""
        return self.oxygen is not None and self.oxygen < OXYGEN_HOLD_BELOW

    @property
    def in_words(self) -> str:
        """All three in words: "POSS 2, breathing 14, oxygen 96 %"."""
        oxygen = "oxygen not measured" if self.oxygen is None else f"oxygen {self.oxygen} %"
        unmeasured = ", once not measured" if self.is_unmeasured and self.oxygen is not None else ""
        return f"POSS {self.sedation.value}, breathing {self.breaths}, {oxygen}{unmeasured}"

    @property
    def asked_in_words(self) -> str:
        """What asked for something: "POSS 3, oxygen 92 %"; empty when nothing did."""
        if self.escalation is Escalation.NONE:
            return ""
        found = (
            f"POSS {self.sedation.value}" if self.is_drowsy else "",
            f"breathing {self.breaths}" if self.breaths < BREATHS_HOLD_BELOW else "",
            f"oxygen {self.oxygen} %" if self.is_low else "",
            "oxygen not measured" if self.is_unmeasured else "",
        )
        return ", ".join(part for part in found if part)


def after_of(taken: Iterable[tuple[Readings, Escalation]]) -> After | None:
    """Return what the readings after one injection say together; None without any. Source: clinical rule 28."""
    sets = list(taken)
    if not sets:
        return None
    measured = [readings.oxygen for readings, _ in sets if readings.oxygen is not None]
    return After(
        sedation=max((readings.sedation for readings, _ in sets), key=_DROWSINESS.index),
        breaths=min(readings.breaths for readings, _ in sets),
        oxygen=min(measured, default=None),
        is_unmeasured=len(measured) < len(sets),
        escalation=max((escalation for _, escalation in sets), key=lambda one: one.value),
    )


@dataclass(frozen=True, slots=True)
class SessionShown:
    """One session: when (the injection's start, or the middle of its opening times), and what became of it.

    Milligrams are administered ones, of the whole session; `ordered_mg` is None for imported history. `session_id` is
    there where somebody came to it or wrote its ending, so that its lines can be read.
    """

    on: date
    slot: str
    at: datetime
    is_timed: bool
    mark: Mark
    given_mg: int | None = None
    ordered_mg: int | None = None
    how: str = ""
    reason: str = ""
    after: After | None = None
    notes: tuple[str, ...] = ()
    session_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class OrderShown:
    """One order for the time it was in force; `ended` says why it was ended early, other than by the next.

    `by_two` names author and signer where they are two doctors. Source: clinical rule 3.
    """

    version: int
    dose_mg: int
    sessions_per_day: int
    starts_at: datetime
    ends_at: datetime
    ended: str = ""
    by_two: str = ""


@dataclass(frozen=True, slots=True)
class HoldShown:
    """One hold, from the check that opened it to the doctor's decision; `lifted_at` is None while it stands."""

    opened_at: datetime
    why: str
    opened_by: str
    lifted_at: datetime | None = None
    lifted_by: str = ""
    lift_reason: str = ""
    what: str = "Hold"


@dataclass(frozen=True, slots=True)
class OralShown:
    """One oral dose: which medicine, how many milligrams, or that it was not taken (None)."""

    at: datetime
    medicine: str
    given_mg: int | None


@dataclass(frozen=True, slots=True)
class GapShown:
    """One gap that bounded the next dose: from the last dose to the return, None while it goes on.

    `asks` says what the ladder asked for, `words` how long it was.
    """

    since: datetime
    ended_at: datetime | None
    words: str
    asks: str


@dataclass(frozen=True, slots=True)
class DecisionShown:
    """A doctor's decision on a gap: at most so many milligrams for the next dose."""

    at: datetime
    ceiling_mg: int
    decided_by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Known:
    """Everything of one person that lies in a window of time."""

    sessions: tuple[SessionShown, ...]
    orders: tuple[OrderShown, ...]
    holds: tuple[HoldShown, ...]
    oral: tuple[OralShown, ...]
    gaps: tuple[GapShown, ...] = ()
    decisions: tuple[DecisionShown, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to draw."""
        return not (self.sessions or self.orders or self.holds or self.oral or self.gaps or self.decisions)

    @property
    def counts(self) -> tuple[tuple[Mark, int], ...]:
        """Return how many sessions ended in which way, in the order of the marks, without those that are none."""
        counted = Counter(session.mark for session in self.sessions)
        return tuple((mark, counted[mark]) for mark in Mark if counted[mark])


def without_record(
    *,
    orders: Iterable[OrderShown],
    openings: Iterable[Opening],
    known: Iterable[tuple[date, str]],
    first_on: date,
    at: datetime,
) -> Iterator[SessionShown]:
    """Yield each session that an order booked, that is over, and of which nothing was recorded.

    Nothing recorded is drawn as such, so that an empty place is never taken for a dose. It counts as missed, as
    in the ladder: an order that was in force for a part of it booked it.
    """
    there, every, turns = set(known), list(orders), {opening.slot: opening for opening in openings}
    for session in sessions_held(turns.values(), first_on=first_on, at=at):
        booking = [
            order
            for order in every
            if is_booked(session, order.starts_at, order.ends_at, order.sessions_per_day)
        ]
        if booking and (session.on, session.slot) not in there:
            yield SessionShown(
                on=session.on,
                slot=session.slot,
                at=turns[session.slot].middle(session.on),
                is_timed=False,
                mark=Mark.NO_RECORD,
                ordered_mg=booking[-1].dose_mg,
            )
