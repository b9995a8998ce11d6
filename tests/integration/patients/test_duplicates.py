"""Two records that may be one person: found however the names are written, and shown before anything is saved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from hat_clinic.accounts.rules import Role
from hat_clinic.audit.models import AuditEvent
from hat_clinic.core.clock import london_date, now
from patients.actions.people import ChangeRefused, change_person
from patients.models import Episode, Person
from patients.queries.people import details_of
from patients.rules.people import is_same_twice
from tests.factories import EpisodeFactory, UserFactory
from tests.integration.patients.pages import address, press, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def episode(clinic) -> Episode:
    return EpisodeFactory(clinic=clinic, person__given_names="Ann", person__family_name="Other")


def a_twin(episode: Episode, **more: object) -> Person:
    """Return somebody else of this clinic, named Anna-Maria O'Neil, with the same birth date."""
    return EpisodeFactory(
        clinic=episode.clinic,
        person__given_names="Anna-Maria",
        person__family_name="O'Neil",
        person__born_on=episode.person.born_on,
        **more,
    ).person


def rename(episode: Episode, *, is_somebody_else: bool = False, **changes: Any) -> tuple[str, ...]:
    person = Person.objects.get(id=episode.person_id)
    named = {"given_names": "anna  maria", "family_name": "O Neil"} | changes
    return change_person(
        person_id=person.id,
        clinic=episode.clinic,
        details=replace(details_of(person), **named),
        version=person.version,
        is_somebody_else=is_somebody_else,
        by=UserFactory(),
        at=now(),
    )


class TestANameOfAnotherRecordHere:
    def test_is_refused_with_that_record_however_it_is_written(self, episode: Episode) -> None:
        a_twin(episode)
        with pytest.raises(ChangeRefused, match="Anna-Maria O'Neil, no NHS number, in treatment here"):
            rename(episode)
        assert Person.objects.get(id=episode.person_id).version == 1

    def test_is_saved_once_somebody_says_that_it_is_another(self, episode: Episode) -> None:
        a_twin(episode)
        assert rename(episode, is_somebody_else=True) == ("given_names", "family_name")

    def test_that_is_told_is_a_look_at_that_person(self, episode: Episode) -> None:
        twin = a_twin(episode)
        with pytest.raises(ChangeRefused):
            rename(episode)
        look = AuditEvent.objects.get(event="patients.other_record_told")
        assert (look.person, look.is_look) == (twin.id, True)

    def test_tells_of_who_left_that_there_is_a_record_and_no_more(self, episode: Episode) -> None:
        today = london_date(now())
        a_twin(
            episode,
            accepted_on=today,
            started_on=None,
            exited_on=today,
            exit_reason="completed",
            person__nhs_number="9990000018",
        )
        with pytest.raises(ChangeRefused, match="not in treatment here now") as refusal:
            rename(episode)
        assert "999 000 0018" not in str(refusal.value) and "O'Neil" not in str(refusal.value)
        assert not AuditEvent.objects.filter(event="patients.other_record_told").exists()

    @pytest.mark.parametrize("case", ["another clinic", "another day", "another name"])
    def test_is_no_duplicate_otherwise(self, episode: Episode, case: str) -> None:
        twin = a_twin(episode)
        changes = {}
        if case == "another clinic":
            twin.episodes.update(clinic=EpisodeFactory().clinic)
        elif case == "another day":
            changes = {"born_on": twin.born_on - timedelta(days=1)}  # type: ignore[operator]  # it has a day
        else:
            changes = {"given_names": "Anna"}
        assert rename(episode, **changes)

    def test_is_not_asked_about_again_where_no_name_changes(self, episode: Episode) -> None:
        a_twin(episode)
        rename(episode, is_somebody_else=True)
        assert rename(episode, given_names="anna  maria", phone="07700 900100") == ("phone",)

    def test_is_shown_on_the_page_with_the_tick(self, episode: Episode, clinic, make_member, sign_in) -> None:
        a_twin(episode)
        browser = sign_in(Client(), make_member(clinic, Role.NURSE, "nurse"))
        typed = {
            "given_names": "Anna-Maria",
            "family_name": "O'Neil",
            "born_on": f"{episode.person.born_on:%d/%m/%Y}",
            "allergies_asked": "not_asked",
        }

        path = address("change_person", episode)
        refused = press(browser, path, typed)
        assert "it is somebody else" not in words(browser.get(path))
        assert "Another record here has these names" in words(refused)
        assert "it is somebody else" in words(refused)
        assert press(browser, path, typed | {"is_somebody_else": "on"}).status_code == 302


class TestTheRule:
    def test_lets_pass_what_has_no_other_or_was_looked_at(self) -> None:
        assert is_same_twice((), is_somebody_else=False).is_allowed
        assert is_same_twice(("A",), is_somebody_else=True).is_allowed
        assert not is_same_twice(("A",), is_somebody_else=False).is_allowed
