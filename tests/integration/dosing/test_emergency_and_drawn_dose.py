"""Somebody collapses with the needle in: the dose that went in is recorded, the one that did not is wasted."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from dosing.actions.holds import place_hold
from dosing.actions.injections import InjectionRefused
from dosing.actions.observation import ReleaseRefused
from dosing.actions.preparations import waste_dose
from dosing.models import Emergency, Injection, RegisterEntry, Visit, WastedDose
from dosing.queries.emergencies import get_emergency
from dosing.queries.emergency_pages import EmergencyPage, get_emergency_page
from dosing.queries.history import get_dose_history
from dosing.rules.emergencies import LineKind
from dosing.rules.holds import HoldReason, HoldSeverity
from dosing.rules.visits import VisitState
from hat_clinic.core.clock import now
from tests.factories.emergencies import an_emergency, tapped
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_treatment_room, an_order
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_observation import Bedside, codes


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    return a_treatment_room(dose_mg=180)


def drawn_then_collapsed(room: TreatmentRoom, clock: Clock) -> tuple[uuid.UUID, Emergency]:
    """Draw a dose up, have it go in at the table, and press the red button a minute later."""
    drawn = room.prepare()
    clock.pass_by(minutes=1)
    return drawn, an_emergency(room)


def the_visit() -> Visit:
    """Return today's visit: the dose of the evening before had one of its own."""
    return Visit.objects.latest("arrived_at")


def screen(room: TreatmentRoom, emergency: Emergency) -> EmergencyPage:
    found = get_emergency(clinic=room.clinic, emergency_id=emergency.id)
    assert found is not None
    return get_emergency_page(emergency=found, terminal=room.terminal, by=room.nurse, at=now())


class TestADoseThatWentInBefore:
    def test_is_recorded_though_the_emergency_holds_the_doses(
        self, room: TreatmentRoom, clock: Clock
    ) -> None:
        drawn, emergency = drawn_then_collapsed(room, clock)
        tapped(room, emergency, LineKind.NALOXONE)
        clock.pass_by(minutes=20)

        answer = room.inject(drawn, before_emergency=True)

        injection = Injection.objects.get(id=answer.injection_id)
        assert injection.ended_at == emergency.began_at
        assert injection.started_at <= injection.ended_at
        assert RegisterEntry.objects.get(injection_id=injection.id).given_mg == 180

    def test_is_asked_for_where_nobody_has_said_so(self, room: TreatmentRoom, clock: Clock) -> None:
        drawn, _ = drawn_then_collapsed(room, clock)

        with pytest.raises(InjectionRefused, match="If it went in before that, say so") as refusal:
            room.inject(drawn)

        assert codes(refusal) == {"emergency_since_drawn"}
        assert not Injection.objects.filter(preparation=drawn).exists()

    def test_is_recorded_though_the_order_was_replaced_and_the_syringe_ran_out_since(
        self, room: TreatmentRoom, clock: Clock
    ) -> None:
        drawn, _ = drawn_then_collapsed(room, clock)
        clock.pass_by(hours=3)
        an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=15)

        room.inject(drawn, before_emergency=True)

        assert Injection.objects.get(preparation=drawn).given_mg == 180

    def test_is_refused_over_a_hold_from_before_the_emergency(
        self, room: TreatmentRoom, clock: Clock
    ) -> None:
        drawn = room.prepare()
        place_hold(
            episode=room.episode,
            severity=HoldSeverity.HOLD,
            reason=HoldReason.ILL,
            words="Looked ill.",
            by=room.nurse,
            at=now(),
        )
        clock.pass_by(minutes=1)
        an_emergency(room)

        with pytest.raises(InjectionRefused) as refusal:
            room.inject(drawn, before_emergency=True)
        assert codes(refusal) == {"hold"}

    def test_is_never_tolerated_and_is_watched_for_two_hours(self, room: TreatmentRoom, clock: Clock) -> None:
        drawn, emergency = drawn_then_collapsed(room, clock)
        given = tapped(room, emergency, LineKind.NALOXONE)
        clock.pass_by(minutes=10)
        bedside = Bedside(room, clock, room.inject(drawn, before_emergency=True).session_id)

        (dose,) = get_dose_history(episode=room.episode, at=now()).doses[-1:]
        assert (dose.is_tolerated, dose.had_event, dose.escalation) == (False, True, "B")
        assert bedside.visit().escalation == "B"
        assert bedside.visit().observe_until == given.happened_at + timedelta(hours=2)
        bedside.read_at(10, 20)
        with pytest.raises(ReleaseRefused) as refusal:
            bedside.release(missing_reason="in an emergency")
        assert "naloxone_two_hours" in codes(refusal)

    def test_is_told_to_999_before_it_is_recorded_and_after(self, room: TreatmentRoom, clock: Clock) -> None:
        drawn, emergency = drawn_then_collapsed(room, clock)
        page = screen(room, emergency)
        assert "180 mg diamorphine drawn up at 10:00 may have gone in." in page.to_tell
        assert "no dose here" not in page.head_words

        room.inject(drawn, before_emergency=True)

        page = screen(room, emergency)
        assert "may have gone in" not in page.to_tell
        assert "Person not well after 180 mg diamorphine" in page.to_tell


class TestADoseThatDidNot:
    def test_is_wasted_by_two_while_the_emergency_goes_on(self, room: TreatmentRoom, clock: Clock) -> None:
        drawn, _ = drawn_then_collapsed(room, clock)

        waste_dose(
            clinic=room.clinic,
            preparation_id=drawn,
            reason="unwell",
            witness_id=room.second_nurse.id,
            waster_pin=NURSE_PIN,
            witness_pin=SECOND_PIN,
            terminal_id=room.terminal.id,
            by=room.nurse,
            at=now(),
        )

        assert WastedDose.objects.exists()
        assert the_visit().state == VisitState.IDENTIFIED
        assert not Injection.objects.filter(preparation=drawn).exists()


class TestThePageOfTheInjection:
    def test_asks_whether_it_went_in_before_and_records_it(
        self, room: TreatmentRoom, clock: Clock, at_terminal
    ) -> None:
        nurse = at_terminal(room, room.nurse)
        drawn_then_collapsed(room, clock)
        there = reverse("dosing:record_injection", args=[room.clinic.code, the_visit().session_id])
        page = nurse.client.get(there)
        body = page.content.decode()
        assert "Did it go in before that?" in body
        form = page.context["form"].initial
        sent = {**form, "site": "left_arm", "route": "iv", "seconds_ago": "", "went_in": "all"}

        assert nurse.client.post(there, sent).status_code == 200
        assert nurse.client.post(there, {**sent, "before_emergency": "on"}).status_code == 302
        assert Injection.objects.filter(given_mg=180, session=the_visit().session).exists()
