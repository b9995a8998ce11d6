"""Several injections in one session, through the real actions by a clock that is moved: each side of each boundary."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dosing.actions.injections import InjectionRefused
from dosing.actions.observation import ReadingRefused, ReleaseRefused
from dosing.actions.preparations import PreparationRefused, waste_dose
from dosing.models import Injection, PatientDay, Preparation, RegisterEntry, SessionOutcome
from dosing.queries.board import Mark, Place, get_board
from dosing.queries.clocks import list_observed_clocks
from dosing.queries.history import get_dose_history
from dosing.rules.checks import Sedation
from dosing.rules.history import reference_at, standing_at
from dosing.rules.protocol import Protocol
from hat_clinic.core.clock import now
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_treatment_room, an_order
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_observation import Bedside, codes


def a_room(injections: int = 2, **order: Any) -> TreatmentRoom:
    """Return a room whose person had 180 mg the evening before, on an order that may be given in parts."""
    room = a_treatment_room(dose_mg=180)
    signed = an_order(
        room.episode,
        room.premises,
        doctor=room.doctor,
        **{"dose_mg": 180, "injections_per_session": injections} | order,
    )
    return replace(room, order=signed)


def first_part(room: TreatmentRoom, clock: Clock, mg: int = 100) -> Bedside:
    """Give a first part, and return who is watched after it."""
    drawn = room.prepare(dose_mg=mg, reduction="first_part")
    return Bedside(room, clock, room.inject(drawn, given_mg=mg).session_id)


def well_at(bedside: Bedside, minute: float, **readings: object) -> Bedside:
    """Let so many minutes pass, with a set of readings a minute before."""
    wait(bedside, minute - 1)
    bedside.read(None, **readings)
    wait(bedside, minute)
    return bedside


def wait(bedside: Bedside, minute: float) -> None:
    ended = Injection.objects.filter(session_id=bedside.session_id).latest("ended_at").ended_at
    bedside.clock.pass_by(seconds=(ended + timedelta(minutes=minute) - now()).total_seconds())


def draw(bedside: Bedside, mg: int = 80, number: int = 2, **changes: Any) -> uuid.UUID:
    return bedside.room.prepare(bedside.visit(), dose_mg=mg, number=number, **changes)


def give(bedside: Bedside, mg: int = 80, number: int = 2, **changes: Any) -> Injection:
    drawn = draw(bedside, mg, number, **changes)
    done = bedside.room.inject(drawn, given_mg=mg)
    return Injection.objects.get(id=done.injection_id)


class TestASecondInjection:
    def test_is_stored_whole_beside_the_first(self, clock: Clock) -> None:
        bedside = well_at(first_part(a_room(), clock), 20)

        second = give(bedside)

        first = Injection.objects.get(session_id=bedside.session_id, number=1)
        assert (second.number, second.given_mg, second.allowed_mg) == (2, 80, 80)
        assert second.preparation_id != first.preparation_id
        assert second.giver_signature_id != first.giver_signature_id
        assert RegisterEntry.objects.filter(injection__session_id=bedside.session_id).count() == 2
        assert Preparation.objects.get(id=second.preparation_id).reading is not None
        day = PatientDay.objects.filter(patient=bedside.room.patient).latest("on")
        assert (day.authorised_mg, day.administered_mg) == (180, 180)

    def test_leaves_one_live_outcome_with_the_sum(self, clock: Clock) -> None:
        bedside = well_at(first_part(a_room(), clock), 20)
        before = SessionOutcome.objects.get(session_id=bedside.session_id)
        assert (before.outcome, before.given_mg, before.reduced_for) == ("given_reduced", 100, "first_part")

        second = give(bedside)

        live = SessionOutcome.objects.get(session_id=bedside.session_id, amended_by__isnull=True)
        assert (live.outcome, live.given_mg, live.reduced_for) == ("given", 180, "")
        assert (live.amends_id, live.injection_id) == (before.id, second.id)
        assert bedside.visit().outcome_id == live.id

    def test_waits_twenty_minutes_to_the_moment(self, clock: Clock) -> None:
        bedside = well_at(first_part(a_room(), clock), 20 - 1e-6)

        with pytest.raises(PreparationRefused) as refusal:
            draw(bedside)
        assert codes(refusal) == {"top_up"}

        wait(bedside, 20)
        assert give(bedside).number == 2

    def test_rests_on_a_reading_of_the_last_five_minutes(self, clock: Clock) -> None:
        bedside = first_part(a_room(), clock)
        wait(bedside, 20)
        with pytest.raises(PreparationRefused) as refusal:
            draw(bedside)
        assert codes(refusal) == {"no_fresh_reading"}

        bedside.read(20)
        wait(bedside, 25 + 1e-6)
        with pytest.raises(PreparationRefused) as refusal:
            draw(bedside)
        assert codes(refusal) == {"no_fresh_reading"}

        bedside.read(None)
        wait(bedside, 30)
        assert give(bedside).number == 2

    def test_is_asked_for_its_reading_again_when_it_goes_in(self, clock: Clock) -> None:
        bedside = well_at(first_part(a_room(), clock), 20)
        drawn = draw(bedside)
        wait(bedside, 24 + 1e-6)

        with pytest.raises(InjectionRefused) as refusal:
            bedside.room.inject(drawn, given_mg=80)
        assert codes(refusal) == {"no_fresh_reading"}

        bedside.read(20)
        assert bedside.room.inject(drawn, given_mg=80).given_mg == 80

    @pytest.mark.parametrize(
        ("found", "code"),
        [({"sedation": Sedation.DRIFTS_OFF}, "event_in_session"), ({"breaths": 8}, "emergency_since_drawn")],
        ids=["roused", "emergency"],
    )
    def test_is_barred_by_an_event_while_it_is_drawn_up(
        self, clock: Clock, found: dict[str, Any], code: str
    ) -> None:
        bedside = well_at(first_part(a_room(), clock), 20)
        drawn = draw(bedside)
        bedside.read(20, **found)

        with pytest.raises(InjectionRefused) as refusal:
            bedside.room.inject(drawn, given_mg=80)

        assert code in codes(refusal)
        assert Injection.objects.filter(session_id=bedside.session_id).count() == 1

    def test_is_barred_by_an_event_before_it_though_a_later_reading_is_well(self, clock: Clock) -> None:
        bedside = first_part(a_room(), clock)
        wait(bedside, 5)
        bedside.read(5, breaths=11)
        well_at(bedside, 25)

        with pytest.raises(PreparationRefused) as refusal:
            draw(bedside)

        assert "event_in_session" in codes(refusal)

    @pytest.mark.parametrize("mg", [81, 180])
    def test_never_takes_the_session_over_its_dose(self, clock: Clock, mg: int) -> None:
        bedside = well_at(first_part(a_room(), clock), 20)

        with pytest.raises(PreparationRefused) as refusal:
            draw(bedside, mg)

        assert "over_session" in codes(refusal)

    def test_is_one_that_the_order_allows(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)
        drawn = room.prepare()
        bedside = Bedside(room, clock, room.inject(drawn, given_mg=100).session_id)
        well_at(bedside, 20)

        with pytest.raises(PreparationRefused) as refusal:
            draw(bedside)

        assert codes(refusal) == {"injections_of_order"}

    def test_tops_up_what_did_not_go_in(self, clock: Clock) -> None:
        room = a_room()
        drawn = room.prepare()
        bedside = Bedside(room, clock, room.inject(drawn, given_mg=100).session_id)
        outcome = SessionOutcome.objects.get(session_id=bedside.session_id)
        assert (outcome.outcome, outcome.reduced_for) == ("given_reduced", "not_all_in")

        give(well_at(bedside, 20))

        live = SessionOutcome.objects.get(session_id=bedside.session_id, amended_by__isnull=True)
        assert (live.given_mg, live.outcome) == (180, "given")

    def test_that_a_page_of_the_first_asks_for_is_refused(self, clock: Clock) -> None:
        bedside = well_at(first_part(a_room(), clock), 20)

        with pytest.raises(PreparationRefused) as refusal:
            draw(bedside, number=1)

        assert "already_recorded" in codes(refusal)

    def test_sent_twice_is_drawn_up_once(self, clock: Clock) -> None:
        bedside = well_at(first_part(a_room(), clock), 20)
        key = uuid.uuid4()

        assert draw(bedside, key=key) == draw(bedside, key=key)

        assert Preparation.objects.filter(session_id=bedside.session_id).count() == 2

    def test_is_not_drawn_up_while_one_is(self, clock: Clock) -> None:
        bedside = well_at(first_part(a_room(3), clock), 20)
        draw(bedside, 40, reduction="first_part")

        with pytest.raises(PreparationRefused) as refusal:
            draw(bedside, 40, reduction="first_part")

        assert "open_draw" in codes(refusal)

    def test_may_follow_when_its_session_has_closed_and_not_on_another_day(self, clock: Clock) -> None:
        bedside = well_at(first_part(a_room(3), clock), 180)
        assert give(bedside, 40, reduction="first_part").number == 2

        clock.pass_by(hours=24)
        bedside.read(None)
        with pytest.raises(PreparationRefused) as refusal:
            draw(bedside, 40, number=3)
        assert "session_over" in codes(refusal)

    def test_keeps_the_next_session_away_from_itself(self, clock: Clock) -> None:
        bedside = well_at(first_part(a_room(), clock), 60)

        second = give(bedside)

        assert second.guard.upper == second.ended_at + timedelta(hours=3)


class TestADrawnSecondDose:
    @pytest.fixture
    def bedside(self, clock: Clock) -> Bedside:
        return well_at(first_part(a_room(), clock), 20)

    def test_leaves_the_person_under_their_clock_on_the_board(self, bedside: Bedside) -> None:
        draw(bedside)

        (tile,) = get_board(clinic=bedside.room.clinic, at=now()).in_place(Place.OBSERVED)
        assert (tile.elapsed_s, tile.mark, tile.goes_to) == (20 * 60, Mark.ACT, "dosing:record_injection")
        assert tile.tag == "Next dose drawn up · not yet injected"
        assert len(list_observed_clocks(clinic=bedside.room.clinic, at=now())) == 1

    def test_lets_nobody_leave(self, bedside: Bedside) -> None:
        draw(bedside)

        with pytest.raises(ReleaseRefused):
            bedside.release()
        with pytest.raises(ReleaseRefused):
            bedside.leave_early()

    def test_that_is_wasted_leads_back_to_being_watched(self, bedside: Bedside) -> None:
        drawn = draw(bedside)

        waste_dose(
            clinic=bedside.room.clinic,
            preparation_id=drawn,
            reason="declined",
            witness_id=bedside.room.second_nurse.id,
            waster_pin=NURSE_PIN,
            witness_pin=SECOND_PIN,
            terminal_id=bedside.room.terminal.id,
            by=bedside.room.nurse,
            at=now(),
        )

        visit = bedside.visit()
        assert (visit.state, visit.preparation_id) == ("observed", None)
        assert give(bedside).number == 2

    def test_of_a_first_lets_no_reading_be_taken(self, clock: Clock) -> None:
        room = a_room()
        visit = room.checked()
        room.prepare(visit, dose_mg=180)

        with pytest.raises((ReadingRefused, ValueError)):
            room.read(visit.session_id, 2)


class TestWatchingAfterASecond:
    def test_begins_again_and_the_longest_time_wins(self, clock: Clock) -> None:
        room = a_room()
        visit = room.identify()
        room.check(visit, alcohol_ug=10)
        drawn = room.prepare(visit, dose_mg=100, reduction="first_part")
        bedside = well_at(Bedside(room, clock, room.inject(drawn, given_mg=100).session_id), 20)

        second = give(bedside)

        visit = bedside.visit()
        assert visit.observe_minutes == 30
        assert visit.injected_at == second.ended_at
        assert visit.observe_until == second.ended_at + timedelta(minutes=30)
        assert (visit.next_due_minute, visit.next_due_at) == (2, second.ended_at + timedelta(minutes=2))

    @pytest.mark.parametrize(("minute", "may"), [(20 - 1 / 60, False), (20, True)])
    def test_counts_from_its_end(self, clock: Clock, minute: float, may: bool) -> None:
        bedside = first_part(a_room(), clock)
        wait(bedside, 10)
        bedside.read(10)
        give(well_at(bedside, 20))
        for due in (2, 5, 10):
            wait(bedside, due)
            bedside.read(due)
        wait(bedside, 19)
        bedside.read(20)
        wait(bedside, minute)

        if may:
            assert bedside.release().is_tolerated
        else:
            with pytest.raises(ReleaseRefused) as refusal:
                bedside.release()
            assert codes(refusal) == {"observation_not_over"}

    def test_is_tolerated_only_with_the_ten_minute_set_of_each(self, clock: Clock) -> None:
        bedside = well_at(first_part(a_room(), clock), 20)
        give(bedside)
        for due in (2, 5, 10, 20):
            wait(bedside, due)
            bedside.read(due)

        assert not bedside.release().is_tolerated

    def test_gives_a_total_and_a_single_reference(self, clock: Clock) -> None:
        bedside = first_part(a_room(), clock)
        wait(bedside, 10)
        bedside.read(10)
        give(well_at(bedside, 20))
        for due in (2, 5, 10, 20):
            wait(bedside, due)
            bedside.read(due)
        bedside.release()
        clock.pass_by(hours=71)

        history = get_dose_history(episode=bedside.room.episode, at=now())
        doses = [dose for dose in history.doses if dose.session == str(bedside.session_id)]
        history = replace(history, doses=tuple(doses), missed=())
        standing = standing_at(history, replace(Protocol(), gap_full_hours=100), at=now())
        reference = reference_at(history, standing, route="iv", at=now())
        assert [dose.mg for dose in doses] == [100, 80]
        assert all(dose.is_tolerated for dose in doses)
        assert reference is not None
        assert (reference.single_mg, reference.session_mg) == (100, 180)

    def test_takes_the_same_minute_again(self, clock: Clock) -> None:
        bedside = first_part(a_room(), clock)
        wait(bedside, 2)
        first = bedside.read(2)
        give(well_at(bedside, 20))
        wait(bedside, 2)

        assert bedside.read(2).id != first.id
