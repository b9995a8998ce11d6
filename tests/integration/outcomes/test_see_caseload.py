"""The case worker's today: everything they may know, in words, and nothing of a dose."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from django.contrib.auth import SESSION_KEY
from django.core import signing
from django.test import Client
from django.urls import reverse

from dosing.models import PlannedSession, SessionOutcome
from hat_clinic.accounts.models import Agency, User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from hat_clinic.demo.support import SESSIONS, log_demo_support
from outcomes.actions.support import (
    NotInTreatmentHere,
    amend_support_session,
    join_caseload,
    leave_caseload,
    log_support_session,
)
from outcomes.models import CaseAssignment, SupportSession
from outcomes.queries.support import SESSIONS_ON_A_PAGE, Caseload, OnCaseload, get_caseload, get_support_page
from outcomes.rules.appointments import moment_of
from outcomes.rules.support import Correction
from patients.models import Episode, Incident, Person
from tests.factories import CaseAssignmentFactory, EpisodeFactory, ImportRunFactory, PersonFactory
from tests.factories.appointments import AppointmentFactory, an_appointment
from tests.factories.around import AlertFactory
from tests.factories.support import a_support_session, said
from tests.factories.treatment import TreatmentRoom, a_patient_in_treatment, a_treatment_room
from tests.pages import seal_of
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)
# What no case worker is ever shown.
NEVER = re.compile(
    r"\bmg\b|milligram|diamorphine|heroin|methadone|\bdose|\border\b|prescri|reading|oxygen|breath|"
    r"urine|\btest\b|ampoule|injection|withheld|naloxone|incident|overdose|sedation",
    re.IGNORECASE,
)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def today() -> date:
    return london_date(now())


@pytest.fixture
def browser(worker, sign_in) -> Client:
    return sign_in(Client(), worker)


def ended(episode: Episode, on: date, outcome: str, *, slot: str = "am") -> None:
    """One session of the past, as history tells of it."""
    run = ImportRunFactory(clinic=episode.clinic)
    session = PlannedSession.objects.create(
        clinic=episode.clinic,
        patient=episode.person,
        episode=episode,
        service_date=on,
        slot=slot,
        import_run=run,
    )
    dosed = outcome == "given"
    SessionOutcome.objects.create(
        session=session,
        outcome=outcome,
        given_mg=180 if dosed else None,
        reason="" if dosed else "unknown",
        import_run=run,
    )


def caseload(
    room: TreatmentRoom, worker: User, mine: bool | None = None, today: date | None = None
) -> Caseload:
    today = today or london_date(now())
    return get_caseload(clinic=room.clinic, case_worker=worker, mine=mine, today=today)


def first(room: TreatmentRoom, worker: User) -> OnCaseload:
    return caseload(room, worker).people[0]


class TestTheCaseload:
    def test_lists_everybody_in_treatment_here_by_name(self, room, worker):
        a_patient_in_treatment(room.clinic, by=room.doctor)
        a_treatment_room()

        names = [person.name for person in caseload(room, worker).people]

        assert names == sorted(names)
        assert len(names) == 2

    def test_leaves_out_who_has_left(self, room, worker, today):
        EpisodeFactory(clinic=room.clinic, accepted_on=today, exited_on=today, exit_reason="completed")

        assert [person.person_id for person in caseload(room, worker).people] == [room.patient.id]

    def test_counts_the_last_fourteen_days_as_came_or_not(self, room, worker, today):
        room.give()
        for days, outcome in ((1, "withheld"), (2, "missed"), (13, "excused"), (14, "missed")):
            ended(room.episode, today - days * A_DAY, outcome)

        attendance = first(room, worker).attendance

        assert (attendance.came, attendance.missed, attendance.excused) == (2, 1, 1)
        assert attendance.offered == 3

    def test_tells_each_day_as_came_did_not_come_or_not_expected(self, room, worker, today):
        for days, slot, outcome in (
            (0, "am", "given"),
            (1, "am", "missed"),
            (1, "pm", "given"),
            (2, "am", "missed"),
            (3, "am", "excused"),
        ):
            ended(room.episode, today - days * A_DAY, outcome, slot=slot)

        days = first(room, worker).attendance.days

        assert [day.on for day in days] == [today - number * A_DAY for number in reversed(range(14))]
        assert [(day.mark, day.words, day.is_missed) for day in days[-5:]] == [
            ("", "nothing recorded", False),
            ("–", "not expected", False),
            ("0/1", "did not come", True),
            ("1/2", "came to 1 of 2", True),
            ("1/1", "came", False),
        ]

    def test_shows_the_alerts_that_stand_the_heaviest_first(self, room, worker, today):
        here = {"clinic": room.clinic, "person": room.patient, "starts_on": today - 2 * A_DAY}
        AlertFactory(**here, severity="note", words="Hard of hearing")
        AlertFactory(**here, severity="danger", words="Never alone in a room")
        AlertFactory(**here, severity="warning", words="Over", ends_on=today - A_DAY)

        alerts = first(room, worker).alerts

        assert [(line.severity.label, line.words) for line in alerts] == [
            ("Danger", "Never alone in a room"),
            ("Note", "Hard of hearing"),
        ]

    def test_shows_the_next_appointment_until_it_is_logged(self, room, worker, today):
        Episode.objects.filter(id=room.episode.id).update(accepted_on=today - 9 * A_DAY)
        start = moment_of(today, time(0, 1))
        row = AppointmentFactory(
            clinic=room.clinic,
            patient=room.patient,
            worker=worker,
            starts_at=start,
            ends_at=start + timedelta(minutes=1),
        )
        later = an_appointment(room.clinic, room.patient.id, by=worker)
        an_appointment(room.clinic, room.patient.id, by=worker, days=2)
        booked = first(room, worker).booked
        assert booked is not None
        assert booked.id == row.id

        log_support_session(
            clinic=room.clinic,
            person=room.patient.id,
            said=replace(said(today), appointment_id=row.id),
            key=uuid.uuid4(),
            by=worker,
            at=start + timedelta(minutes=1),
        )

        booked = first(room, worker).booked
        assert booked is not None
        assert booked.id == later.id

    def test_shows_the_last_session_of_each_kind_and_the_newest_next_step(self, room, worker, today):
        Episode.objects.filter(id=room.episode.id).update(accepted_on=today - 9 * A_DAY)
        agency = Agency.objects.create(name="Coast Homes")
        log = {"clinic": room.clinic, "person_id": room.patient.id, "by": worker}
        a_support_session(**log, days_ago=5, next_step="Old step")
        a_support_session(**log, days_ago=2, agency_id=agency.id, next_step="Ring back", next_step_on=today)
        a_support_session(**log, days_ago=1, domain="health", attended=False)

        person = first(room, worker)

        assert [(help.about, help.on, help.attended, help.agency) for help in person.last_help] == [
            ("Health", today - A_DAY, False, ""),
            ("Housing", today - 2 * A_DAY, True, "Coast Homes"),
        ]
        assert (person.next_step, person.step_is_today, person.step_is_late) == ("Ring back", True, False)

    def test_says_when_a_next_step_is_late(self, room, worker, today):
        Episode.objects.filter(id=room.episode.id).update(accepted_on=today - 9 * A_DAY)
        a_support_session(
            room.clinic,
            room.patient.id,
            by=worker,
            days_ago=3,
            next_step="Ring back",
            next_step_on=today - A_DAY,
        )

        assert first(room, worker).step_is_late

    def test_leaves_out_what_was_corrected_or_struck(self, room, worker, today):
        session = a_support_session(room.clinic, room.patient.id, by=worker, next_step="Wrong")
        amend_support_session(
            clinic=room.clinic,
            session=session.id,
            said=said(today),
            correction=Correction.WRONG_PERSON,
            key=uuid.uuid4(),
            by=worker,
            at=now(),
        )

        person = first(room, worker)

        assert (person.last_help, person.next_step) == ((), "")

    def test_takes_as_many_queries_for_sixty_as_for_one(self, room, worker, today, django_assert_num_queries):
        with django_assert_num_queries(15):
            caseload(room, worker, today=today)
        for _ in range(59):
            episode = EpisodeFactory(clinic=room.clinic)
            CaseAssignmentFactory(clinic=room.clinic, patient=episode.person, case_worker=worker)
            a_support_session(room.clinic, episode.person_id, by=worker, next_step="Ring back")

        with django_assert_num_queries(15):
            assert len(caseload(room, worker, mine=False, today=today).people) == 60


class TestAskingTheTreatmentRoom:
    @pytest.mark.parametrize(("days", "asks"), [(0, True), (1, True), (2, False)])
    def test_is_said_of_somebody_who_came_and_left_without(self, room, worker, today, days, asks):
        ended(room.episode, today - days * A_DAY, "withheld")

        assert first(room, worker).ask_the_room is asks

    def test_is_said_of_three_sessions_missed_in_a_row_excused_ones_left_out(self, room, worker, today):
        ended(room.episode, today - 2 * A_DAY, "given")
        ended(room.episode, today - A_DAY, "missed", slot="am")
        ended(room.episode, today - A_DAY, "missed", slot="pm")
        assert not first(room, worker).ask_the_room

        ended(room.episode, today, "excused", slot="am")
        ended(room.episode, today, "missed", slot="pm")

        assert first(room, worker).ask_the_room

    @pytest.mark.parametrize(("days", "asks"), [(6, True), (7, False)])
    def test_is_said_for_a_week_after_an_incident(self, room, worker, today, days, asks):
        Incident.objects.create(
            clinic=room.clinic,
            person=room.patient,
            happened_on=today - days * A_DAY,
            category="over_sedation",
            on_site=True,
        )

        assert first(room, worker).ask_the_room is asks


class TestThePages:
    def urls(self, room: TreatmentRoom) -> list[str]:
        person = [room.clinic.code, room.patient.id]
        return [
            reverse("outcomes:see_caseload", args=[room.clinic.code]),
            reverse("outcomes:see_support", args=person),
            reverse("outcomes:log_support_session", args=person),
        ]

    def test_show_no_dose_no_order_no_reading_and_no_reason(self, room, worker, browser, today):
        room.give()
        ended(room.episode, today - A_DAY, "withheld")
        Incident.objects.create(
            clinic=room.clinic, person=room.patient, happened_on=today, category="overdose", on_site=True
        )
        a_support_session(room.clinic, room.patient.id, by=worker, next_step="Ring back")

        for url in self.urls(room):
            page = browser.get(url).content.decode()
            # The head names other pages and style sheets; what is printed is looked at.
            words = re.sub(r"<[^>]+>", " ", page[page.index("<main") :])
            assert NEVER.findall(words) == [], url
        assert (
            "Speak to the treatment room before you see them."
            in browser.get(self.urls(room)[0]).content.decode()
        )

    def test_tell_of_every_look_at_every_person_shown(self, room, worker, browser):
        other = a_patient_in_treatment(room.clinic, by=room.doctor)

        browser.get(self.urls(room)[0])
        browser.get(self.urls(room)[1])

        seen = AuditEvent.objects.filter(event="outcomes.caseload_seen", actor=worker)
        assert {event.person for event in seen} == {room.patient.id, other.person_id}
        assert AuditEvent.objects.get(event="outcomes.support_seen").person == room.patient.id

    def test_say_what_comes_next_while_nobody_is_in_treatment(self, room, browser):
        Episode.objects.filter(clinic=room.clinic).update(exited_on=now().date(), exit_reason="completed")

        assert "Nobody is in treatment here yet." in browser.get(self.urls(room)[0]).content.decode()

    def test_say_how_to_make_somebody_ones_own(self, room, browser):
        page = browser.get(self.urls(room)[0] + "?people=mine").content.decode()

        assert "None of the people in treatment is one of yours yet." in page

    def test_can_still_be_logged_on_after_somebody_has_left(self, room, browser):
        Episode.objects.filter(clinic=room.clinic).update(exited_on=now().date(), exit_reason="completed")

        assert "Help after leaving can still be logged." in browser.get(self.urls(room)[1]).content.decode()


class TestOnesOwnPeople:
    def test_are_shown_first_once_there_are_any(self, room, worker):
        a_patient_in_treatment(room.clinic, by=room.doctor)
        assert not caseload(room, worker).shows_mine

        join_caseload(clinic=room.clinic, person=room.patient.id, by=worker, at=now())

        mine = caseload(room, worker)
        assert [person.person_id for person in mine.people] == [room.patient.id]
        assert (mine.mine, mine.everybody) == (1, 2)
        assert len(caseload(room, worker, mine=False).people) == 2

    def test_are_joined_and_left_once_with_an_event_each(self, room, worker):
        for _ in range(2):
            join_caseload(clinic=room.clinic, person=room.patient.id, by=worker, at=now())
        for _ in range(2):
            leave_caseload(clinic=room.clinic, person=room.patient.id, by=worker, at=now())

        assert CaseAssignment.objects.get().ends_at is not None
        events = AuditEvent.objects.filter(event__startswith="outcomes.caseload", person=room.patient.id)
        assert sorted(event.event for event in events) == [
            "outcomes.caseload_joined",
            "outcomes.caseload_left",
        ]

    def test_are_people_of_the_clinic(self, room, worker):
        with pytest.raises(NotInTreatmentHere):
            join_caseload(clinic=room.clinic, person=PersonFactory().id, by=worker, at=now())

    def test_are_made_and_unmade_with_a_button(self, room, browser):
        join, leave = (
            reverse(f"outcomes:{name}_caseload", args=[room.clinic.code, room.patient.id])
            for name in ("join", "leave")
        )

        opened = reverse("outcomes:see_support", args=[room.clinic.code, room.patient.id])
        unsealed = browser.post(join, follow=True).content.decode()
        assert "opened by somebody else" in unsealed and "Make this one of my people" in unsealed
        seal = {"seal": seal_of(browser.get(opened))}
        page = browser.post(join, seal, follow=True).content.decode()
        assert "Take off my people" in page
        unsealed = browser.post(leave, follow=True).content.decode()
        assert "opened by somebody else" in unsealed and "Take off my people" in unsealed
        page = browser.post(leave, seal, follow=True).content.decode()
        assert "Make this one of my people" in page

    @pytest.mark.parametrize("name", ["join", "leave"])
    def test_are_nobody_elsewhere(self, room, browser, name):
        elsewhere = a_treatment_room().patient.id

        path = reverse(f"outcomes:{name}_caseload", args=[room.clinic.code, elsewhere])
        assert browser.post(path, follow=True).status_code == 404
        about = {"patient": str(elsewhere), "actor": browser.session[SESSION_KEY], "terminal": ""}
        seal = signing.dumps(about, salt="outcomes.caseload")
        assert browser.post(path, {"seal": seal}).status_code == 404

    def test_belong_to_one_worker_once_at_a_time(self):
        case = CaseAssignmentFactory()
        same = {"clinic": case.clinic, "patient": case.patient, "case_worker": case.case_worker}
        with refused_by("one_standing_case_per_worker_and_person"):
            CaseAssignmentFactory(**same)

        assert CaseAssignmentFactory(**same, ends_at=case.starts_at).pk

    def test_are_ones_own_from_before_to_after(self):
        case = CaseAssignmentFactory()

        with refused_by("case_starts_before_it_ends"):
            CaseAssignmentFactory(ends_at=case.starts_at - A_DAY)


class TestOnePersonsSessions:
    def test_come_some_at_a_time_newest_first(self, room, worker, browser, today):
        Episode.objects.filter(id=room.episode.id).update(accepted_on=today - 90 * A_DAY)
        for days in range(SESSIONS_ON_A_PAGE + 1):
            a_support_session(room.clinic, room.patient.id, by=worker, days_ago=days)

        newest, earlier = (
            get_support_page(clinic=room.clinic, person_id=room.patient.id, case_worker=worker, number=number)
            for number in (1, 2)
        )

        assert newest.entries[0].stands.on == today
        assert (len(newest.entries), newest.has_earlier) == (SESSIONS_ON_A_PAGE, True)
        assert (len(earlier.entries), earlier.has_earlier) == (1, False)
        url = reverse("outcomes:see_support", args=[room.clinic.code, room.patient.id])
        assert "Later sessions" in browser.get(url + "?page=2").content.decode()
        assert "There is no earlier session." in browser.get(url + "?page=3").content.decode()
        assert "Earlier sessions" in browser.get(url + "?page=x").content.decode()

    def test_take_as_many_queries_for_sixty_as_for_one(self, room, worker, django_assert_num_queries):
        def ask() -> None:
            with django_assert_num_queries(5):
                get_support_page(clinic=room.clinic, person_id=room.patient.id, case_worker=worker, number=1)

        a_support_session(room.clinic, room.patient.id, by=worker)
        ask()
        for _ in range(59):
            a_support_session(room.clinic, room.patient.id, by=worker)
        ask()


class TestTheDemo:
    def test_logs_a_handful_of_sessions_once(self, room, worker):
        Person.objects.filter(id=room.patient.id).update(given_names="Danny", family_name="Marsh")

        for _ in range(2):
            log_demo_support(clinic=room.clinic, by=worker, at=now())

        wanted = [session for session in SESSIONS if session.name == "Danny Marsh"]
        assert SupportSession.objects.count() == len(wanted) == 2
        assert CaseAssignment.objects.count() == 1
