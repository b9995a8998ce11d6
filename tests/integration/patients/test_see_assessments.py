"""Reading every version of an assessment, and what changed between two."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.models import Assessment, Episode
from tests.factories import AssessmentFactory, EpisodeFactory
from tests.factories.people import assess
from tests.integration.patients.pages import address, words

pytestmark = pytest.mark.django_db
CLINICIANS = [Role.NURSE, Role.DOCTOR, Role.PRESCRIBER, Role.CLINICAL_LEAD]


@pytest.fixture
def episode(clinic) -> Episode:
    return EpisodeFactory(clinic=clinic)


@pytest.fixture
def enter(clinic, make_member, sign_in):
    """Return a function that gives the browser of a member of the clinic."""
    return lambda role: sign_in(Client(), make_member(clinic, role, f"a{role.value}"))


@pytest.fixture
def three(episode, doctor) -> list[Assessment]:
    """Three versions: the second is the first again, the third says something else of liver and pregnancy."""
    return [
        assess(episode, by=doctor, at=now(), follows=number, **changes)
        for number, changes in enumerate(
            ({}, {}, {"liver": "Enzymes three times the normal.", "pregnancy": "not_known"})
        )
    ]


class TestTheList:
    @pytest.mark.parametrize("role", CLINICIANS)
    def test_tells_of_each_version_what_changed(self, episode, three, enter, role) -> None:
        page = words(enter(role).get(address("see_assessments", episode)))

        third, second, first = (page.index(f"Number {number}") for number in (3, 2, 1))
        assert third < second < first
        assert "Liver, Pregnant" in page[third:second]
        assert "Nothing" in page[second:first] and "The first one" in page[first:]
        assert page.count("Orders rest on this one") == 1 and "Orders rest on this one" in page[third:second]

    def test_of_nobody_assessed_says_what_comes_next(self, episode, enter) -> None:
        page = words(enter(Role.NURSE).get(address("see_assessments", episode)))

        assert "No assessment is signed." in page and "Record an assessment" not in page

    def test_says_when_the_newest_is_overdue(self, episode, enter) -> None:
        AssessmentFactory(episode=episode, due_on=london_date(now()) - timedelta(days=1))

        page = words(enter(Role.DOCTOR).get(address("see_assessments", episode)))

        assert "Overdue" in page and "Orders rest on this one" not in page and "Record an assessment" in page

    def test_has_earlier_treatments_here_and_none_from_elsewhere(self, episode, doctor, three, enter) -> None:
        ended = {"exited_on": london_date(now()), "exit_reason": "completed"}
        AssessmentFactory(
            episode=EpisodeFactory(person=episode.person, clinic=episode.clinic, **ended),
            liver="A finding of the treatment before.",
        )
        elsewhere = AssessmentFactory(episode=EpisodeFactory(person=episode.person, **ended))
        browser = enter(Role.DOCTOR)

        page = browser.get(address("see_assessments", episode)).content.decode()

        assert page.count("treatment since") == 4
        assert str(elsewhere.id) not in page
        theirs = address("see_assessment", episode, assessment_id=elsewhere.id)
        assert browser.get(theirs).status_code == 404

    def test_is_a_look_at_the_person(self, episode, enter) -> None:
        enter(Role.NURSE).get(address("see_assessments", episode))

        assert AuditEvent.objects.get(event="patients.assessments_seen").person == episode.person_id

    def test_takes_the_same_queries_for_one_version_and_for_three(
        self, episode, doctor, enter, django_assert_max_num_queries
    ) -> None:
        browser = enter(Role.DOCTOR)
        assess(episode, by=doctor, at=now())
        with django_assert_max_num_queries(100) as one:
            browser.get(address("see_assessments", episode))
        for number in (1, 2):
            assess(episode, by=doctor, at=now(), follows=number)

        with django_assert_max_num_queries(100) as more:
            browser.get(address("see_assessments", episode))

        assert len(more) == len(one)

    def test_is_closed_to_case_workers(self, episode, three, enter) -> None:
        browser = enter(Role.CASE_WORKER)

        assert browser.get(address("see_assessments", episode)).status_code == 403
        path = address("see_assessment", episode, assessment_id=three[0].id)
        assert browser.get(path).status_code == 403


class TestOneVersion:
    def test_stands_beside_the_one_before(self, episode, three, enter) -> None:
        page = words(enter(Role.DOCTOR).get(address("see_assessment", episode, assessment_id=three[2].id)))

        assert "2 of 16 parts changed since number 2" in page
        assert "Enzymes three times the normal." in page
        assert "Number 2 said: Hepatitis C treated in 2024, bloods normal." in page
        assert "Number 2 said: not applicable" in page
        assert "an order rests on it" in page

    @pytest.mark.parametrize(("place", "sentence"), [(0, "since number 1"), (1, "since number 2")])
    def test_may_be_put_beside_any_earlier_one(self, episode, three, enter, place, sentence) -> None:
        path = address("see_assessment", episode, assessment_id=three[2].id)

        page = words(enter(Role.DOCTOR).get(path, {"beside": str(three[place].id)}))

        assert sentence in page

    @pytest.mark.parametrize("asked", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
    def test_put_beside_nothing_that_is_there_stands_beside_the_one_before(
        self, episode, three, enter, asked
    ) -> None:
        path = address("see_assessment", episode, assessment_id=three[2].id)

        assert "since number 2" in words(enter(Role.DOCTOR).get(path, {"beside": asked}))

    def test_that_repeats_the_one_before_says_that_nothing_changed(self, episode, three, enter) -> None:
        page = words(enter(Role.DOCTOR).get(address("see_assessment", episode, assessment_id=three[1].id)))

        assert "No part changed since number 1" in page and "no order rests on it now" in page

    def test_that_is_the_first_says_so(self, episode, three, enter) -> None:
        page = words(enter(Role.DOCTOR).get(address("see_assessment", episode, assessment_id=three[0].id)))

        assert "It is the first one" in page and "said:" not in page

    def test_is_not_found_under_somebody_else(self, clinic, three, enter) -> None:
        other = EpisodeFactory(clinic=clinic)

        answer = enter(Role.DOCTOR).get(address("see_assessment", other, assessment_id=three[0].id))

        assert answer.status_code == 404
