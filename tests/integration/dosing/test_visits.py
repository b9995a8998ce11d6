"""From the hatch to the check: who somebody is, what a check says, holds, and a session without a dose."""

from __future__ import annotations

from typing import Any

import pytest

from dosing.actions.holds import HoldNotLifted, lift_hold
from dosing.actions.preparations import PreparationRefused
from dosing.actions.visits import (
    VisitRefused,
    identify_person,
    note_arrival,
    record_not_given,
)
from dosing.models import Hold, IdentityCheck, PreInjectionCheck, SessionOutcome, Visit
from dosing.rules.checks import Sedation
from dosing.rules.sessions import Outcome, Reason
from dosing.rules.visits import IdentityItem
from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.checks import authorise, with_pin
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room
from tests.integration.dosing.conftest import Clock


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


def say(room: TreatmentRoom, *items: IdentityItem, is_right: bool = True) -> Visit | None:
    return identify_person(
        clinic=room.clinic,
        patient_id=room.patient.id,
        session=room.session(),
        items=frozenset(items),
        is_right=is_right,
        by=room.nurse,
        at=now(),
    )


def lift(room: TreatmentRoom, *, by: User | None = None, reason: str = "Seen and well.") -> Hold:
    hold = Hold.objects.get(lifted_at=None)
    return lift_hold(clinic=room.clinic, hold_id=hold.id, reason=reason, by=by or room.doctor, at=now())


def end(room: TreatmentRoom) -> SessionOutcome:
    return record_not_given(
        clinic=room.clinic,
        patient_id=room.patient.id,
        session=room.session(),
        outcome=Outcome.WITHHELD,
        reason=Reason.INTOXICATED,
        by=room.nurse,
        at=now(),
    )


def codes(refusal: pytest.ExceptionInfo[Any]) -> set[str]:
    return {finding.code for finding in refusal.value.decision.refusals}


