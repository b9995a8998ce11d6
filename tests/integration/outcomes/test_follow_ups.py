"""What happens because somebody did not come: it stays on the caseload until it is done."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.following import FollowUpRefused, close_follow_up
from outcomes.actions.support import (
    Said,
    SupportKeyReused,
    SupportRefused,
    amend_support_session,
    log_support_session,
)
from outcomes.models import FollowUp, FollowUpDone, SupportSession
from outcomes.queries.support import Caseload, get_caseload
from outcomes.rules.support import Correction
from patients.models import Episode
from tests.factories.outcomes import FollowUpFactory
from tests.factories.support import a_support_session, said
from tests.factories.treatment import TreatmentRoom, a_treatment_room
from tests.pages import seal_of
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def room() -> TreatmentRoom:
    return a_treatment_room()


@pytest.fixture
def worker(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "maya")


@pytest.fixture
def colleague(room, make_member) -> User:
    return make_member(room.clinic, Role.CASE_WORKER, "hanif")


@pytest.fixture
def today() -> date:
    return london_date(now())


@pytest.fixture
def missed(room, worker) -> SupportSession:
    return a_support_session(room.clinic, room.patient.id, by=worker, attended=False)


@pytest.fixture
def browser(worker, sign_in) -> Client:
    return sign_in(Client(), worker)


def caseload(room: TreatmentRoom, worker: User, mine: bool | None = None) -> Caseload:
    return get_caseload(clinic=room.clinic, case_worker=worker, mine=mine, today=london_date(now()))


def log(room: TreatmentRoom, what: Said, *, by: User, key: uuid.UUID | None = None) -> SupportSession:
    return log_support_session(
        clinic=room.clinic, person=room.patient.id, said=what, key=key or uuid.uuid4(), by=by, at=now()
    )


def correct(
    room: TreatmentRoom, session: SupportSession, what: Said, why: Correction, *, by: User
) -> SupportSession:
    return amend_support_session(
        clinic=room.clinic,
        session=session.id,
        said=what,
        correction=why,
        key=uuid.uuid4(),
        by=by,
        at=now(),
    )


class TestASessionThatNobodyCameTo:
    def test_leaves_what_happens_next_on_the_caseload(self, room, worker, missed, today):
        (open_one,) = caseload(room, worker).follow_ups

        assert (open_one.person_id, open_one.what) == (room.patient.id, "Call again")
        assert (open_one.due_on, open_one.missed_on) == (today + timedelta(days=2), today)
        assert (open_one.owner, open_one.is_mine) == (worker.full_name, True)
        assert (open_one.is_late, open_one.is_today) == (False, False)
        event = AuditEvent.objects.get(event="outcomes.follow_up_set")
        assert (event.person, event.actor, event.detail) == (room.patient.id, worker, {})

    def test_may_be_followed_up_by_a_colleague(self, room, worker, colleague, today):
        log(room, Said(said(today, attended=False).session, owner_id=colleague.id), by=worker)

        assert FollowUp.objects.get().owner == colleague
        assert caseload(room, colleague).follow_ups[0].is_mine
        assert not caseload(room, worker).follow_ups[0].is_mine

    def test_is_not_given_to_somebody_who_is_no_case_worker_here(self, room, worker, today):
        with pytest.raises(SupportRefused, match="case worker of this clinic"):
            log(room, Said(said(today, attended=False).session, owner_id=room.nurse.id), by=worker)

        assert not SupportSession.objects.exists()

    def test_that_was_sent_twice_asks_once_and_for_another_colleague_is_refused(
        self, room, worker, colleague, today
    ):
        key, what = uuid.uuid4(), said(today, attended=False)
        log(room, what, by=worker, key=key)
        log(room, what, by=worker, key=key)

        with pytest.raises(SupportKeyReused):
            log(room, Said(what.session, owner_id=colleague.id), by=worker, key=key)
        assert FollowUp.objects.count() == 1

    def test_stays_after_the_person_has_left(self, room, worker, missed):
        Episode.objects.filter(person=room.patient).update(exited_on=london_date(now()), exit_reason="other")

        assert [one.person_id for one in caseload(room, worker).follow_ups] == [room.patient.id]
        assert caseload(room, worker).told_of == [room.patient.id]

    def test_asks_nothing_where_they_came(self, room, worker):
        a_support_session(room.clinic, room.patient.id, by=worker, next_step="Bring letters")

        assert caseload(room, worker).follow_ups == ()


class TestOnesOwnPeople:
    def test_shows_what_is_open_for_them_and_what_one_does_oneself(self, room, worker, colleague, missed):
        assert len(caseload(room, worker, mine=True).follow_ups) == 1
        assert caseload(room, colleague, mine=True).follow_ups == ()
        assert len(caseload(room, colleague, mine=False).follow_ups) == 1


class TestACorrection:
    def test_that_says_they_came_takes_it_off(self, room, worker, missed, today):
        correct(room, missed, said(today), Correction.WRONG_KEY, by=worker)

        assert caseload(room, worker).follow_ups == ()

    def test_that_strikes_the_session_takes_it_off(self, room, worker, missed, today):
        correct(room, missed, said(today), Correction.WRONG_PERSON, by=worker)

        assert caseload(room, worker).follow_ups == ()

    def test_that_they_still_did_not_come_asks_in_the_new_words(self, room, worker, missed, today):
        what = said(today, attended=False, next_step="Go and see them")
        correct(room, missed, what, Correction.LEARNED_LATER, by=worker)

        assert [one.what for one in caseload(room, worker).follow_ups] == ["Go and see them"]

    def test_asks_nothing_again_that_was_done(self, room, worker, missed, today):
        self_done = FollowUp.objects.get()
        close_follow_up(clinic=room.clinic, follow_up=self_done.id, how="Spoke", by=worker, at=now())

        correct(room, missed, said(today, attended=False), Correction.LEARNED_LATER, by=worker)

        assert caseload(room, worker).follow_ups == ()

    def test_asks_nothing_again_that_was_done_two_corrections_ago(self, room, worker, missed, today):
        close_follow_up(
            clinic=room.clinic, follow_up=FollowUp.objects.get().id, how="Spoke", by=worker, at=now()
        )
        second = correct(room, missed, said(today, attended=False), Correction.LEARNED_LATER, by=worker)
        correct(
            room, second, said(today, attended=False, next_step="Write"), Correction.LEARNED_LATER, by=worker
        )

        shown = caseload(room, worker)
        assert shown.follow_ups == ()
        assert all(one.next_step == "" for one in shown.people)

    def test_takes_the_first_off_for_good(self, room, worker, missed, today):
        first = FollowUp.objects.get()
        correct(room, missed, said(today, attended=False), Correction.LEARNED_LATER, by=worker)

        with pytest.raises(FollowUpRefused, match="corrected meanwhile"):
            close_follow_up(clinic=room.clinic, follow_up=first.id, how="Spoke", by=worker, at=now())


class TestClosing:
    def test_says_what_came_of_it_once(self, room, worker, colleague, missed):
        asked = FollowUp.objects.get()
        for by, how in ((worker, " Spoke, coming Thursday "), (colleague, "Something else")):
            close_follow_up(clinic=room.clinic, follow_up=asked.id, how=how, by=by, at=now())

        done = FollowUpDone.objects.get()
        assert (done.how, done.done_by) == ("Spoke, coming Thursday", worker)
        assert AuditEvent.objects.filter(event="outcomes.follow_up_done").count() == 1
        assert caseload(room, worker).follow_ups == ()

    @pytest.mark.parametrize(
        ("how", "code"), [(" ", "follow_up_says_nothing"), ("x" * 121, "follow_up_long_line")]
    )
    def test_needs_a_line_and_tells_the_trail_when_refused(self, room, worker, missed, how, code):
        asked = FollowUp.objects.get()

        with pytest.raises(FollowUpRefused):
            close_follow_up(clinic=room.clinic, follow_up=asked.id, how=how, by=worker, at=now())

        event = AuditEvent.objects.get(event="outcomes.follow_up_done")
        assert (event.outcome, event.detail) == ("refused", {"codes": [code]})
        assert not FollowUpDone.objects.exists()


class TestThePages:
    def test_close_it_from_the_caseload(self, room, browser, missed):
        page = browser.get(reverse("outcomes:see_caseload", args=[room.clinic.code])).content.decode()
        address = reverse("outcomes:close_follow_up", args=[room.clinic.code, FollowUp.objects.get().id])
        assert address in page
        seal = browser.get(address).context["form"]["seal"].value()

        empty = browser.post(address, {"seal": seal, "how": ""})
        saved = browser.post(address, {"seal": seal, "how": "Spoke to them"}, follow=True)

        assert "Write what came of it." in empty.content.decode()
        assert "is done." in saved.content.decode()
        assert address not in saved.content.decode()
        again = browser.post(address, {"seal": seal, "how": "Spoke to them"}, follow=True)
        assert "It is done already" in again.content.decode()

    def test_refuse_a_form_that_somebody_else_opened(self, room, browser, colleague, sign_in, missed):
        address = reverse("outcomes:close_follow_up", args=[room.clinic.code, FollowUp.objects.get().id])
        seal = sign_in(Client(), colleague).get(address).context["form"]["seal"].value()

        page = browser.post(address, {"seal": seal, "how": "Spoke to them"})

        assert "opened by somebody else" in page.content.decode()
        assert not FollowUpDone.objects.exists()

    def test_know_none_of_another_clinic(self, room, browser):
        address = reverse("outcomes:close_follow_up", args=[room.clinic.code, FollowUpFactory().id])

        assert browser.get(address).status_code == 404

    def test_offer_the_case_workers_of_the_clinic(self, room, browser, worker, colleague):
        address = reverse("outcomes:log_support_session", args=[room.clinic.code, room.patient.id])
        page = browser.get(address)

        offered = dict(page.context["form"].fields["owner"].choices)
        assert offered == {"": "I do"} | {str(one.id): one.full_name for one in (worker, colleague)}
        sent = {
            "key": str(page.context["form"]["key"].value()),
            "seal": seal_of(page),
            "domain": "health",
            "when": "today",
            "attended": "did_not_come",
            "follow_up": ["follow_up_none"],
            "next_step": "Call again",
            "next_when": "week",
            "owner": str(colleague.id),
        }
        assert browser.post(address, sent).status_code == 302
        assert FollowUp.objects.get().owner == colleague


class TestTheTables:
    def test_refuse_a_follow_up_of_nothing(self):
        with refused_by("follow_up_says_what"):
            FollowUpFactory(what="")

    def test_refuse_a_done_that_says_nothing(self, worker):
        follow_up = FollowUpFactory()
        with refused_by("follow_up_says_what_came_of_it"):
            FollowUpDone.objects.create(follow_up=follow_up, how="", done_by=worker, done_at=now())
