"""Which day may be drawn, and what may follow what in the chain of a sample."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hat_clinic.core.decisions import Decision
from outcomes.rules.evaluation import urine as counted
from outcomes.rules.urine import (
    DRAWN_FOR,
    TRANSITIONS,
    Assay,
    Found,
    NotTakenBecause,
    Sample,
    UrineState,
    VoidBecause,
    days_to_draw_from,
    may_follow,
    may_leave_untaken,
    may_send,
    may_take,
    may_void,
    week_of,
)

MONDAY, SUNDAY = date(2026, 11, 23), date(2026, 11, 29)
WEDNESDAY = MONDAY + timedelta(days=2)
A_DAY = timedelta(days=1)


def sample(state: UrineState = UrineState.DUE, due_on: date = WEDNESDAY) -> Sample:
    return Sample(week_on=MONDAY, due_on=due_on, state=state)


def take(one: Sample | None = None, **changes: object) -> Decision:
    said: dict[str, object] = {
        "taken_on": WEDNESDAY,
        "reference": "A-1",
        "is_used": False,
        "was_seen": True,
        "is_sealed": True,
        "today": WEDNESDAY,
    }
    return may_take(one or sample(), **(said | changes))  # type: ignore[arg-type]  # a test's own changes


class TestAWeek:
    @pytest.mark.parametrize(
        ("day", "first"), [(0, 0), (6, 0), (7, 7), (13, 7), (14 * 7 - 1, 13 * 7), (14 * 7, 14 * 7)]
    )
    @pytest.mark.parametrize("weekday", range(7))
    def test_is_counted_from_the_start_of_the_treatment(self, weekday: int, day: int, first: int) -> None:
        started_on = MONDAY + weekday * A_DAY

        assert week_of(started_on + day * A_DAY, started_on=started_on) == started_on + first * A_DAY

    @pytest.mark.parametrize(("today", "days"), [(MONDAY, 2), (WEDNESDAY, 7), (SUNDAY, 3)])
    def test_is_drawn_from_today_on(self, today: date, days: int) -> None:
        drawn = days_to_draw_from(today, started_on=WEDNESDAY - 70 * A_DAY)

        assert len(drawn) == days
        assert drawn[0] == today
        assert (drawn[-1] + A_DAY).weekday() == WEDNESDAY.weekday()


class TestTheTestOfTheWeek:
    def test_is_the_one_that_is_counted(self) -> None:
        assert DRAWN_FOR == counted.ASSAY

    def test_is_never_the_routine_screen_that_the_medicine_turns_positive(self) -> None:
        assert DRAWN_FOR is not Assay.GENERIC_OPIATE
        assert "not counted" in Assay.GENERIC_OPIATE.caution
        assert [assay for assay in Assay if assay.caution] == [Assay.GENERIC_OPIATE]

    @pytest.mark.parametrize("words", [Assay, Found, UrineState, NotTakenBecause, VoidBecause])
    def test_and_every_code_has_its_words(self, words: type) -> None:
        assert all(one.label for one in words)  # type: ignore[attr-defined]  # an enum of codes


class TestAStep:
    @pytest.mark.parametrize("before", list(UrineState))
    @pytest.mark.parametrize("wanted", list(UrineState))
    def test_follows_only_what_the_table_says(self, before: UrineState, wanted: UrineState) -> None:
        decision = may_follow(sample(before), wanted, today=WEDNESDAY)

        assert decision.is_allowed is (wanted in TRANSITIONS[before])

    def test_is_not_written_before_the_day(self) -> None:
        assert may_follow(sample(), UrineState.TAKEN, today=WEDNESDAY - A_DAY).refusal_codes == [
            "urine_not_due_yet"
        ]
        assert may_follow(sample(), UrineState.TAKEN, today=WEDNESDAY).is_allowed

    def test_out_of_order_says_how_far_the_sample_is(self) -> None:
        taken = may_follow(sample(UrineState.TAKEN), UrineState.RESULT, today=WEDNESDAY).refusals[0].message
        tested = may_follow(sample(UrineState.RESULT), UrineState.SENT, today=WEDNESDAY).refusals[0].message

        assert taken.startswith("This sample is taken: it cannot be written down as tested.")
        assert tested.startswith("The result of this sample is there: it cannot be written down as sent.")

    def test_of_sending_follows_taking(self) -> None:
        assert may_send(sample(UrineState.TAKEN), today=SUNDAY).is_allowed
        assert may_send(sample(UrineState.SENT), today=SUNDAY).refusal_codes == ["urine_out_of_order"]


class TestTaking:
    def test_is_allowed_with_everything_said(self) -> None:
        assert list(take()) == []

    @pytest.mark.parametrize(
        ("taken_on", "today", "allowed"),
        [
            (WEDNESDAY - A_DAY, WEDNESDAY, False),
            (WEDNESDAY, WEDNESDAY, True),
            (WEDNESDAY + A_DAY, WEDNESDAY, False),
            (WEDNESDAY + A_DAY, WEDNESDAY + A_DAY, True),
            (SUNDAY, SUNDAY + A_DAY, True),
            (SUNDAY + A_DAY, SUNDAY + A_DAY, False),
        ],
    )
    def test_is_on_the_day_or_later_in_its_week(self, taken_on: date, today: date, allowed: bool) -> None:
        decision = take(taken_on=taken_on, today=today)

        assert decision.refusal_codes == ([] if allowed else ["urine_taken_when"])

    @pytest.mark.parametrize("reference", ["A", "2026/11-A7", "A" * 20])
    def test_takes_a_label(self, reference: str) -> None:
        assert take(reference=reference).is_allowed

    @pytest.mark.parametrize("reference", ["", "a1", "A 1", "-A", "A-", "A" * 21, "Ä1", "A\n"])
    def test_refuses_what_is_no_label(self, reference: str) -> None:
        assert take(reference=reference).refusal_codes == ["urine_reference"]

    def test_refuses_the_label_of_another_sample(self) -> None:
        assert take(is_used=True).refusal_codes == ["urine_reference_used"]

    def test_unseen_or_unsealed_is_written_down_and_says_so(self) -> None:
        decision = take(was_seen=False, is_sealed=False)

        assert decision.is_allowed
        assert [one.code for one in decision] == ["urine_unseen", "urine_unsealed"]

    def test_later_the_same_day_follows_not_taken(self) -> None:
        assert take(sample(UrineState.NOT_TAKEN)).is_allowed


class TestLeavingUntaken:
    def test_is_one_tap(self) -> None:
        because = NotTakenBecause.DECLINED
        assert may_leave_untaken(sample(), because=because, words="", today=WEDNESDAY).is_allowed

    @pytest.mark.parametrize(("words", "codes"), [("", ["urine_reason"]), ("Fire alarm.", [])])
    def test_for_another_reason_says_which(self, words: str, codes: list[str]) -> None:
        decision = may_leave_untaken(sample(), because=NotTakenBecause.OTHER, words=words, today=WEDNESDAY)

        assert decision.refusal_codes == codes

    @pytest.mark.parametrize(("length", "allowed"), [(200, True), (201, False)])
    def test_says_it_shortly(self, length: int, allowed: bool) -> None:
        because = NotTakenBecause.DECLINED
        decision = may_leave_untaken(sample(), because=because, words="x" * length, today=WEDNESDAY)

        assert decision.is_allowed is allowed


class TestVoiding:
    @pytest.mark.parametrize("state", [UrineState.TAKEN, UrineState.SENT])
    def test_is_for_a_sample_without_a_result(self, state: UrineState) -> None:
        assert may_void(sample(state), because=VoidBecause.LOST, words="", today=WEDNESDAY).is_allowed

    @pytest.mark.parametrize(("words", "codes"), [("", ["urine_reason"]), ("Mixed up there.", [])])
    def test_after_a_result_always_says_why(self, words: str, codes: list[str]) -> None:
        because = VoidBecause.LAB_SPOILED
        decision = may_void(sample(UrineState.RESULT), because=because, words=words, today=WEDNESDAY)

        assert decision.refusal_codes == codes

    def test_for_another_reason_says_which(self) -> None:
        decision = may_void(sample(UrineState.SENT), because=VoidBecause.OTHER, words="", today=WEDNESDAY)

        assert decision.refusal_codes == ["urine_reason"]


class TestSamplesThatShowNothingInTheReport:
    @pytest.mark.parametrize(("due", "words"), [(4, "not taken"), (5, "not taken or no result yet")])
    def test_are_called_what_they_are(self, due: int, words: str) -> None:
        samples = counted.Samples(due=due, negative=1, positive=1, void=1, not_taken=1)

        assert counted.left_out_words([counted.MonthOfSamples(month=MONDAY, samples=samples)]) == words

    def test_that_were_taken_are_told_from_those_nobody_wrote_down(self) -> None:
        samples = counted.Samples(due=6, negative=1, positive=1, void=1, not_taken=1, at_laboratory=1)

        assert (samples.taken, samples.no_result, samples.unknown) == (4, 2, 1)
