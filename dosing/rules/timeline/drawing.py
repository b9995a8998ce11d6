"""A line of time as shapes and words in units of the drawing; the page gives them ink and nothing else.

Lanes from the top: doses with the orders, sessions, readings after, oral medicine, holds and events. What does not
fit is left out of the drawing, never out of the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dosing.rules.checks import OXYGEN_HOLD_BELOW
from dosing.rules.observation import Escalation
from dosing.rules.orders import LONDON
from dosing.rules.timeline.axis import Axis, Tick, Window, scale_of, ticks_of, widths_of
from dosing.rules.timeline.events import Event, events_of
from dosing.rules.timeline.facts import Known, Mark, OralShown, OrderShown, SessionShown

WIDTH: Final = 1192
LEFT: Final = 176
RIGHT: Final = 1184
# The upper edge of each lane, and the lower one of the last but the events, which grow.
DOSES, SESSIONS, SEDATION, OXYGEN, ORAL, EVENTS = 56, 236, 310, 362, 452, 500
DOSE_TOP, DOSE_BASE = 92, 228
ROW: Final = 27
ROWS_AT_MOST: Final = 8
OXYGEN_RANGE: Final = (84, 100)
# Units a letter takes at the size of a label and of a small word, counted generously.
LETTER: Final = 8.2
SMALL_LETTER: Final = 7.6
MARKER: Final = 20
# Under this width a mark cannot be told from another; where one is, they are drawn so large, in rows.
MARK_NEEDS: Final = 8
CROWDED: Final = 16
# Words stand under the marks where a day is at least so wide.
DAY_OF_WORDS: Final = 30


@dataclass(frozen=True, slots=True)
class Bar:
    """One session's dose. `placed` says where its number stands: "in", "up" (turned), "over", or nowhere."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    mg: int
    placed: str


@dataclass(frozen=True, slots=True)
class Step:
    """One order as a piece of the dashed line; `label` is empty where it would lie over another."""

    x: float
    end: float
    y: float
    label: str
    is_anchored_at_end: bool


@dataclass(frozen=True, slots=True)
class Level:
    """A line of a scale, with its number."""

    y: float
    number: int


@dataclass(frozen=True, slots=True)
class MarkDrawn:
    """What became of one session: a shape, and its word where there is room."""

    middle: float
    centre: float
    diameter: float
    mark: Mark
    word: str

    @property
    def x(self) -> float:
        """Return the left edge of the shape."""
        return round(self.middle - self.diameter / 2, 1)

    @property
    def y(self) -> float:
        """Return the upper edge of the shape."""
        return round(self.centre - self.diameter / 2, 1)


