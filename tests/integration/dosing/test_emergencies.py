"""An emergency by its acts: begun by a reading or the red button, written by taps, ended, signed, and reviewed."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from dosing.actions.emergencies import (
    CardRefused,
    EmergencyRefused,
    NoSuchEmergency,
    sign_emergency,
    start_emergency,
)
from dosing.actions.holds import HoldNotLifted, lift_hold
from dosing.actions.observation import ReleaseRefused
from dosing.actions.preparations import PreparationRefused
from dosing.models import (
    Emergency,
    EmergencyCard,
    EmergencyLine,
    EmergencySignature,
    Hold,
    Release,
)
from dosing.queries.emergencies import get_emergency, list_alerts
from dosing.queries.emergency_pages import get_emergency_page
from dosing.queries.history import get_dose_history
from dosing.queries.oral_doses import get_naloxone_in_words
from dosing.rules.checks import Sedation
from dosing.rules.emergencies import LineKind
from dosing.rules.visits import VisitState
from hat_clinic.accounts.actions import PinRefused
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.emergencies import a_card, an_emergency, tapped
from tests.factories.treatment import NURSE_PIN, TreatmentRoom, a_member_of_staff, a_treatment_room, another
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_observation import Bedside, codes


@pytest.fixture
def bedside(clock: Clock) -> Bedside:
    """Somebody on a dose they had the evening before, who is watched for twenty minutes."""
    room = a_treatment_room(dose_mg=180)
    return Bedside(room, clock, room.give().session_id)


def holds(room: TreatmentRoom) -> list[tuple[str, str]]:
    return [(hold.severity, hold.codes[0]) for hold in Hold.objects.order_by("opened_at", "severity")]


class TestRousing:
    def test_holds_the_next_dose_for_a_doctors_review_once_a_session(self, bedside: Bedside) -> None:
        bedside.read(None, sedation=Sedation.DRIFTS_OFF)
        bedside.clock.pass_by(seconds=30)
        bedside.read(None, breaths=10)

        assert holds(bedside.room) == [("review", "roused")]
        assert not Emergency.objects.exists()
        hold = Hold.objects.get()
        assert "POSS 3" in hold.reason
        assert hold.reading == bedside.readings().first()

    def test_is_reviewed_without_a_new_check_and_by_nobody_but_a_licensed_doctor(
        self, bedside: Bedside
    ) -> None:
        room = bedside.room
        bedside.read(None, sedation=Sedation.DRIFTS_OFF)
        hold = Hold.objects.get()
        lift: dict[str, Any] = {"clinic": room.clinic, "hold_id": hold.id, "reason": "may go on", "at": now()}

        with pytest.raises(HoldNotLifted) as refusal:
            lift_hold(by=room.nurse, **lift)

        assert codes(refusal) == {"no_licence"}
        assert lift_hold(by=room.doctor, **lift).lifted_at

    def test_bars_the_next_dose_until_then(self, bedside: Bedside) -> None:
        room = bedside.room
        bedside.read(None, sedation=Sedation.DRIFTS_OFF)
        bedside.leave_early()
        bedside.clock.pass_by(hours=5)
        room.open_day()
        visit = room.identify()
        room.check(visit)

        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit)

        assert "hold" in codes(refusal)


class TestBeginning:
    def test_by_a_reading_names_it_and_holds_the_doses(self, bedside: Bedside) -> None:
        reading = bedside.read(None, sedation=Sedation.HARD_TO_ROUSE, breaths=6, oxygen=84)
        bedside.read(None, sedation=Sedation.HARD_TO_ROUSE)

        emergency = Emergency.objects.get()
        assert (emergency.reading, emergency.begun_by) == (reading, bedside.room.nurse)
        assert emergency.session_id == bedside.session_id
        assert holds(bedside.room) == [("review", "emergency")]

    def test_by_the_red_button_twice_is_one(self, bedside: Bedside) -> None:
        key = uuid.uuid4()
        first = an_emergency(bedside.room, key=key)

        assert an_emergency(bedside.room, key=key) == first
        assert an_emergency(bedside.room) == first
        assert bedside.visit().escalation == "B"
        assert bedside.visit().observe_until == first.began_at + timedelta(hours=2)

    def test_without_a_pin_is_written_without_a_name_and_holds_at_once(self, bedside: Bedside) -> None:
        emergency = an_emergency(bedside.room, is_unsigned=True)

        assert emergency.begun_by is None
        assert Hold.objects.get().opened_by is None
        assert AuditEvent.objects.get(event="dosing.emergency_started").actor is None

    def test_before_a_dose_is_laid_to_none(self, clock: Clock) -> None:
        room = a_treatment_room()
        visit = room.identify()

        emergency = an_emergency(room)

        assert (emergency.injection, emergency.session_id) == (None, visit.session_id)

    def test_of_a_stranger_is_refused(self, bedside: Bedside) -> None:
        elsewhere = a_treatment_room()
        with pytest.raises(NoSuchEmergency):
            start_emergency(
                clinic=bedside.room.clinic,
                patient_id=elsewhere.patient.id,
                terminal_id=bedside.room.terminal.id,
                key=uuid.uuid4(),
                by=None,
                at=now(),
            )
        assert not Emergency.objects.exists()

    def test_takes_the_proof_out_of_the_dose_also_after_they_had_left(self, bedside: Bedside) -> None:
        bedside.read_at(2, 5, 10, 20)
        bedside.release()
        (before,) = get_dose_history(episode=bedside.room.episode, at=now()).doses[-1:]
        an_emergency(bedside.room)

        (dose,) = get_dose_history(episode=bedside.room.episode, at=now()).doses[-1:]

        assert (before.is_tolerated, before.had_event) == (True, False)
        assert (dose.is_tolerated, dose.had_event, dose.escalation) == (False, True, "B")


class TestATap:
    def test_writes_a_time_and_may_be_pressed_again(self, bedside: Bedside) -> None:
        emergency = an_emergency(bedside.room)
        first = tapped(bedside.room, emergency, LineKind.OXYGEN)
        bedside.clock.pass_by(seconds=20)
        second = tapped(bedside.room, emergency, LineKind.OXYGEN)

        assert second.happened_at - first.happened_at == timedelta(seconds=20)
        assert first.written_by == bedside.room.nurse

    def test_sent_twice_is_one_line_and_its_key_is_good_for_nothing_else(self, bedside: Bedside) -> None:
        emergency = an_emergency(bedside.room)
        key = uuid.uuid4()
        first = tapped(bedside.room, emergency, LineKind.OXYGEN, key=key)
        bedside.clock.pass_by(seconds=2)

        assert tapped(bedside.room, emergency, LineKind.OXYGEN, key=key) == first
        with pytest.raises(EmergencyRefused) as refusal:
            tapped(bedside.room, emergency, LineKind.HELP, key=key)
        assert codes(refusal) == {"key_reused"}
        assert EmergencyLine.objects.count() == 1

    def test_twenty_at_once_with_one_key_are_one_line(self, bedside: Bedside) -> None:
        emergency = an_emergency(bedside.room)
        key, answers = uuid.uuid4(), []

        def press() -> None:
            answers.append(tapped(bedside.room, emergency, LineKind.NALOXONE, key=key).id)
            connection.close()

        threads = [threading.Thread(target=press) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(answers) == 20
        assert len(set(answers)) == EmergencyLine.objects.count() == 1

    def test_put_right_is_a_note_beside_it(self, bedside: Bedside) -> None:
        emergency = an_emergency(bedside.room)
        bedside.clock.pass_by(minutes=2)
        wrong = tapped(bedside.room, emergency, LineKind.OXYGEN)
        note = tapped(
            bedside.room,
            emergency,
            LineKind.NOTE,
            words="On a minute before it was tapped.",
            corrects_id=wrong.id,
            happened_at=now() - timedelta(minutes=1),
        )

        wrong.refresh_from_db()
        assert wrong.happened_at == now()
        assert note.corrects == wrong
        page = get_emergency_page(
            emergency=fresh(bedside.room, emergency), terminal=None, by=bedside.room.nurse, at=now()
        )
        assert any("Put right: Oxygen on" in line.words for line in page.log)

    def test_puts_no_line_of_another_emergency_right(self, bedside: Bedside) -> None:
        emergency = an_emergency(bedside.room)
        with pytest.raises(NoSuchEmergency):
            tapped(bedside.room, emergency, LineKind.NOTE, words="Late.", corrects_id=uuid.uuid4())

    def test_of_the_future_is_refused_and_the_trail_tells(self, bedside: Bedside) -> None:
        emergency = an_emergency(bedside.room)
        with pytest.raises(EmergencyRefused) as refusal:
            tapped(bedside.room, emergency, LineKind.HELP, happened_at=now() + timedelta(seconds=1))

        assert codes(refusal) == {"in_the_future"}
        assert AuditEvent.objects.filter(event="dosing.emergency_written", outcome="refused").exists()

    def test_in_another_clinic_is_not_there(self, bedside: Bedside) -> None:
        emergency = an_emergency(bedside.room)
        with pytest.raises(NoSuchEmergency):
            tapped(a_treatment_room(), emergency, LineKind.HELP)


class TestNaloxone:
    def test_suspends_the_order_once_and_starts_two_hours_each_time(self, bedside: Bedside) -> None:
        emergency = an_emergency(bedside.room)
        bedside.clock.pass_by(minutes=1)
        tapped(bedside.room, emergency, LineKind.NALOXONE)
        bedside.clock.pass_by(minutes=3)
        last = tapped(bedside.room, emergency, LineKind.NALOXONE)

        assert holds(bedside.room) == [("review", "emergency"), ("suspension", "naloxone")]
        assert bedside.visit().observe_until == last.happened_at + timedelta(hours=2)

    def test_bars_leaving_as_well_and_the_end_until_two_hours_are_over(self, bedside: Bedside) -> None:
        bedside.read_at(2, 5)
        emergency = an_emergency(bedside.room)
        given = tapped(bedside.room, emergency, LineKind.NALOXONE)
        bedside.read_at(10, 20)
        bedside.clock.pass_by(seconds=(given.happened_at + timedelta(minutes=119) - now()).total_seconds())
        tapped(bedside.room, emergency, LineKind.BREATHING_WELL)
        bedside.read(None)

        with pytest.raises(ReleaseRefused) as refusal:
            bedside.release()
        with pytest.raises(EmergencyRefused) as ending:
            tapped(bedside.room, emergency, LineKind.RECOVERED)
        bedside.clock.pass_by(minutes=1)
        release = bedside.release()

        assert codes(refusal) == codes(ending) == {"naloxone_two_hours"}
        assert not release.is_tolerated
        assert EmergencyLine.objects.filter(kind=LineKind.RECOVERED).count() == 1

    def test_bars_oral_opioids_until_a_doctor_has_reviewed(self, bedside: Bedside) -> None:
        assert get_naloxone_in_words(patient_id=bedside.room.patient.id, at=now()) == ""
        tapped(bedside.room, an_emergency(bedside.room), LineKind.NALOXONE)

        assert "No oral opioid" in get_naloxone_in_words(patient_id=bedside.room.patient.id, at=now())


class TestTheEnd:
    def test_with_the_ambulance_waits_for_nothing_and_ends_the_visit(self, bedside: Bedside) -> None:
        emergency = an_emergency(bedside.room)
        tapped(bedside.room, emergency, LineKind.NALOXONE)
        tapped(bedside.room, emergency, LineKind.HANDED_OVER)

        release = Release.objects.get(session_id=bedside.session_id)
        assert (release.left_early, release.is_tolerated, release.reason) == (
            True,
            False,
            "taken to hospital",
        )
        assert bedside.visit().state == VisitState.LEFT_EARLY
        with pytest.raises(EmergencyRefused) as refusal:
            tapped(bedside.room, emergency, LineKind.OXYGEN)
        assert codes(refusal) == {"emergency_over"}

    @pytest.mark.parametrize(
        ("reason", "kind"),
        [("taken to hospital", LineKind.HANDED_OVER), ("against advice", LineKind.LEFT)],
    )
    def test_comes_with_leaving_early(self, bedside: Bedside, reason: str, kind: LineKind) -> None:
        an_emergency(bedside.room)
        bedside.leave_early(reason)

        assert EmergencyLine.objects.get().kind == kind
        assert list_alerts(clinic=bedside.room.clinic) == []

    def test_lets_a_new_one_begin(self, bedside: Bedside) -> None:
        first = an_emergency(bedside.room)
        tapped(bedside.room, first, LineKind.HANDED_OVER)

        assert an_emergency(bedside.room) != first

    def test_of_somebody_elses_leaving_is_not_theirs(self, bedside: Bedside) -> None:
        other = another(bedside.room)
        an_emergency(other)
        bedside.leave_early()

        assert not EmergencyLine.objects.exists()


class TestSigning:
    def sign(self, room: TreatmentRoom, emergency: Emergency, **changes: Any) -> EmergencySignature:
        sent: dict[str, Any] = {
            "clinic": room.clinic,
            "emergency_id": emergency.id,
            "pin": NURSE_PIN,
            "terminal_id": room.terminal.id,
            "key": uuid.uuid4(),
            "by": room.nurse,
            "at": now(),
        }
        return sign_emergency(**({"lines": emergency.lines.count()} | sent | changes))

    def test_takes_it_off_every_screen_once_it_is_over(self, bedside: Bedside) -> None:
        room = bedside.room
        emergency = an_emergency(room, is_unsigned=True)
        tapped(room, emergency, LineKind.HANDED_OVER, is_unsigned=True)
        (alert,) = list_alerts(clinic=room.clinic)
        key = uuid.uuid4()

        signed = self.sign(room, emergency, key=key)

        assert (alert.is_over, alert.is_unsigned) == (True, True)
        assert list_alerts(clinic=room.clinic) == []
        assert self.sign(room, emergency, key=key) == signed
        # The ambulance took them while nobody was named: the first who signs lets the visit end.
        assert bedside.visit().state == VisitState.LEFT_EARLY

    def test_asks_anew_for_a_line_that_was_written_without_a_name_since(self, bedside: Bedside) -> None:
        room = bedside.room
        emergency = an_emergency(room, is_unsigned=True)
        self.sign(room, emergency)
        assert [alert.is_unsigned for alert in list_alerts(clinic=room.clinic)] == [False]
        bedside.clock.pass_by(seconds=1)
        tapped(room, emergency, LineKind.HELP, is_unsigned=True)

        assert [alert.is_unsigned for alert in list_alerts(clinic=room.clinic)] == [True]
        page = get_emergency_page(emergency=fresh(room, emergency), terminal=room.terminal, by=None, at=now())
        assert page.is_unsigned
        assert page.signed_by

    def test_needs_the_right_pin(self, bedside: Bedside) -> None:
        emergency = an_emergency(bedside.room, is_unsigned=True)
        with pytest.raises(PinRefused):
            self.sign(bedside.room, emergency, pin="000000")
        with pytest.raises(NoSuchEmergency):
            self.sign(a_treatment_room(), emergency)
        assert not EmergencySignature.objects.exists()


class TestTheCard:
    def test_is_approved_once_and_the_newest_counts(self, bedside: Bedside) -> None:
        room = bedside.room
        lead = a_member_of_staff(room.clinic, Role.CLINICAL_LEAD, name="Irina Wells")
        key = uuid.uuid4()
        first = a_card(room, by=lead, key=key)

        assert a_card(room, by=lead, key=key) == first
        assert a_card(room, by=lead).number == 2

    def test_is_approved_by_nobody_else(self, bedside: Bedside) -> None:
        with pytest.raises(CardRefused) as refusal:
            a_card(bedside.room, by=bedside.room.nurse)

        assert codes(refusal) == {"not_clinical_lead"}
        assert not EmergencyCard.objects.exists()


def fresh(room: TreatmentRoom, emergency: Emergency) -> Emergency:
    found = get_emergency(clinic=room.clinic, emergency_id=emergency.id)
    assert found is not None
    return found
