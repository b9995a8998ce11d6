"""What a doctor let pass covers what the doctor knew: not a later oral dose, no used check, each injection anew."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dosing.actions.authorisations import NotAuthorised
from dosing.actions.holds import lift_hold
from dosing.actions.injections import InjectionRefused
from dosing.actions.preparations import PreparationRefused, waste_dose
from dosing.models import Authorisation, Hold, Injection, OralOrder, Preparation, Visit
from dosing.queries.authorisations import get_authorise_page
from dosing.queries.hatch import get_check_page
from dosing.queries.visits import get_visit
from dosing.queries.worklist_clinic import further_rows
from hat_clinic.accounts.actions import enrol_totp, grant_role
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from tests.factories.checks import authorise, with_pin
from tests.factories.oral import OralDoseFactory, OralOrderFactory
from tests.factories.treatment import NURSE_PIN, SECOND_PIN, TreatmentRoom, a_treatment_room, an_order
from tests.integration.dosing.conftest import Clock
from tests.integration.dosing.test_further_injection import draw, well_at
from tests.integration.dosing.test_observation import Bedside, codes


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    room = a_treatment_room()
    with_pin(room.doctor)
    room.open_day()
    return room


def an_oral_dose(room: TreatmentRoom) -> None:
    """Store that the person of a room took an oral opioid just now."""
    order = OralOrder.objects.filter(patient=room.patient).first() or OralOrderFactory(
        episode=room.episode, premises=room.premises, starts_at=now(), ends_at=now() + timedelta(days=7)
    )
    OralDoseFactory(order=order, mg=10, given_at=now(), given_on=london_date(now()))


def waste(room: TreatmentRoom, preparation_id: uuid.UUID) -> None:
    waste_dose(
        clinic=room.clinic,
        preparation_id=preparation_id,
        reason="declined",
        witness_id=room.second_nurse.id,
        waster_pin=NURSE_PIN,
        witness_pin=SECOND_PIN,
        terminal_id=room.terminal.id,
        by=room.nurse,
        at=now(),
    )


def fresh(visit: Visit, room: TreatmentRoom) -> Visit:
    found = get_visit(clinic=room.clinic, session_id=visit.session_id)
    assert found is not None
    return found


class TestWhatADoctorLetPassOfAnOralDose:
    def test_is_not_a_later_one(self, room: TreatmentRoom, clock: Clock) -> None:
        visit = room.checked()
        an_oral_dose(room)
        clock.pass_by(seconds=60)
        authorise(room, code="oral_before")
        clock.pass_by(seconds=60)
        an_oral_dose(room)

        with pytest.raises(PreparationRefused) as refusal:
            room.prepare(visit)

        assert codes(refusal) == {"oral_before"}
        assert get_check_page(clinic=room.clinic, visit=fresh(visit, room), at=now()).authorised == ()

    def test_may_be_decided_anew_for_the_later_one(self, room: TreatmentRoom, clock: Clock) -> None:
        visit = room.checked()
        an_oral_dose(room)
        authorise(room, code="oral_before")
        clock.pass_by(seconds=60)
        an_oral_dose(room)
        clock.pass_by(seconds=60)

        newer = authorise(room, code="oral_before")
        drawn = room.prepare(visit)

        used = Authorisation.objects.filter(use__preparation=drawn)
        assert [row.id for row in used] == [newer]


class TestACheckThatADoseWasDrawnUpOn:
    def test_is_not_brought_back_by_another_reason(self, room: TreatmentRoom) -> None:
        visit = room.identify()
        room.check(visit, alcohol_ug=25)
        authorise(room)
        waste(room, room.prepare(visit))

        with pytest.raises(NotAuthorised) as refusal:
            authorise(room)
        with pytest.raises(PreparationRefused) as dose:
            room.prepare(visit)

        page = get_authorise_page(clinic=room.clinic, visit=fresh(visit, room), at=now())
        assert codes(refusal) == {"check_used_up"}
        assert codes(dose) == {"no_check"}
        assert page is not None and [one.code for one in page.decision] == ["check_used_up"]
        assert fresh(visit, room).state == "identified"

    def test_says_only_that_the_dose_is_drawn_up_while_it_is(self, room: TreatmentRoom) -> None:
        visit = room.identify()
        room.check(visit, alcohol_ug=25)
        authorise(room)
        room.prepare(visit)

        with pytest.raises(NotAuthorised) as refusal:
            authorise(room)

        assert codes(refusal) == {"drawn_up", "something_stands"}


class TestAHoldThatWasLifted:
    @pytest.fixture
    def lifted(self, room: TreatmentRoom, clock: Clock) -> Visit:
        """Somebody whose pulse could not be measured, whose hold for it was lifted, and who took methadone."""
        visit = room.identify()
        room.check(visit, pulse=None)
        clock.pass_by(seconds=60)
        room.check(visit, pulse=None, by=room.second_nurse)
        hold = Hold.objects.get(lifted_at=None)
        lift_hold(clinic=room.clinic, hold_id=hold.id, reason="Seen.", by=room.doctor, at=now())
        return visit

    def test_stands_in_the_way_of_no_doctors_reason_for_a_stop(
        self, room: TreatmentRoom, lifted: Visit
    ) -> None:
        an_oral_dose(room)
        page = get_check_page(clinic=room.clinic, visit=fresh(lifted, room), at=now())
        assert page.may_be_authorised

        authorise(room, code="oral_before")

        assert room.prepare(lifted)

    def test_is_not_told_as_standing_and_the_dose_is_open(self, room: TreatmentRoom, lifted: Visit) -> None:
        page = get_check_page(clinic=room.clinic, visit=fresh(lifted, room), at=now())

        assert page.last_check is not None and page.last_check.is_allowed
        assert page.may_go_on


@pytest.fixture
def watched(clock: Clock) -> Bedside:
    """Somebody with a breath alcohol of 25 who has had the first part of a dose, and is watched."""
    room = a_treatment_room(dose_mg=180)
    with_pin(room.doctor)
    order = an_order(room.episode, room.premises, doctor=room.doctor, dose_mg=180, injections_per_session=2)
    room = replace(room, order=order)
    visit = room.identify()
    room.check(visit, alcohol_ug=25)
    authorise(room)
    drawn = room.prepare(visit, dose_mg=100, reduction="first_part")
    return Bedside(room, clock, room.inject(drawn, given_mg=100).session_id)


class TestAFurtherInjectionAfterAStop:
    def test_is_a_decision_of_its_own_on_a_fresh_reading(self, watched: Bedside) -> None:
        well_at(watched, 45)
        with pytest.raises(PreparationRefused) as refusal:
            draw(watched)
        assert codes(refusal) == {"alcohol_stop"}

        authorise(watched.room)
        watched.room.inject(draw(watched), given_mg=80)

        assert Injection.objects.filter(session_id=watched.session_id).count() == 2
        assert Authorisation.objects.filter(use__isnull=False).count() == 2

    def test_waits_on_the_worklist_of_the_doctors(self, watched: Bedside) -> None:
        clinic = watched.room.clinic
        assert further_rows(clinic, now()) == []
        well_at(watched, 45)

        (row,) = further_rows(clinic, now())
        assert (row.what, row.session_id) == (
            "May the second injection of this session go ahead?",
            watched.session_id,
        )
        assert "Breath alcohol 25, 20 or more." in row.facts and "100 mg given, 80 mg left." in row.facts
        authorise(watched.room)

        assert further_rows(clinic, now()) == []

    def test_waits_no_longer_than_its_reading_is_fresh(self, watched: Bedside) -> None:
        well_at(watched, 45)
        watched.clock.pass_by(seconds=4 * 60)
        assert further_rows(watched.room.clinic, now()) != []

        watched.clock.pass_by(seconds=1)

        assert further_rows(watched.room.clinic, now()) == []

    @pytest.mark.parametrize(("minutes", "found"), [(5, set()), (6, {"no_fresh_reading"})])
    def test_rests_on_a_reading_of_the_last_five_minutes(
        self, watched: Bedside, minutes: int, found: set[str]
    ) -> None:
        well_at(watched, 40)
        watched.clock.pass_by(seconds=60 * (minutes - 1))
        page = get_authorise_page(clinic=watched.room.clinic, visit=watched.visit(), at=now())

        refused: set[str] = set()
        try:
            authorise(watched.room)
        except NotAuthorised as refusal:
            refused = {one.code for one in refusal.decision.refusals}

        assert refused == found
        assert page is not None and {one.code for one in page.decision.refusals} == found

    def test_is_led_to_the_doctor_from_its_page(self, watched: Bedside, sign_in_at_terminal: Any) -> None:
        room = watched.room
        well_at(watched, 40)
        enrol_totp(user=room.nurse, secret=None, by=None, at=now())
        browser = sign_in_at_terminal(Client(), room.nurse, room.terminal, room.terminal_secret)
        where = [room.clinic.code, watched.session_id]

        page = browser.get(reverse("dosing:prepare_dose", args=where)).content.decode()

        assert reverse("dosing:authorise_at_hatch", args=where) in page


class TestWhoLetADoseGoAhead:
    def test_does_not_record_its_injection(self, room: TreatmentRoom) -> None:
        grant_role(user=room.doctor, clinic=room.clinic, role=Role.NURSE, by=room.nurse, at=now())
        visit = room.identify()
        room.check(visit, alcohol_ug=25)
        authorise(room)
        drawn = room.prepare(visit)

        with pytest.raises(InjectionRefused) as refusal:
            room.inject(drawn, by=room.doctor, preparer_pin=NURSE_PIN)

        assert codes(refusal) == {"authoriser_signs"}
        event = AuditEvent.objects.filter(event="dosing.injection_recorded").latest("at")
        assert (event.outcome, event.detail["codes"]) == ("refused", ["authoriser_signs"])
        assert room.inject(drawn, by=room.second_nurse, preparer_pin=NURSE_PIN)

    def test_records_the_injection_of_another_dose(self, room: TreatmentRoom) -> None:
        grant_role(user=room.doctor, clinic=room.clinic, role=Role.NURSE, by=room.nurse, at=now())
        drawn = room.prepare()

        assert room.inject(drawn, by=room.doctor, preparer_pin=NURSE_PIN)
        assert Preparation.objects.get(id=drawn).injection.watched_by == room.doctor
