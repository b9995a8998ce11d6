"""What may be written of an emergency, when it ends as well, and what it leaves for a doctor."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from dosing.rules.checks import Readings, Sedation
from dosing.rules.emergencies import (
    ENDS,
    LAID_TO_A_DOSE_WITHIN,
    TAPS,
    CardDraft,
    Consequence,
    EmergencyFacts,
    LineKind,
    NaloxoneGiven,
    NaloxoneRoute,
    WrittenLine,
    consequence_of,
    may_approve_card,
    may_recover,
    may_sign,
    may_write_line,
    moment_on_the_wall,
)
from dosing.rules.holds import EventReason, HoldSeverity, LiftingFacts, may_lift_hold
from dosing.rules.observation import (
    Escalation,
    NaloxoneHeld,
    ReadingTaken,
    Watched,
    is_tolerated,
    may_release,
    two_hours_not_over,
    watch_until,
)
from hat_clinic.core.decisions import Decision

NINE = datetime(2026, 10, 12, 8, 0, tzinfo=UTC)  # nine o'clock in London
WELL = Readings(sedation=Sedation.ALERT, breaths=14, oxygen=97, pulse=72)
GIVEN = NaloxoneGiven(400, NaloxoneRoute.IM)
STANDS = EmergencyFacts(began_at=NINE)


def with_lines(*lines: tuple[LineKind, int]) -> EmergencyFacts:
    """Return an emergency with lines of so many minutes after it began."""
    return replace(
        STANDS, lines=tuple(WrittenLine(kind, NINE + timedelta(minutes=minute)) for kind, minute in lines)
    )


def written(facts: EmergencyFacts = STANDS, **changes: Any) -> set[str]:
    line: dict[str, Any] = {
        "kind": LineKind.OXYGEN,
        "happened_at": NINE + timedelta(minutes=3),
        "naloxone": None,
        "words": "",
        "at": NINE + timedelta(minutes=3),
    }
    return codes(may_write_line(facts, **(line | changes)))


def codes(decision: Decision) -> set[str]:
    return {finding.code for finding in decision.refusals}


class TestALine:
    @pytest.mark.parametrize("kind", [kind for kind in TAPS if kind is not LineKind.NALOXONE])
    def test_that_was_tapped_is_written_whatever_it_was_and_as_often(self, kind: LineKind) -> None:
        assert written(kind=kind) == set()
        assert written(with_lines((kind, 1), (kind, 2)), kind=kind) == set()

    def test_of_naloxone_says_dose_and_route(self) -> None:
        assert written(kind=LineKind.NALOXONE) == {"no_naloxone_dose"}
        assert written(kind=LineKind.NALOXONE, naloxone=GIVEN) == set()
        assert GIVEN.words == "400 µg into muscle"

    def test_of_the_future_is_not_written_and_one_of_now_is(self) -> None:
        now = NINE + timedelta(minutes=3)

        assert written(happened_at=now, at=now) == set()
        assert written(happened_at=now + timedelta(seconds=1), at=now) == {"in_the_future"}

    def test_of_long_before_it_began_is_not_written(self) -> None:
        assert written(happened_at=NINE - LAID_TO_A_DOSE_WITHIN) == set()
        assert written(happened_at=NINE - LAID_TO_A_DOSE_WITHIN - timedelta(seconds=1)) == {"before_it_began"}

    def test_that_is_a_note_has_words(self) -> None:
        assert written(kind=LineKind.NOTE, words="  ") == {"no_words"}
        assert written(kind=LineKind.NOTE, words="It was 09:02.") == set()

    @pytest.mark.parametrize("end", ENDS)
    def test_after_the_end_is_a_note_or_naloxone_given_before(self, end: LineKind) -> None:
        over = with_lines((end, 2))
        earlier = {"happened_at": NINE + timedelta(minutes=1)}

        assert written(over) == {"emergency_over"}
        assert written(over, kind=LineKind.NALOXONE, naloxone=GIVEN) == {"emergency_over"}
        assert written(over, kind=LineKind.NALOXONE, naloxone=GIVEN, **earlier) == set()
        assert written(over, kind=LineKind.NOTE, words="Oxygen was on at 09:01.") == set()

    def test_has_its_words_on_the_button(self) -> None:
        assert all(kind.label for kind in LineKind)
        assert all(kind.hint for kind in TAPS)
        assert all(route.label for route in NaloxoneRoute)


class TestATimeByTheClockOnTheWall:
    @staticmethod
    def read(written: str, *, began: str, now: str) -> str | None:
        """Return what is meant by a time, as "day hour:minute" in UTC."""
        moment = moment_on_the_wall(
            time.fromisoformat(written),
            began_at=datetime.fromisoformat(began),
            at=datetime.fromisoformat(now),
        )
        return f"{moment:%d %H:%M:%S}" if moment is not None else None

    def test_that_is_a_little_ahead_means_now_and_never_yesterday(self) -> None:
        began = "2026-01-12T09:40:00+00:00"
        for written, meant in [
            ("09:44", "12 09:44:00"),
            ("09:45", "12 09:44:40"),
            ("09:49:40", "12 09:44:40"),
            ("09:49:41", None),
            ("08:40", "12 08:40:00"),
            ("08:39:59", None),
        ]:
            assert self.read(written, began=began, now="2026-01-12T09:44:40+00:00") == meant

    def test_is_of_the_own_day_of_the_emergency_over_midnight_and_days_after(self) -> None:
        late, early = "2026-01-12T23:50:00+00:00", "2026-01-13T00:05:00+00:00"
        assert self.read("23:55", began=late, now="2026-01-13T00:10:00+00:00") == "12 23:55:00"
        assert self.read("00:05", began=late, now="2026-01-13T00:10:00+00:00") == "13 00:05:00"
        assert self.read("23:58", began=early, now="2026-01-13T00:10:00+00:00") == "12 23:58:00"
        assert self.read("23:55", began=late, now="2026-01-16T23:57:00+00:00") == "12 23:55:00"

    def test_is_the_later_one_of_an_hour_that_comes_twice(self) -> None:
        began = "2026-10-25T00:50:00+00:00"
        assert self.read("01:30", began=began, now="2026-10-25T01:40:00+00:00") == "25 01:30:00"
        assert self.read("01:30", began=began, now="2026-10-25T01:00:00+00:00") == "25 00:30:00"


class TestTheEndAsWell:
    @pytest.mark.parametrize(
        ("after", "expected"),
        [(timedelta(hours=2, seconds=-1), {"naloxone_two_hours"}), (timedelta(hours=2), set())],
    )
    def test_waits_two_full_hours_after_the_last_naloxone(self, after: timedelta, expected: set[str]) -> None:
        facts = with_lines((LineKind.NALOXONE, 1), (LineKind.NALOXONE, 5), (LineKind.BREATHING_WELL, 122))
        at = NINE + timedelta(minutes=5) + after

        assert codes(may_recover(facts, at=at)) == expected
        assert written(facts, kind=LineKind.RECOVERED, happened_at=at, at=at) == expected

    def test_counts_from_the_later_of_two_times_where_one_was_put_right(self) -> None:
        given = with_lines((LineKind.NALOXONE, 10), (LineKind.BREATHING_WELL, 12))
        for minute in (5, 20):
            note = WrittenLine(LineKind.NOTE, NINE + timedelta(minutes=minute), LineKind.NALOXONE)
            facts = replace(given, lines=(*given.lines, note))
            assert facts.naloxone_at == NINE + timedelta(minutes=max(10, minute))

    def test_waits_until_they_breathe_well(self) -> None:
        assert codes(may_recover(STANDS, at=NINE)) == {"not_breathing_well"}
        assert codes(may_recover(with_lines((LineKind.BREATHING_WELL, 1)), at=NINE)) == set()

    def test_rests_on_a_tap_that_is_at_most_five_minutes_old(self) -> None:
        facts = with_lines((LineKind.BREATHING_WELL, 0), (LineKind.BREATHING_WELL, 4))

        assert codes(may_recover(facts, at=NINE + timedelta(minutes=9))) == set()
        assert codes(may_recover(facts, at=NINE + timedelta(minutes=9, seconds=1))) == {"not_breathing_well"}

    @pytest.mark.parametrize("kind", [LineKind.BAG_AND_MASK, LineKind.COMPRESSIONS])
    def test_rests_on_a_tap_from_after_it_got_worse(self, kind: LineKind) -> None:
        at = NINE + timedelta(minutes=3)
        before = with_lines((LineKind.BREATHING_WELL, 1), (kind, 2))

        assert codes(may_recover(before, at=at)) == {"not_breathing_well"}
        assert codes(may_recover(with_lines((kind, 2), (LineKind.BREATHING_WELL, 2)), at=at)) == set()
        well = with_lines((LineKind.BREATHING_WELL, 1))
        bad = replace(well, bad_reading_at=NINE + timedelta(minutes=2))
        assert codes(may_recover(bad, at=at)) == {"not_breathing_well"}

    def test_waits_for_naloxone_of_an_emergency_before(self) -> None:
        facts = replace(with_lines((LineKind.BREATHING_WELL, 1)), last_naloxone_at=NINE - timedelta(hours=1))

        assert codes(may_recover(facts, at=NINE + timedelta(minutes=2))) == {"naloxone_two_hours"}

    @pytest.mark.parametrize("end", [LineKind.HANDED_OVER, LineKind.LEFT])
    def test_is_not_what_handing_over_waits_for(self, end: LineKind) -> None:
        facts = with_lines((LineKind.NALOXONE, 1))

        assert written(facts, kind=end) == set()
        assert not facts.is_over
        assert with_lines((end, 2)).is_over


class TestLeavingAsWell:
    def watched(self, **changes: Any) -> Watched:
        readings = tuple(
            ReadingTaken(WELL, NINE + timedelta(minutes=minute), minute) for minute in (2, 5, 10, 20)
        )
        return replace(Watched(ended_at=NINE, minutes=20, readings=readings), **changes)

    def release(self, watched: Watched, at: datetime) -> set[str]:
        last = ReadingTaken(WELL, at - timedelta(minutes=1), None)
        return codes(
            may_release(
                replace(watched, readings=(*watched.readings, last)),
                walks_steadily=True,
                advice_given=True,
                naloxone=NaloxoneHeld.HAS,
                missing_reason="",
                at=at,
            )
        )

    def test_is_barred_until_two_full_hours_after_naloxone(self) -> None:
        given = NINE + timedelta(minutes=11)
        watched = self.watched(emergency_at=NINE + timedelta(minutes=10), naloxone_at=given)

        assert self.release(watched, given + timedelta(hours=2, seconds=-1)) == {"naloxone_two_hours"}
        assert self.release(watched, given + timedelta(hours=2)) == set()
        finding = two_hours_not_over(given, at=given)
        assert finding is not None
        assert "11:11" in finding.message
        assert two_hours_not_over(None, at=given) is None

    def test_is_barred_for_two_hours_after_an_emergency_without_naloxone(self) -> None:
        began = NINE + timedelta(minutes=10)
        watched = self.watched(emergency_at=began)

        assert watch_until(watched) == began + timedelta(hours=2)
        assert self.release(watched, began + timedelta(hours=2, seconds=-1)) == {"observation_not_over"}
        assert self.release(watched, began + timedelta(hours=2)) == set()

    def test_after_the_red_button_leaves_a_dose_that_was_not_tolerated(self) -> None:
        assert is_tolerated(self.watched(), left_early=False)
        assert not is_tolerated(self.watched(emergency_at=NINE), left_early=False)


class TestASignature:
    def test_is_put_to_what_was_read_and_to_nothing_else(self) -> None:
        assert codes(may_sign(read=3, written=3)) == set()
        assert codes(may_sign(read=3, written=4)) == codes(may_sign(read=3, written=2)) == {"written_since"}


class TestWhatAnEventLeaves:
    def test_is_a_review_after_rousing_and_after_an_emergency_and_a_suspension_after_naloxone(self) -> None:
        review, suspension = HoldSeverity.REVIEW, HoldSeverity.SUSPENSION

        assert consequence_of(Escalation.NONE, naloxone_given=False) is None
        assert consequence_of(Escalation.A, naloxone_given=False) == Consequence(review, EventReason.ROUSED)
        assert consequence_of(Escalation.B, naloxone_given=False) == Consequence(
            review, EventReason.EMERGENCY
        )
        assert consequence_of(Escalation.B, naloxone_given=True) == Consequence(
            suspension, EventReason.NALOXONE
        )
        assert all(reason.label for reason in EventReason)

    def test_is_reviewed_by_a_licensed_doctor_with_a_reason_and_without_a_new_check(self) -> None:
        facts = LiftingFacts(
            severity=HoldSeverity.REVIEW,
            latest_check=None,
            is_made_after_hold=False,
            is_ordered_since=False,
            is_licensed=True,
            is_own=False,
            is_by_hand=True,
            is_lifted=False,
        )

        assert may_lift_hold(facts, reason="may go on").is_allowed
        assert codes(may_lift_hold(facts, reason="")) == {"no_reason"}
        assert codes(may_lift_hold(replace(facts, is_licensed=False), reason="x")) == {"no_licence"}
        assert codes(may_lift_hold(replace(facts, severity=HoldSeverity.HOLD), reason="x")) == {
            "no_new_check"
        }
        assert "reviewed" in HoldSeverity.REVIEW.lifted_by

    def test_is_not_reviewed_while_the_event_goes_on(self) -> None:
        facts = LiftingFacts(
            severity=HoldSeverity.REVIEW,
            latest_check=None,
            is_made_after_hold=False,
            is_ordered_since=False,
            is_licensed=True,
            is_own=False,
            is_by_hand=True,
            is_lifted=False,
            emergency_stands=True,
        )
        assert codes(may_lift_hold(facts, reason="seen")) == {"emergency_stands"}
        assert may_lift_hold(replace(facts, emergency_stands=False), reason="seen").is_allowed


class TestTheCard:
    def test_is_approved_by_a_clinical_lead_with_everything_on_it(self) -> None:
        card = CardDraft(naloxone=GIVEN, look_again="Look at 2 minutes.", to_tell="14 Harbour Street.")

        assert may_approve_card(card, approver_is_clinical_lead=True).is_allowed
        assert codes(may_approve_card(card, approver_is_clinical_lead=False)) == {"not_clinical_lead"}
        assert codes(may_approve_card(CardDraft(None, " ", ""), approver_is_clinical_lead=True)) == {
            "no_naloxone_dose",
            "no_look_again",
            "nothing_to_tell",
        }
