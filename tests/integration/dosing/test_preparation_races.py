"""Two people in the treatment room at the same moment, on real connections: one drawn dose, one ending."""

from __future__ import annotations

import os
import uuid
from collections import Counter
from typing import Any

import pytest

from dosing.actions import preparations
from dosing.actions.orders import SentPage, end_order
from dosing.actions.preparations import waste_dose
from dosing.models import Batch, Injection, Preparation, RegisterHead, Visit, WastedDose
from dosing.queries.orders import as_seen, get_last_order
from dosing.queries.register import verify_register
from dosing.rules.orders import EndReason, Product
from hat_clinic.core.clock import now
from patients.actions.consents import withdraw_consent
from patients.models import ConsentWithdrawal
from patients.rules.consents import Purpose
from tests.factories.register import receive
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_treatment_room, another
from tests.integration.dosing.test_injection_races import at_once
from tests.owner import as_owner

pytestmark = pytest.mark.race
ROUNDS = int(os.environ.get("HAT_PROVE_N", "20"))


@pytest.fixture
def room(own_database: str) -> TreatmentRoom:
    made = a_treatment_room(ampoules=20 * ROUNDS, places=5 * ROUNDS)
    made.open_day()
    return made


def by_the_other_nurse(room: TreatmentRoom) -> dict[str, Any]:
    return {
        "by": room.second_nurse,
        "preparer_pin": SECOND_PIN,
        "witness_id": room.nurse.id,
        "witness_pin": NURSE_PIN,
    }


def waste(room: TreatmentRoom, drawn: uuid.UUID) -> WastedDose:
    return waste_dose(
        clinic=room.clinic,
        preparation_id=drawn,
        reason="declined",
        witness_id=room.second_nurse.id,
        waster_pin=NURSE_PIN,
        witness_pin=SECOND_PIN,
        terminal_id=room.terminal.id,
        by=room.nurse,
        at=now(),
    )


def withdraw(room: TreatmentRoom) -> int:
    return withdraw_consent(
        person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.doctor, at=now()
    )


def kinds(answers: list[Any]) -> Counter[str]:
    return Counter(type(answer).__name__ for answer in answers)


