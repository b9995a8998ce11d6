"""After the injection: readings, what they ask for, and how somebody leaves."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet

from dosing.actions.observation import (
    NoSuchVisit,
    ReadingRefused,
    ReleaseRefused,
    record_early_leaving,
    release_person,
)
from dosing.models import Injection, Reading, Release, Visit
from dosing.queries.board import Place, get_board
from dosing.queries.injections import minutes_to_watch
from dosing.rules.checks import Sedation
from dosing.rules.observation import NaloxoneHeld
from dosing.rules.orders import Route
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.treatment import TreatmentRoom, a_treatment_room, an_order
from tests.integration.dosing.conftest import Clock


@dataclass
class Bedside:
    """Somebody who has injected, and the clock beside them."""

    room: TreatmentRoom
    clock: Clock
    session_id: uuid.UUID

    def visit(self) -> Visit:
        return Visit.objects.get(session_id=self.session_id)

    def read(self, minute: int | None, **changes: object) -> Reading:
        return self.room.read(self.session_id, minute, **changes)

    def read_at(self, *minutes: int, **changes: object) -> None:
        """Take each reading at its minute after the end of the injection."""
        for minute in minutes:
            self.wait_until(minute)
            self.read(minute, **changes)

    def wait_until(self, minute: float) -> None:
        ended = Injection.objects.get(session_id=self.session_id).ended_at
        self.clock.pass_by(seconds=(ended + timedelta(minutes=minute) - now()).total_seconds())

    def release(self, **changes: Any) -> Release:
        answers: dict[str, Any] = {
            "walks_steadily": True,
            "advice_given": True,
            "naloxone": NaloxoneHeld.HAS,
            "missing_reason": "",
        }
        return release_person(
            clinic=self.room.clinic,
            session_id=self.session_id,
            by=self.room.nurse,
            at=now(),
            **(answers | changes),
        )

    def readings(self) -> QuerySet[Reading]:
        return Reading.objects.filter(session_id=self.session_id).order_by("taken_at", "id")

    def leave_early(self, reason: str = "against advice") -> Release:
        return record_early_leaving(
            clinic=self.room.clinic, session_id=self.session_id, reason=reason, by=self.room.nurse, at=now()
        )


@pytest.fixture
def bedside(clock: Clock) -> Bedside:
    """Somebody on a dose they had the evening before, who is watched for twenty minutes."""
    room = a_treatment_room(dose_mg=180)
    return Bedside(room, clock, room.give().session_id)


def codes(refusal: pytest.ExceptionInfo[Any]) -> set[str]:
    return {finding.code for finding in refusal.value.decision.refusals}


class TestTheTimeToWatch:
    def test_is_half_an_hour_for_a_first_dose_and_twenty_minutes_for_the_next(self, clock: Clock) -> None:
        new, settled = a_treatment_room(), a_treatment_room(dose_mg=180)
        first = Bedside(new, clock, new.give().session_id)
        next_one = Bedside(settled, clock, settled.give().session_id)

        assert (first.visit().observe_minutes, next_one.visit().observe_minutes) == (30, 20)

    @pytest.mark.parametrize(
        "finding", [{"took_other_drugs": True}, {"alcohol_ug": 1}, {"alcohol_ug": 19}], ids=str
    )
    def test_is_half_an_hour_after_what_was_found(self, clock: Clock, finding: dict[str, Any]) -> None:
        room = a_treatment_room(dose_mg=180)
        visit = room.identify()
        room.check(visit, **finding)
        notes = frozenset({"other_drugs"}) if "took_other_drugs" in finding else frozenset[str]()

        room.inject(room.prepare(visit, acknowledged=notes), given_mg=180)

        visit.refresh_from_db()
        assert visit.observe_minutes == 30

    @pytest.mark.parametrize(
        ("alcohol_ug", "minutes"), [(0, 20), (1, 30), (19, 30), (20, 30), (34, 30), (35, 30), (None, 30)]
    )
    def test_is_half_an_hour_from_the_first_microgram_and_where_it_is_not_known(
        self, alcohol_ug: int | None, minutes: int
    ) -> None:
        watched = minutes_to_watch(
            ordered_minutes=20,
            route=Route.INTRAVENOUS,
            took_other_drugs=False,
            alcohol_ug=alcohol_ug,
            is_new_dose=False,
        )

        assert watched == minutes

    def test_is_half_an_hour_for_a_raised_dose(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)
        order = an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=190)

        given = room.give(order_id=order.id, dose_mg=190)

        assert Visit.objects.get(session_id=given.session_id).observe_minutes == 30


class TestAReading:
    def test_opens_one_minute_before_it_is_due(self, bedside: Bedside) -> None:
        bedside.wait_until(1 - 1 / 60)
        with pytest.raises(ReadingRefused) as refusal:
            bedside.read(2)
        bedside.wait_until(1)

        assert bedside.read(2).minute == 2
        assert codes(refusal) == {"reading_too_early"}

    def test_beside_the_due_ones_is_taken_at_any_time_and_more_than_once(self, bedside: Bedside) -> None:
        bedside.read(None)
        bedside.read(None)

        assert list(bedside.readings().values_list("minute", flat=True)) == [None, None]
        assert bedside.visit().next_due_minute == 2

    def test_of_one_minute_is_stored_once(self, bedside: Bedside) -> None:
        bedside.read_at(2)
        first = bedside.readings().get()

        assert bedside.read(2) == first
        with pytest.raises(ReadingRefused) as refusal:
            bedside.read(2, breaths=13)

        assert codes(refusal) == {"reading_exists"}
        assert bedside.readings().get() == first

    def test_is_of_a_due_minute(self, bedside: Bedside) -> None:
        bedside.wait_until(8)
        with pytest.raises(ReadingRefused) as refusal:
            bedside.read(7)
        assert codes(refusal) == {"reading_not_due"}

    def test_moves_the_boards_clock_on(self, bedside: Bedside) -> None:
        bedside.read_at(2)

        visit, ended = bedside.visit(), Injection.objects.latest("ended_at").ended_at
        assert (visit.next_due_minute, visit.next_due_at) == (5, ended + timedelta(minutes=5))

    def test_is_overdue_on_the_board_after_sixty_seconds(self, bedside: Bedside) -> None:
        bedside.wait_until(3)
        (on_time,) = get_board(clinic=bedside.room.clinic, at=now()).in_place(Place.OBSERVED)
        bedside.clock.pass_by(seconds=1)
        (late,) = get_board(clinic=bedside.room.clinic, at=now()).in_place(Place.OBSERVED)

        assert (on_time.is_overdue, late.is_overdue, late.overdue_s) == (False, True, 61)

    def test_of_somebody_who_was_not_injected_is_refused(self, clock: Clock) -> None:
        room = a_treatment_room()

        with pytest.raises((ReadingRefused, ValueError)):
            room.read(room.checked().session_id, None)
        with pytest.raises(NoSuchVisit):
            room.read(uuid.uuid4(), None)
        assert not Reading.objects.exists()

    def test_of_somebody_who_has_left_is_refused(self, bedside: Bedside) -> None:
        bedside.leave_early()

        with pytest.raises(ReadingRefused) as refusal:
            bedside.read(None)
        assert codes(refusal) == {"out_of_turn"}


class TestAReadingThatAsksForSomething:
    def test_adds_a_quarter_of_an_hour_for_rousing(self, bedside: Bedside) -> None:
        bedside.wait_until(2)
        reading = bedside.read(2, breaths=11)

        visit = bedside.visit()
        assert (reading.escalation, visit.escalation) == ("A", "A")
        assert visit.observe_until - visit.injected_at == timedelta(minutes=35)

    def test_adds_two_hours_for_an_emergency_and_stays_one(self, bedside: Bedside) -> None:
        bedside.wait_until(2)
        reading = bedside.read(2, oxygen=89)
        bedside.read(None, breaths=11)

        visit = bedside.visit()
        assert (reading.escalation, visit.escalation) == ("B", "B")
        assert visit.observe_until >= reading.taken_at + timedelta(hours=2)

    def test_is_in_the_trail(self, bedside: Bedside) -> None:
        bedside.read(None, sedation=Sedation.HARD_TO_ROUSE)

        event = AuditEvent.objects.get(event="dosing.reading_recorded")
        assert (event.outcome, event.detail["escalation"]) == ("done", "B")


class TestLeaving:
    def test_as_well_is_at_twenty_minutes_and_not_a_second_before(self, bedside: Bedside) -> None:
        bedside.read_at(2, 5, 10)
        bedside.wait_until(20 - 1 / 60)
        bedside.read(20)
        with pytest.raises(ReleaseRefused) as refusal:
            bedside.release()
        bedside.wait_until(20)

        release = bedside.release()

        assert codes(refusal) == {"observation_not_over"}
        assert (release.is_tolerated, release.left_early) == (True, False)
        assert bedside.visit().state == "released"

    def test_is_not_tolerated_after_an_escalation(self, bedside: Bedside) -> None:
        bedside.read_at(2, breaths=11)
        bedside.read_at(5, 10, 20)
        bedside.wait_until(35)
        bedside.read(None)

        assert bedside.release().is_tolerated is False

    def test_without_the_ten_minute_reading_says_why_and_is_not_tolerated(self, bedside: Bedside) -> None:
        bedside.read_at(2, 5, 20)

        with pytest.raises(ReleaseRefused) as refusal:
            bedside.release()
        release = bedside.release(missing_reason="Two others at once.")

        assert codes(refusal) == {"reading_missing"}
        assert (release.is_tolerated, release.reason) == (False, "Two others at once.")

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            ({"walks_steadily": False}, "not_steady"),
            ({"advice_given": False}, "no_advice"),
            ({"naloxone": None}, "naloxone_unknown"),
        ],
    )
    def test_needs_all_three_answers(self, bedside: Bedside, answer: dict[str, Any], code: str) -> None:
        bedside.read_at(2, 5, 10, 20)

        with pytest.raises(ReleaseRefused) as refusal:
            bedside.release(**answer)

        assert codes(refusal) == {code}
        assert bedside.visit().state == "observed"
        event = AuditEvent.objects.get(event="dosing.person_released")
        assert (event.outcome, event.detail["codes"]) == ("refused", [code])

    @pytest.mark.parametrize(("minutes", "is_old"), [(25, False), (25 + 1 / 60, True)])
    def test_needs_a_reading_of_the_last_five_minutes(
        self, bedside: Bedside, minutes: float, is_old: bool
    ) -> None:
        bedside.read_at(2, 5, 10, 20)
        bedside.wait_until(minutes)

        if is_old:
            with pytest.raises(ReleaseRefused) as refusal:
                bedside.release()
            assert codes(refusal) == {"no_closing_reading"}
        else:
            assert bedside.release().is_tolerated

    def test_pressed_twice_is_once(self, bedside: Bedside) -> None:
        bedside.read_at(2, 5, 10, 20)

        assert bedside.release() == bedside.release()
        assert AuditEvent.objects.filter(event="dosing.person_released", outcome="done").count() == 1

    def test_early_is_a_fact_with_its_reason_and_never_tolerated(self, bedside: Bedside) -> None:
        bedside.read_at(2, 5, 10)

        with pytest.raises(ReleaseRefused) as refusal:
            bedside.leave_early("  ")
        release = bedside.leave_early()

        assert codes(refusal) == {"no_reason"}
        assert (release.left_early, release.is_tolerated) == (True, False)
        assert bedside.visit().state == "left_early"

    def test_early_after_leaving_as_well_is_refused(self, bedside: Bedside) -> None:
        bedside.read_at(2, 5, 10, 20)
        bedside.release()

        with pytest.raises(ReleaseRefused) as refusal:
            bedside.leave_early()
        assert codes(refusal) == {"out_of_turn"}

    def test_as_well_after_leaving_early_is_refused(self, bedside: Bedside) -> None:
        bedside.leave_early()

        with pytest.raises(ReleaseRefused) as refusal:
            bedside.release()
        assert codes(refusal) == {"out_of_turn"}
        assert Release.objects.get(session_id=bedside.session_id).left_early


class TestTheBoard:
    def test_shows_a_person_in_the_column_of_each_step(self, clock: Clock) -> None:
        room = a_treatment_room()
        seen = []

        def look() -> None:
            (tile,) = get_board(clinic=room.clinic, at=now()).tiles
            seen.append((tile.place.value, tile.steps_done))

        look()
        visit = room.identify()
        look()
        room.check(visit)
        look()
        drawn = room.prepare(visit)
        look()
        bed = Bedside(room, clock, room.inject(drawn).session_id)
        look()
        bed.read_at(2, 5, 10, 20, 30)
        bed.release()
        look()

        assert seen == [("due", 0), ("room", 1), ("room", 2), ("room", 3), ("observed", 4), ("left", 5)]

    def test_keeps_whoever_is_not_done_when_the_next_session_opens(self, clock: Clock) -> None:
        room = a_treatment_room()
        room.prepare()
        clock.pass_by(hours=4)

        board = get_board(clinic=room.clinic, at=now())

        assert [tile.patient_id for tile in board.open_draws] == [room.patient.id]
