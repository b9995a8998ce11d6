"""Two people who want one injection more of the same session at the same moment, on real connections: one is had."""

from __future__ import annotations

import os
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dosing.actions import preparations
from dosing.models import Injection, Preparation, SessionOutcome, Visit
from dosing.queries.register import verify_register
from hat_clinic.core.clock import now
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    TreatmentRoom,
    a_treatment_room,
    an_order,
    another,
)
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_injection_races import at_once
from tests.integration.dosing.test_preparation_races import kinds
from tests.owner import as_owner

pytestmark = pytest.mark.race
ROUNDS = int(os.environ.get("HAT_PROVE_N", "5"))


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    made = a_treatment_room(ampoules=40 * ROUNDS, places=5 * ROUNDS)
    made.open_day()
    return made


def somebody_with_a_first_part(
    room: TreatmentRoom, clock: Clock, injections: int = 3
) -> tuple[TreatmentRoom, Visit]:
    """Return somebody who had 5 of 15 mg twenty minutes ago and was read just now."""
    here = another(room)
    order = an_order(
        here.episode, here.premises, doctor=here.doctor, dose_mg=15, injections_per_session=injections
    )
    here = replace(here, order=order)
    visit = here.checked()
    done = here.inject(here.prepare(visit, dose_mg=5, reduction="first_part"), given_mg=5)
    clock.pass_by(
        seconds=(
            Injection.objects.get(id=done.injection_id).ended_at + timedelta(minutes=20) - now()
        ).total_seconds()
    )
    here.read(visit.session_id, 20)
    visit.refresh_from_db()
    return here, visit


def by_the_other(here: TreatmentRoom) -> dict[str, Any]:
    return {
        "by": here.second_nurse,
        "preparer_pin": SECOND_PIN,
        "witness_id": here.nurse.id,
        "witness_pin": NURSE_PIN,
    }


def second(here: TreatmentRoom, visit: Visit, **changes: Any) -> uuid.UUID:
    return here.prepare(visit, **{"dose_mg": 5, "number": 2, "reduction": "first_part"} | changes)


class TestTwoSecondInjectionsAtOnce:
    def test_leave_one_drawn_dose(self, room: TreatmentRoom, clock: Clock) -> None:
        for _ in range(ROUNDS):
            here, visit = somebody_with_a_first_part(room, clock)

            answers = at_once(
                lambda here=here, visit=visit: second(here, visit),
                lambda here=here, visit=visit: second(here, visit, **by_the_other(here)),
            )

            assert kinds(answers) == {"UUID": 1, "PreparationRefused": 1}, answers
            assert Preparation.objects.filter(session_id=visit.session_id).count() == 2

    def test_of_one_drawn_dose_leave_one_injection_and_one_live_outcome(
        self, room: TreatmentRoom, clock: Clock
    ) -> None:
        for _ in range(ROUNDS):
            here, visit = somebody_with_a_first_part(room, clock)
            drawn = second(here, visit)

            answers = at_once(
                *(lambda here=here, drawn=drawn: here.inject(drawn, given_mg=5) for _ in range(4))
            )

            assert kinds(answers) == {"InjectionRecorded": 1, "InjectionRefused": 3}, answers
            live = SessionOutcome.objects.get(session_id=visit.session_id, amended_by__isnull=True)
            assert (live.given_mg, Injection.objects.filter(session_id=visit.session_id).count()) == (10, 2)
        assert verify_register(room.line.id).ok

    def test_are_parted_by_the_table_where_the_program_forgets_its_locks(
        self, own_database: str, room: TreatmentRoom, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with as_owner(own_database) as owner:
            owner.execute("DROP INDEX one_drawn_dose_per_person")
        monkeypatch.setattr(preparations, "lock_dosing_state", lambda *, patient_id: True)
        monkeypatch.setattr(preparations, "lock_person_for_dosing", lambda *, person_id: None)
        monkeypatch.setattr(
            preparations, "lock_visit", lambda *, session_id: Visit.objects.get(session_id=session_id)
        )
        for _ in range(ROUNDS):
            here, visit = somebody_with_a_first_part(room, clock)

            at_once(
                *(lambda here=here, visit=visit: second(here, visit) for _ in range(2)),
                *(lambda here=here, visit=visit: second(here, visit, **by_the_other(here)) for _ in range(2)),
            )

            assert Preparation.objects.filter(session_id=visit.session_id).count() == 2


class TestAReadingBesideAnInjection:
    def test_that_tells_of_an_event_bars_it_or_comes_after_it(
        self, room: TreatmentRoom, clock: Clock
    ) -> None:
        for _ in range(ROUNDS):
            here, visit = somebody_with_a_first_part(room, clock)
            drawn = second(here, visit)

            given, read = at_once(
                lambda here=here, drawn=drawn: here.inject(drawn, given_mg=5),
                lambda here=here, visit=visit: here.read(visit.session_id, None, breaths=9),
            )

            after = Injection.objects.filter(preparation_id=drawn).first()
            assert type(given).__name__ == ("InjectionRecorded" if after else "InjectionRefused"), given
            assert type(read).__name__ == "Reading", read
            # Whoever was first: a reading of an event never stands before the injection that followed it.
            if after is not None:
                assert read.injection_id == after.id
