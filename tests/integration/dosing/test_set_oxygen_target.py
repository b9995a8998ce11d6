"""A doctor sets a person's target for oxygen: it holds at the check, after the dose and on leaving, until its review."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from dosing.actions.observation import ReleaseRefused, release_person
from dosing.actions.oxygen import TargetNotSet
from dosing.models import DosingState, Hold, OxygenBaseline, PreInjectionCheck, Reading
from dosing.queries.oxygen import get_oxygen_target, get_shown_target
from dosing.rules.observation import NaloxoneHeld
from dosing.rules.oxygen import USUAL, OxygenScale
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.actions.endings import end_treatment
from patients.models import Episode
from tests.factories.checks import set_target
from tests.factories.order_pages import Desk
from tests.factories.treatment import (
    TreatmentRoom,
    a_member_of_staff,
    a_patient_in_treatment,
    a_treatment_room,
)
from tests.integration.dosing.conftest import Clock
from tests.integration.patients.rivals import in_a_thread

SitDown = Callable[..., Desk]


@pytest.fixture
def room(db: None) -> TreatmentRoom:
    return a_treatment_room()


def codes(refusal: pytest.ExceptionInfo[TargetNotSet]) -> set[str]:
    return {finding.code for finding in refusal.value.decision.refusals}


class TestATarget:
    def test_is_what_the_check_holds_oxygen_against(self, room: TreatmentRoom) -> None:
        visit = room.identify()
        set_target(room, 90)

        assert room.check(visit, oxygen=90).is_allowed
        decision = room.check(visit, oxygen=89)

        check = PreInjectionCheck.objects.latest("made_at")
        assert [finding.code for finding in decision] == ["oxygen"]
        assert (check.oxygen_target, check.oxygen_scale) == (90, 1)
        assert Hold.objects.get().codes == ["oxygen"]

    def test_lets_nothing_pass_for_anybody_else(self, room: TreatmentRoom) -> None:
        set_target(a_treatment_room(), 90)

        assert not room.check(room.identify(), oxygen=93).is_allowed

    def test_is_gone_the_day_after_its_review(self, clock: Clock) -> None:
        room = a_treatment_room()
        set_target(room, 90, review_on=london_date(now()) + timedelta(days=1))
        clock.pass_by(days=1)
        assert get_oxygen_target(patient_id=room.patient.id, at=now()).percent == 90

        clock.pass_by(days=1)

        assert get_oxygen_target(patient_id=room.patient.id, at=now()).percent == 94
        shown = get_shown_target(patient_id=room.patient.id, at=now())
        assert shown.line.startswith("Oxygen: 94 % applies.") and "past its review" in shown.line

    def test_holds_for_the_readings_and_for_leaving(self, clock: Clock) -> None:
        room = a_treatment_room()
        set_target(room, 90)
        session_id = room.give().session_id
        for minute, span in ((2, 2), (5, 3), (10, 5), (20, 10), (30, 10)):
            clock.pass_by(minutes=span)
            reading = room.read(session_id, minute, oxygen=90)
            assert (reading.escalation, reading.oxygen_target) == ("", 90)

        release = release_person(
            clinic=room.clinic,
            session_id=session_id,
            walks_steadily=True,
            advice_given=True,
            naloxone=NaloxoneHeld.HAS,
            missing_reason="",
            by=room.nurse,
            at=now(),
        )
        assert release.is_tolerated

    def test_lets_nobody_leave_under_it(self, clock: Clock) -> None:
        room = a_treatment_room()
        session_id = room.give().session_id
        clock.pass_by(minutes=31)
        assert room.read(session_id, None, oxygen=93).escalation == "A"
        clock.pass_by(minutes=20)
        room.read(session_id, None, oxygen=93)

        with pytest.raises(ReleaseRefused, match=r"Oxygen 93 %: 94 or more is needed\."):
            release_person(
                clinic=room.clinic,
                session_id=session_id,
                walks_steadily=True,
                advice_given=True,
                naloxone=NaloxoneHeld.HAS,
                missing_reason="Busy.",
                by=room.nurse,
                at=now(),
            )
        assert Reading.objects.filter(oxygen_target=94).count() == 2

    def test_is_taken_back_by_the_usual_one(self, room: TreatmentRoom) -> None:
        set_target(room, 88, scale=OxygenScale.TWO)
        set_target(room, 94)

        assert get_oxygen_target(patient_id=room.patient.id, at=now()) == USUAL
        assert get_shown_target(patient_id=room.patient.id, at=now()).line == ""
        assert OxygenBaseline.objects.count() == 2


class TestSettingATarget:
    def test_is_a_licensed_doctors(self, room: TreatmentRoom) -> None:
        other = a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Kim Brandt")

        with pytest.raises(TargetNotSet) as refusal:
            set_target(room, by=other)

        assert codes(refusal) == {"no_licence"}
        event = AuditEvent.objects.get(event="dosing.oxygen_target_set")
        assert (event.outcome, event.detail["codes"]) == ("refused", ["no_licence"])

    def test_is_for_somebody_in_treatment(self, room: TreatmentRoom) -> None:
        end_treatment(
            episode=room.episode,
            reason=Episode.ExitReason.COMPLETED,
            without_plan=True,
            by=room.doctor,
            at=now(),
        )
        with pytest.raises(TargetNotSet) as refusal:
            set_target(room)
        assert codes(refusal) == {"not_in_treatment"}

    def test_is_stored_once_however_often_it_is_sent(self, room: TreatmentRoom) -> None:
        key = uuid.uuid4()
        first = set_target(room, key=key, newest="")

        assert set_target(room, key=key, newest="") == first
        with pytest.raises(TargetNotSet) as reused:
            set_target(room, 92, key=key)
        with pytest.raises(TargetNotSet) as stale:
            set_target(room, 92, newest="")

        assert codes(reused) == codes(stale) == {"set_meanwhile"}
        assert OxygenBaseline.objects.count() == 1


class TestTwoDoctorsAtOnce:
    def test_set_one_target_for_somebody_who_was_never_at_the_hatch(self, own_database: str) -> None:
        room = a_treatment_room()
        episode = a_patient_in_treatment(room.clinic, by=room.nurse)
        room = replace(room, patient=episode.person, episode=episode)
        assert not DosingState.objects.filter(patient=room.patient).exists()
        ends: list[object] = []

        def press(percent: int) -> None:
            try:
                ends.append(set_target(room, percent, newest=""))
            except Exception as failure:
                ends.append(failure)

        doctors = [in_a_thread(lambda percent=percent: press(percent)) for percent in (90, 91, 92, 93)]
        for doctor in doctors:
            doctor.start()
        for doctor in doctors:
            doctor.join()

        assert OxygenBaseline.objects.count() == 1
        assert sorted(type(end).__name__ for end in ends) == ["TargetNotSet"] * 3 + ["UUID"]
        assert DosingState.objects.filter(patient=room.patient).exists()


def answers(desk: Desk, **changes: str) -> dict[str, str]:
    form = desk.client.get(desk.address("set_oxygen_target")).context["form"]
    return {
        "key": str(form["key"].value()),
        "seal": form["seal"].value(),
        "percent": "90",
        "scale": "1",
        "evidence": "Letter of the chest clinic of 3 November.",
        "review_on": f"{london_date(now()) + timedelta(days=60):%d/%m/%Y}",
    } | changes


class TestThePage:
    def test_sets_a_target_that_the_orders_and_the_check_show(
        self, room: TreatmentRoom, at_a_desk: SitDown, sign_in_at_terminal
    ) -> None:
        desk = at_a_desk(room, room.doctor)
        assert (
            "No target of their own was ever set."
            in desk.client.get(desk.address("set_oxygen_target")).content.decode()
        )

        answer = desk.client.post(desk.address("set_oxygen_target"), answers(desk), follow=True)

        orders = answer.content.decode()
        assert "their own target, 90 % on scale 1, set by Dr Priya Nair" in orders
        assert desk.address("set_oxygen_target") in orders
        enrol_totp(user=room.nurse, secret=None, by=None, at=now())
        screen = sign_in_at_terminal(Client(), room.nurse, room.terminal, room.terminal_secret)
        check = reverse("dosing:record_check", args=[room.clinic.code, room.identify().session_id])
        assert "their own target, 90 % on scale 1" in screen.get(check).content.decode()
        page = desk.client.get(desk.address("set_oxygen_target")).content.decode()
        assert "Letter of the chest clinic of 3 November." in page and "holds" in page

    def test_says_what_stands_against_it(self, room: TreatmentRoom, at_a_desk: SitDown) -> None:
        desk = at_a_desk(room, room.doctor)
        where = desk.address("set_oxygen_target")

        low = desk.client.post(where, answers(desk, percent="89")).content.decode()
        empty = desk.client.post(where, {}).content.decode()
        stranger = desk.client.post(where, answers(desk, seal="x")).content.decode()

        assert "On scale 1 a target lies from 90 to 94 %." in low
        assert "Write the percent under which a dose is held." in empty
        assert "opened by somebody else" in stranger
        assert not OxygenBaseline.objects.exists()

    @pytest.mark.parametrize("typed", ["90.0", "９０", "+90", "90 %", "9e1"])
    def test_reads_whole_percent_in_plain_digits(
        self, room: TreatmentRoom, at_a_desk: SitDown, typed: str
    ) -> None:
        desk = at_a_desk(room, room.doctor)

        answer = desk.client.post(desk.address("set_oxygen_target"), answers(desk, percent=typed))

        assert "Write whole percent with the digits 0 to 9 only." in answer.content.decode()
        assert not OxygenBaseline.objects.exists()

    def test_is_read_only_without_a_licence(self, room: TreatmentRoom, at_a_desk: SitDown) -> None:
        other = a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Kim Brandt")
        desk = at_a_desk(room, other)
        page = desk.client.get(desk.address("set_oxygen_target")).content.decode()
        assert "Only a doctor licensed here sets a target for oxygen." in page

    def test_asks_for_the_password_again(self, room: TreatmentRoom, at_a_desk: SitDown) -> None:
        desk = at_a_desk(room, room.doctor, is_fresh=False)
        answer = desk.client.post(desk.address("set_oxygen_target"), answers(desk))
        assert "/confirm-password/" in answer.headers["Location"]

    def test_is_not_there_for_a_stranger(self, room: TreatmentRoom, at_a_desk: SitDown) -> None:
        desk = at_a_desk(room, room.doctor)
        where = desk.address("set_oxygen_target", a_treatment_room().patient)
        assert desk.client.get(where).status_code == 404