@dataclass(frozen=True, slots=True)
class Box:
    """The most drowsy reading after one injection; filled when it asked for something, a dot without room."""

    x: float
    width: float
    text: str
    is_filled: bool

    @property
    def left(self) -> float:
        """Return the left edge of the box."""
        return round(self.x - self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Dot:
    """The lowest oxygen after one injection: a ring with its number when it was low."""

    x: float
    y: float
    radius: float
    is_low: bool
    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """Words in a lane, such as one oral dose."""

    x: float
    text: str


@dataclass(frozen=True, slots=True)
class EventDrawn:
    """One hold or event in its row; a hold has a line from `x` to `end`, capped where it was lifted."""

    x: float
    end: float | None
    y: float
    text: str
    text_x: float
    is_left: bool
    is_grave: bool
    is_closed: bool

    @property
    def under(self) -> float:
        """Return where the line of a hold runs: under its words."""
        return self.y + 6


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything that is drawn, lane by lane."""

    height: int
    ticks: tuple[Tick, ...]
    levels: tuple[Level, ...]
    bars: tuple[Bar, ...]
    steps: tuple[Step, ...]
    marks: tuple[MarkDrawn, ...]
    boxes: tuple[Box, ...]
    dots: tuple[Dot, ...]
    oxygen_limit: Level
    oral: tuple[Written, ...]
    events: tuple[EventDrawn, ...]
    left_out: int
    now_x: float

    @property
    def legend(self) -> tuple[Mark, ...]:
        """Return the marks that are drawn, in their order."""
        drawn = {one.mark for one in self.marks}
        return tuple(mark for mark in Mark if mark in drawn)

    @property
    def oxygen_line(self) -> str:
        """Return the points that join the dots."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)


def draw(known: Known, window: Window, *, at: datetime) -> Drawing:
    """Return what is known of somebody in a window as it is drawn."""
    axis = Axis(window, LEFT, RIGHT)
    most = max(
        (
            *(session.given_mg or 0 for session in known.sessions),
            *(order.dose_mg for order in known.orders),
        ),
        default=0,
    )
    top, lines = scale_of(most)
    events, left_out, rows = _events(events_of(known), axis, at)
    return Drawing(
        height=EVENTS + 20 + ROW * max(1, rows),
        ticks=ticks_of(axis, today=at.astimezone(LONDON).date()),
        levels=tuple(Level(_height_of(mg, top), mg) for mg in lines),
        bars=_bars(known.sessions, axis, top),
        steps=_steps(known.orders, axis, top),
        marks=_marks(known.sessions, axis),
        boxes=_boxes(known.sessions, axis),
        dots=_dots(known.sessions, axis),
        oxygen_limit=Level(_oxygen_y(OXYGEN_HOLD_BELOW), OXYGEN_HOLD_BELOW),
        oral=_oral(known.oral, axis),
        events=events,
        left_out=left_out,
        now_x=axis.x_of(at),
    )


def _height_of(mg: int, top: int) -> float:
    return round(DOSE_BASE - (DOSE_BASE - DOSE_TOP) * mg / top, 1)


def _oxygen_y(percent: int) -> float:
    least, most = OXYGEN_RANGE
    share = (most - max(least, percent)) / (most - least)
    return round(OXYGEN + 14 + share * (ORAL - OXYGEN - 38), 1)


def _bars(sessions: Iterable[SessionShown], axis: Axis, top: int) -> tuple[Bar, ...]:
    dosed = [(axis.x_of(session.at), session.given_mg) for session in sessions if session.given_mg]
    widths = widths_of([x for x, _ in dosed], most=24, least=1.5)
    return tuple(_bar(x, width, mg, top) for (x, mg), width in zip(dosed, widths, strict=True))


def _bar(x: float, width: float, mg: int, top: int) -> Bar:
    y = _height_of(mg, top)
    height = round(DOSE_BASE - y, 1)
    is_tall = height >= (20 if width >= 21.5 else 34)
    if width < 9.5:
        placed = ""
    elif not is_tall:
        placed = "over"
    else:
        placed = "in" if width >= 21.5 else "up"
    return Bar(round(x - width / 2, 1), y, width, height, x, mg, placed)


def _steps(orders: Sequence[OrderShown], axis: Axis, top: int) -> tuple[Step, ...]:
    steps = []
    for place, order in enumerate(orders, start=1):
        x, end = axis.x_of(order.starts_at), axis.x_of(order.ends_at)
        is_last = place == len(orders)
        # A name stays over its own order, so that it lies over no bar of the next; the last one always has one.
        names = (f"Order {order.version}: {order.dose_mg} mg", f"{order.dose_mg} mg")
        fitting = (name for name in names if len(name) * LETTER <= end - x)
        label = next(fitting, names[1] if is_last else "")
        is_at_end = is_last and x + len(label) * LETTER > axis.right
        steps.append(Step(x, end, _height_of(order.dose_mg, top), label, is_at_end))
    return tuple(steps)


def _marks(sessions: Sequence[SessionShown], axis: Axis) -> tuple[MarkDrawn, ...]:
    xs = [axis.x_of(session.at) for session in sessions]
    widths = widths_of(xs, most=24, least=1)
    if any(width < MARK_NEEDS for width in widths):
        return _crowded_marks(xs, sessions)
    marks, free_from = [], 0.0
    for x, width, session in zip(xs, widths, sessions, strict=True):
        word = "" if session.mark is Mark.GIVEN else session.mark.word
        half = len(word) * SMALL_LETTER / 2
        if axis.day_width < DAY_OF_WORDS or x - half < free_from:
            word = ""
        elif word:
            free_from = x + half + 4
        marks.append(MarkDrawn(x, SESSIONS + 28, width, session.mark, word))
    return tuple(marks)


def _crowded_marks(xs: Sequence[float], sessions: Sequence[SessionShown]) -> tuple[MarkDrawn, ...]:
    """Return the marks without room for all: a dose given has its bar, the others stand in three rows, none hidden."""
    marks = []
    free_from = [0.0] * 3
    for x, session in zip(xs, sessions, strict=True):
        if session.mark is Mark.GIVEN:
            continue
        row = min(
            range(3), key=lambda one: (free_from[one] > x, free_from[one] if free_from[one] > x else one)
        )
        free_from[row] = x + CROWDED
        marks.append(MarkDrawn(x, SESSIONS + 18 + 19 * row, CROWDED, session.mark, ""))
    return tuple(marks)


def _boxes(sessions: Iterable[SessionShown], axis: Axis) -> tuple[Box, ...]:
    read = [(axis.x_of(session.at), session.after) for session in sessions if session.after]
    widths = widths_of([x for x, _ in read], most=24, least=3)
    boxes = []
    for (x, after), width in zip(read, widths, strict=True):
        asks = after.escalation is not Escalation.NONE
        has_room = width >= 9.5 or after.is_drowsy
        boxes.append(
            Box(x, max(width, 9.5) if has_room else 3, after.sedation.value if has_room else "", asks)
        )
    return tuple(boxes)


def _dots(sessions: Iterable[SessionShown], axis: Axis) -> tuple[Dot, ...]:
    read = [
        (axis.x_of(session.at), session.after.oxygen, session.after.is_low)
        for session in sessions
        if session.after is not None and session.after.oxygen is not None
    ]
    widths = widths_of([x for x, _, _ in read], most=10, least=2)
    dots, free_from = [], 0.0
    for (x, oxygen, is_low), width in zip(read, widths, strict=True):
        text = str(oxygen) if is_low and x - LETTER >= free_from else ""
        if text:
            free_from = x + LETTER + 2
        dots.append(Dot(x, _oxygen_y(oxygen), round(width / 2, 1), is_low, text))
    return tuple(dots)


def _oral(doses: Iterable[OralShown], axis: Axis) -> tuple[Written, ...]:
    written, free_from = [], 0.0
    for dose in doses:
        text = "none" if dose.given_mg is None else str(dose.given_mg)
        x, half = axis.x_of(dose.at), len(text) * LETTER / 2
        if x - half >= free_from:
            written.append(Written(x, text))
            free_from = x + half + 3
    return tuple(written)


def _events(events: Sequence[Event], axis: Axis, at: datetime) -> tuple[tuple[EventDrawn, ...], int, int]:
    """Return the events in rows, none over another; how many had no room; and how many rows there are."""
    taken: list[list[tuple[float, float]]] = []
    drawn = []
    for event in sorted(events, key=lambda one: (one.weight, one.at)):
        x = axis.x_of(event.at)
        end = axis.x_of(min(event.ends_at or at, at)) if event.lasts else None
        text, is_left = _fitted(event.text, x, axis)
        wide = len(text) * LETTER + MARKER
        span = (x - wide, max(end or x, x) + MARKER) if is_left else (x, max(end or x, x + wide))
        row = _free_row(taken, span)
        if row is None:
            continue
        drawn.append(
            EventDrawn(
                x=x,
                end=end,
                y=EVENTS + 22 + ROW * row,
                text=text,
                text_x=round(x - 8 if is_left else x + 14, 1),
                is_left=is_left,
                is_grave=event.is_grave,
                is_closed=event.ends_at is not None,
            )
        )
    return tuple(sorted(drawn, key=lambda one: one.x)), len(events) - len(drawn), len(taken)


def _fitted(text: str, x: float, axis: Axis) -> tuple[str, bool]:
    """Return words that fit beside a place, and whether they stand left of it; what is cut off is in the table."""
    right, left = axis.right - x - MARKER, x - axis.left - MARKER
    is_left = len(text) * LETTER > right and left > right
    letters = int((left if is_left else right) / LETTER)
    return (text if len(text) <= letters else f"{text[: letters - 1]}…"), is_left


def _free_row(taken: list[list[tuple[float, float]]], span: tuple[float, float]) -> int | None:
    """Return the first row in which nothing lies in the way, and take the place in it; None when all are full."""
    for row, spans in enumerate(taken):
        if all(span[1] + 8 <= start or end + 8 <= span[0] for start, end in spans):
            spans.append(span)
            return row
    if len(taken) == ROWS_AT_MOST:
        return None
    taken.append([span])
    return len(taken) - 1
