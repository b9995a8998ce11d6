"""The first day of a plan in several injections, and a dose chosen in a range, through the real actions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dosing.actions.preparations import PreparationRefused
from dosing.models import Preparation, SessionOutcome, Visit
from dosing.rules.limits import OrderKind, Step
from tests.factories.treatment import TreatmentRoom, a_treatment_room, an_order
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_further_injection import a_room, draw, give, wait, well_at
from tests.integration.dosing.test_observation import Bedside, codes

PLAN = (Step(day=1, max_mg=30, first_mg=15, repeat_mg=15), Step(day=2, max_mg=45))


class TestTheFirstDayOfAPlan:
    @pytest.fixture
    def bedside(self, clock: Clock) -> Bedside:
        room = a_treatment_room()
        order = an_order(
            room.episode,
            room.premises,
            doctor=room.doctor,
            dose_mg=45,
            daily_max_mg=90,
            kind=OrderKind.TITRATION,
            plan=PLAN,
            injections_per_session=3,
        )
        room = replace(room, order=order)
        drawn = room.prepare(dose_mg=15)
        return Bedside(room, clock, room.inject(drawn, given_mg=15).session_id)

    def tolerated_at(self, bedside: Bedside, minute: float) -> None:
        """Take the set that lets the first dose be repeated, and go on to a minute."""
        wait(bedside, 20)
        bedside.read(20)
        wait(bedside, minute)

    def test_has_its_repeat_after_twenty_minutes_and_a_reading(self, bedside: Bedside) -> None:
        wait(bedside, 19.9)
        bedside.read(None)
        wait(bedside, 20)
        with pytest.raises(PreparationRefused) as refusal:
            draw(bedside, 15)
        assert "first_day_wait" in codes(refusal)

        bedside.read(20)
        with pytest.raises(PreparationRefused) as refusal:
            draw(bedside, 16)
        assert "first_repeat" in codes(refusal)
        assert give(bedside, 15).given_mg == 15

    def test_has_thirty_at_most_half_an_hour_later(self, bedside: Bedside) -> None:
        self.tolerated_at(bedside, 20)
        give(bedside, 15)
        well_at(bedside, 30 - 1e-6)
        with pytest.raises(PreparationRefused) as refusal:
            draw(bedside, 30, number=3)
        assert {"top_up", "first_day_wait"} <= codes(refusal)

        wait(bedside, 30)
        with pytest.raises(PreparationRefused) as refusal:
            draw(bedside, 31, number=3)
        assert {"first_day", "plan"} <= codes(refusal)
        assert give(bedside, 30, number=3).given_mg == 30
        live = SessionOutcome.objects.get(session_id=bedside.session_id, amended_by__isnull=True)
        assert (live.given_mg, live.outcome, live.reduced_for) == (60, "given", "")

    def test_has_no_more_than_it_is_ordered(self, bedside: Bedside) -> None:
        self.tolerated_at(bedside, 20)
        give(bedside, 15)
        give(well_at(bedside, 30), 30, number=3)
        well_at(bedside, 30)

        with pytest.raises(PreparationRefused) as refusal:
            draw(bedside, 30, number=4)

        assert "injections_of_order" in codes(refusal)


class TestAChoiceInARange:
    @pytest.fixture
    def room(self, clock: Clock) -> TreatmentRoom:
        return a_room(1, least_mg=120)

    @pytest.mark.parametrize(("mg", "code"), [(119, "under_order"), (181, "over_order")])
    def test_is_not_outside_it(self, room: TreatmentRoom, mg: int, code: str) -> None:
        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(dose_mg=mg, reduction="asked")

        assert codes(refusal) == {code}

    def test_below_its_most_has_a_reason_that_stands_on_the_outcome(self, room: TreatmentRoom) -> None:
        visit = room.checked()
        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit, dose_mg=120)
        assert codes(refusal) == {"reduction_reason"}

        room.inject(room.prepare(visit, dose_mg=120, reduction="drowsy"), given_mg=120)

        outcome = SessionOutcome.objects.get(session_id=visit.session_id)
        assert (outcome.outcome, outcome.given_mg, outcome.reduced_for) == ("given_reduced", 120, "drowsy")

    def test_of_its_most_has_none(self, room: TreatmentRoom) -> None:
        visit = room.checked()

        room.inject(room.prepare(visit, reduction="drowsy"), given_mg=180)

        outcome = SessionOutcome.objects.get(session_id=visit.session_id)
        assert (outcome.outcome, outcome.reduced_for) == ("given", "")
        assert Preparation.objects.get(session_id=visit.session_id).reduced_for == ""

    def test_is_no_choice_below_a_fixed_dose(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)

        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(dose_mg=179, reduction="asked")

        assert codes(refusal) == {"under_order"}
        assert not Visit.objects.filter(patient=room.patient, state="prepared").exists()
