"""Whose an emergency is and of which session, that naloxone is asked of the person, and when it is reviewed."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from dosing.actions.emergencies import EmergencyRefused, sign_emergency
from dosing.actions.holds import HoldNotLifted, lift_hold
from dosing.actions.observation import ReleaseRefused
from dosing.models import Emergency, EmergencyLine, EmergencySignature, Hold, Injection, Release, Visit
from dosing.queries.emergencies import get_standing_emergency
from dosing.rules.emergencies import LineKind
from dosing.rules.visits import VisitState
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.emergencies import an_emergency, tapped
from tests.factories.treatment import NURSE_PIN, TreatmentRoom, a_patient_in_treatment, a_treatment_room
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_observation import Bedside, codes


@pytest.fixture
def bedside(clock: Clock) -> Bedside:
    """Somebody on a dose they had the evening before, who is watched for twenty minutes."""
    room = a_treatment_room(dose_mg=180)
    return Bedside(room, clock, room.give().session_id)


def signed(room: TreatmentRoom, emergency: Emergency, *, lines: int) -> EmergencySignature:
    """Sign an emergency as the nurse, having read so many lines."""
    return sign_emergency(
        clinic=room.clinic,
        emergency_id=emergency.id,
        lines=lines,
        pin=NURSE_PIN,
        terminal_id=room.terminal.id,
        key=uuid.uuid4(),
        by=room.nurse,
        at=now(),
    )


class TestTheSessionOfAnEmergency:
    def test_is_the_visit_that_is_open_and_its_dose_the_last_of_the_day(self, bedside: Bedside) -> None:
        morning = Injection.objects.get(session_id=bedside.session_id)
        bedside.read_at(2, 5, 10, 20)
        bedside.release()
        bedside.clock.pass_by(hours=4)
        visit = bedside.room.identify()

        emergency = an_emergency(bedside.room)

        assert (emergency.session_id, emergency.injection) == (visit.session_id, morning)

    def test_is_that_of_the_last_dose_once_they_have_left(self, bedside: Bedside) -> None:
        bedside.read_at(2, 5, 10, 20)
        bedside.release()

        assert an_emergency(bedside.room).session_id == bedside.session_id

    def test_matters_for_nothing_where_naloxone_bars_leaving_as_well(self, bedside: Bedside) -> None:
        room = bedside.room
        bedside.read_at(2, 5, 10, 20)
        bedside.clock.pass_by(minutes=3)
        bedside.read(None)
        EmergencyLine.objects.create(
            emergency=Emergency.objects.create(
                clinic=room.clinic,
                patient=room.patient,
                key=uuid.uuid4(),
                began_at=now(),
                begun_by=room.nurse,
            ),
            kind=LineKind.NALOXONE,
            micrograms=400,
            route="im",
            key=uuid.uuid4(),
            happened_at=now(),
            written_at=now(),
            written_by=room.nurse,
        )

        with pytest.raises(ReleaseRefused) as refusal:
            bedside.release()

        assert "naloxone_two_hours" in codes(refusal)

    def test_matters_for_nothing_where_a_second_one_would_end_as_well(self, bedside: Bedside) -> None:
        first = an_emergency(bedside.room)
        given = tapped(bedside.room, first, LineKind.NALOXONE)
        tapped(bedside.room, first, LineKind.HANDED_OVER)
        bedside.clock.pass_by(minutes=119)
        second = an_emergency(bedside.room)
        tapped(bedside.room, second, LineKind.BREATHING_WELL)

        with pytest.raises(EmergencyRefused) as refusal:
            tapped(bedside.room, second, LineKind.RECOVERED)
        bedside.clock.pass_by(minutes=1)

        assert codes(refusal) == {"naloxone_two_hours"}
        ended = tapped(bedside.room, second, LineKind.RECOVERED)
        assert ended.happened_at == given.happened_at + timedelta(hours=2)

    def test_goes_on_being_watched_for_two_hours_after_a_reading_that_is_well(self, bedside: Bedside) -> None:
        emergency = an_emergency(bedside.room)
        bedside.read_at(2)

        assert bedside.visit().observe_until == emergency.began_at + timedelta(hours=2)


class TestAnEmergencyOfAnotherDay:
    def test_ends_no_observation_of_today_and_makes_none_longer(self, bedside: Bedside) -> None:
        room = bedside.room
        emergency = an_emergency(room)
        tapped(room, emergency, LineKind.HANDED_OVER)
        bedside.clock.pass_by(hours=24)
        for hold in Hold.objects.filter(patient=room.patient, lifted_at__isnull=True):
            lift_hold(clinic=room.clinic, hold_id=hold.id, reason="Spoke.", by=room.doctor, at=now())
        room.open_day()
        today = Visit.objects.get(session_id=room.give().session_id)

        tapped(room, emergency, LineKind.NOTE, words="Written a day later.")
        signed(room, emergency, lines=2)

        again = Visit.objects.get(pk=today.pk)
        assert (again.state, again.escalation) == (VisitState.OBSERVED, "")
        assert again.observe_until == today.observe_until
        assert not Release.objects.filter(session_id=today.session_id).exists()


class TestSomebodyWhoLeaves:
    def test_ends_it_and_the_visit_where_they_were_watched(self, bedside: Bedside) -> None:
        emergency = an_emergency(bedside.room)
        tapped(bedside.room, emergency, LineKind.LEFT)

        assert bedside.visit().state == VisitState.LEFT_EARLY
        assert Release.objects.get(session_id=bedside.session_id).reason == "left in an emergency"

    def test_ends_it_where_nobody_was_watched(self, bedside: Bedside) -> None:
        bedside.leave_early()
        emergency = an_emergency(bedside.room)
        tapped(bedside.room, emergency, LineKind.LEFT)

        assert get_standing_emergency(patient_id=bedside.room.patient.id) is None

    def test_ends_the_visit_once_somebody_is_named_for_it(self, bedside: Bedside) -> None:
        room = bedside.room
        emergency = an_emergency(room)
        tapped(room, emergency, LineKind.LEFT, is_unsigned=True)
        assert bedside.visit().state == VisitState.OBSERVED

        signed(room, emergency, lines=1)

        assert bedside.visit().state == VisitState.LEFT_EARLY


class TestASignature:
    def test_is_refused_where_something_was_written_since_the_page_was_opened(self, bedside: Bedside) -> None:
        emergency = an_emergency(bedside.room, is_unsigned=True)
        tapped(bedside.room, emergency, LineKind.HELP, is_unsigned=True)

        with pytest.raises(EmergencyRefused, match="written since") as refusal:
            signed(bedside.room, emergency, lines=0)

        assert codes(refusal) == {"written_since"}
        assert AuditEvent.objects.filter(event="dosing.emergency_signed", outcome="refused").exists()
        assert signed(bedside.room, emergency, lines=1).lines == 1


class TestAReview:
    def test_waits_until_the_emergency_is_over(self, bedside: Bedside) -> None:
        room = bedside.room
        emergency = an_emergency(room)
        hold = emergency.holds.get()

        with pytest.raises(HoldNotLifted) as refusal:
            lift_hold(clinic=room.clinic, hold_id=hold.id, reason="Seen.", by=room.doctor, at=now())
        tapped(room, emergency, LineKind.HANDED_OVER)

        assert codes(refusal) == {"emergency_stands"}
        assert lift_hold(
            clinic=room.clinic, hold_id=hold.id, reason="Seen.", by=room.doctor, at=now()
        ).lifted_at


class TestAWrongFace:
    def test_does_not_keep_the_emergency_of_the_right_one_from_beginning(self, bedside: Bedside) -> None:
        room, key = bedside.room, uuid.uuid4()
        wrong = a_patient_in_treatment(room.clinic, by=room.doctor)
        first = an_emergency(replace(room, patient=wrong.person), key=key)

        right = an_emergency(room, key=key)

        assert (first.patient, right.patient) == (wrong.person, room.patient)
        assert an_emergency(room, key=key) == right
