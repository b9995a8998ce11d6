"""One dose: everything that belongs to it, once, or nothing."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from dosing.actions import injections
from dosing.actions.injections import InjectionRefused
from dosing.actions.preparations import KeyReused, PreparationRefused
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
)
from dosing.queries.board import get_board
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.models import SigningPin, User
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from tests.factories.treatment import (
    NURSE_PIN,
    SECOND_PIN,
    TreatmentRoom,
    a_patient_in_treatment,
    a_treatment_room,
    an_order,
)
from tests.integration.dosing.conftest import Clock

WRITTEN = (Injection, SessionOutcome, RecordedRequest)


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


def stored() -> dict[str, int]:
    """Count every row that an injection writes, register, stock and signatures included."""
    return {model.__name__: model.objects.count() for model in WRITTEN} | {
        "signatures": Signature.objects.count(),
        "administered": PatientDay.objects.filter(administered_mg__gt=0).count(),
        "supplied": RegisterEntry.objects.filter(kind="supplied").count(),
        "moved": StockMovement.objects.filter(ampoules__lt=0).count(),
    }


def codes(refusal: pytest.ExceptionInfo[InjectionRefused]) -> set[str]:
    return {finding.code for finding in refusal.value.decision}


class TestADoseThatIsRecorded:
    def test_stands_in_every_place_and_they_agree(self, room: TreatmentRoom) -> None:
        answer = room.give()

        injection = Injection.objects.get(id=answer.injection_id)
        entry = RegisterEntry.objects.get(injection=injection)
        outcome = SessionOutcome.objects.get(injection=injection)
        assert (injection.drawn_mg, injection.given_mg, injection.wasted_mg) == (20, 15, 5)
        assert (entry.drawn_mg, entry.given_mg, entry.wasted_mg) == (20, 15, 5)
        assert (entry.ampoules, entry.balance) == (-2, 48)
        assert RegisterHead.objects.get(line=room.line).balance == answer.balance == 48
        assert Batch.objects.get(id=room.batch.id).ampoules == 48
        assert (outcome.outcome, outcome.given_mg, outcome.recorded_by) == ("given", 15, room.nurse)
        assert PatientDay.objects.get(patient=room.patient).administered_mg == 15
        room.episode.refresh_from_db()
        assert room.episode.started_on == london_date(now())

    def test_is_signed_by_two_people_for_the_same_content(self, room: TreatmentRoom) -> None:
        room.give()

        injection = Injection.objects.get()
        giver, witness = injection.giver_signature, injection.witness_signature
        assert (giver.signed_by, witness.signed_by) == (room.nurse, room.second_nurse)
        assert giver.content_sha256 == witness.content_sha256

    def test_leaves_one_audit_event_with_its_register_line(self, room: TreatmentRoom) -> None:
        answer = room.give()

        event = AuditEvent.objects.get(event="dosing.injection_recorded")
        assert event.actor == room.nurse
        assert event.person == room.patient.id
        assert event.detail["register_seq"] == answer.register_seq == 2

    def test_moves_the_person_on_the_board(self, room: TreatmentRoom) -> None:
        before = _columns(room)
        drawn = room.prepare()
        between = _columns(room)
        room.inject(drawn)

        assert (before, between, _columns(room)) == (["due"], ["room"], ["observed"])

    def test_is_a_reduced_one_when_the_person_stopped_early(self, room: TreatmentRoom) -> None:
        room.give(given_mg=9)

        assert SessionOutcome.objects.get().outcome == "given_reduced"
        assert RegisterEntry.objects.get(kind="supplied").wasted_mg == 11


def _columns(room: TreatmentRoom) -> list[str]:
    return [tile.place.value for tile in get_board(clinic=room.clinic, at=now()).tiles]


class TestADoseSentAgain:
    def test_gets_the_first_answer_and_stores_nothing_more(self, room: TreatmentRoom) -> None:
        key, drawn = uuid.uuid4(), room.prepare()
        first = room.inject(drawn, key=key)
        before = stored()

        again = room.inject(drawn, key=key)

        assert again == first
        assert stored() == before

    def test_is_refused_when_the_key_comes_with_other_content(self, room: TreatmentRoom) -> None:
        key, drawn = uuid.uuid4(), room.prepare()
        room.inject(drawn, key=key)
        before = stored()

        with pytest.raises(KeyReused):
            room.inject(drawn, key=key, given_mg=170)
        assert stored() == before
        event = AuditEvent.objects.get(event="dosing.injection_recorded", outcome="refused")
        assert event.detail["codes"] == ["key_reused"]

    def test_is_refused_from_a_second_window(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()
        room.inject(drawn)

        with pytest.raises(InjectionRefused, match="has its ending already") as refusal:
            room.inject(drawn, by=room.second_nurse, preparer_pin=NURSE_PIN)
        assert codes(refusal) == {"already_recorded"}
        assert Injection.objects.count() == 1


class TestADoseThatIsRefused:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"given_mg": 181}, "more_than_drawn"),
            ({"given_mg": 0}, "more_than_drawn"),
            ({"site": "left_thigh"}, "site_not_ordered"),
            ({"route": "im"}, "route_not_ordered"),
            ({"seconds_ago": 3600}, "began_before_it_was_drawn"),
            ({"seconds_ago": -60}, "began_before_it_was_drawn"),
        ],
    )
    def test_stores_nothing_but_who_tried_and_why(
        self, room: TreatmentRoom, changes: dict[str, Any], code: str
    ) -> None:
        drawn = room.prepare()
        before = stored()

        with pytest.raises(InjectionRefused) as refusal:
            room.inject(drawn, **changes)

        assert codes(refusal) == {code}
        assert stored() == before
        event = AuditEvent.objects.get(event="dosing.injection_recorded")
        assert (event.outcome, event.detail["codes"]) == ("refused", [code])

    def test_rests_on_an_order_that_has_changed(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=14)

        with pytest.raises(InjectionRefused, match="waste it") as refusal:
            room.inject(drawn)
        assert codes(refusal) == {"order_changed"}

    def test_by_the_register_is_in_the_trail(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()
        User.objects.filter(id=room.second_nurse.id).update(is_service=True)
        before = stored()

        with pytest.raises(RegisterRefused, match="names people, never a program"):
            room.inject(drawn)
        assert stored() == before
        event = AuditEvent.objects.get(event="dosing.injection_recorded")
        assert (event.outcome, event.detail["codes"]) == ("refused", ["register_refused"])


class TestADoseThatIsDrawnUp:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"dose_mg": 181}, "over_order"),
            ({"dose_mg": 460, "ampoules": 5}, "over_single"),
            ({"ampoules": 51}, "not_in_stock"),
            ({"ampoules": 1}, "too_few_ampoules_opened"),
            ({"batch_id": uuid.uuid4()}, "batch_elsewhere"),
        ],
    )
    def test_is_refused_with_who_tried_and_why(
        self, room: TreatmentRoom, changes: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(**changes)

        assert code in {finding.code for finding in refusal.value.decision}
        assert Preparation.objects.count() == Signature.objects.filter(part="giver").count() == 0
        event = AuditEvent.objects.get(event="dosing.dose_prepared")
        assert event.outcome == "refused"
        assert code in event.detail["codes"]

    def test_is_refused_on_an_order_that_has_changed(self, room: TreatmentRoom) -> None:
        visit = room.checked()
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=14)

        with pytest.raises(PreparationRefused, match="from 15 mg to 14 mg"):
            room.prepare(visit)

    def test_asks_for_a_note_to_be_read(self, db: None) -> None:
        room = a_treatment_room(dose_mg=300)
        order = an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=310, daily_max_mg=620)
        visit = room.checked()
        dose = {"order_id": order.id, "dose_mg": 310, "ampoules": 4}

        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit, **dose)
        assert {finding.code for finding in refusal.value.decision.refusals} == {"unread_high_single"}
        drawn = room.prepare(visit, acknowledged=frozenset({"high_single"}), **dose)
        assert Preparation.objects.latest("prepared_at").id == drawn

    def test_is_not_given_to_somebody_without_an_order(self, room: TreatmentRoom) -> None:
        stranger = a_patient_in_treatment(room.clinic, by=room.doctor)

        with pytest.raises(VisitRefused, match="No order is in force"):
            replace(room, patient=stranger.person).identify()


class TestSignatures:
    def test_are_two_people(self, room: TreatmentRoom) -> None:
        with pytest.raises(PreparationRefused, match="cannot witness: they prepare it"):
            room.prepare(witness_id=room.nurse.id, witness_pin=NURSE_PIN)
        assert Preparation.objects.count() == 0

    def test_are_not_given_by_somebody_who_may_not_witness(self, room: TreatmentRoom) -> None:
        with pytest.raises(PreparationRefused, match="may not witness here"):
            room.prepare(witness_id=room.doctor.id)
        assert Preparation.objects.count() == 0

    def test_by_the_wrong_witness_are_in_the_trail(self, room: TreatmentRoom) -> None:
        visit = room.checked()
        for witness in (room.nurse, room.doctor):
            with pytest.raises(PreparationRefused):
                room.prepare(visit, witness_id=witness.id)

        refusals = AuditEvent.objects.filter(event="dosing.dose_prepared", person=room.patient.id)
        assert [(event.outcome, event.detail["codes"]) for event in refusals.order_by("id")] == [
            ("refused", ["same_person"]),
            ("refused", ["not_a_witness"]),
        ]

    def test_count_a_wrong_pin_although_nothing_is_stored(self, room: TreatmentRoom) -> None:
        with pytest.raises(PinRefused) as refusal:
            room.prepare(witness_pin="111213")

        assert refusal.value.user_id == room.second_nurse.id
        assert SigningPin.objects.get(user=room.second_nurse).failures == 1
        assert Preparation.objects.count() == 0

    def test_are_asked_of_the_preparer_again_when_another_is_signed_in(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()

        with pytest.raises(InjectionRefused, match="types their PIN again") as refusal:
            room.inject(drawn, by=room.second_nurse)
        assert codes(refusal) == {"preparer_signs_again"}
        with pytest.raises(PinRefused):
            room.inject(drawn, by=room.second_nurse, preparer_pin=SECOND_PIN)
        room.inject(drawn, by=room.second_nurse, preparer_pin=NURSE_PIN)

        injection = Injection.objects.get()
        assert (injection.giver, injection.watched_by) == (room.nurse, room.second_nurse)
        assert injection.giver_signature.signed_by == room.nurse


class TestTheDatabaseItself:
    def test_refuses_a_dose_without_its_register_line(
        self, own_database: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        room = a_treatment_room()
        drawn = room.prepare()
        line = RegisterEntry.objects.get()  # the receipt: a line that is there, and of something else
        monkeypatch.setattr(injections, "append_entry", lambda **_: line)

        with pytest.raises(IntegrityError) as caught:
            room.inject(drawn)

        assert caught.value.__cause__.diag.constraint_name == "injection_has_its_register_line"
        assert Injection.objects.count() == 0
        monkeypatch.undo()
        room.inject(drawn)
        assert Injection.objects.count() == 1


class TestATreatment:
    def test_begins_with_the_first_dose_and_not_again_with_the_next(self, clock: Clock) -> None:
        room = a_treatment_room()
        clock.pass_by(hours=24)
        room.identify()
        room.episode.refresh_from_db()
        before = room.episode.started_on
        began = []
        for _ in range(2):
            room.give()
            room.episode.refresh_from_db()
            began.append(room.episode.started_on)
            clock.pass_by(hours=24)

        assert before is None
        assert began == [date(2026, 2, 3), date(2026, 2, 3)]
        assert AuditEvent.objects.filter(event="patients.treatment_started").count() == 1

    def test_begins_on_the_clinics_own_day(self, clock: Clock) -> None:
        clock.pass_by(days=150, hours=13, minutes=30)  # 23:30 UTC of 2 July: past midnight in London
        room = a_treatment_room()

        room.give()

        room.episode.refresh_from_db()
        assert room.episode.started_on == date(2026, 7, 3)


class TestAPersonWithoutAnAddress:
    def test_is_written_into_the_register_as_of_no_fixed_abode(self, room: TreatmentRoom) -> None:
        room.patient.address = ""
        room.patient.save(update_fields=["address"])

        room.give()

        assert RegisterEntry.objects.get(kind="supplied").party_address == "no fixed abode"


class TestTheClockOfTheTests:
    def test_is_set_by_the_owner_alone(self, db: None) -> None:
        for statement in ("INSERT INTO clock_override VALUES (now())", "DELETE FROM clock_override"):
            with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
