"""Adding somebody who was left out to a group that is logged: once, with why, and counted once."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.groups import (
    Added,
    GroupKeyReused,
    GroupRefused,
    add_to_group_session,
    log_group_session,
)
from outcomes.actions.support import amend_support_session
from outcomes.models import FollowUp, GroupSession, SupportSession
from outcomes.queries.support import standing_sessions
from outcomes.rules.groups import JoinedLate
from outcomes.rules.support import Correction
from tests.factories.support import said
from tests.factories.treatment import TreatmentRoom, a_treatment_room, another
from tests.integration.outcomes.test_groups import group

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def people(room) -> list[uuid.UUID]:
    return [room.patient.id, another(room).patient.id]


@pytest.fixture
def left_out(room) -> uuid.UUID:
    return another(room).patient.id


@pytest.fixture
def row(room, worker, people) -> GroupSession:
    return log_group_session(
        clinic=room.clinic, group=group(people), key=uuid.uuid4(), by=worker, at=now() - timedelta(minutes=1)
    )


def add(row: GroupSession, person: uuid.UUID, by: User, **changes: Any) -> SupportSession:
    key = changes.pop("key", None) or uuid.uuid4()
    told = {"attended": True, "why": JoinedLate.FORGOTTEN, **changes}
    return add_to_group_session(
        clinic=row.clinic, group=row.id, added=Added(person=person, **told), key=key, by=by, at=now()
    )


class TestAdding:
    def test_stores_their_session_of_the_group_once_with_why(self, room, worker, row, people, left_out):
        key = uuid.uuid4()

        rows = [add(row, left_out, worker, key=key) for _ in range(2)]

        assert rows[0] == rows[1]
        session = rows[0]
        assert (session.group, session.joined_late, session.minutes) == (row, "forgotten", row.minutes)
        assert (session.booked_on, session.done, session.recorded_by) == (row.held_on, row.done, worker)
        assert standing_sessions(room.clinic, [*people, left_out]).count() == 3
        event = AuditEvent.objects.get(event="outcomes.group_session_added_to")
        assert (event.person, event.detail) == (left_out, {"why": "forgotten"})
        with pytest.raises(GroupKeyReused):
            add(row, left_out, worker, key=key, why=JoinedLate.LEARNED_LATER)

    def test_asks_what_happens_next_where_they_did_not_come(self, worker, row, left_out):
        with pytest.raises(GroupRefused, match="did not come"):
            add(row, left_out, worker, attended=False)

        step = {"next_step": "Call", "next_step_on": london_date(now()) + A_DAY}
        session = add(row, left_out, worker, attended=False, **step)

        assert (session.attended, session.minutes) == (False, None)
        assert FollowUp.objects.get(session=session).owner == worker

    def test_refuses_somebody_in_it_also_when_struck_out(self, room, worker, row, people):
        with pytest.raises(GroupRefused, match="stand in this group already"):
            add(row, people[0], worker)
        amend_support_session(
            clinic=room.clinic,
            session=SupportSession.objects.get(patient_id=people[0]).id,
            said=said(row.held_on),
            correction=Correction.WRONG_PERSON,
            key=uuid.uuid4(),
            by=worker,
            at=now(),
        )
        with pytest.raises(GroupRefused, match="also one that was struck out"):
            add(row, people[0], worker)
        refused = AuditEvent.objects.filter(event="outcomes.group_session_added_to", outcome="refused")
        assert [one.detail["codes"] for one in refused] == [["group_has_them"]] * 2

    def test_leaves_the_first_form_what_it_was(self, room, worker, people, left_out):
        key, sent = uuid.uuid4(), group(people)
        same: dict[str, Any] = {"clinic": room.clinic, "group": sent, "key": key, "by": worker}
        row = log_group_session(**same, at=now() - timedelta(minutes=1))
        add(row, left_out, worker)

        assert log_group_session(**same, at=now()) == row

    def test_is_corrected_like_any_session(self, room, worker, row, left_out):
        session = add(row, left_out, worker)

        amended = amend_support_session(
            clinic=room.clinic,
            session=session.id,
            said=said(row.held_on, domain=row.domain, minutes=20),
            correction=Correction.LEARNED_LATER,
            key=uuid.uuid4(),
            by=worker,
            at=now(),
        )

        assert (amended.group, amended.minutes, amended.joined_late) == (row, 20, "")


class TestThePage:
    @pytest.fixture
    def browser(self, worker, sign_in) -> Client:
        return sign_in(Client(), worker)

    def address(self, row: GroupSession) -> str:
        return reverse("outcomes:add_to_group_session", args=[row.clinic.code, row.id])

    def opened(self, browser: Client, row: GroupSession) -> dict[str, Any]:
        form = browser.get(self.address(row)).context["form"]
        return {"seal": form["seal"].value(), "key": str(form["key"].value())}

    def test_is_reached_from_a_session_of_the_group_and_stores(self, room, browser, row, people, left_out):
        support = reverse("outcomes:see_support", args=[room.clinic.code, people[0]])
        assert self.address(row) in browser.get(support).content.decode()
        sent = {**self.opened(browser, row), "person": str(left_out), "attended": "came", "why": "forgotten"}

        pages = [browser.post(self.address(row), sent, follow=True).content.decode() for _ in range(2)]

        assert ["Saved: they stand in the group." in page for page in pages] == [True, True]
        assert "(forgotten when the group was logged)" in pages[0]
        assert SupportSession.objects.filter(group=row).count() == 3
        looks = AuditEvent.objects.filter(event="outcomes.group_form_seen")
        assert {look.person for look in looks} == {*people, left_out}
        assert (
            "Everybody who was in treatment on that day stands in it."
            in browser.get(self.address(row)).content.decode()
        )

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"person": ""}, "Choose who was left out."),
            ({"person": "x"}, "Choose somebody who was in treatment on that day"),
            ({"attended": ""}, "Tap whether they came."),
            ({"why": ""}, "Tap why they were not in it."),
            ({"attended": "did_not_come"}, "Write what happens next because they did not come"),
            ({"next_on": "x"}, "Write the day as day/month/year"),
            ({"seal": "x"}, "opened by somebody else"),
        ],
    )
    def test_says_what_is_missing_and_stores_nothing(self, browser, row, left_out, changes, words):
        sent = {**self.opened(browser, row), "person": str(left_out), "attended": "came", "why": "forgotten"}

        page = browser.post(self.address(row), sent | changes).content.decode()

        assert words in page
        assert SupportSession.objects.filter(group=row).count() == 2

    def test_of_another_clinic_is_missing(self, browser, row, make_clinic):
        strange = GroupSession.objects.create(
            clinic=make_clinic(), held_on=row.held_on, domain="housing", minutes=5, done=[], key=uuid.uuid4(),
            recorded_by=row.recorded_by, recorded_at=row.recorded_at,
        )  # fmt: skip
        url = reverse("outcomes:add_to_group_session", args=[row.clinic.code, strange.id])
        assert browser.get(url).status_code == 404
