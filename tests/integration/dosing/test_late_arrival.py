"""A late arrival after "missed": the session goes on, and both facts stay."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

from dosing.actions.late import note_late_arrival
from dosing.actions.visits import VisitRefused, record_not_given
from dosing.models import LateArrival, SessionOutcome, Visit
from dosing.queries.board import get_board
from dosing.queries.history import get_dose_history
from dosing.queries.tiles import Place
from dosing.queries.visits import came_late_in_words
from dosing.rules.history import standing_at
from dosing.rules.protocol import Protocol
from dosing.rules.sessions import Outcome, Reason
from dosing.rules.visits import LateReason, VisitState, late_reason, may_come_late
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.accounts import UserFactory
from tests.factories.dosing import PlannedSessionFactory, SessionOutcomeFactory
from tests.factories.moments import NINE
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.integration.dosing.conftest import Clock
from tests.refusals import refused_by


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    """Somebody on 180 mg whose last dose was yesterday evening; it is ten on a Monday morning."""
    return a_treatment_room(dose_mg=180)


def end(
    room: TreatmentRoom, outcome: Outcome = Outcome.MISSED, reason: Reason = Reason.UNKNOWN
) -> SessionOutcome:
    return record_not_given(
        clinic=room.clinic,
        patient_id=room.patient.id,
        session=room.session(),
        outcome=outcome,
        reason=reason,
        by=room.nurse,
        at=now(),
    )


def come(room: TreatmentRoom) -> Visit:
    return note_late_arrival(
        clinic=room.clinic, patient_id=room.patient.id, session=room.session(), by=room.second_nurse, at=now()
    )


def missed(room: TreatmentRoom) -> int:
    gap = standing_at(get_dose_history(episode=room.episode, at=now()), Protocol(), at=now()).gap
    assert gap is not None
    return gap.missed


def place(room: TreatmentRoom) -> Any:
    (tile,) = get_board(clinic=room.clinic, at=now()).tiles
    return tile.place, tile.goes_to


class TestALateArrival:
    def test_keeps_both_facts_and_the_dose_amends_the_first(self, room: TreatmentRoom, clock: Clock) -> None:
        first = end(room)
        assert place(room) == (Place.MISSED, "dosing:identify_person")
        assert missed(room) == 1
        clock.pass_by(minutes=20)
        visit = come(room)

        assert (visit.state, visit.outcome, visit.ended_at) == (VisitState.ARRIVED, None, None)
        assert place(room)[0] is Place.ARRIVED
        assert missed(room) == 1
        recorded = room.give()
        live = SessionOutcome.objects.get(amended_by__isnull=True, session_id=recorded.session_id)
        assert (live.amends, live.outcome, live.given_mg) == (first, Outcome.GIVEN, 180)
        first.refresh_from_db()
        assert (first.outcome, first.reason, first.recorded_by) == (
            Outcome.MISSED,
            Reason.UNKNOWN,
            room.nurse,
        )
        assert missed(room) == 0
        assert came_late_in_words(session_id=recorded.session_id) == (
            f"Recorded as missed (unknown) at 10:00 by {room.nurse.full_name}. At 10:20 "
            f"{room.second_nurse.full_name} noted: they came after all.",
        )

    def test_that_ends_without_a_dose_again_counts_once(self, room: TreatmentRoom, clock: Clock) -> None:
        first = end(room)
        come(room)
        room.identify()
        second = end(room, Outcome.WITHHELD, Reason.INTOXICATED)

        assert second.amends == first
        clock.pass_by(hours=3)
        assert missed(room) == 1

    def test_is_noted_once_and_in_the_trail(self, room: TreatmentRoom) -> None:
        end(room, Outcome.EXCUSED, Reason.CUSTODY)
        assert come(room) == come(room)
        late = LateArrival.objects.get()
        assert (late.reason, late.noted_by) == (LateReason.CAME_LATE, room.second_nurse)
        event = AuditEvent.objects.get(event="dosing.late_arrival_noted")
        assert (event.outcome, event.person, event.detail["reason"]) == ("done", room.patient.id, "came_late")

    def test_after_declining_is_a_change_of_mind(self, room: TreatmentRoom) -> None:
        end(room, Outcome.WITHHELD, Reason.DECLINED)
        come(room)
        assert LateArrival.objects.get().reason == LateReason.CHANGED_MIND

    def test_lets_nothing_go_on_that_was_withheld_or_has_no_ending(self, room: TreatmentRoom) -> None:
        with pytest.raises(VisitRefused, match="no ending that a late arrival could follow"):
            come(room)
        room.identify()
        with pytest.raises(VisitRefused, match="no ending that a late arrival could follow"):
            come(room)
        end(room, Outcome.WITHHELD, Reason.INTOXICATED)
        with pytest.raises(VisitRefused, match="withheld, and stays withheld"):
            come(room)
        codes = [one.detail["codes"] for one in AuditEvent.objects.filter(event="dosing.late_arrival_noted")]
        assert codes == [["not_ended_without"], ["not_ended_without"], ["stays_withheld"]]
        assert not LateArrival.objects.exists()

    def test_is_of_the_session_that_is_open(self, room: TreatmentRoom, clock: Clock) -> None:
        end(room)
        session = room.session()
        clock.pass_by(hours=2)
        with pytest.raises(VisitRefused, match="The session of this page is over"):
            note_late_arrival(
                clinic=room.clinic, patient_id=room.patient.id, session=session, by=room.nurse, at=now()
            )

    def test_is_pressed_at_the_hatch(self, room: TreatmentRoom, at_terminal: Any) -> None:
        end(room)
        nurse = at_terminal(room, room.second_nurse)
        where = {"clinic_code": room.clinic.code, "patient_id": room.patient.id}
        page = nurse.client.get(reverse("dosing:identify_person", kwargs=where))
        told = " ".join(strip_tags(page.content.decode()).split())
        assert "They came after all: the session goes on" in told
        sent = {"seal": page.context["seal"]}
        answer = nurse.client.post(reverse("dosing:note_late_arrival", kwargs=where), sent, follow=True)
        told = " ".join(strip_tags(answer.content.decode()).split())
        assert "noted: they came after all." in told
        assert "Which date of birth do they say?" in told
        again = nurse.client.post(
            reverse("dosing:note_late_arrival", kwargs=where), {"seal": "x"}, follow=True
        )
        assert "opened by somebody else" in strip_tags(again.content.decode())

    def test_refused_is_told_at_the_hatch(self, room: TreatmentRoom, at_terminal: Any) -> None:
        nurse = at_terminal(room, room.second_nurse)
        where = {"clinic_code": room.clinic.code, "patient_id": room.patient.id}
        page = nurse.client.get(reverse("dosing:identify_person", kwargs=where))
        sent = {"seal": page.context["seal"]}
        answer = nurse.client.post(reverse("dosing:note_late_arrival", kwargs=where), sent, follow=True)
        assert "no ending that a late arrival could follow" in strip_tags(answer.content.decode())

    def test_of_another_clinics_person_is_not_found(self, room: TreatmentRoom, at_terminal: Any) -> None:
        nurse = at_terminal(room, room.second_nurse)
        where = {"clinic_code": room.clinic.code, "patient_id": a_treatment_room().patient.id}
        assert nurse.client.post(reverse("dosing:note_late_arrival", kwargs=where)).status_code == 404


class TestTheRule:
    @pytest.mark.parametrize(
        ("outcome", "reason", "why"),
        [
            (Outcome.MISSED, Reason.UNKNOWN, LateReason.CAME_LATE),
            (Outcome.EXCUSED, Reason.HOSPITAL, LateReason.CAME_LATE),
            (Outcome.WITHHELD, Reason.DECLINED, LateReason.CHANGED_MIND),
            (Outcome.WITHHELD, Reason.ILL, None),
            (Outcome.GIVEN, Reason.OTHER, None),
        ],
        ids=["missed", "excused", "declined", "ill", "given"],
    )
    def test_tells_why_a_session_goes_on(
        self, outcome: Outcome, reason: Reason, why: LateReason | None
    ) -> None:
        assert late_reason(outcome, reason) is why
        assert may_come_late(VisitState.NOT_GIVEN, (outcome, reason)).is_allowed == (why is not None)

    @pytest.mark.parametrize("state", [None, VisitState.ARRIVED, VisitState.RELEASED], ids=str)
    def test_is_of_a_session_that_ended_without_a_dose(self, state: VisitState | None) -> None:
        assert not may_come_late(state, (Outcome.MISSED, Reason.UNKNOWN)).is_allowed
        assert not may_come_late(VisitState.NOT_GIVEN, None).is_allowed

    def test_is_of_a_session_that_nobody_was_let_go_from(self) -> None:
        ended = (Outcome.MISSED, Reason.UNKNOWN)
        refused = may_come_late(VisitState.NOT_GIVEN, ended, was_let_go=True)
        assert [finding.code for finding in refused.refusals] == ["left_on_paper"]


@pytest.mark.django_db
class TestTheTable:
    def test_asks_for_a_reason_and_ends_an_outcome_once(self) -> None:
        planned = PlannedSessionFactory()
        outcome = SessionOutcomeFactory(
            session=planned, outcome="missed", reason="unknown", given_mg=None, injection=None
        )
        row = {"session": planned, "ends": outcome, "noted_at": NINE, "noted_by": UserFactory()}
        with refused_by("late_arrival_has_a_reason"):
            LateArrival.objects.create(**row, reason="whim")
        LateArrival.objects.create(**row, reason="came_late")
        with refused_by("dosing_latearrival_ends_id_key"):
            LateArrival.objects.create(**row, reason="came_late")


class TestACheckFromBeforeTheyWentAway:
    def test_is_none_for_somebody_who_came_late(self, room: TreatmentRoom) -> None:
        room.check(room.identify(), alcohol_ug=25)
        end(room, Outcome.WITHHELD, Reason.DECLINED)

        assert come(room).check_made is None
