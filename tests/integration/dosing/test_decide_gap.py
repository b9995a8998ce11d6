"""A gap that bars the next dose until a licensed doctor decides: the page, the decision, and what it lets through."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from dosing.actions.contacts import note_contact
from dosing.actions.gaps import GapNotDecided, SentGap, decide_gap
from dosing.actions.licences import record_licence, revoke_licence
from dosing.actions.preparations import PreparationRefused
from dosing.actions.visits import VisitRefused, record_not_given
from dosing.models import GapDecision, Licence
from dosing.queries.worklist import get_worklist
from dosing.rules.contacts import How, Reached
from dosing.rules.orders import Product
from dosing.rules.sessions import Outcome, Reason
from dosing.rules.worklist import Group, Matter
from hat_clinic.accounts.actions import enrol_totp
from hat_clinic.accounts.models import User
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


def a_licensed_doctor(room: TreatmentRoom) -> User:
    doctor = a_member_of_staff(room.clinic, Role.DOCTOR, name="Dr Sam Ito")
    record_licence(
        doctor=doctor,
        premises=room.premises,
        product=Product.DIAMORPHINE,
        starts_at=now(),
        ends_at=now() + timedelta(days=300),
        by=room.cd_lead,
        at=now(),
    )
    return doctor


def decide(desk: Desk, **changes: Any) -> HttpResponse:
    return desk.client.post(desk.address("decide_gap"), opened(desk) | changes)


def opened(desk: Desk) -> dict[str, Any]:
    """Return the page of a gap, opened now and filled in."""
    form = desk.client.get(desk.address("decide_gap")).context["form"]
    return {
        "key": str(form["key"].value()),
        "seal": form["seal"].value(),
        "ceiling_mg": "90",
        "reason": "Seen at home, and well.",
    }


class TestAGapOfTheThirdRow:
    def test_bars_the_dose_and_waits_on_the_worklist(self, room: TreatmentRoom) -> None:
        rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows
        row = next(row for row in rows if row.matter is Matter.GAP_DECIDE)

        assert row.group is Group.NOW
        assert row.facts == "Nothing for 60 hours, and 4 sessions missed in a row. No dose before you decide."
        with pytest.raises(VisitRefused, match="A licensed doctor decides before the next dose"):
            room.identify()

    def test_lets_the_next_dose_through_under_the_ceiling_once_decided(
        self, room: TreatmentRoom, desk: Desk
    ) -> None:
        answer = decide(desk, ceiling_mg="80")

        assert answer.headers["Location"].endswith("/worklist/")
        rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows
        assert [row.matter for row in rows] == [Matter.CONTACT]
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
        page = opened(desk)

        answers = [desk.client.post(desk.address("decide_gap"), page) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 302]
        assert GapDecision.objects.count() == 1
        assert AuditEvent.objects.filter(event="dosing.gap_decided").count() == 1

    def test_is_refused_under_a_key_that_was_used_for_something_else(self, desk: Desk) -> None:
        page = opened(desk)
        desk.client.post(desk.address("decide_gap"), page)

        again = desk.client.post(desk.address("decide_gap"), page | {"ceiling_mg": "70"})

        assert "already used for something else" in again.content.decode()
        assert GapDecision.objects.get().ceiling_mg == 90
        event = AuditEvent.objects.get(event="dosing.gap_decided", outcome="refused")
        assert set(event.detail["codes"]) == {"key_reused", "decided_meanwhile"}

    def test_is_refused_once_somebody_decided_since_the_page_was_opened(
        self, room: TreatmentRoom, desk: Desk, at_a_desk: SitDown
    ) -> None:
        other = at_a_desk(room, a_licensed_doctor(room))
        mine, theirs = opened(desk), opened(other)
        desk.client.post(desk.address("decide_gap"), mine | {"ceiling_mg": "60"})

        stale = other.client.post(other.address("decide_gap"), theirs).content.decode()

        assert "Dr Priya Nair decided on" in stale and "at most 60 mg" in stale
        assert GapDecision.objects.get().ceiling_mg == 60
        assert decide(other, ceiling_mg="50").status_code == 302

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
        clock.pass_by(seconds=1)
        self.miss(room)
        clock.pass_by(seconds=1)

        stale = decide(desk, seal=seal, ceiling_mg="70").content.decode()

        assert "The gap is another since you opened this page." in stale
        assert not GapDecision.objects.exists()

    def test_is_to_be_decided_anew_once_another_session_was_missed(
        self, room: TreatmentRoom, desk: Desk, clock: Clock
    ) -> None:
        decide(desk)
        clock.pass_by(seconds=1)
        self.miss(room)
        clock.pass_by(seconds=1)

        rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows
        row = next(row for row in rows if row.matter is Matter.GAP_DECIDE)
        assert row.facts.startswith("Nothing for 60 hours, and 5 sessions missed in a row.")

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


class TestThePage:
    def test_lists_what_was_missed_and_what_binds(self, room: TreatmentRoom, desk: Desk) -> None:
        page = desk.client.get(desk.address("decide_gap"))
        words = " ".join(page.content.decode().split())

        shown = page.context["page"]
        assert [(one.slot, one.recorded_by) for one in shown.missed] == [
            ("afternoon", "not recorded"),
            ("morning", "not recorded"),
        ] * 2
        assert [rung.row for rung in shown.rungs if rung.binds] == [3]
        assert "Hours and sessions both stand in row 3." in words
        assert (shown.reference_mg, shown.ceiling_mg, shown.ordered_mg) == (180, 90, 180)
        assert "180 mg, into a vein" in words and "60 hours ago" in words
        assert not page.context["form"]["ceiling_mg"].value()

    def test_tells_why_a_session_was_missed_and_who_wrote_it_down(
        self, room: TreatmentRoom, desk: Desk, clock: Clock
    ) -> None:
        TestAGapOfTheThirdRow.miss(room)
        clock.pass_by(seconds=1)

        first = desk.client.get(desk.address("decide_gap")).context["page"].missed[0]
        assert (first.reason, first.recorded_by) == ("missed: unknown", "Grace Okafor")

    def test_shows_what_was_told_in_the_gap_and_raises_nothing_by_it(
        self, room: TreatmentRoom, desk: Desk, clock: Clock
    ) -> None:
        decide(desk, ceiling_mg="80")
        room.check(room.identify(), took_other_drugs=True, oral_as_ordered=False)
        note_contact(
            clinic=room.clinic,
            episode=room.episode,
            reached=Reached.PERSON,
            how=How.PHONE,
            words="Says they used every day.",
            key=uuid.uuid4(),
            by=room.nurse,
            at=now(),
        )
        clock.pass_by(seconds=1)

        page = desk.client.get(desk.address("decide_gap"))
        words = page.content.decode()
        assert "Other drugs taken, told at the check" in words
        assert "Oral medicine not taken as ordered" in words
        assert "Says they used every day." in words
        assert page.context["page"].ceiling_mg == 90
        assert "A decision stands: the next dose is at most 80 mg." in words

    def test_leads_to_a_titration_where_no_decision_is_enough(
        self, room: TreatmentRoom, desk: Desk, clock: Clock
    ) -> None:
        clock.pass_by(hours=20)

        words = desk.client.get(desk.address("decide_gap")).content.decode()
        assert "No decision lifts this" in words and "Write a titration order" in words
        assert desk.address("sign_order") in words

    def test_is_shut_to_a_nurse_and_leaves_a_row(self, room: TreatmentRoom, at_a_desk: SitDown) -> None:
        nurse = at_a_desk(room, room.nurse)

        assert nurse.client.post(nurse.address("decide_gap"), {"ceiling_mg": "50"}).status_code == 403
        event = AuditEvent.objects.get(event="accounts.access_refused")
        assert (event.actor, event.detail["permission"]) == (room.nurse, "decide_gap")

    def test_of_a_nurse_past_the_page_is_refused_and_in_the_trail(self, room: TreatmentRoom) -> None:
        with pytest.raises(GapNotDecided, match="Only a doctor licensed"):
            decide_gap(
                clinic=room.clinic,
                episode=room.episode,
                ceiling_mg=50,
                reason="Well.",
                page=SentGap(key=uuid.uuid4(), seen="", newest=""),
                by=room.nurse,
                at=now(),
            )
        event = AuditEvent.objects.get(event="dosing.gap_decided")
        assert (event.actor, event.outcome, event.person) == (room.nurse, "refused", room.patient.id)
        assert set(event.detail["codes"]) == {"not_licensed", "gap_changed"}

    def test_is_shut_to_a_doctor_whose_licence_was_revoked(self, room: TreatmentRoom, desk: Desk) -> None:
        revoke_licence(
            licence_id=Licence.objects.get(doctor=room.doctor).id,
            clinic=room.clinic,
            reason="Left.",
            by=room.cd_lead,
            at=now(),
        )

        words = desk.client.get(desk.address("decide_gap")).content.decode()
        assert "Only a doctor licensed for these premises decides on a gap." in words


class TestBesideTheOrders:
    def test_stands_what_the_gap_asks_for_and_the_decision(self, room: TreatmentRoom, desk: Desk) -> None:
        before = desk.client.get(desk.address("see_orders")).content.decode()
        decide(desk, ceiling_mg="80")
        after = desk.client.get(desk.address("see_orders")).content.decode()

        assert "Doctor decides first" in before and "See the gap and decide" in before
        assert "Decided: the next dose is at most 80 mg." in after
        assert "Dr Priya Nair" in after and "Seen at home, and well." in after

    def test_stands_a_cap_and_a_restart(self, room: TreatmentRoom, desk: Desk, clock: Clock) -> None:
        clock.pass_by(hours=-30)
        capped = desk.client.get(desk.address("see_orders")).content.decode()
        clock.pass_by(hours=50)
        restart = desk.client.get(desk.address("see_orders")).content.decode()

        assert "The next dose is at most 75 % of what was tolerated before." in capped
        assert "New order needed" in restart and "until a titration order is signed" in restart

    def test_stands_nothing_without_a_gap(self, desk: Desk, clock: Clock) -> None:
        clock.pass_by(hours=-50)

        assert desk.client.get(desk.address("see_orders")).context["gap"] is None


class TestOnTheLineOfTime:
    def test_stand_the_gap_and_the_decision(self, room: TreatmentRoom, desk: Desk) -> None:
        decide(desk, ceiling_mg="80")

        page = desk.client.get(desk.address("see_timeline"))
        words = page.content.decode()
        assert (
            "Gap begins: 60 hours without a dose, 4 sessions missed, a doctor decides before a dose" in words
        )
        assert "Decided on the gap: at most 80 mg" in words and "It goes on." in words

    def test_stands_a_gap_that_ended(self, room: TreatmentRoom, desk: Desk, clock: Clock) -> None:
        decide(desk, ceiling_mg="80")
        room.inject(room.prepare(dose_mg=80, ampoules=1), given_mg=80)
        clock.pass_by(seconds=1)

        (gap,) = desk.client.get(desk.address("see_timeline")).context["page"].known.gaps
        assert gap.ended_at == room.patient.injections.latest("started_at").started_at


class TestOtherGaps:
    def test_of_the_second_row_cap_the_dose_and_say_so(self, clock: Clock) -> None:
        room = a_treatment_room(dose_mg=180)
        last = room.patient.injections.latest("started_at").ended_at
        clock.pass_by(hours=30, seconds=-(now() - last).total_seconds())
        an_open_day(room)
        rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows

        assert (Group.TODAY, Matter.GAP_CAPPED) in [(row.group, row.matter) for row in rows]
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
            assert "Capped after missed sessions: 135 mg, not the 180 mg of the order." in strip_tags(page)
            assert (
                "At most 75 % of 180 mg, after 30 hours without a dose and 2 sessions missed in a row."
                in page
            )
        assert "Lowered dose: 135 mg" in pages[0] and "Full dose" not in pages[0]
        assert "Both saw it: 135 mg is drawn up" in pages[1]

    def test_of_the_last_row_suspend_the_order(self, clock: Clock, at_a_desk: SitDown) -> None:
        room = a_treatment_room(dose_mg=180)
        clock.pass_by(hours=80)
        rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows
        desk = at_a_desk(room, room.doctor)

        assert (Group.NOW, Matter.RESTART) in [(row.group, row.matter) for row in rows]
        assert "A new titration order is needed" in [row.what for row in rows]
        assert "No decision lifts this" in desk.client.get(desk.address("decide_gap")).content.decode()
        with pytest.raises(VisitRefused, match="signs a new titration order"):
            room.identify()
