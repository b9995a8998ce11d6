"""One dose: everything that belongs to it, once, or nothing."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from dosing.actions.register import RegisterRefused
from dosing.actions.sessions import InjectionRefused, KeyReused
from dosing.models import (
    Batch,
    Injection,
    PatientDay,
    PlannedSession,
    RecordedRequest,
    RegisterEntry,
    RegisterHead,
    SessionOutcome,
    Signature,
    StockMovement,
)
from dosing.queries.sessions import get_board
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

WRITTEN = (Injection, SessionOutcome, PlannedSession, Signature, PatientDay, RecordedRequest)


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


def stored() -> dict[str, int]:
    """Count every row that a dose writes, register and stock included."""
    return {model.__name__: model.objects.count() for model in WRITTEN} | {
        "supplied": RegisterEntry.objects.filter(kind="supplied").count(),
        "moved": StockMovement.objects.filter(ampoules__lt=0).count(),
    }


NOTHING = dict.fromkeys([model.__name__ for model in WRITTEN] + ["supplied", "moved"], 0)


def codes(refusal: pytest.ExceptionInfo[InjectionRefused]) -> set[str]:
    return {finding.code for finding in refusal.value.decision}


class TestADoseThatIsRecorded:
    def test_stands_in_every_place_and_they_agree(self, room: TreatmentRoom) -> None:
        answer = room.give()

        injection = Injection.objects.get(id=answer.injection_id)
        entry = RegisterEntry.objects.get(injection=injection)
        outcome = SessionOutcome.objects.get(injection=injection)
        assert (injection.drawn_mg, injection.given_mg, injection.wasted_mg) == (200, 180, 20)
        assert (entry.drawn_mg, entry.given_mg, entry.wasted_mg) == (200, 180, 20)
        assert (entry.ampoules, entry.balance) == (-2, 48)
        assert RegisterHead.objects.get(line=room.line).balance == answer.balance == 48
        assert Batch.objects.get(id=room.batch.id).ampoules == 48
        assert (outcome.outcome, outcome.given_mg, outcome.recorded_by) == ("given", 180, room.nurse)
        assert PatientDay.objects.get(patient=room.patient).administered_mg == 180
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
        before = get_board(clinic=room.clinic, at=now())
        room.give()
        after = get_board(clinic=room.clinic, at=now())

        assert [len(before.due), len(before.left)] == [1, 0]
        assert [len(after.due), len(after.left)] == [0, 1]

    def test_is_a_reduced_one_when_the_person_stopped_early(self, room: TreatmentRoom) -> None:
        room.give(given_mg=90, ampoules=2)

        assert SessionOutcome.objects.get().outcome == "given_reduced"
        assert RegisterEntry.objects.get(kind="supplied").wasted_mg == 110


class TestADoseSentAgain:
    def test_gets_the_first_answer_and_stores_nothing_more(self, room: TreatmentRoom) -> None:
        key = uuid.uuid4()
        given = room.given()
        first = room.give(key=key)
        before = stored()

        again = room.give(key=key, **{name: getattr(given, name) for name in given.__slots__})

        assert again == first
        assert stored() == before

    def test_is_refused_when_the_key_comes_with_other_content(self, room: TreatmentRoom) -> None:
        key = uuid.uuid4()
        room.give(key=key)
        before = stored()

        with pytest.raises(KeyReused):
            room.give(key=key, given_mg=170)
        assert stored() == before

    def test_is_refused_from_a_second_window_with_what_stands(self, room: TreatmentRoom) -> None:
        room.give()

        with pytest.raises(InjectionRefused, match="180 mg given, recorded by Grace Okafor") as refusal:
            room.give(
                by=room.second_nurse, giver_pin=SECOND_PIN, witness_pin=NURSE_PIN, witness_id=room.nurse.id
            )
        assert codes(refusal) == {"already_recorded"}
        assert Injection.objects.count() == 1


class TestADoseThatIsRefused:
    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"given_mg": 181}, "over_order"),
            ({"given_mg": 460, "ampoules": 5}, "over_single"),
            ({"site": "left_thigh"}, "site_not_ordered"),
            ({"route": "im"}, "route_not_ordered"),
            ({"ampoules": 51}, "not_in_stock"),
            ({"ampoules": 1}, "too_few_ampoules_opened"),
            ({"batch_id": uuid.uuid4()}, "batch_elsewhere"),
            ({"slot": "eve"}, "session_over"),
        ],
    )
    def test_stores_nothing_but_who_tried_and_why(
        self, room: TreatmentRoom, changes: dict[str, Any], code: str
    ) -> None:
        with pytest.raises(InjectionRefused) as refusal:
            room.give(**changes)

        assert code in codes(refusal)
        assert stored() == NOTHING
        event = AuditEvent.objects.get(event="dosing.injection_recorded")
        assert event.outcome == "refused"
        assert code in event.detail["codes"]

    def test_rests_on_an_order_that_has_changed(self, room: TreatmentRoom) -> None:
        given = room.given()
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=160)

        with pytest.raises(InjectionRefused, match="it is 160 mg now"):
            room.give(order_id=given.order_id)
        assert stored() == NOTHING

    def test_comes_too_soon_after_the_last(self, room: TreatmentRoom) -> None:
        room.give()
        other = "pm" if room.given().slot == "am" else "am"

        with pytest.raises(InjectionRefused) as refusal:
            room.give(slot=other)
        assert codes(refusal) & {"session_over", "interval"}

    def test_is_for_somebody_without_an_order(self, room: TreatmentRoom) -> None:
        stranger = a_patient_in_treatment(room.clinic, by=room.doctor)

        with pytest.raises(InjectionRefused) as refusal:
            room.give(patient_id=stranger.person_id)
        assert "no_order" in codes(refusal)
        assert stored() == NOTHING

    def test_asks_for_a_note_to_be_read(self, room: TreatmentRoom) -> None:
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=310, daily_max_mg=620)
        dose = {"order_id": room.episode.orders.latest("version").id, "given_mg": 310, "ampoules": 4}

        with pytest.raises(InjectionRefused) as refusal:
            room.give(**dose)
        assert "unread_high_single" in codes(refusal)
        room.give(acknowledged=frozenset({"high_single"}), **dose)
        assert Injection.objects.get().given_mg == 310


class TestARefusalBesideTheRule:
    """Before or beside the rule: somebody tried, so it is in the trail."""

    def test_of_the_witness_is_in_the_trail(self, room: TreatmentRoom) -> None:
        for witness in (room.nurse, room.doctor):
            with pytest.raises(InjectionRefused):
                room.give(witness_id=witness.id)

        refusals = AuditEvent.objects.filter(event="dosing.injection_recorded", person=room.patient.id)
        assert [(event.outcome, event.detail["codes"]) for event in refusals.order_by("id")] == [
            ("refused", ["same_person"]),
            ("refused", ["not_a_witness"]),
        ]

    def test_of_a_key_is_in_the_trail(self, room: TreatmentRoom) -> None:
        key = uuid.uuid4()
        room.give(key=key)

        with pytest.raises(KeyReused):
            room.give(key=key, given_mg=170)
        event = AuditEvent.objects.get(event="dosing.injection_recorded", outcome="refused")
        assert event.detail["codes"] == ["key_reused"]

    def test_by_the_register_is_in_the_trail(self, room: TreatmentRoom) -> None:
        User.objects.filter(id=room.second_nurse.id).update(is_service=True)

        with pytest.raises(RegisterRefused, match="names people, never a program"):
            room.give()
        assert stored() == NOTHING
        event = AuditEvent.objects.get(event="dosing.injection_recorded")
        assert (event.outcome, event.detail["codes"]) == ("refused", ["register_refused"])


class TestSignatures:
    def test_are_two_people(self, room: TreatmentRoom) -> None:
        with pytest.raises(InjectionRefused, match="cannot witness it"):
            room.give(witness_id=room.nurse.id, witness_pin=NURSE_PIN)
        assert stored() == NOTHING

    def test_are_not_given_by_somebody_who_may_not_witness(self, room: TreatmentRoom) -> None:
        with pytest.raises(InjectionRefused, match="may not witness here"):
            room.give(witness_id=room.doctor.id)
        assert stored() == NOTHING

    def test_count_a_wrong_pin_although_nothing_is_stored(self, room: TreatmentRoom) -> None:
        with pytest.raises(PinRefused) as refusal:
            room.give(witness_pin="111213")

        assert refusal.value.user_id == room.second_nurse.id
        assert SigningPin.objects.get(user=room.second_nurse).failures == 1
        assert stored() == NOTHING


class TestTheDatabaseItself:
    def test_refuses_a_dose_without_its_register_line(self, own_database: str) -> None:
        room = a_treatment_room()
        room.give()
        whole = Injection.objects.get()

        def half() -> None:
            with transaction.atomic():
                session = PlannedSession.objects.create(
                    clinic=room.clinic,
                    patient=room.patient,
                    episode=room.episode,
                    service_date=whole.session.service_date + timedelta(days=1),
                    slot="am",
                    order=room.order,
                )
                signatures = [
                    Signature.objects.create(
                        signed_by=user, signed_at=whole.started_at, part=part, content_sha256="0" * 64
                    )
                    for user, part in ((room.nurse, "giver"), (room.second_nurse, "witness"))
                ]
                whole.pk = None
                whole.id = uuid.uuid4()
                whole._state.adding = True
                whole.session = session
                whole.giver_signature, whole.witness_signature = signatures
                whole.guard = type(whole.guard)(
                    whole.guard.lower + timedelta(hours=4), whole.guard.upper + timedelta(hours=4)
                )
                whole.save(force_insert=True)

        with pytest.raises(Exception, match=r"register|outcome|line"):
            half()
        assert Injection.objects.count() == 1


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
