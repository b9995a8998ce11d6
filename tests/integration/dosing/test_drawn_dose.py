"""A dose between the syringe and its ending: what bars it, and how it is wasted."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from dosing.actions.days import open_day_unchecked
from dosing.actions.injections import InjectionRefused
from dosing.actions.preparations import KeyReused, PreparationRefused, waste_dose
from dosing.actions.register import RegisterRefused
from dosing.actions.visits import VisitRefused
from dosing.models import (
    Batch,
    Injection,
    PatientDay,
    Preparation,
    RecordedRequest,
    RegisterEntry,
    RegisterHead,
    SessionOutcome,
    Signature,
    StockMovement,
    Visit,
    WastedDose,
)
from dosing.queries.register import verify_register
from hat_clinic.accounts.actions import PinRefused, set_pin
from hat_clinic.accounts.models import SigningPin, User
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from patients.actions.consents import withdraw_consent
from patients.rules.consents import Purpose
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    TreatmentRoom,
    a_treatment_room,
    an_order,
    another,
)
from tests.integration.dosing.conftest import Clock


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


def waste(room: TreatmentRoom, drawn: uuid.UUID, **changes: Any) -> WastedDose:
    """Waste a drawn dose before the second nurse."""
    content: dict[str, Any] = {
        "reason": "declined",
        "witness_id": room.second_nurse.id,
        "waster_pin": NURSE_PIN,
        "witness_pin": SECOND_PIN,
        "by": room.nurse,
    }
    return waste_dose(
        clinic=room.clinic,
        preparation_id=drawn,
        terminal_id=room.terminal.id,
        at=now(),
        **(content | changes),
    )


def withdraw(room: TreatmentRoom) -> None:
    withdraw_consent(
        person_id=room.patient.id, clinic=room.clinic, purpose=Purpose.TREATMENT, by=room.nurse, at=now()
    )


def codes(refusal: pytest.ExceptionInfo[Any]) -> set[str]:
    return {finding.code for finding in refusal.value.decision.refusals}


class TestADayThatIsNotOpen:
    def test_lets_nothing_be_drawn_up(self, room: TreatmentRoom, monkeypatch: pytest.MonkeyPatch) -> None:
        visit = room.checked()
        monkeypatch.setattr(TreatmentRoom, "open_day", lambda self: None)

        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit)

        assert any("day" in finding.message.lower() for finding in refusal.value.decision.refusals)
        assert not Preparation.objects.exists()

    def test_is_opened_unchecked_by_the_controlled_drug_lead_and_then_lets_it(
        self, room: TreatmentRoom
    ) -> None:
        set_pin(user=room.cd_lead, pin="812635", by=room.cd_lead, at=now())

        open_day_unchecked(
            clinic=room.clinic,
            premises_id=room.premises.id,
            reason="The second nurse is ill.",
            pin="812635",
            terminal_id=room.terminal.id,
            by=room.cd_lead,
            at=now(),
        )

        assert room.prepare() == Preparation.objects.get().id


class TestConsentThatIsTakenBack:
    def test_after_the_check_lets_nothing_be_drawn_up(self, room: TreatmentRoom) -> None:
        visit = room.checked()
        withdraw(room)

        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit)
        assert codes(refusal) == {"no_consent"}

    def test_after_the_dose_was_drawn_up_leaves_only_its_waste(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()
        withdraw(room)

        with pytest.raises(InjectionRefused) as refusal:
            room.inject(drawn)
        waste(room, drawn)

        assert codes(refusal) == {"no_consent"}
        assert not Injection.objects.exists()
        assert WastedDose.objects.get().preparation_id == drawn


class TestADrawnDose:
    def test_is_one_for_each_person(self, room: TreatmentRoom) -> None:
        room.prepare()

        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(Visit.objects.get())

        assert "open_draw" in codes(refusal)
        assert Preparation.objects.count() == 1

    def test_is_counted_against_the_batch_until_it_has_an_ending(self, own_database: str) -> None:
        room = a_treatment_room(ampoules=2)
        other = another(room)
        drawn = room.prepare()

        with pytest.raises(PreparationRefused) as refusal:
            other.prepare()

        assert codes(refusal) == {"not_in_stock"}
        assert Preparation.objects.get().id == drawn

    def test_counts_in_the_day_before_it_is_injected(self, room: TreatmentRoom) -> None:
        room.prepare()

        day = PatientDay.objects.get()
        assert (day.authorised_mg, day.administered_mg) == (15, 0)

    @pytest.mark.parametrize(("minutes", "is_late"), [(120, False), (121, True)])
    def test_is_good_until_its_session_closes(self, clock: Clock, minutes: int, is_late: bool) -> None:
        room = a_treatment_room()
        drawn = room.prepare()  # at ten; the morning's session closes at noon

        clock.pass_by(minutes=minutes)

        if is_late:
            with pytest.raises(InjectionRefused) as refusal:
                room.inject(drawn)
            assert codes(refusal) == {"syringe_expired"}
            waste(room, drawn)
        else:
            room.inject(drawn)

    def test_bars_the_next_session_until_it_has_an_ending(self, clock: Clock) -> None:
        room = a_treatment_room()
        drawn = room.prepare()
        clock.pass_by(hours=4)

        evening = room.checked()
        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(evening)
        waste(room, drawn)

        assert codes(refusal) == {"open_draw"}
        assert room.prepare(evening) != drawn

    def test_on_hold_is_not_injected(self, clock: Clock) -> None:
        room = a_treatment_room()
        drawn = room.prepare()
        clock.pass_by(hours=4)
        room.check(room.identify(), breaths=11)

        with pytest.raises(InjectionRefused) as refusal:
            room.inject(drawn)
        assert codes(refusal) == {"hold", "syringe_expired"}


def rows_of_a_drawn_dose() -> dict[str, int]:
    """Count every row that drawing a dose up writes, and the milligrams it holds back."""
    return {model.__name__: model.objects.count() for model in (Preparation, Signature, RecordedRequest)} | {
        "authorised_mg": sum(PatientDay.objects.values_list("authorised_mg", flat=True)),
        "events": AuditEvent.objects.filter(event="dosing.dose_prepared", outcome="done").count(),
    }


class TestADoseThatIsDrawnUpUnderAKey:
    def test_sent_again_gets_the_first_answer_and_stores_nothing_more(self, room: TreatmentRoom) -> None:
        key, visit = uuid.uuid4(), room.checked()
        drawn = room.prepare(visit, key=key)
        before = rows_of_a_drawn_dose()

        assert room.prepare(visit, key=key) == drawn
        assert rows_of_a_drawn_dose() == before

    def test_gets_its_first_answer_after_the_dose_went_in(self, room: TreatmentRoom) -> None:
        key, visit = uuid.uuid4(), room.checked()
        drawn = room.prepare(visit, key=key)
        room.inject(drawn)

        assert room.prepare(visit, key=key) == drawn
        assert Preparation.objects.count() == Injection.objects.count() == 1

    @pytest.mark.parametrize(
        "changes",
        [{"dose_mg": 170}, {"ampoules": 3}, {"batch_id": uuid.uuid4()}, {"order_id": uuid.uuid4()}],
        ids=lambda changes: next(iter(changes)),
    )
    def test_is_refused_with_other_content(self, room: TreatmentRoom, changes: dict[str, Any]) -> None:
        key, visit = uuid.uuid4(), room.checked()
        room.prepare(visit, key=key)
        before = rows_of_a_drawn_dose()

        with pytest.raises(KeyReused, match="already used for something else"):
            room.prepare(visit, key=key, **changes)
        assert rows_of_a_drawn_dose() == before

    def test_is_refused_to_another_pair_of_hands(self, room: TreatmentRoom) -> None:
        key, visit = uuid.uuid4(), room.checked()
        room.prepare(visit, key=key)
        before = rows_of_a_drawn_dose()

        with pytest.raises(KeyReused):
            room.prepare(
                visit,
                key=key,
                by=room.second_nurse,
                preparer_pin=SECOND_PIN,
                witness_id=room.nurse.id,
                witness_pin=NURSE_PIN,
            )
        assert rows_of_a_drawn_dose() == before

    def test_is_refused_under_the_key_of_an_injection(self, room: TreatmentRoom) -> None:
        key = uuid.uuid4()
        room.give(key=key)
        other = another(room)
        visit = other.checked()

        with pytest.raises(KeyReused):
            other.prepare(visit, key=key)
        assert Preparation.objects.get().patient == room.patient
        event = AuditEvent.objects.get(event="dosing.dose_prepared", outcome="refused")
        assert (event.actor, event.person) == (room.nurse, other.patient.id)
        assert event.detail["codes"] == ["key_reused"]


class TestAnInjection:
    def test_of_part_of_a_dose_gives_the_rest_of_the_day_back(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()

        room.inject(drawn, given_mg=9)

        injection, day = Injection.objects.get(), PatientDay.objects.get()
        assert (injection.given_mg, injection.wasted_mg) == (9, 11)
        assert (day.authorised_mg, day.administered_mg) == (9, 9)
        assert SessionOutcome.objects.get().outcome == "given_reduced"

    def test_says_when_the_syringe_did_not_come_back(self, room: TreatmentRoom) -> None:
        room.inject(room.prepare(), syringe_returned=False)

        assert Injection.objects.get().syringe_returned is False
        event = AuditEvent.objects.get(event="dosing.injection_recorded")
        assert event.detail["syringe_returned"] is False

    def test_is_not_recorded_after_its_waste(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()
        waste(room, drawn)

        with pytest.raises(InjectionRefused) as refusal:
            room.inject(drawn)
        assert codes(refusal) == {"already_recorded"}


class TestWaste:
    def test_that_the_register_refuses_is_in_the_trail_and_nowhere_else(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()
        before = rows_of_a_drawn_dose()
        User.objects.filter(id=room.nurse.id).update(is_service=True)

        with pytest.raises(RegisterRefused, match="names people, never a program"):
            waste(room, drawn)
        assert rows_of_a_drawn_dose() == before
        event = AuditEvent.objects.get(event="dosing.dose_wasted")
        assert (event.outcome, event.person) == ("refused", room.patient.id)
        assert event.detail["codes"] == ["register_refused"]

    def test_is_in_the_register_the_stock_and_the_day_alike(self, own_database: str) -> None:
        room = a_treatment_room()
        drawn = room.prepare()

        wasted = waste(room, drawn)

        entry = RegisterEntry.objects.get(kind="wasted")
        assert wasted.register_entry == entry
        assert (entry.ampoules, entry.drawn_mg, entry.given_mg, entry.wasted_mg) == (-2, 20, 0, 20)
        assert (entry.entered_by, entry.witness, entry.balance) == (room.nurse, room.second_nurse, 48)
        assert RegisterHead.objects.get(line=room.line).balance == 48
        assert Batch.objects.get(id=room.batch.id).ampoules == 48
        day = PatientDay.objects.get()
        assert (day.authorised_mg, day.administered_mg) == (0, 0)
        assert verify_register(room.line.id).ok

    def test_leads_the_person_back_to_a_new_dose_of_the_same_session(self, own_database: str) -> None:
        room = a_treatment_room()
        waste(room, room.prepare())
        visit = Visit.objects.get()
        assert (visit.state, visit.preparation) == ("identified", None)

        room.check(visit)
        room.inject(room.prepare(visit))

        assert SessionOutcome.objects.get().outcome == "given"
        assert RegisterHead.objects.get(line=room.line).balance == 46
        assert verify_register(room.line.id).ok

    def test_twice_is_written_once(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()

        assert waste(room, drawn) == waste(room, drawn)
        assert StockMovement.objects.filter(ampoules__lt=0).count() == 1

    def test_of_a_dose_that_was_injected_is_refused(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()
        room.inject(drawn)

        with pytest.raises(PreparationRefused) as refusal:
            waste(room, drawn)
        assert codes(refusal) == {"already_recorded"}
        assert not WastedDose.objects.exists()

    def test_is_of_two_people_with_their_own_pins(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()

        with pytest.raises(PreparationRefused) as refusal:
            waste(room, drawn, witness_id=room.nurse.id, witness_pin=NURSE_PIN)
        with pytest.raises(PinRefused):
            waste(room, drawn, witness_pin="111213")

        assert codes(refusal) == {"same_person"}
        assert SigningPin.objects.get(user=room.second_nurse).failures == 1
        assert not WastedDose.objects.exists()

    def test_is_of_anybody_who_prepares_and_not_only_of_who_drew_it_up(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()

        wasted = waste(
            room,
            drawn,
            by=room.second_nurse,
            waster_pin=SECOND_PIN,
            witness_id=room.nurse.id,
            witness_pin=NURSE_PIN,
        )

        assert (wasted.wasted_by, wasted.witness) == (room.second_nurse, room.nurse)

    def test_is_all_that_is_left_once_the_order_was_replaced(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=14)

        with pytest.raises(InjectionRefused):
            room.inject(drawn)
        with pytest.raises(VisitRefused):
            room.identify()
        assert waste(room, drawn).register_entry.kind == "wasted"