class TestTwoNursesWhoPrepare:
    def test_for_one_person_draw_one_dose(self, room: TreatmentRoom) -> None:
        for _ in range(ROUNDS):
            here = another(room)
            visit = here.checked()

            answers = at_once(
                lambda here=here, visit=visit: here.prepare(visit),
                lambda here=here, visit=visit: here.prepare(visit, **by_the_other_nurse(here)),
            )

            assert kinds(answers) == {"UUID": 1, "PreparationRefused": 1}, answers
            assert Preparation.objects.filter(patient=here.patient).count() == 1

    def test_for_two_people_draw_the_last_ampoules_once(self, room: TreatmentRoom) -> None:
        for number in range(ROUNDS):
            receive(room.line, 2, batch_number=f"LAST{number}")
            last = Batch.objects.get(number=f"LAST{number}")
            one, two = another(room), another(room)
            first, second = one.checked(), two.checked()

            answers = at_once(
                lambda one=one, first=first, last=last: one.prepare(first, batch_id=last.id),
                lambda two=two, second=second, last=last: two.prepare(
                    second, batch_id=last.id, **by_the_other_nurse(two)
                ),
            )

            assert kinds(answers) == {"UUID": 1, "PreparationRefused": 1}, answers
            assert Preparation.objects.filter(batch=last).count() == 1

    def test_are_decided_by_locks_and_tables_and_by_nothing_else(
        self, own_database: str, room: TreatmentRoom, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The positive control: without what is meant to hold, one person has two drawn doses."""
        with as_owner(own_database) as owner:
            owner.execute("DROP INDEX one_drawn_dose_per_person")
            owner.execute("ALTER TABLE dosing_preparation DISABLE TRIGGER prepared_dose_is_the_only_one")
        monkeypatch.setattr(preparations, "lock_dosing_state", lambda *, patient_id: True)
        monkeypatch.setattr(preparations, "lock_person_for_dosing", lambda *, person_id: None)
        monkeypatch.setattr(preparations, "lock_line", lambda *, line_id: None)
        monkeypatch.setattr(
            preparations, "lock_visit", lambda *, session_id: Visit.objects.get(session_id=session_id)
        )
        doubled = 0
        for _ in range(ROUNDS):
            here = another(room)
            visit = here.checked()
            at_once(
                *(lambda here=here, visit=visit: here.prepare(visit) for _ in range(2)),
                *(
                    lambda here=here, visit=visit: here.prepare(visit, **by_the_other_nurse(here))
                    for _ in range(2)
                ),
            )
            doubled += Preparation.objects.filter(patient=here.patient).count() > 1

        assert doubled > 0


class TestADrawnDose:
    def test_is_injected_or_wasted(self, room: TreatmentRoom) -> None:
        for _ in range(ROUNDS):
            here = another(room)
            drawn = here.prepare()

            at_once(
                lambda here=here, drawn=drawn: here.inject(drawn),
                lambda here=here, drawn=drawn: waste(here, drawn),
            )

            injected = Injection.objects.filter(preparation_id=drawn).count()
            assert injected + WastedDose.objects.filter(preparation_id=drawn).count() == 1
        assert RegisterHead.objects.get(line=room.line).balance == 20 * ROUNDS - 2 * ROUNDS
        assert verify_register(room.line.id).ok

    def test_pressed_eight_times_is_injected_once(self, room: TreatmentRoom) -> None:
        for _ in range(ROUNDS):
            here = another(room)
            drawn, key = here.prepare(), uuid.uuid4()

            answers = at_once(*(lambda here=here, d=drawn, k=key: here.inject(d, key=k) for _ in range(8)))

            assert kinds(answers) == {"InjectionRecorded": 8}, answers
            assert len({str(answer) for answer in answers}) == 1
            assert Injection.objects.filter(preparation_id=drawn).count() == 1

    def test_is_never_injected_on_an_order_that_had_ended(self, room: TreatmentRoom) -> None:
        for _ in range(ROUNDS):
            here = another(room)
            drawn = here.prepare()

            given, _ = at_once(lambda here=here, drawn=drawn: here.inject(drawn), lambda here=here: end(here))

            injection = Injection.objects.filter(preparation_id=drawn).first()
            assert type(given).__name__ == ("InjectionRecorded" if injection else "InjectionRefused"), given
            if injection is not None:
                assert injection.started_at in injection.order.period.during


def end(room: TreatmentRoom) -> None:
    """End the person's order, as a doctor does on its page."""
    end_order(
        clinic=room.clinic,
        episode=room.episode,
        reason=EndReason.ASKED,
        words="Wants methadone.",
        page=SentPage(
            key=uuid.uuid4(),
            seen=as_seen(get_last_order(patient_id=room.patient.id, product=Product.DIAMORPHINE)),
        ),
        by=room.doctor,
        at=now(),
    )


class TestConsentThatIsTakenBack:
    def test_is_before_the_drawing_up_and_bars_it_or_after_it(self, room: TreatmentRoom) -> None:
        for _ in range(ROUNDS):
            here = another(room)
            visit = here.checked()

            drawn, taken_back = at_once(
                lambda here=here, visit=visit: here.prepare(visit), lambda here=here: withdraw(here)
            )

            assert taken_back == 1, taken_back
            withdrawal = ConsentWithdrawal.objects.get(consent__person=here.patient)
            preparation = Preparation.objects.filter(patient=here.patient).first()
            assert type(drawn).__name__ == ("UUID" if preparation else "PreparationRefused"), drawn
            if preparation is not None:
                assert preparation.prepared_at < withdrawal.withdrawn_at

    def test_is_before_the_injection_and_bars_it_or_after_it(self, room: TreatmentRoom) -> None:
        for _ in range(ROUNDS):
            here = another(room)
            drawn = here.prepare()

            given, taken_back = at_once(
                lambda here=here, drawn=drawn: here.inject(drawn), lambda here=here: withdraw(here)
            )

            assert taken_back == 1, taken_back
            withdrawal = ConsentWithdrawal.objects.get(consent__person=here.patient)
            injection = Injection.objects.filter(preparation_id=drawn).first()
            assert type(given).__name__ == ("InjectionRecorded" if injection else "InjectionRefused"), given
            if injection is not None:
                assert injection.ended_at < withdrawal.withdrawn_at
