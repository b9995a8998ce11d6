"""A person's recovery plan: what is stored, refused and shown."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hat_clinic.accounts.models import User
from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from outcomes.actions.plans import GoalRefused, GoalStepRefused, PlanKeyReused, note_goal_step, set_goal
from outcomes.actions.support import NotInTreatmentHere
from outcomes.models import Goal, GoalStep
from outcomes.queries.plans import get_plan_page
from outcomes.queries.support import get_caseload
from outcomes.rules.plans import GoalSaid, StepSaid
from tests.factories import PersonFactory
from tests.factories.outcomes import GoalFactory
from tests.factories.treatment import TreatmentRoom, a_treatment_room
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
def today() -> date:
    return london_date(now())


@pytest.fixture
def browser(worker, sign_in) -> Client:
    return sign_in(Client(), worker)


def a_goal(room: TreatmentRoom, by: User, **changes: Any) -> Goal:
    today = london_date(now())
    more = {name: changes.pop(name) for name in ("owner", "key", "person", "at") if name in changes}
    said = {"domain": "housing", "words": "A flat of my own", "review_on": today + 28 * A_DAY, **changes}
    return set_goal(
        **{
            "clinic": room.clinic,
            "person": room.patient.id,
            "said": GoalSaid(**said),
            "owner": by.pk,
            "key": uuid.uuid4(),
            "by": by,
            "at": now(),
            **more,
        }
    )


def a_step(room: TreatmentRoom, goal: Goal, by: User, **changes: Any) -> GoalStep:
    key = changes.pop("key", None) or uuid.uuid4()
    said = {
        "words": "Saw two places",
        "review_on": None if changes.get("ended") else london_date(now()) + 14 * A_DAY,
        "ended": "",
        **changes,
    }
    return note_goal_step(clinic=room.clinic, goal=goal.id, said=StepSaid(**said), key=key, by=by, at=now())


class TestSettingAGoal:
    def test_stores_it_once_with_who_and_tells_the_trail_no_words(self, room, worker):
        key = uuid.uuid4()

        goals = [a_goal(room, worker, key=key) for _ in range(2)]

        assert goals[0] == goals[1] == Goal.objects.get()
        assert (goals[0].owner, goals[0].set_by) == (worker, worker)
        event = AuditEvent.objects.get(event="outcomes.goal_set")
        assert (event.person, event.detail) == (room.patient.id, {"domain": "housing"})

    def test_refuses_a_key_with_other_answers(self, room, worker):
        key = uuid.uuid4()
        a_goal(room, worker, key=key)

        with pytest.raises(PlanKeyReused):
            a_goal(room, worker, key=key, words="Something else")

    def test_leaves_it_to_the_person(self, room, worker):
        assert a_goal(room, worker, owner=None).owner is None

    def test_takes_a_colleague_who_is_a_case_worker_here_and_nobody_else(self, room, worker, make_member):
        colleague = make_member(room.clinic, Role.CASE_WORKER, "hanif")
        assert a_goal(room, worker, owner=colleague.pk).owner == colleague

        with pytest.raises(GoalRefused, match="case worker of this clinic"):
            a_goal(room, worker, owner=room.nurse.pk)

    def test_refuses_a_family_goal_that_was_not_asked_about_and_tells_the_trail(self, room, worker):
        with pytest.raises(GoalRefused):
            a_goal(room, worker, domain="family", wanted=True)

        event = AuditEvent.objects.get(event="outcomes.goal_set")
        assert (event.outcome, event.detail) == ("refused", {"codes": ["goal_family_not_safe"]})
        assert not Goal.objects.exists()

    def test_refuses_somebody_never_accepted_here(self, room, worker):
        with pytest.raises(NotInTreatmentHere):
            a_goal(room, worker, person=PersonFactory().id)


class TestAStep:
    def test_is_stored_once_and_moves_the_day_to_look_again(self, room, worker, today):
        goal, key = a_goal(room, worker), uuid.uuid4()

        for _ in range(2):
            a_step(room, goal, worker, key=key)

        assert GoalStep.objects.get().noted_by == worker
        page = get_plan_page(clinic=room.clinic, person_id=room.patient.id, at=now())
        assert page is not None
        assert page.standing[0].review_on == today + 14 * A_DAY
        assert AuditEvent.objects.filter(event="outcomes.goal_step_noted").count() == 1

    def test_refuses_a_key_with_other_answers(self, room, worker):
        goal, key = a_goal(room, worker), uuid.uuid4()
        a_step(room, goal, worker, key=key)

        with pytest.raises(PlanKeyReused):
            a_step(room, goal, worker, key=key, words="Other")

    def test_may_end_a_goal_and_nothing_comes_after(self, room, worker):
        goal = a_goal(room, worker)
        a_step(room, goal, worker, ended="reached")

        with pytest.raises(GoalStepRefused, match="has ended"):
            a_step(room, goal, worker)

        page = get_plan_page(clinic=room.clinic, person_id=room.patient.id, at=now())
        assert page is not None
        assert (page.standing, page.ended[0].ended) == ((), "Reached")
        event = AuditEvent.objects.filter(event="outcomes.goal_step_noted").latest("id")
        assert (event.outcome, event.detail) == ("refused", {"codes": ["goal_has_ended"]})


class TestTheCaseload:
    def due(self, room: TreatmentRoom, worker: User) -> list[tuple[str, bool]]:
        caseload = get_caseload(clinic=room.clinic, case_worker=worker, mine=None, today=london_date(now()))
        return [(review.words, review.is_late) for review in caseload.reviews]

    def test_shows_goals_to_look_at_until_they_were_looked_at(self, room, worker, today):
        here = {"clinic": room.clinic, "patient": room.patient}
        late = GoalFactory(**here, words="Late", review_on=today - A_DAY)
        GoalFactory(**here, words="Today", review_on=today)
        GoalFactory(**here, words="Tomorrow", review_on=today + A_DAY)
        GoalFactory(words="Elsewhere", review_on=today)
        assert self.due(room, worker) == [("Late", True), ("Today", False)]

        a_step(room, late, worker)
        assert self.due(room, worker) == [("Today", False)]

    def test_shows_no_goal_that_ended(self, room, worker, today):
        goal = GoalFactory(clinic=room.clinic, patient=room.patient, review_on=today)
        a_step(room, goal, worker, ended="not_wanted")

        assert self.due(room, worker) == []


class TestThePages:
    def address(self, room: TreatmentRoom, name: str, *more: Any) -> str:
        return reverse(f"outcomes:{name}", args=[room.clinic.code, room.patient.id, *more])

    def opened(self, browser: Client, address: str) -> dict[str, Any]:
        form = browser.get(address).context["form"]
        return {"seal": form["seal"].value(), "key": str(form["key"].value())}

    def test_set_a_goal_note_how_it_goes_and_print_it(self, room, browser, worker, today):
        address = self.address(room, "set_goal")
        sent = {
            **self.opened(browser, address),
            "domain": "family",
            "words": "See my sister",
            "owner": "person",
            "review_on": f"{today + 14 * A_DAY:%d/%m/%Y}",
            "wanted": "yes",
        }
        refused = browser.post(address, sent).content.decode()
        assert "is it safe for everybody?" in refused
        assert "See my sister" in refused
        assert not Goal.objects.exists()

        saved = browser.post(address, sent | {"safe": "yes"}, follow=True).content.decode()
        assert "Saved: the goal stands." in saved
        goal = Goal.objects.get()
        assert (goal.owner, goal.wanted, goal.safe) == (None, True, True)

        address = self.address(room, "note_goal_step", goal.id)
        step = {**self.opened(browser, address), "words": "Wrote to her", "ended": "goes_on"}
        assert "look at it together again" in browser.post(address, step).content.decode()
        step["review_on"] = f"{today + 7 * A_DAY:%d/%m/%Y}"
        assert "Wrote to her" in browser.post(address, step, follow=True).content.decode()

        printed = browser.get(self.address(room, "print_plan")).content.decode()
        assert "You do it yourself." in printed
        assert "Last step: Wrote to her" in printed

    def test_say_when_a_form_was_sent_before_with_other_answers(self, room, browser, today):
        address = self.address(room, "set_goal")
        sent = {**self.opened(browser, address), "domain": "housing", "words": "A flat"}
        sent["review_on"] = f"{today + 14 * A_DAY:%d/%m/%Y}"
        assert browser.post(address, sent).status_code == 302
        assert "sent before" in browser.post(address, sent | {"words": "A house"}).content.decode()

        address = self.address(room, "note_goal_step", Goal.objects.get().id)
        step = {**self.opened(browser, address), "words": "Found it", "ended": "reached"}
        assert browser.post(address, step).status_code == 302
        assert "sent before" in browser.post(address, step | {"words": "Lost it"}).content.decode()
        page = browser.post(address, {**self.opened(browser, address), "words": "x", "ended": "reached"})
        assert "This goal has ended." in page.content.decode()

    @pytest.mark.parametrize("name", ["set_goal", "note_goal_step"])
    def test_refuse_a_form_that_somebody_else_opened(self, room, browser, sign_in, make_member, name):
        colleague = make_member(room.clinic, Role.CASE_WORKER, "hanif")
        goal = GoalFactory(clinic=room.clinic, patient=room.patient)
        address = self.address(room, name, *([goal.id] if name == "note_goal_step" else []))
        sealed = self.opened(sign_in(Client(), colleague), address)
        sent = {"domain": "health", "words": "x", "ended": "reached", "review_on": "24/12/2026", **sealed}

        page = browser.post(address, sent).content.decode()

        assert "opened by somebody else" in page
        assert (Goal.objects.count(), GoalStep.objects.count()) == (1, 0)

    def test_know_nothing_of_somebody_never_accepted_here_and_no_goal_of_another(self, room, browser):
        elsewhere = reverse("outcomes:see_plan", args=[room.clinic.code, PersonFactory().id])
        assert browser.get(elsewhere).status_code == 404
        address = self.address(room, "note_goal_step", GoalFactory(clinic=room.clinic).id)
        assert browser.get(address).status_code == 404


class TestTheTables:
    def test_store_a_goal_once_per_key(self):
        with refused_by("one_goal_per_key"):
            GoalFactory(key=GoalFactory().key)

    def test_refuse_a_goal_of_nothing(self):
        with refused_by("goal_says_what"):
            GoalFactory(words="")

    @pytest.mark.parametrize(("wanted", "safe"), [(None, None), (True, None), (True, False), (False, True)])
    def test_refuse_a_family_goal_without_two_yes(self, wanted, safe):
        GoalFactory(domain="family", wanted=True, safe=True)
        with refused_by("family_goal_is_wanted_and_safe"):
            GoalFactory(domain="family", wanted=wanted, safe=safe)

    def step(self, goal: Goal, **changes: Any) -> GoalStep:
        row = {"words": "Moved in", "ended": "reached", "key": uuid.uuid4(), **changes}
        return GoalStep.objects.create(goal=goal, noted_by=goal.set_by, noted_at=now(), **row)

    def test_end_a_goal_once(self):
        goal = GoalFactory()
        self.step(goal)
        with refused_by("goal_ends_once"):
            self.step(goal)

    def test_store_a_step_once_per_key(self):
        first = self.step(GoalFactory())
        with refused_by("one_goal_step_per_key"):
            self.step(GoalFactory(), key=first.key)

    def test_refuse_a_step_of_nothing(self):
        with refused_by("goal_step_says_what"):
            self.step(GoalFactory(), words="")

    @pytest.mark.parametrize(
        "changes", [{"ended": ""}, {"ended": "other"}, {"review_on": date(2026, 12, 24)}]
    )
    def test_refuse_a_step_that_neither_goes_on_nor_ends(self, changes):
        with refused_by("goal_step_is_looked_at_again_or_ends"):
            self.step(GoalFactory(), **changes)
