"""Alerts, ways to reach somebody, who works with them, and the plan for leaving: stored once, ended, never rewritten."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.actions import around as acts
from patients.actions.endings import end_treatment
from patients.actions.leaving import PlanRefused, plan_leaving
from patients.models import Alert, ContactDetail, Episode, LeavingPlan, Relationship
from patients.queries.around import list_alerts, list_colleagues_here
from patients.queries.leaving import get_plan
from patients.rules.alerts import AlertContent, Severity
from patients.rules.contacts import ContactContent, ContactPurpose
from patients.rules.leaving import LeavingPlanContent
from patients.rules.relationships import Part
from tests.factories import EpisodeFactory, UserFactory
from tests.factories.around import (
    AlertFactory,
    ContactDetailFactory,
    LeavingPlanFactory,
    RelationshipFactory,
    a_whole_plan,
    plan_for,
)
from tests.factories.treatment import a_member_of_staff
from tests.integration.patients.pages import address, press, seal_of, words
from tests.refusals import refused_by

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def episode(clinic) -> Episode:
    today = london_date(now())
    return EpisodeFactory(clinic=clinic, accepted_on=today - timedelta(days=40))


@pytest.fixture
def enter(clinic, make_member, sign_in):
    """Return a function that gives the browser of a member of the clinic."""
    return lambda role: sign_in(Client(), make_member(clinic, role, f"a{role.value}"))


def an_alert(**changes: Any) -> AlertContent:
    content = AlertContent(Severity.DANGER, "Do not visit alone.", london_date(now()), None)
    return replace(content, **changes)


CONTACT = ContactContent(ContactPurpose.MISSED, "Sister, Ola", "07700 900100", False)


class TestAnAlert:
    def test_is_set_once_seen_the_heaviest_first_and_ended_once(self, episode: Episode) -> None:
        who = {"person_id": episode.person_id, "clinic": episode.clinic, "by": UserFactory(), "at": now()}
        note = acts.set_alert(content=an_alert(severity=Severity.NOTE, words="Likes tea."), **who)
        danger = acts.set_alert(content=an_alert(), **who)

        assert acts.set_alert(content=an_alert(), **who).pk == danger.pk
        lines = list_alerts(person_id=episode.person_id, at=now())
        assert [line.id for line in lines] == [danger.pk, note.pk]
        assert acts.end_alert(alert_id=danger.pk, **who)
        assert acts.end_alert(alert_id=danger.pk, **who)
        assert not acts.end_alert(alert_id=uuid.uuid4(), **who)
        assert [line.id for line in list_alerts(person_id=episode.person_id, at=now())] == [note.pk]
        events = AuditEvent.objects.filter(event__startswith="patients.alert").order_by("id")
        assert [event.event for event in events] == [
            "patients.alert_set",
            "patients.alert_set",
            "patients.alert_ended",
        ]

    def test_that_says_nothing_is_refused_in_the_trail(self, episode: Episode) -> None:
        with pytest.raises(acts.AlertRefused, match="what to know"):
            acts.set_alert(
                person_id=episode.person_id,
                clinic=episode.clinic,
                content=an_alert(words=""),
                by=UserFactory(),
                at=now(),
            )
        assert AuditEvent.objects.get(event="patients.alert_set").detail == {"codes": ["words"]}

    def test_of_another_clinic_is_not_ended_here(self, episode: Episode) -> None:
        other = AlertFactory(person=episode.person)
        assert not acts.end_alert(
            alert_id=other.pk, person_id=episode.person_id, clinic=episode.clinic, by=UserFactory(), at=now()
        )

    @pytest.mark.parametrize(
        ("constraint", "changes"),
        [
            ("alert_weighs_and_says_something", {"severity": "huge"}),
            ("alert_weighs_and_says_something", {"words": ""}),
            ("alert_ended_at_and_by", {"ended_at": now}),
        ],
        ids=["severity", "words", "ended"],
    )
    def test_is_whole_in_the_database(self, constraint: str, changes: dict) -> None:
        given = {name: value() if callable(value) else value for name, value in changes.items()}
        assert AlertFactory().pk
        with refused_by(constraint):
            AlertFactory(**given)

    def test_ends_when_or_after_it_starts(self) -> None:
        alert = AlertFactory.build()
        assert AlertFactory(ends_on=alert.starts_on).pk
        with refused_by("alert_ends_when_or_after_it_starts"):
            AlertFactory(ends_on=alert.starts_on - A_DAY)

    def test_is_only_ever_ended_whatever_the_program_does(self) -> None:
        alert, by = AlertFactory(), UserFactory()
        with refused_by("row_is_only_ended"):
            Alert.objects.filter(pk=alert.pk).update(words="Something else.")
        Alert.objects.filter(pk=alert.pk).update(ended_at=now(), ended_by=by)
        with refused_by("row_is_only_ended"):
            Alert.objects.filter(pk=alert.pk).update(ended_at=None, ended_by=None)


class TestAWayToReachSomebody:
    def test_is_added_once_and_taken_out_of_use_once(self, episode: Episode) -> None:
        who = {"person_id": episode.person_id, "clinic": episode.clinic, "by": UserFactory(), "at": now()}
        contact = acts.add_contact(content=CONTACT, **who)

        assert acts.add_contact(content=CONTACT, **who).pk == contact.pk
        assert acts.end_contact(contact_id=contact.pk, **who)
        assert acts.end_contact(contact_id=contact.pk, **who)
        assert not acts.end_contact(contact_id=uuid.uuid4(), **who)
        assert ContactDetail.objects.get().ended_by == who["by"]

    def test_that_does_not_say_whether_they_know_is_refused(self, episode: Episode) -> None:
        with pytest.raises(acts.ContactRefused, match="whether they know"):
            acts.add_contact(
                person_id=episode.person_id,
                clinic=episode.clinic,
                content=replace(CONTACT, knows_of_treatment=None),
                by=UserFactory(),
                at=now(),
            )

    @pytest.mark.parametrize("changes", [{"who": ""}, {"how": ""}, {"purpose": "gossip"}])
    def test_reaches_somebody_in_the_database(self, changes: dict) -> None:
        assert ContactDetailFactory().pk
        with refused_by("contact_detail_reaches_somebody"):
            ContactDetailFactory(**changes)

    def test_is_ended_by_somebody_and_only_ended(self) -> None:
        with refused_by("contact_detail_ended_at_and_by"):
            ContactDetailFactory(ended_at=now())
        contact = ContactDetailFactory()
        with refused_by("row_is_only_ended"):
            ContactDetail.objects.filter(pk=contact.pk).update(how="07700 900999")


class TestARelationship:
    def test_is_of_a_colleague_here_once_and_ends_once(self, episode: Episode) -> None:
        colleague = a_member_of_staff(episode.clinic, Role.CASE_WORKER, name="Hanif Rahman")
        who = {"person_id": episode.person_id, "clinic": episode.clinic, "by": colleague, "at": now()}
        part = {"colleague_id": colleague.pk, "part": Part.KEY_WORKER}
        first = acts.add_relationship(**part, **who)

        assert acts.add_relationship(**part, **who).pk == first.pk
        assert list_colleagues_here(clinic=episode.clinic, at=now()) == [(str(colleague.pk), "Hanif Rahman")]
        assert acts.end_relationship(relationship_id=first.pk, **who)
        assert acts.end_relationship(relationship_id=first.pk, **who)
        assert not acts.end_relationship(relationship_id=uuid.uuid4(), **who)

    @pytest.mark.parametrize("case", ["a stranger", "nobody", "no part"])
    def test_is_refused_for_others_in_the_trail(self, episode: Episode, case: str) -> None:
        colleague = a_member_of_staff(episode.clinic, Role.NURSE, name="Grace Okafor")
        chosen = {"a stranger": UserFactory().pk, "nobody": None}.get(case, colleague.pk)
        with pytest.raises(acts.RelationshipRefused):
            acts.add_relationship(
                person_id=episode.person_id,
                clinic=episode.clinic,
                colleague_id=chosen,
                part=None if case == "no part" else Part.OTHER,
                by=colleague,
                at=now(),
            )
        assert not Relationship.objects.exists()
        event = AuditEvent.objects.get(event="patients.relationship_added")
        assert event.detail == {"codes": ["part" if case == "no part" else "colleague"]}

    def test_stands_once_for_each_part(self) -> None:
        first = RelationshipFactory()
        same = {"person": first.person, "clinic": first.clinic, "colleague": first.colleague}
        assert RelationshipFactory(**same, part="named_nurse").pk
        with refused_by("one_standing_relationship_of_a_part"):
            RelationshipFactory(**same)

    def test_has_a_part_and_an_end_with_a_name(self) -> None:
        with refused_by("relationship_has_a_part"):
            RelationshipFactory(part="friend")
        with refused_by("relationship_ended_at_and_by"):
            RelationshipFactory(ended_at=now())
        row = RelationshipFactory()
        with refused_by("row_is_only_ended"):
            Relationship.objects.filter(pk=row.pk).update(part="other")


class TestAPlanForLeaving:
    def test_is_written_in_versions_and_the_same_twice_is_one(self, episode: Episode) -> None:
        by, at = UserFactory(), now()
        part = LeavingPlanContent(receiving_service="Community drug service")
        first = plan_leaving(episode=episode, content=part, follows=0, by=by, at=at)
        again = plan_leaving(episode=episode, content=part, follows=0, by=by, at=at)
        whole = a_whole_plan(today=london_date(at))
        second = plan_leaving(episode=episode, content=whole, follows=1, by=by, at=at)

        assert first.pk == again.pk and (first.number, second.number) == (1, 2)
        plan = get_plan(episode_id=episode.pk)
        assert plan is not None and (plan.content, plan.missing) == (whole, ())

    def test_that_follows_another_than_stands_or_says_nothing_is_refused(self, episode: Episode) -> None:
        by, at = UserFactory(), now()
        whole = a_whole_plan(today=london_date(at))
        plan_leaving(episode=episode, content=whole, follows=0, by=by, at=at)

        with pytest.raises(PlanRefused, match="meanwhile"):
            plan_leaving(
                episode=episode, content=replace(whole, oral_medicine="Another"), follows=0, by=by, at=at
            )
        with pytest.raises(PlanRefused, match="at least one part"):
            plan_leaving(episode=episode, content=LeavingPlanContent(), follows=1, by=by, at=at)
        refused = AuditEvent.objects.filter(event="patients.leaving_planned", outcome="refused")
        assert [event.detail["codes"] for event in refused.order_by("id")] == [
            ["written_meanwhile"],
            ["receiving_service"],
        ]

    def test_lets_the_treatment_end_and_the_trail_tells_it(self, episode: Episode) -> None:
        plan_for(episode, by=UserFactory())
        end_treatment(episode=episode, reason="transferred", by=UserFactory(), at=now())

        event = AuditEvent.objects.get(event="patients.treatment_ended")
        assert event.detail == {"reason": "transferred", "with_plan": True}

    def test_is_numbered_once_and_names_the_medicine_that_started(self) -> None:
        first = LeavingPlanFactory()
        with refused_by("leaving_plans_are_numbered_once"):
            LeavingPlanFactory(episode=first.episode)
        with refused_by("leaving_plan_says_which_medicine_started"):
            LeavingPlanFactory(oral_started_on=london_date(now()))
        assert LeavingPlan.objects.count() == 1


class TestThePages:
    @pytest.mark.parametrize("role", [Role.NURSE, Role.DOCTOR, Role.CASE_WORKER])
    def test_set_and_end_an_alert(self, episode: Episode, enter, role: Role) -> None:
        browser = enter(role)
        today = f"{london_date(now()):%d/%m/%Y}"
        empty = press(browser, address("set_alert", episode), {})
        sent = {"severity": "danger", "words": "Do not visit alone.", "starts_on": today}
        answer = press(browser, address("set_alert", episode), sent)

        assert "Choose how much it weighs." in words(empty)
        assert answer.status_code == 302
        assert "Do not visit alone." in words(browser.get(address("pages:see_person", episode)))
        alert = Alert.objects.get()
        end = address("end_alert", episode, alert_id=alert.pk)
        assert "opened by somebody else" in words(browser.post(end, follow=True))
        assert list_alerts(person_id=episode.person_id, at=now())
        seal = {"seal": seal_of(browser.get(address("set_alert", episode)))}
        assert browser.post(end, seal).status_code == 302
        assert browser.post(end, seal).status_code == 302
        assert not list_alerts(person_id=episode.person_id, at=now())

    def test_add_and_end_a_way_to_reach_them(self, episode: Episode, enter) -> None:
        browser = enter(Role.CASE_WORKER)
        empty = press(browser, address("add_contact", episode), {})
        sent = {
            "purpose": "missed",
            "who": "Sister, Ola",
            "how": "07700 900100",
            "knows_of_treatment": "no",
        }
        answer = press(browser, address("add_contact", episode), sent)

        assert "Write the number or the address." in words(empty)
        assert answer.status_code == 302
        shown = words(browser.get(address("pages:see_person", episode)))
        assert "Sister, Ola: 07700 900100" in shown and "does not know of the treatment" in shown
        end = address("end_contact", episode, contact_id=ContactDetail.objects.get().pk)
        assert "opened by somebody else" in words(browser.post(end, follow=True))
        assert ContactDetail.objects.filter(ended_at=None).exists()
        seal = {"seal": seal_of(browser.get(address("add_contact", episode)))}
        assert browser.post(end, seal).status_code == 302
        assert browser.post(end, seal).status_code == 302
        assert not ContactDetail.objects.filter(ended_at=None).exists()

    def test_name_and_end_who_works_with_them(self, episode: Episode, enter) -> None:
        browser = enter(Role.NURSE)
        colleague = a_member_of_staff(episode.clinic, Role.DOCTOR, name="Imani Cole")
        empty = press(browser, address("add_relationship", episode), {})
        sent = {"colleague": str(colleague.pk), "part": "lead_prescriber"}
        answer = press(browser, address("add_relationship", episode), sent)

        assert "Choose a colleague who works in this clinic." in words(empty)
        assert answer.status_code == 302
        assert "Imani Cole" in words(browser.get(address("pages:see_person", episode)))
        end = address("end_relationship", episode, relationship_id=Relationship.objects.get().pk)
        assert "opened by somebody else" in words(browser.post(end, follow=True))
        assert Relationship.objects.filter(ended_at=None).exists()
        seal = {"seal": seal_of(browser.get(address("add_relationship", episode)))}
        assert browser.post(end, seal).status_code == 302
        assert browser.post(end, seal).status_code == 302
        assert not Relationship.objects.filter(ended_at=None).exists()
        assert "Imani Cole" in words(browser.get(address("add_relationship", episode)))

    def test_write_a_plan_that_the_ending_then_shows(self, episode: Episode, enter) -> None:
        browser = enter(Role.DOCTOR)
        nothing = press(browser, address("plan_leaving", episode), {})
        sent = {"receiving_service": "Community drug service", "naloxone": "held"}
        answer = press(browser, address("plan_leaving", episode), sent)

        assert "at least one part" in words(nothing)
        assert answer.status_code == 302
        assert "Not settled yet: receiving prescriber" in words(
            browser.get(address("pages:see_person", episode))
        )
        ending = press(browser, address("end_treatment", episode), {"reason": "completed"})
        assert "say that they go without one" in words(ending)

    def test_end_a_treatment_with_a_whole_plan_without_a_tick(self, episode: Episode, enter) -> None:
        plan_for(episode, by=UserFactory())
        browser = enter(Role.DOCTOR)
        path = address("end_treatment", episode)

        assert "They go without a whole plan" not in words(browser.get(path))
        assert press(browser, path, {"reason": "transferred"}).status_code == 302

    @pytest.mark.parametrize("name", ["set_alert", "add_contact", "add_relationship", "plan_leaving"])
    def test_are_of_who_opened_them(self, episode: Episode, enter, name: str) -> None:
        seal = seal_of(enter(Role.DOCTOR).get(address(name, episode)))

        answer = enter(Role.NURSE).post(address(name, episode), {"seal": seal})
        assert "opened by somebody else" in words(answer)

    @pytest.mark.parametrize("name", ["end_alert", "end_contact", "end_relationship"])
    def test_know_nothing_of_a_stranger(self, episode: Episode, enter, name: str) -> None:
        things = {"end_alert": "alert_id", "end_contact": "contact_id", "end_relationship": "relationship_id"}
        opened = {
            "end_alert": "set_alert",
            "end_contact": "add_contact",
            "end_relationship": "add_relationship",
        }
        browser = enter(Role.NURSE)
        seal = {"seal": seal_of(browser.get(address(opened[name], episode)))}
        for who in (EpisodeFactory(), episode):
            path = address(name, who, **{things[name]: uuid.uuid4()})
            assert browser.post(path, seal).status_code == 404

    def test_keep_the_plan_from_a_case_worker(self, episode: Episode, enter) -> None:
        plan_for(episode, by=UserFactory())
        browser = enter(Role.CASE_WORKER)
        assert browser.get(address("plan_leaving", episode)).status_code == 403
        assert "Methadone" not in words(browser.get(address("pages:see_person", episode)))
