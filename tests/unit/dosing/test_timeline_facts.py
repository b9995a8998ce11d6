"""What a line of time says of each session, its readings, and what was ordered and not recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from dosing.rules.checks import Readings, Sedation
from dosing.rules.missed import Opening
from dosing.rules.observation import Escalation
from dosing.rules.orders import LONDON
from dosing.rules.sessions import Outcome
from dosing.rules.timeline.events import events_of
from dosing.rules.timeline.facts import (
    After,
    DecisionShown,
    GapShown,
    HoldShown,
    Known,
    Mark,
    OralShown,
    OrderShown,
    SessionShown,
    after_of,
    mark_of,
    without_record,
)
from dosing.rules.timeline.rows import Kind, Row, list_rows

MONDAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
A_DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MORNING = Opening("am", 1, time(8), time(12))
EVENING = Opening("pm", 2, time(16), time(20))
ORDER = OrderShown(3, 180, 2, NINE - A_DAY, NINE + 9 * A_DAY)
GIVEN = SessionShown(
    on=MONDAY,
    slot="morning",
    at=NINE,
    is_timed=True,
    mark=Mark.GIVEN,
    given_mg=180,
    ordered_mg=180,
    how="into a vein, left arm",
)
NOTHING = Known((), (), (), ())


def read(
    sedation: str = "1", *, breaths: int = 14, oxygen: int | None = 97, asks: str = ""
) -> tuple[Readings, Escalation]:
    return Readings(Sedation(sedation), breaths, oxygen, 70), Escalation(asks)


def after(*sets: tuple[Readings, Escalation]) -> After:
    found = after_of(sets)
    assert found is not None
    return found


def known(*sessions: SessionShown, **more: object) -> Known:
    return Known(**{"sessions": sessions, "orders": (), "holds": (), "oral": (), **more})


class TestAMark:
    @pytest.mark.parametrize(
        ("outcome", "mark"),
        [
            (Outcome.GIVEN, Mark.GIVEN),
            (Outcome.GIVEN_REDUCED, Mark.LESS),
            (Outcome.WITHHELD, Mark.WITHHELD),
            (Outcome.MISSED, Mark.MISSED),
            (Outcome.EXCUSED, Mark.EXCUSED),
            (None, Mark.OPEN),
        ],
    )
    def test_says_what_became_of_a_session(self, outcome: Outcome | None, mark: Mark) -> None:
        assert mark_of(outcome, is_held=False) is mark

    def test_of_a_session_without_an_ending_may_be_held(self) -> None:
        assert mark_of(None, is_held=True) is Mark.HELD
        assert mark_of(Outcome.WITHHELD, is_held=True) is Mark.WITHHELD

    def test_has_a_word_and_a_meaning_of_its_own(self) -> None:
        assert len({mark.word for mark in Mark}) == len({mark.meaning for mark in Mark}) == len(Mark)
        assert Mark.NO_RECORD.word == "no record"

    def test_is_counted(self) -> None:
        missed = SessionShown(MONDAY, "evening", NINE, False, Mark.MISSED)

        assert known(GIVEN, GIVEN, missed).counts == ((Mark.GIVEN, 2), (Mark.MISSED, 1))


class TestTheReadingsAfter:
    def test_are_none_without_any(self) -> None:
        assert after_of([]) is None

    def test_are_told_by_the_worst_of_each(self) -> None:
        found = after(read("2", oxygen=96), read("1", breaths=12, oxygen=95), read())

        assert (found.sedation, found.breaths, found.oxygen) == (Sedation.SLIGHTLY_DROWSY, 12, 95)
        assert found.in_words == "POSS 2, breathing 12, oxygen 95 %"
        assert found.asked_in_words == ""

    @pytest.mark.parametrize(
        ("steps", "worst"), [("12", "2"), ("2S", "S"), ("S3", "3"), ("34", "4"), ("1S2", "S")]
    )
    def test_are_drowsier_from_awake_to_not_to_be_roused(self, steps: str, worst: str) -> None:
        assert after(*(read(step) for step in steps)).sedation.value == worst

    def test_keep_the_strongest_of_what_they_asked_for(self) -> None:
        assert after(read("3", asks="A"), read("4", asks="B"), read()).escalation is Escalation.B

    @pytest.mark.parametrize(
        ("taken", "asked"),
        [
            (read("3", oxygen=93, asks="A"), "POSS 3, oxygen 93 %"),
            (read(breaths=11, asks="A"), "breathing 11"),
            (read(breaths=12, oxygen=94, asks="A"), ""),
            (read(oxygen=None, asks="A"), "oxygen not measured"),
        ],
    )
    def test_say_what_asked_for_something(self, taken: tuple, asked: str) -> None:
        assert after(taken).asked_in_words == asked

    def test_say_that_oxygen_was_not_measured(self) -> None:
        never = after(read(oxygen=None, asks="A"))
        once = after(read(), read(oxygen=None, asks="A"))

        assert (never.oxygen, never.in_words) == (None, "POSS 1, breathing 14, oxygen not measured")
        assert once.in_words == "POSS 1, breathing 14, oxygen 97 %, once not measured"

    @pytest.mark.parametrize(("oxygen", "low"), [(94, False), (93, True), (None, False)])
    def test_are_low_under_the_limit(self, oxygen: int | None, low: bool) -> None:
        assert after(read(oxygen=oxygen)).is_low is low


class TestASessionWithoutARecord:
    def found(self, *, order: OrderShown = ORDER, at: datetime, there: tuple = ()) -> list[tuple[date, str]]:
        shown = without_record(
            orders=[order], openings=[MORNING, EVENING], known=there, first_on=MONDAY - A_DAY, at=at
        )
        return [(session.on, session.slot) for session in shown]

    def test_is_one_that_an_order_covered_if_only_in_part(self) -> None:
        assert self.found(at=NINE + 12 * HOUR) == [
            (MONDAY - A_DAY, "am"),  # the order began at nine, inside that morning's session
            (MONDAY - A_DAY, "pm"),
            (MONDAY, "am"),
            (MONDAY, "pm"),
        ]

    @pytest.mark.parametrize(("minutes", "there"), [(179, False), (180, True)])
    def test_is_none_before_its_session_has_closed(self, minutes: int, there: bool) -> None:
        assert ((MONDAY, "am") in self.found(at=NINE + timedelta(minutes=minutes))) is there

    def test_is_none_where_something_is_recorded(self) -> None:
        there = ((MONDAY, "am"), (MONDAY - A_DAY, "am"), (MONDAY - A_DAY, "pm"))

        assert self.found(at=NINE + 4 * HOUR, there=there) == []

    def test_is_none_beyond_the_sessions_that_were_ordered(self) -> None:
        once = OrderShown(1, 180, 1, NINE - A_DAY, NINE + A_DAY)

        assert self.found(order=once, at=NINE + 12 * HOUR) == [(MONDAY - A_DAY, "am"), (MONDAY, "am")]

    def test_says_what_was_ordered_in_the_middle_of_its_time(self) -> None:
        (shown,) = without_record(
            orders=[ORDER], openings=[MORNING], known=[], first_on=MONDAY, at=NINE + 4 * HOUR
        )

        assert (shown.mark, shown.ordered_mg, shown.given_mg) == (Mark.NO_RECORD, 180, None)
        assert shown.at == datetime(2026, 11, 23, 10, 0, tzinfo=LONDON)

    def test_of_a_summer_day_stands_at_the_wall_clock(self) -> None:
        middle = MORNING.middle(date(2026, 7, 1))

        assert middle.astimezone(UTC) == datetime(2026, 7, 1, 9, 0, tzinfo=UTC)


HOLD = HoldShown(NINE, "oxygen 93 %", "Grace Okafor")
LIFTED = HoldShown(NINE, "oxygen 93 %", "Grace Okafor", NINE + HOUR, "Dr Priya Nair", "Awake.")
WITHHELD = SessionShown(MONDAY, "evening", NINE, False, Mark.WITHHELD, reason="intoxicated")
EXCUSED = SessionShown(MONDAY, "evening", NINE, False, Mark.EXCUSED)
ENDED = OrderShown(3, 180, 2, NINE - A_DAY, NINE, ended="dosing is not safe now")


GAP = GapShown(NINE, None, "60 hours without a dose", "a doctor decides before a dose")
DECIDED = DecisionShown(NINE, 80, "Dr Priya Nair", "Seen, and well.")


def asking(asks: str) -> SessionShown:
    return SessionShown(
        MONDAY, "morning", NINE, True, Mark.GIVEN, given_mg=180, after=after(read("3", asks=asks))
    )


class TestTheEvents:
    def test_are_none_where_nothing_asked_for_anything(self) -> None:
        quiet = SessionShown(MONDAY, "morning", NINE, True, Mark.GIVEN, after=after(read()))

        assert events_of(known(GIVEN, quiet, orders=(ORDER,))) == ()

    @pytest.mark.parametrize(
        ("what", "text", "grave"),
        [
            (known(holds=(HOLD,)), "Hold: oxygen 93 %, stands", True),
            (known(holds=(LIFTED,)), "Hold: oxygen 93 %, lifted by Dr Priya Nair", True),
            (known(asking("A")), "POSS 3: roused, stayed longer", True),
            (known(asking("B")), "POSS 3: emergency", True),
            (known(orders=(ENDED,)), "Order 3 ended: dosing is not safe now", False),
            (known(gaps=(GAP,)), "Gap: 60 hours without a dose, a doctor decides before a dose", True),
            (known(decisions=(DECIDED,)), "Decided on the gap: at most 80 mg, Dr Priya Nair", False),
            (known(WITHHELD), "Withheld: intoxicated", True),
            (known(EXCUSED), "Excused", False),
        ],
    )
    def test_are_said_in_words(self, what: Known, text: str, grave: bool) -> None:
        (event,) = events_of(what)

        assert (event.text, event.is_grave, event.at) == (text, grave, NINE)

    def test_put_holds_before_everything_else(self) -> None:
        events = events_of(known(WITHHELD, asking("A"), orders=(ENDED,), holds=(LIFTED,)))

        assert [event.weight for event in events] == [0, 1, 2, 3]
        assert (events[0].lasts, events[0].ends_at) == (True, NINE + HOUR)
        assert [event.lasts for event in events[1:]] == [False] * 3


class TestTheTable:
    def one(self, what: Known) -> Row:
        (row,) = list_rows(what)
        return row

    def test_says_all_of_a_session(self) -> None:
        session = SessionShown(
            on=MONDAY,
            slot="morning",
            at=NINE,
            is_timed=True,
            mark=Mark.LESS,
            given_mg=120,
            ordered_mg=180,
            how="into a vein, left arm",
            after=after(read("3", asks="A")),
            notes=("Not counted as tolerated.",),
        )

        row = self.one(known(session))

        assert (row.when, row.what) == ("Mon 23 Nov 2026 at 09:00, morning", "Less given than ordered")
        assert (row.dose, row.order) == ("120 mg", "180 mg")
        assert (row.after, row.asked) == ("POSS 3, breathing 14, oxygen 97 %", Escalation.A.label)
        assert row.more == "Into a vein, left arm. Not counted as tolerated."

    def test_gives_a_session_that_was_missed_its_day_and_no_time(self) -> None:
        row = self.one(known(WITHHELD))

        assert (row.when, row.what) == ("Mon 23 Nov 2026, evening", "Withheld: intoxicated")
        assert (row.dose, row.order, row.after, row.asked, row.more) == ("", "", "", "", "")

    def test_has_the_begin_of_an_order_and_an_early_end(self) -> None:
        rows = list_rows(known(orders=(ENDED,)))

        assert [(row.kind, row.what, row.order) for row in rows] == [
            (Kind.ORDER, "Order 3 ended: dosing is not safe now", "180 mg, 2 a day"),
            (Kind.ORDER, "Order 3 begins", "180 mg, 2 a day"),
        ]
        assert [row.what for row in list_rows(known(orders=(ORDER,)))] == ["Order 3 begins"]

    def test_has_the_opening_and_the_lifting_of_a_hold(self) -> None:
        lifted, opened = list_rows(known(holds=(LIFTED,)))

        assert (opened.what, opened.more) == ("Hold opened: oxygen 93 %", "Opened by Grace Okafor.")
        assert (lifted.what, lifted.more) == ("Hold lifted: oxygen 93 %", "Lifted by Dr Priya Nair: “Awake.”")
        assert self.one(known(holds=(HOLD,))).more == "Opened by Grace Okafor. It stands."

    def test_has_gaps_and_what_was_decided_on_them(self) -> None:
        gone = replace(GAP, ended_at=NINE + HOUR)

        goes_on, ended = self.one(known(gaps=(GAP,))), self.one(known(gaps=(gone,)))
        decided = self.one(known(decisions=(DECIDED,)))
        assert goes_on.what == "Gap begins: 60 hours without a dose, a doctor decides before a dose"
        assert (goes_on.more, ended.more) == ("It goes on.", "Until Mon 23 Nov 2026 at 10:00.")
        assert (decided.what, decided.more) == (
            "Decided on the gap: at most 80 mg",
            "Dr Priya Nair: “Seen, and well.”",
        )

    @pytest.mark.parametrize(
        ("mg", "what"), [(40, "Oral methadone: 40 mg"), (None, "Oral methadone: not taken")]
    )
    def test_has_oral_doses(self, mg: int | None, what: str) -> None:
        assert self.one(known(oral=(OralShown(NINE, "methadone", mg),))).what == what

    def test_tells_the_newest_first(self) -> None:
        later = SessionShown(MONDAY, "evening", NINE + 8 * HOUR, False, Mark.MISSED)

        assert [row.mark for row in list_rows(known(GIVEN, later))] == [Mark.MISSED, Mark.GIVEN]

    def test_leaves_nothing_out_that_is_drawn(self) -> None:
        everything = known(GIVEN, WITHHELD, orders=(ENDED,), holds=(LIFTED,))

        told = " ".join(row.what for row in list_rows(everything))

        assert all(word in told for word in ("Given", "Withheld", "ended", "Hold opened", "Hold lifted"))


class TestKnowingNothing:
    def test_is_empty(self) -> None:
        assert NOTHING.is_empty and NOTHING.counts == () and list_rows(NOTHING) == ()
        assert not known(GIVEN).is_empty and not known(orders=(ORDER,)).is_empty
