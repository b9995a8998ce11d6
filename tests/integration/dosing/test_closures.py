"""Closed sessions: who is affected, what is barred, what counts, and reopening early with both acts visible."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dosing.actions.closures import SessionsNotClosed, SessionsNotReopened
from dosing.actions.contacts import note_contact
from dosing.actions.preparations import PreparationRefused
from dosing.actions.visits import record_not_given
from dosing.models import ClosedPerson, Closure, PlannedSession, Reopening, SessionOutcome
from dosing.queries.closed import list_closed_spans
from dosing.queries.closing import list_unended
from dosing.queries.closures import KnownOfClosing, get_closing_of_sessions
from dosing.queries.contacts import list_heard_of
from dosing.queries.days import get_day_state
from dosing.queries.gap_pages import get_gap_page
from dosing.queries.history import get_dose_history
from dosing.queries.worklist import get_worklist
from dosing.rules.contacts import How, Reached
from dosing.rules.history import standing_at
from dosing.rules.protocol import Protocol
from dosing.rules.sessions import Outcome, Reason
from dosing.rules.worklist import Group, Matter
from hat_clinic.accounts.models import User
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import now
from tests.factories.closures import a_clinical_lead, close, reopen, seen, the_sessions, to_close
from tests.factories.oral import an_oral_order
from tests.factories.treatment import TreatmentRoom, a_patient_in_treatment, a_treatment_room, an_order
from tests.integration.dosing.conftest import Clock


@pytest.fixture
def room(clock: Clock) -> TreatmentRoom:
    """Somebody on 180 mg whose last dose was yesterday evening; it is ten on a Monday morning."""
    return a_treatment_room(dose_mg=180)


@pytest.fixture
def lead(room: TreatmentRoom) -> User:
    return a_clinical_lead(room)


def known(room: TreatmentRoom, lead: User, first: int, last: int) -> KnownOfClosing:
    asked = to_close(room, first, last)
    return get_closing_of_sessions(
        clinic=room.clinic, first=asked.first, last=asked.last, words=asked.words, by=lead, at=now()
    )


def refused_codes(event: str = "dosing.sessions_closed") -> list[str]:
    last = AuditEvent.objects.filter(event=event).latest("id")
    assert last.outcome == "refused"
    return list(last.detail["codes"])


class TestWhoIsAffected:
    def test_are_those_with_an_order_and_what_covers_them(self, room: TreatmentRoom, lead: User) -> None:
        told = known(room, lead, 0, 2)
        (one,) = told.people

        assert (one.name, one.effect.missed, one.oral) == (room.patient.full_name, 3, "")
        assert told.facts.without_oral == 1
        an_oral_order(room)
        told = known(room, lead, 0, 2)
        assert told.people[0].oral.startswith("Methadone 1 mg/ml oral solution, 40 mg a day, taken here")
        assert (told.facts.without_oral, told.facts.oral_taken_here) == (0, 1)

    def test_are_also_those_whose_order_ends_before_it_is_renewed(
        self, room: TreatmentRoom, lead: User
    ) -> None:
        # The order is for 28 days: two sessions a day.
        (one,) = known(room, lead, 58, 59).people

        assert one.episode == room.episode
        assert (one.effect.missed, one.effect.order_ends) == (2, True)

    def test_add_up_what_two_closures_take_that_stand_side_by_side(
        self, room: TreatmentRoom, lead: User
    ) -> None:
        alone = known(room, lead, 3, 4)
        close(room, 1, 2, by=lead)
        close(room, 5, 6, by=lead)
        between = known(room, lead, 3, 4)

        (one,) = between.people
        assert (one.effect.missed, one.effect.words) == (2, "84 hours and 6 sessions missed")
        assert alone.people[0].effect.words == "36 hours and 2 sessions missed"
        assert alone.reopens_words == "Wednesday 4 February, afternoon"
        assert between.reopens_words == "Thursday 5 February, afternoon"

    def test_are_not_those_whose_session_has_an_ending(self, room: TreatmentRoom, lead: User) -> None:
        record_missed(room)

        assert known(room, lead, 0, 0).people == ()
        assert known(room, lead, 0, 1).people[0].effect.missed == 1

    def test_cost_the_same_statements_for_one_and_for_many(
        self, room: TreatmentRoom, lead: User, django_assert_num_queries
    ) -> None:
        asked = to_close(room, 0, 3)

        def look() -> None:
            get_closing_of_sessions(
                clinic=room.clinic, first=asked.first, last=asked.last, words="snow", by=lead, at=now()
            )

        with CaptureQueriesContext(connection) as alone:
            look()
        for _ in range(3):
            episode = a_patient_in_treatment(room.clinic, by=room.nurse)
            an_order(episode, room.premises, doctor=room.doctor)
        with django_assert_num_queries(len(alone)):
            look()


class TestClosing:
    def test_stores_the_closure_and_whom_to_tell(self, room: TreatmentRoom, lead: User) -> None:
        closure = close(room, 1, 2, by=lead)
        (one,) = ClosedPerson.objects.filter(closure=closure)

        assert (closure.sessions, closure.first_slot, closure.last_slot) == (2, "pm", "am")
        assert (one.patient_id, one.sessions) == (room.patient.id, 2)
        assert one.contact_due_at == closure.starts_at
        event = AuditEvent.objects.get(event="dosing.sessions_closed")
        assert (event.outcome, event.actor, event.detail["people"]) == ("done", lead, 1)

    def test_writes_no_outcome_so_that_nothing_counts_before_it_is_over(
        self, room: TreatmentRoom, lead: User, clock: Clock
    ) -> None:
        before = SessionOutcome.objects.count(), PlannedSession.objects.count()
        close(room, 1, 2, by=lead)

        assert (SessionOutcome.objects.count(), PlannedSession.objects.count()) == before
        assert missed(room) == 0
        clock.pass_by(hours=14, minutes=1)  # the afternoon is over, and so is the morning nobody came to
        assert missed(room) == 2
        clock.pass_by(hours=12)
        assert missed(room) == 3

    def test_needs_the_lead(self, room: TreatmentRoom) -> None:
        with pytest.raises(SessionsNotClosed, match="Only the clinical lead"):
            close(room, by=room.nurse)
        assert refused_codes() == ["not_the_lead"]

    def test_has_the_notes_read(self, room: TreatmentRoom, lead: User) -> None:
        with pytest.raises(
            SessionsNotClosed, match="Tick that you have read: 1 person of these has no oral order"
        ):
            close(room, by=lead, acknowledged=frozenset())
        assert not Closure.objects.exists()

    def test_is_refused_when_what_was_read_changed(self, room: TreatmentRoom, lead: User) -> None:
        before = seen(room, to_close(room, 0, 1), lead)
        an_oral_order(room)

        with pytest.raises(SessionsNotClosed, match="changed since you opened this page"):
            close(room, by=lead, was_seen=before)
        assert refused_codes() == ["affected_changed"]

    def test_is_once_for_one_key(self, room: TreatmentRoom, lead: User) -> None:
        key = uuid.uuid4()
        first = close(room, by=lead, key=key)

        assert close(room, by=lead, key=key) == first
        assert Closure.objects.count() == 1
        with pytest.raises(SessionsNotClosed, match="already used for something else"):
            close(room, 4, 5, by=lead, key=key)

    def test_is_refused_twice_for_one_session(self, room: TreatmentRoom, lead: User) -> None:
        close(room, 1, 2, by=lead)

        with pytest.raises(
            SessionsNotClosed, match="Ann Cole has closed Tuesday 3 February, morning already"
        ):
            close(room, 2, 4, by=lead)
        close(room, 3, 4, by=lead)

    def test_is_never_under_people_in_the_session(self, room: TreatmentRoom, lead: User) -> None:
        visit = room.checked()
        assert known(room, lead, 0, 1).in_room == (room.patient.full_name,)
        with pytest.raises(SessionsNotClosed, match="1 person is in this session now"):
            close(room, by=lead)
        room.prepare(visit)
        with pytest.raises(SessionsNotClosed, match="1 dose is drawn up"):
            close(room, by=lead)
        assert refused_codes() == ["dose_is_drawn", "people_in_room"]
        close(room, 1, 1, by=lead)

    def test_of_nothing_is_refused(self, room: TreatmentRoom, lead: User) -> None:
        with pytest.raises(SessionsNotClosed, match="The last session is before the first"):
            close(room, 1, 0, by=lead)


class TestAClosedSession:
    def test_lets_nothing_be_drawn_up_and_says_what_lifts_it(self, room: TreatmentRoom, lead: User) -> None:
        room.open_day()
        close(room, 0, 1, by=lead)

        with pytest.raises(PreparationRefused) as refused:
            room.prepare(room.checked())
        assert [finding.code for finding in refused.value.decision.refusals] == ["session_closed"]
        assert str(refused.value) == (
            "Closed: heating failed. Reopens Tuesday morning. Nothing is drawn up in a closed session: the clinical "
            "lead reopens it first."
        )

    def test_is_told_by_the_day_from_its_begin_to_its_end(
        self, room: TreatmentRoom, lead: User, clock: Clock
    ) -> None:
        close(room, 1, 1, by=lead)

        assert get_day_state(clinic=room.clinic, at=now()).closed == ""
        clock.pass_by(hours=2)
        assert get_day_state(clinic=room.clinic, at=now()).closed == (
            "Closed: heating failed. Reopens Tuesday morning."
        )
        clock.pass_by(hours=12)
        assert get_day_state(clinic=room.clinic, at=now()).closed == ""

    def test_is_no_other_clinics(self, room: TreatmentRoom, lead: User) -> None:
        close(room, by=lead)
        elsewhere = a_treatment_room()

        assert get_day_state(clinic=elsewhere.clinic, at=now()).closed == ""
        elsewhere.prepare(elsewhere.checked())

    def test_counts_in_the_gap_with_its_reason(self, room: TreatmentRoom, lead: User, clock: Clock) -> None:
        close(room, 0, 3, by=lead)
        clock.pass_by(hours=40)
        page = get_gap_page(clinic=room.clinic, patient_id=room.patient.id, decider=room.doctor, at=now())

        assert page is not None
        ours = [one for one in page.missed if one.recorded_by == "Ann Cole"]
        assert {one.reason for one in ours} == {"service closed: heating failed"}
        assert len(ours) == 4

    def test_has_its_ending_when_the_day_is_closed(self, room: TreatmentRoom, lead: User) -> None:
        assert {one.session for one in list_unended(clinic=room.clinic, at=now())} == {"morning", "afternoon"}
        close(room, 1, 1, by=lead)
        assert {one.session for one in list_unended(clinic=room.clinic, at=now())} == {"morning"}


class TestTheContactTask:
    def row(self, room: TreatmentRoom) -> Any:
        rows = get_worklist(clinic=room.clinic, viewer=room.doctor, at=now()).rows
        return next((row for row in rows if row.matter is Matter.CLOSED), None)

    def test_waits_for_each_person_until_somebody_reached_them(
        self, room: TreatmentRoom, lead: User, clock: Clock
    ) -> None:
        close(room, 1, 1, by=lead)
        row = self.row(room)
        assert (row.group, row.tag, row.patient_id) == (Group.TODAY, "Closed", room.patient.id)
        assert "No oral order is in force." in row.facts
        clock.pass_by(hours=2)
        assert self.row(room).group is Group.NOW
        contact(room, Reached.NOBODY)
        assert self.row(room) is not None
        contact(room, Reached.PERSON)
        assert self.row(room) is None
        assert list_heard_of([room.episode], at=now())[room.episode.id].heard_at is not None

    def test_is_this_weeks_while_there_is_more_than_a_day(self, room: TreatmentRoom, lead: User) -> None:
        close(room, 5, 6, by=lead)
        assert self.row(room).group is Group.WEEK

    def test_waits_anew_when_it_reopens_early(self, room: TreatmentRoom, lead: User, clock: Clock) -> None:
        closure = close(room, 1, 4, by=lead)
        contact(room, Reached.PERSON)
        assert self.row(room) is None
        clock.pass_by(minutes=1)
        reopen(room, closure, 2, by=lead)
        row = self.row(room)
        assert (row.tag, row.what) == ("Reopened", "Tell them that it reopens earlier")
        clock.pass_by(hours=15)
        room.identify()
        assert self.row(room) is None


class TestReopening:
    def test_cuts_a_closure_short_and_leaves_both_visible(
        self, room: TreatmentRoom, lead: User, clock: Clock
    ) -> None:
        closure = close(room, 0, 3, by=lead)
        reopening = reopen(room, closure, 1, by=lead)

        assert (Closure.objects.count(), reopening.closure) == (1, closure)
        assert get_day_state(clinic=room.clinic, at=now()).closed == (
            "Closed: heating failed. Reopens today, afternoon."
        )
        clock.pass_by(hours=2)
        assert get_day_state(clinic=room.clinic, at=now()).closed == ""
        room.prepare(room.checked())
        (event,) = AuditEvent.objects.filter(event="dosing.sessions_reopened")
        assert (event.outcome, event.detail["closure"]) == ("done", str(closure.id))

    def test_of_the_open_session_lets_a_dose_be_drawn_up_at_once(
        self, room: TreatmentRoom, lead: User
    ) -> None:
        closure = close(room, 0, 0, by=lead)
        reopen(room, closure, 0, by=lead)

        room.prepare(room.checked())
        assert list_closed_spans(clinic=room.clinic, since=now()) == []

    def test_never_takes_a_session_that_is_over_nor_one_that_is_held(
        self, room: TreatmentRoom, lead: User, clock: Clock
    ) -> None:
        closure = close(room, 0, 2, by=lead)
        over = the_sessions(room)[0]
        clock.pass_by(hours=2, seconds=1)
        for session in (over, the_sessions(room)[3]):
            with pytest.raises(SessionsNotReopened, match="not one of those that are closed"):
                reopen(room, closure, 0, by=lead, reopens_with=session)
        assert refused_codes("dosing.sessions_reopened") == ["not_closed"]
        clock.pass_by(days=2)
        with pytest.raises(SessionsNotReopened, match="not one of those that are closed"):
            reopen(room, closure, 0, by=lead)

    def test_is_the_leads_and_once_for_one_key(self, room: TreatmentRoom, lead: User) -> None:
        closure = close(room, 0, 3, by=lead)
        with pytest.raises(SessionsNotReopened, match="Only the clinical lead"):
            reopen(room, closure, 1, by=room.doctor)
        key = uuid.uuid4()
        first = reopen(room, closure, 2, by=lead, key=key)
        assert reopen(room, closure, 2, by=lead, key=key) == first
        with pytest.raises(SessionsNotReopened, match="already used for something else"):
            reopen(room, closure, 1, by=lead, key=key)
        reopen(room, closure, 1, by=lead)
        assert Reopening.objects.count() == 2


def missed(room: TreatmentRoom) -> int:
    history = get_dose_history(episode=room.episode, at=now())
    gap = standing_at(history, Protocol(), at=now()).gap
    assert gap is not None
    return gap.missed


def contact(room: TreatmentRoom, reached: Reached) -> None:
    note_contact(
        clinic=room.clinic,
        episode=room.episode,
        reached=reached,
        how=How.PHONE,
        words="Told of it.",
        key=uuid.uuid4(),
        by=room.nurse,
        at=now(),
    )


def record_missed(room: TreatmentRoom) -> None:
    record_not_given(
        clinic=room.clinic,
        patient_id=room.patient.id,
        session=room.session(),
        outcome=Outcome.EXCUSED,
        reason=Reason.CUSTODY,
        by=room.nurse,
        at=now(),
    )
