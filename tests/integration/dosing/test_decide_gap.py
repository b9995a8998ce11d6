"""A gap that bars the next dose until a licensed doctor decides: the page, the decision, and what it lets through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from dosing.actions.preparations import PreparationRefused
from dosing.actions.visits import VisitRefused, record_not_given
from dosing.models import GapDecision
from dosing.queries.worklist import get_worklist
from dosing.rules.sessions import Outcome, Reason
from dosing.rules.worklist import Group, Matter
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.days import an_open_day
from tests.factories.order_pages import Desk
from tests.factories.treatment import TreatmentRoom, a_member_of_staff, a_treatment_room
from tests.integration.dosing.conftest import Clock

SitDown = Callable[..., Desk]


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    """Somebody on 180 mg whose last dose is 60 hours ago."""
    room = a_treatment_room(dose_mg=180)
    last = room.patient.injections.latest("started_at").ended_at
    clock.pass_by(hours=60, seconds=-(now() - last).total_seconds())
    return room


@pytest.fixture
def desk(room: TreatmentRoom, at_a_desk: SitDown) -> Desk:
    return at_a_desk(room, room.doctor)


def decide(desk: Desk, **changes: Any) -> HttpResponse:
    seal = desk.client.get(desk.address("decide_gap")).context["form"]["seal"].value()
    written = {"seal": seal, "ceiling_mg": "90", "reason": "Seen at home, and well."}
    return desk.client.post(desk.address("decide_gap"), written | changes)


class TestAGapOfTheThirdRow:
    def test_bars_the_dose_and_waits_on_the_worklist(self, room: TreatmentRoom) -> None:
        (row,) = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows

        assert (row.group, row.matter) == (Group.NOW, Matter.GAP_DECIDE)
        assert row.facts == "Nothing for 60 hours. No dose before you decide."
        with pytest.raises(VisitRefused, match="A licensed doctor decides before the next dose"):
            room.identify()

    def test_lets_the_next_dose_through_under_the_ceiling_once_decided(
        self, room: TreatmentRoom, desk: Desk
    ) -> None:
        answer = decide(desk, ceiling_mg="80")

        assert answer.headers["Location"].endswith("/worklist/")
        assert not get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows
        an_open_day(room)
        visit = room.checked()
        with pytest.raises(PreparationRefused, match="81 mg is over 80 mg"):
            room.prepare(visit, dose_mg=81, ampoules=1)
        room.inject(room.prepare(visit, dose_mg=80, ampoules=1), given_mg=80)
        event = AuditEvent.objects.get(event="dosing.gap_decided")
        assert (event.actor, event.person) == (room.doctor, room.patient.id)

    @pytest.mark.parametrize(
        ("typed", "said"),
        [
            ("91", "91 mg is over 90 mg, 50 % of what was tolerated before the gap. Nobody can lift this."),
            ("9.5", "Write whole milligrams with the digits 0 to 9 only"),
            ("١", "Write whole milligrams with the digits 0 to 9 only"),
            ("", "Write the most milligrams of the next dose."),
        ],
    )
    def test_has_a_ceiling_that_only_lowers(self, desk: Desk, typed: str, said: str) -> None:
        assert said in decide(desk, ceiling_mg=typed).content.decode()
        assert not GapDecision.objects.exists()

    def test_asks_why(self, desk: Desk) -> None:
        assert "Write why the next dose may be given." in decide(desk, reason=" ").content.decode()

    def test_is_decided_once_however_often_it_is_sent(self, desk: Desk) -> None:
        assert [decide(desk).status_code for _ in range(2)] == [302, 302]
        assert GapDecision.objects.count() == 1

    def test_is_lowered_again_after_it_was_raised(self, desk: Desk, clock: Clock) -> None:
        for mg in ("70", "80", "70"):
            decide(desk, ceiling_mg=mg)
            clock.pass_by(seconds=1)

        assert list(GapDecision.objects.order_by("decided_at").values_list("ceiling_mg", flat=True)) == [
            70,
            80,
            70,
        ]

    def test_is_decided_by_a_doctor_licensed_here_alone(
        self, room: TreatmentRoom, at_a_desk: SitDown
    ) -> None:
        desk = at_a_desk(room, a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Ola Brandt"))
        page = desk.client.get(desk.address("decide_gap")).content.decode()

        assert "Only a doctor licensed for these premises decides on a gap." in page
        assert "hat-button--barred" in page

    def test_under_another_hand_than_opened_the_page_is_refused(
        self, room: TreatmentRoom, desk: Desk, at_a_desk: SitDown
    ) -> None:
        other = at_a_desk(room, a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Ola Brandt"))
        seal = other.client.get(other.address("decide_gap")).context["form"]["seal"].value()

        assert "opened by somebody else" in decide(desk, seal=seal).content.decode()

    def test_is_another_once_a_session_was_missed_since(
        self, room: TreatmentRoom, desk: Desk, clock: Clock
    ) -> None:
        page = desk.client.get(desk.address("decide_gap"))
        seal = page.context["form"]["seal"].value()
        decide(desk)
        clock.pass_by(seconds=1)
        self.miss(room)
        clock.pass_by(seconds=1)

        stale = decide(desk, seal=seal, ceiling_mg="70").content.decode()

        assert "The gap is another since you opened this page." in stale
        rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows
        assert [row.matter for row in rows] == [Matter.GAP_DECIDE]
        assert rows[0].facts.startswith("Nothing for 60 hours, and 1 session missed in a row.")

    @staticmethod
    def miss(room: TreatmentRoom) -> None:
        record_not_given(
            clinic=room.clinic,
            patient_id=room.patient.id,
            session=room.session(),
            outcome=Outcome.MISSED,
            reason=Reason.UNKNOWN,
            by=room.nurse,
            at=now(),
        )


class TestOtherGaps:
    def test_of_the_second_row_cap_the_dose_and_say_so(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)
        last = room.patient.injections.latest("started_at").ended_at
        clock.pass_by(hours=30, seconds=-(now() - last).total_seconds())
        an_open_day(room)
        rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows

        assert [(row.group, row.matter) for row in rows] == [(Group.TODAY, Matter.GAP_CAPPED)]
        with pytest.raises(PreparationRefused, match="136 mg is over 135 mg"):
            room.prepare(dose_mg=136, ampoules=2)

    def test_of_the_second_row_are_told_with_both_doses_before_anything_is_drawn_up(
        self, clock: Clock, sign_in_at_terminal
    ) -> None:
        room = a_treatment_room(dose_mg=180)
        last = room.patient.injections.latest("started_at").ended_at
        clock.pass_by(hours=30, seconds=-(now() - last).total_seconds())
        an_open_day(room)
        visit = room.checked()
        enrol_totp(user=room.nurse, secret=None, by=None, at=now())
        screen = sign_in_at_terminal(Client(), room.nurse, room.terminal, room.terminal_secret)

        pages = [
            screen.get(reverse(f"dosing:{name}", args=[room.clinic.code, visit.session_id])).content.decode()
            for name in ("record_check", "prepare_dose")
        ]

        for page in pages:
            assert "135 mg, not the 180 mg of the order: Nothing for 30 hours." in page
        assert "Lowered dose: 135 mg" in pages[0] and "Full dose" not in pages[0]
        assert "Both saw it: 135 mg is drawn up" in pages[1]

    def test_of_the_last_row_suspend_the_order(self, clock: Clock, at_a_desk: SitDown) -> None:
        room = a_treatment_room(dose_mg=180)
        clock.pass_by(hours=80)
        rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows
        desk = at_a_desk(room, room.doctor)

        assert [(row.group, row.matter) for row in rows] == [(Group.NOW, Matter.RESTART)]
        assert "A new titration order is needed" in [row.what for row in rows]
        assert "No decision lifts this" in desk.client.get(desk.address("decide_gap")).content.decode()
        with pytest.raises(VisitRefused, match="signs a new titration order"):
            room.identify()
