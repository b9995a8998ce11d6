"""Where everything of a line of time is drawn: nothing over another, and nothing that was not given left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dosing.rules.checks import Sedation
from dosing.rules.observation import Escalation
from dosing.rules.timeline.axis import Window
from dosing.rules.timeline.drawing import (
    DOSE_BASE,
    EVENTS,
    LEFT,
    LETTER,
    MARKER,
    RIGHT,
    ROWS_AT_MOST,
    SESSIONS,
    Drawing,
    draw,
)
from dosing.rules.timeline.facts import (
    After,
    HoldShown,
    Known,
    Mark,
    OralShown,
    OrderShown,
    SessionShown,
)

TODAY = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def after(sedation: str = "1", oxygen: int | None = 97, asks: str = "") -> After:
    return After(Sedation(sedation), 14, oxygen, False, Escalation(asks))


def session(
    ago: timedelta = HOUR,
    mg: int | None = 180,
    mark: Mark = Mark.GIVEN,
    read: After | None = None,
    **more: object,
) -> SessionShown:
    at = AT - ago
    return SessionShown(at.date(), "morning", at, True, mark, given_mg=mg, after=read, **more)  # type: ignore[arg-type]


def order(
    since: timedelta, until: timedelta, dose_mg: int = 180, version: int = 1, ended: str = ""
) -> OrderShown:
    return OrderShown(version, dose_mg, 2, AT - since, AT + until, ended)


def drawn(*sessions: SessionShown, days: int = 14, **more: object) -> Drawing:
    facts = {"orders": (), "holds": (), "oral": (), **more}
    known = Known(sessions=tuple(sorted(sessions, key=lambda one: one.at)), **facts)  # type: ignore[arg-type]
    return draw(known, Window(TODAY - (days - 1) * A_DAY, TODAY), at=AT)


def twice_a_day(days: int, **more: object) -> list[SessionShown]:
    return [session(day * A_DAY + hours, **more) for day in range(days) for hours in (HOUR, 9 * HOUR)]  # type: ignore[arg-type]


class TestNothing:
    def test_is_drawn_as_an_axis(self) -> None:
        empty = drawn()

        assert (empty.bars, empty.levels, empty.marks, empty.events, empty.oxygen_line) == (
            (),
            (),
            (),
            (),
            "",
        )
        assert len(empty.ticks) == 14
        assert LEFT < empty.now_x < RIGHT


class TestABar:
    def test_is_as_high_as_its_milligrams(self) -> None:
        half, whole = drawn(session(2 * A_DAY, 100), session(mg=200)).bars

        assert half.y + half.height == whole.y + whole.height == DOSE_BASE
        assert whole.height == pytest.approx(2 * half.height, abs=0.2)

    def test_stands_only_where_something_was_given(self) -> None:
        assert drawn(session(mg=None, mark=Mark.MISSED)).bars == ()

    @pytest.mark.parametrize(
        ("days", "mg", "placed"),
        [(12, 180, "in"), (12, 15, "over"), (28, 180, "up"), (28, 40, "over"), (84, 180, "")],
    )
    def test_has_its_number_where_there_is_room(self, days: int, mg: int, placed: str) -> None:
        sessions = (
            [*twice_a_day(days, mg=180), session(4 * HOUR, mg)] if mg == 180 else twice_a_day(days, mg=mg)
        )
        bars = drawn(*sessions, days=days, orders=(order(9 * A_DAY, A_DAY, 180),)).bars

        assert bars[0].placed == placed


class TestAnOrder:
    def test_is_a_step_over_its_time(self) -> None:
        first, second = drawn(
            orders=(order(9 * A_DAY, -4 * A_DAY, 150), order(4 * A_DAY, 9 * A_DAY, 180, 2))
        ).steps

        assert first.end == second.x and second.end == RIGHT
        assert first.y > second.y
        assert (first.label, second.label) == ("Order 1: 150 mg", "Order 2: 180 mg")

    @pytest.mark.parametrize(("days", "label"), [(2, "Order 1: 150 mg"), (1, "150 mg"), (0.5, "")])
    def test_has_a_name_that_stays_over_it(self, days: float, label: str) -> None:
        long_ago = 9 * A_DAY
        steps = drawn(
            orders=(
                order(long_ago, days * A_DAY - long_ago, 150),
                order(long_ago - days * A_DAY, A_DAY, 180, 2),
            )
        ).steps

        assert steps[0].label == label
        assert len(steps[0].label) * LETTER <= steps[0].end - steps[0].x or not label

    def test_that_began_just_now_has_its_milligrams_at_the_edge(self) -> None:
        (step,) = drawn(orders=(order(timedelta(0), A_DAY),), days=84).steps

        assert (step.label, step.is_anchored_at_end) == ("180 mg", True)


class TestAMark:
    def test_has_its_word_unless_the_dose_was_given(self) -> None:
        marks = drawn(session(3 * A_DAY), session(A_DAY, None, Mark.MISSED)).marks

        assert [(mark.mark, mark.word) for mark in marks] == [(Mark.GIVEN, ""), (Mark.MISSED, "missed")]
        assert all(mark.x + mark.diameter / 2 == pytest.approx(mark.middle, abs=0.1) for mark in marks)
        assert all(mark.y + mark.diameter / 2 == pytest.approx(SESSIONS + 28, abs=0.1) for mark in marks)

    def test_leaves_out_a_word_that_would_lie_over_another(self) -> None:
        marks = drawn(
            session(A_DAY, None, Mark.WITHHELD), session(A_DAY - 9 * HOUR, None, Mark.EXCUSED)
        ).marks

        assert [mark.word for mark in marks] == ["withheld", ""]

    def test_is_drawn_for_everything_that_was_not_given_however_long_the_time(self) -> None:
        missed = [session(day * A_DAY, None, Mark.MISSED) for day in (3, 4, 4.5, 5, 40)]

        marks = drawn(*twice_a_day(84), *missed, days=84).marks

        assert [mark.mark for mark in marks] == [Mark.MISSED] * 5
        assert len({mark.centre for mark in marks}) > 1

    def test_is_explained_when_it_is_drawn(self) -> None:
        assert drawn(session(A_DAY, None, Mark.MISSED), session()).legend == (Mark.GIVEN, Mark.MISSED)


class TestTheReadings:
    def test_are_a_number_in_a_box(self) -> None:
        (box,) = drawn(session(read=after("2"))).boxes

        assert (box.text, box.is_filled, box.left) == (
            "2",
            False,
            pytest.approx(box.x - box.width / 2, abs=0.1),
        )

    @pytest.mark.parametrize(
        ("read", "text", "filled"),
        [
            (after("3", asks="A"), "3", True),
            (after("1", oxygen=92, asks="A"), "", True),
            (after("2"), "", False),
        ],
    )
    def test_keep_their_number_in_a_crowd_when_they_were_drowsy(
        self, read: After, text: str, filled: bool
    ) -> None:
        crowd = twice_a_day(84, read=after())

        boxes = drawn(*crowd, session(40 * A_DAY + 5 * HOUR, read=read), days=84).boxes

        assert sorted({(box.text, box.is_filled) for box in boxes}) == sorted({("", False), (text, filled)})

    def test_of_oxygen_are_dots_and_low_ones_rings_with_their_number(self) -> None:
        drawing = drawn(
            session(3 * A_DAY, read=after()),
            session(2 * A_DAY, read=after(oxygen=92)),
            session(A_DAY, read=after(oxygen=None)),
        )

        high, low = drawing.dots
        assert (high.is_low, high.text, low.is_low, low.text) == (False, "", True, "92")
        assert high.y < drawing.oxygen_limit.y < low.y
        assert drawing.oxygen_line == f"{high.x},{high.y} {low.x},{low.y}"

    def test_under_the_scale_stand_at_its_foot_with_their_number(self) -> None:
        very, lowest = drawn(session(3 * A_DAY, read=after(oxygen=60)), session(read=after(oxygen=84))).dots

        assert (very.y, very.text) == (lowest.y, "60")

    def test_leave_out_a_number_that_would_lie_over_another(self) -> None:
        dots = drawn(
            session(2 * HOUR, read=after(oxygen=92)), session(HOUR, read=after(oxygen=91)), days=84
        ).dots

        assert [(dot.is_low, dot.text) for dot in dots] == [(True, "92"), (True, "")]


class TestOralMedicine:
    def test_is_written_where_there_is_room(self) -> None:
        doses = (
            OralShown(AT - 2 * A_DAY, "methadone", 40),
            OralShown(AT - A_DAY, "methadone", None),
            OralShown(AT - A_DAY + HOUR, "methadone", 40),
        )

        assert [dose.text for dose in drawn(oral=doses).oral] == ["40", "none"]


class TestAHold:
    def test_runs_until_it_was_lifted(self) -> None:
        lifted = HoldShown(AT - 5 * A_DAY, "low", "Grace", AT - 3 * A_DAY, "Dr Nair", "Awake.")

        (event,) = drawn(holds=(lifted,)).events

        assert event.end is not None and event.x < event.end < RIGHT
        assert (event.is_closed, event.under) == (True, event.y + 6)

    def test_that_stands_runs_until_now(self) -> None:
        drawing = drawn(holds=(HoldShown(AT - 2 * A_DAY, "low", "Grace"),))

        (event,) = drawing.events
        assert (event.end, event.is_closed) == (drawing.now_x, False)

    def test_near_the_end_has_its_words_on_the_left(self) -> None:
        early, late = drawn(
            holds=(
                HoldShown(AT - 12 * A_DAY, "low", "G", AT - 11 * A_DAY, "N", "x"),
                HoldShown(AT, "low", "G"),
            )
        ).events

        assert (early.is_left, late.is_left) == (False, True)
        assert early.text_x > early.x and late.text_x < late.x

    def test_with_many_words_is_cut_short_and_whole_in_the_table(self) -> None:
        (event,) = drawn(holds=(HoldShown(AT - 7 * A_DAY, "so " * 60, "G"),)).events

        assert event.text.endswith("…")
        assert len(event.text) * LETTER + MARKER <= max(RIGHT - event.x, event.x - LEFT) + LETTER


class TestEvents:
    def test_that_find_no_room_are_counted(self) -> None:
        crowd = [session(7 * A_DAY + n * HOUR, None, Mark.MISSED, reason="custody" * 9) for n in range(12)]
        hold = HoldShown(AT - 7 * A_DAY, "low", "G")

        drawing = drawn(*crowd, holds=(hold,))

        assert len(drawing.events) == ROWS_AT_MOST
        assert drawing.left_out == 13 - ROWS_AT_MOST
        assert any(event.text.startswith("Hold") for event in drawing.events)
        assert drawing.height > EVENTS + 20 * ROWS_AT_MOST

    @settings(max_examples=60, deadline=None)
    @given(hours=st.lists(st.integers(0, 13 * 24), max_size=14, unique=True))
    def test_never_lie_over_each_other(self, hours: list[int]) -> None:
        drawing = drawn(*(session(n * HOUR, None, Mark.WITHHELD, reason="ill") for n in hours))

        spans: dict[float, list[tuple[float, float]]] = {}
        for event in drawing.events:
            wide = len(event.text) * LETTER
            span = (event.x - wide, event.x) if event.is_left else (event.x, event.x + wide)
            assert span[0] >= LEFT - LETTER and span[1] <= RIGHT + LETTER
            for other in spans.setdefault(event.y, []):
                assert span[1] <= other[0] or other[1] <= span[0]
            spans[event.y].append(span)
        assert len(drawing.events) + drawing.left_out == len(hours)