class TestSomebodyWhoIsAskedWhoTheyAre:
    def test_and_says_a_wrong_date_of_birth_is_written_down_and_opens_nothing(
        self, room: TreatmentRoom
    ) -> None:
        assert say(room, IdentityItem.PHOTO, IdentityItem.BIRTH_DATE, is_right=False) is None

        asked = IdentityCheck.objects.get()
        assert (asked.is_right, asked.made_by, asked.patient) == (False, room.nurse, room.patient)
        assert not Visit.objects.exists()
        event = AuditEvent.objects.get(event="dosing.person_identified")
        assert (event.outcome, event.detail["codes"]) == ("refused", ["not_the_person"])

    def test_is_not_known_by_one_item(self, room: TreatmentRoom) -> None:
        with pytest.raises(VisitRefused) as refusal:
            say(room, IdentityItem.PHOTO)

        assert codes(refusal) == {"one_item"}
        assert not IdentityCheck.objects.exists()
        assert not Visit.objects.exists()

    def test_is_known_by_two_and_goes_on_to_the_check(self, room: TreatmentRoom) -> None:
        visit = say(room, IdentityItem.BIRTH_DATE, IdentityItem.KNOWN_BY_TWO_STAFF)

        assert visit is not None
        assert visit.state == "identified"
        assert IdentityCheck.objects.get().items == ["birth_date", "known_by_two_staff"]

    def test_is_not_sent_back_to_the_hatch_while_a_dose_is_drawn_up(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()

        with pytest.raises(VisitRefused) as refusal:
            room.identify(by=room.second_nurse)

        visit = Visit.objects.get()
        assert codes(refusal) == {"out_of_turn"}
        assert (visit.state, visit.preparation_id) == ("prepared", drawn)

    def test_has_come_once_however_often_it_is_noted(self, room: TreatmentRoom) -> None:
        for _ in range(2):
            note_arrival(
                clinic=room.clinic,
                patient_id=room.patient.id,
                session=room.session(),
                by=room.nurse,
                at=now(),
            )

        assert Visit.objects.get().state == "arrived"


class TestACheck:
    def test_within_all_limits_lets_a_dose_go_ahead(self, room: TreatmentRoom) -> None:
        visit = room.checked()

        check = PreInjectionCheck.objects.get()
        visit.refresh_from_db()
        assert (check.lets_a_dose_go_ahead, check.findings, visit.state) == (True, [], "checked")
        assert not Hold.objects.exists()

    @pytest.mark.parametrize(
        ("finding", "code"),
        [
            ({"breaths": 11}, "breathing"),
            ({"oxygen": 93}, "oxygen"),
            ({"oxygen": None}, "oxygen_unknown"),
            ({"pulse": None}, "pulse_unknown"),
            ({"sedation": Sedation.DRIFTS_OFF}, "sedation"),
            ({"alcohol_ug": 35}, "alcohol"),
            ({"is_intoxicated": True}, "intoxicated"),
        ],
    )
    def test_is_stored_with_its_hold_and_bars_the_dose(
        self, room: TreatmentRoom, finding: dict[str, Any], code: str
    ) -> None:
        visit = room.identify()

        decision = room.check(visit, **finding)

        check, hold = PreInjectionCheck.objects.get(), Hold.objects.get()
        assert not decision.is_allowed
        assert (check.lets_a_dose_go_ahead, check.findings) == (False, [code])
        assert (hold.codes, hold.opened_by, hold.check_made) == ([code], room.nurse, check)
        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit)
        assert codes(refusal) == {"hold", "no_check"}

    def test_of_somebody_asleep_opens_no_hold_and_lets_no_dose_go_ahead(self, room: TreatmentRoom) -> None:
        visit = room.identify()

        room.check(visit, sedation=Sedation.ASLEEP)

        assert not Hold.objects.exists()
        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit)
        assert codes(refusal) == {"no_check"}

    def test_is_not_made_before_anybody_is_identified(self, room: TreatmentRoom) -> None:
        visit = note_arrival(
            clinic=room.clinic, patient_id=room.patient.id, session=room.session(), by=room.nurse, at=now()
        )

        with pytest.raises(VisitRefused) as refusal:
            room.check(visit)

        assert codes(refusal) == {"out_of_turn"}
        assert not PreInjectionCheck.objects.exists()

    @pytest.mark.parametrize(("seconds", "is_old"), [(1800, False), (1801, True)])
    def test_is_good_for_half_an_hour(self, clock: Clock, seconds: int, is_old: bool) -> None:
        room = a_treatment_room()
        visit = room.checked()
        room.open_day()

        clock.pass_by(seconds=seconds)

        if is_old:
            with pytest.raises(PreparationRefused) as refusal:
                room.prepare(visit)
            assert codes(refusal) == {"check_is_old"}
        else:
            assert room.prepare(visit)


