"""A reading put right while the next injection is given, and by two at once, on real connections."""

from __future__ import annotations

import os
import uuid

import pytest

from dosing.actions.corrections import amend_reading
from dosing.actions.putting_right import SignedWhy
from dosing.models import Correction, Hold, Injection, Reading
from dosing.rules.checks import Readings, Sedation
from dosing.rules.corrections import CorrectedFor
from hat_clinic.core.clock import now
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_treatment_room
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_further_races import second, somebody_with_a_first_part
from tests.integration.dosing.test_injection_races import at_once
from tests.integration.dosing.test_preparation_races import kinds

pytestmark = pytest.mark.race
ROUNDS = int(os.environ.get("HAT_PROVE_N", "5"))


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    made = a_treatment_room(ampoules=40 * ROUNDS, places=5 * ROUNDS)
    made.open_day()
    return made


def drifts_off(here: TreatmentRoom, first: Reading, *, by_the_second: bool = True) -> Reading:
    return amend_reading(
        clinic=here.clinic,
        reading_id=first.id,
        readings=Readings(sedation=Sedation.DRIFTS_OFF, breaths=14, oxygen=97, pulse=70),
        unable_reason="",
        why=SignedWhy(
            reason=CorrectedFor.WRONG_KEY,
            words="",
            pin=SECOND_PIN if by_the_second else NURSE_PIN,
            terminal_id=here.terminal.id,
            key=uuid.uuid4(),
        ),
        by=here.second_nurse if by_the_second else here.nurse,
        at=now(),
    )


class TestAnAmendmentAgainstADose:
    def test_that_comes_first_bars_the_dose(self, room: TreatmentRoom, clock: Clock) -> None:
        for _ in range(ROUNDS):
            here, visit = somebody_with_a_first_part(room, clock)
            drawn, first = second(here, visit), Reading.objects.get(session_id=visit.session_id)

            amended, given = at_once(
                lambda here=here, first=first: drifts_off(here, first),
                lambda here=here, drawn=drawn: here.inject(drawn, given_mg=5),
            )

            assert isinstance(amended, Reading), amended
            hold = Hold.objects.get(reading=amended)
            injections = Injection.objects.filter(session_id=visit.session_id).order_by("number")
            if kinds([given]) == {"InjectionRecorded": 1}:
                assert injections.last().recorded_at <= hold.opened_at
            else:
                assert kinds([given]) == {"InjectionRefused": 1}, given
                assert injections.count() == 1


class TestTwoAmendmentsAtOnce:
    def test_of_one_line_leave_one(self, room: TreatmentRoom, clock: Clock) -> None:
        for _ in range(ROUNDS):
            here, visit = somebody_with_a_first_part(room, clock)
            first = Reading.objects.get(session_id=visit.session_id)

            answers = at_once(
                lambda here=here, first=first: drifts_off(here, first),
                lambda here=here, first=first: drifts_off(here, first, by_the_second=False),
            )

            assert kinds(answers) == {"Reading": 1, "CorrectionRefused": 1}, answers
            assert Correction.objects.filter(reading__session_id=visit.session_id).count() == 1
