"""Groups: logged once for everybody in it, stored as each one's session, corrected one by one."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.groups import Group, GroupKeyReused, GroupRefused, log_group_session
from outcomes.actions.support import NotInTreatmentHere, amend_support_session
from outcomes.models import FollowUp, GroupSession, SupportSession
from outcomes.queries.support import standing_sessions
from outcomes.rules.support import Correction, SessionLogged
from tests.factories import AgencyFactory, PersonFactory
from tests.factories.appointments import AppointmentFactory
from tests.factories.outcomes import GroupSessionFactory, SupportSessionFactory
from tests.factories.support import said
from tests.factories.treatment import TreatmentRoom, a_treatment_room, another
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def browser(worker, sign_in) -> Client:
    return sign_in(Client(), worker)


@pytest.fixture
def people(room) -> list[uuid.UUID]:
    return [room.patient.id, another(room).patient.id, another(room).patient.id]


def group(people: list[uuid.UUID], **changes: Any) -> Group:
    """Return a group that all but the last came to."""
    today = london_date(now())
    held = SessionLogged(
        on=today,
        domain="psychosocial",
        attended=True,
        minutes=60,
        done=("group",),
        note="",
        next_step="Ask at the door",
        next_step_on=today + A_DAY,
    )
    told = {"came": {person: person != people[-1] for person in people}, "held": held, **changes}
    return Group(**told)


class TestAGroup:
    def test_is_stored_once_as_a_session_of_each(self, room, worker, people):
        key, agency = uuid.uuid4(), AgencyFactory()
        sent = group(people, agency_id=agency.id)

        rows = [
            log_group_session(clinic=room.clinic, group=sent, key=key, by=worker, at=now()) for _ in range(2)
        ]

        assert rows[0] == rows[1] == GroupSession.objects.get()
        sessions = {row.patient_id: row for row in SupportSession.objects.all()}
        assert {person: row.attended for person, row in sessions.items()} == dict(sent.came)
        assert {row.group for row in sessions.values()} == {rows[0]}
        assert {row.agency for row in sessions.values()} == {agency}
        assert sessions[people[0]].minutes == 60
        assert FollowUp.objects.get().session == sessions[people[-1]]
        event = AuditEvent.objects.get(event="outcomes.group_session_logged")
        assert event.detail == {"domain": "psychosocial", "people": 3}
        logged = AuditEvent.objects.filter(event="outcomes.support_session_logged")
        assert {event.person for event in logged} == set(people)

    @pytest.mark.parametrize("what", ["came", "owner", "minutes"])
    def test_refuses_a_key_with_other_answers(self, room, worker, people, make_member, what):
        key, sent = uuid.uuid4(), group(people)
        other = make_member(room.clinic, Role.CASE_WORKER, "hanif")
        changed = {
            "came": replace(sent, came=dict.fromkeys(people, True)),
            "owner": replace(sent, owner_id=other.pk),
            "minutes": replace(sent, held=replace(sent.held, minutes=30)),
        }[what]
        log_group_session(clinic=room.clinic, group=sent, key=key, by=worker, at=now())

        with pytest.raises(GroupKeyReused):
            log_group_session(clinic=room.clinic, group=changed, key=key, by=worker, at=now())

    def test_is_refused_whole_and_the_trail_says_so(self, room, worker, people):
        sent = group(people, owner_id=room.nurse.pk)

        with pytest.raises(GroupRefused, match="case worker of this clinic"):
            log_group_session(clinic=room.clinic, group=sent, key=uuid.uuid4(), by=worker, at=now())

        event = AuditEvent.objects.get(event="outcomes.group_session_logged")
        assert (event.outcome, event.detail) == ("refused", {"codes": ["support_follow_up_owner"]})
        assert not SupportSession.objects.exists()

    def test_stores_nothing_where_one_was_never_accepted_here(self, room, worker, people):
        with pytest.raises(NotInTreatmentHere):
            log_group_session(
                clinic=room.clinic,
                group=group([*people, PersonFactory().id]),
                key=uuid.uuid4(),
                by=worker,
                at=now(),
            )
        assert not SupportSession.objects.exists()

    def test_is_corrected_for_one_person_alone(self, room, worker, people):
        row = log_group_session(
            clinic=room.clinic, group=group(people), key=uuid.uuid4(), by=worker, at=now()
        )
        first = SupportSession.objects.get(patient_id=people[0])

        amended = amend_support_session(
            clinic=room.clinic,
            session=first.id,
            said=said(first.booked_on, domain="psychosocial", minutes=20),
            correction=Correction.LEARNED_LATER,
            key=uuid.uuid4(),
            by=worker,
            at=now(),
        )

        assert (amended.group, amended.minutes) == (row, 20)
        standing = standing_sessions(room.clinic, people)
        assert {one.patient_id: one.minutes for one in standing} == {
            people[0]: 20,
            people[1]: 60,
            people[2]: None,
        }


class TestThePage:
    def address(self, room: TreatmentRoom) -> str:
        return reverse("outcomes:log_group_session", args=[room.clinic.code])

    def opened(self, browser: Client, url: str) -> dict[str, Any]:
        response = browser.get(url)
        seal = response.content.decode().split('name="seal" value="')[1].split('"')[0]
        return {"seal": seal, "key": str(response.context["form"]["key"].value())}

    def test_logs_a_group_and_keeps_what_was_tapped_when_it_is_refused(self, room, browser, people):
        url = self.address(room)
        sent = {
            **self.opened(browser, url),
            "domain": "housing",
            "when": "today",
            "minutes": "45",
            "done": "talked",
            "done_housing": "viewing",
            "next_when": "none",
            f"person_{people[0]}": "came",
            f"person_{people[1]}": "did_not_come",
        }
        refused = browser.post(url, sent).content.decode()
        assert "Write what happens next because they did not come" in refused
        assert "Say by when it is done." in refused
        assert not GroupSession.objects.exists()

        sent |= {"next_step": "Ask at the door", "next_when": "week"}
        page = browser.post(url, sent, follow=True).content.decode()

        assert "Saved: the group is logged for 2 people." in page
        assert set(SupportSession.objects.values_list("patient_id", "attended")) == {
            (people[0], True),
            (people[1], False),
        }
        assert SupportSession.objects.get(attended=True).done == ["talked", "viewing"]
        assert "sent before" in browser.post(url, {**sent, "minutes": "30"}).content.decode()
        support = reverse("outcomes:see_support", args=[room.clinic.code, people[0]])
        assert "in a group" in browser.get(support).content.decode()

    def test_asks_for_two_people(self, room, browser, people):
        url = self.address(room)
        sent = {
            **self.opened(browser, url), "domain": "housing", "when": "today", "minutes": "other",
            "minutes_other": "50", "done": "talked", "next_when": "none", f"person_{people[0]}": "came",
        }  # fmt: skip
        assert "two people at least" in browser.post(url, sent).content.decode()

    def test_refuses_a_form_that_somebody_else_opened(self, room, browser, people, sign_in, make_member):
        colleague = make_member(room.clinic, Role.CASE_WORKER, "hanif")
        sealed = self.opened(sign_in(Client(), colleague), self.address(room))

        assert "opened by somebody else" in browser.post(self.address(room), sealed).content.decode()

    def test_looks_at_everybody_it_names(self, room, browser, people):
        browser.get(self.address(room))
        looks = AuditEvent.objects.filter(event="outcomes.group_form_seen")
        assert {look.person for look in looks} == set(people)


class TestTheTables:
    def session(self, row: GroupSession, **changes: Any) -> SupportSession:
        same = {
            "clinic": row.clinic,
            "booked_on": row.held_on,
            "domain": row.domain,
            "group": row,
            "recorded_by": row.recorded_by,
            "recorded_at": row.recorded_at,
        }
        return SupportSessionFactory(**{**same, **changes})

    def test_store_a_group_once_per_key_and_of_some_length(self):
        with refused_by("one_group_session_per_key"):
            GroupSessionFactory(key=GroupSessionFactory().key)
        with refused_by("group_session_took_some_time"):
            GroupSessionFactory(minutes=0)

    def test_hold_a_person_once_in_a_group_and_not_besides_an_appointment(self):
        row = GroupSessionFactory()
        first = self.session(row)
        with refused_by("one_support_session_per_group_and_person"):
            self.session(row, patient=first.patient)
        booked = AppointmentFactory(clinic=row.clinic)
        with refused_by("support_of_a_group_is_ours_and_not_booked_alone"):
            self.session(row, patient=booked.patient, appointment=booked)

    @pytest.mark.parametrize("change", ["clinic", "domain", "booked_on"])
    def test_hold_a_session_as_its_group_was_held(self, change, make_clinic):
        row = GroupSessionFactory()
        other = {"clinic": make_clinic(), "domain": "health", "booked_on": row.held_on - A_DAY}
        with refused_by("support_is_as_its_group_was_held"):
            self.session(row, **{change: other[change]})

    def test_keep_a_correction_in_its_group_and_appointment(self):
        first = self.session(GroupSessionFactory())
        same = {"clinic": first.clinic, "patient": first.patient, "domain": first.domain}
        with refused_by("support_keeps_its_group"):
            SupportSessionFactory(**same, amends=first, correction="wrong_key")
        booked = AppointmentFactory(clinic=first.clinic, patient=first.patient)
        kept = SupportSessionFactory(**same, appointment=booked)
        with refused_by("support_keeps_its_appointment"):
            SupportSessionFactory(**same, amends=kept, correction="wrong_key")

    def test_ask_why_somebody_is_added_and_nobody_else(self):
        row = GroupSessionFactory()
        self.session(row)
        later = {"recorded_at": row.recorded_at + A_DAY}
        with refused_by("support_added_to_a_group_has_its_reason"):
            self.session(row, **later)
        with refused_by("support_added_to_a_group_has_its_reason"):
            self.session(row, joined_late="forgotten")
        with refused_by("support_added_to_a_group_is_its_first_line"):
            self.session(row, joined_late="so", **later)
        with refused_by("support_added_to_a_group_is_its_first_line"):
            SupportSessionFactory(joined_late="forgotten")
        assert self.session(row, joined_late="forgotten", **later).pk