class TestAHold:
    def test_bars_a_dose_after_a_new_check_until_a_doctor_lifts_it(self, room: TreatmentRoom) -> None:
        visit = room.identify()
        room.check(visit, breaths=11)
        room.check(visit)

        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit)
        lifted = lift(room)

        assert codes(refusal) == {"hold"}
        assert (lifted.lifted_by, lifted.lift_reason) == (room.doctor, "Seen and well.")
        assert room.prepare(visit)

    def test_stands_over_the_next_session(self, clock: Clock) -> None:
        room = a_treatment_room()
        room.check(room.identify(), breaths=11)
        end(room)
        clock.pass_by(hours=4)

        visit = room.checked()

        with pytest.raises(PreparationRefused, match="On hold since 2 February at 10:00") as refusal:
            room.prepare(visit)
        assert codes(refusal) == {"hold"}

    def test_is_not_lifted_without_a_new_check(self, room: TreatmentRoom) -> None:
        room.check(room.identify(), alcohol_ug=40)

        with pytest.raises(HoldNotLifted) as refusal:
            lift(room)

        assert codes(refusal) == {"no_new_check"}
        event = AuditEvent.objects.get(event="dosing.hold_lifted")
        assert (event.outcome, event.detail["codes"]) == ("refused", ["no_new_check"])

    @pytest.mark.parametrize(
        ("finding", "code"),
        [
            ({"breaths": 11}, "standing_breathing"),
            ({"oxygen": 93}, "standing_oxygen"),
            ({"sedation": Sedation.DRIFTS_OFF}, "standing_sedation"),
            ({"sedation": Sedation.ASLEEP}, "standing_asleep"),
        ],
    )
    def test_is_lifted_by_nobody_over_a_reading_that_stands(
        self, room: TreatmentRoom, finding: dict[str, Any], code: str
    ) -> None:
        visit = room.identify()
        room.check(visit, alcohol_ug=40)
        room.check(visit, **finding)

        with pytest.raises(HoldNotLifted) as refusal:
            lift(room)
        assert codes(refusal) == {code}

    def test_for_alcohol_is_the_doctors_decision_and_the_dose_goes_ahead_on_it(
        self, own_database: str
    ) -> None:
        room = a_treatment_room()
        visit = room.identify()
        room.check(visit, alcohol_ug=40)
        room.check(visit, alcohol_ug=25)

        lift(room)

        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit)
        assert codes(refusal) == {"alcohol_stop"}  # the hold is gone; this dose has a question of its own
        with_pin(room.doctor)
        authorise(room)
        drawn = room.prepare(visit)  # committed: the table's own question is answered too
        assert Visit.objects.get().preparation_id == drawn

    def test_is_never_lifted_by_who_opened_it(self, room: TreatmentRoom) -> None:
        visit = room.identify()
        room.check(visit, breaths=11, by=room.doctor)
        room.check(visit)

        with pytest.raises(HoldNotLifted) as refusal:
            lift(room)
        assert codes(refusal) == {"own_hold"}

    def test_is_lifted_by_a_doctor_licensed_here_alone(self, room: TreatmentRoom) -> None:
        visit = room.identify()
        room.check(visit, breaths=11)
        room.check(visit)

        for other in (room.second_nurse, a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr No Licence")):
            with pytest.raises(HoldNotLifted) as refusal:
                lift(room, by=other)
            assert codes(refusal) == {"no_licence"}

    def test_is_lifted_with_a_reason_and_once(self, room: TreatmentRoom) -> None:
        visit = room.identify()
        room.check(visit, breaths=11)
        room.check(visit)
        hold = Hold.objects.get()

        with pytest.raises(HoldNotLifted) as refusal:
            lift(room, reason="  ")
        lift(room)
        with pytest.raises(HoldNotLifted) as again:
            lift_hold(clinic=room.clinic, hold_id=hold.id, reason="Again.", by=room.doctor, at=now())

        assert (codes(refusal), codes(again)) == ({"no_reason"}, {"already_lifted"})

    def test_is_opened_anew_by_a_later_finding(self, room: TreatmentRoom) -> None:
        visit = room.identify()
        room.check(visit, breaths=11)
        room.check(visit)
        lift(room)

        room.check(visit, oxygen=93)

        assert list(Hold.objects.filter(lifted_at=None).values_list("codes", flat=True)) == [["oxygen"]]
        with pytest.raises(PreparationRefused):
            room.prepare(visit)


class TestASessionWithoutADose:
    def test_ends_with_its_reason_and_is_not_begun_again(self, room: TreatmentRoom) -> None:
        room.identify()

        ended = end(room)

        assert (ended.outcome, ended.reason, Visit.objects.get().state) == (
            "withheld",
            "intoxicated",
            "not_given",
        )
        with pytest.raises(VisitRefused) as refusal:
            room.identify()
        assert codes(refusal) == {"out_of_turn", "already_recorded"}
        assert f"recorded by {room.nurse.full_name} at" in str(refusal.value)

    def test_is_not_ended_while_a_dose_is_drawn_up_or_given(self, room: TreatmentRoom) -> None:
        drawn = room.prepare()
        with pytest.raises(VisitRefused) as refusal:
            end(room)
        room.inject(drawn)
        with pytest.raises(VisitRefused) as later:
            end(room)

        assert codes(refusal) == codes(later) == {"out_of_turn"}
        assert SessionOutcome.objects.get().outcome == "given"
