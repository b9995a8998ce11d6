"""Questions whose SQL is written once for each connection."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q

from hat_clinic.accounts.models import User
from hat_clinic.core.clock import now
from hat_clinic.core.compiled import NotCompilable, ask_compiled
from patients.models import Episode, Person
from tests.factories.accounts import UserFactory
from tests.factories.patients import EpisodeFactory, PersonFactory
from tests.statements import statements


def of_name(*, name: str) -> Any:
    return User.objects.filter(full_name=name)


def of_treatment(*, episode: uuid.UUID, on: date) -> Any:
    return Episode.objects.select_related("person").filter(id=episode, accepted_on__lte=on)


@pytest.mark.django_db
class TestAQuestion:
    def test_is_answered_with_each_of_its_values(self) -> None:
        one, other = UserFactory(full_name="Ann Cole"), UserFactory(full_name="Bo O'Neill; --")

        for user in (one, other, one):
            assert ask_compiled(of_name, name=user.full_name) == [user]
        assert ask_compiled(of_name, name="nobody") == []

    def test_is_one_statement_and_brings_what_is_beside_the_rows(self) -> None:
        episode = EpisodeFactory()
        with statements() as found:
            (row,) = ask_compiled(of_treatment, episode=episode.id, on=episode.accepted_on)
            assert (row, row.person) == (episode, episode.person)
        assert len(found.sent) == 1
        assert (
            ask_compiled(of_treatment, episode=episode.id, on=episode.accepted_on - timedelta(days=1)) == []
        )

    def test_can_hold_a_value_twice_and_two_that_are_equal(self) -> None:
        person = PersonFactory(given_names="Kim", family_name="Kim")

        def named(*, first: str, last: str) -> Any:
            return Person.objects.filter(Q(given_names=first) | Q(name_used=first), family_name=last).values(
                "id"
            )

        assert ask_compiled(named, first="Kim", last="Kim") == [{"id": person.id}]
        assert ask_compiled(named, first="Kim", last="Other") == []

    def test_is_written_anew_for_values_of_another_type(self) -> None:
        def at(*, at: Any) -> Any:
            return Episode.objects.filter(accepted_on__lte=at)

        EpisodeFactory(accepted_on=now().date())
        assert len(ask_compiled(at, at=now().date())) == 1
        assert ask_compiled(at, at=now().date() - timedelta(days=1)) == []


@pytest.mark.django_db
class TestAQuestionThatCannotBeKept:
    @pytest.mark.parametrize(
        "kind", ["made out of a value", "chosen by a value", "value left out", "not text"]
    )
    def test_is_refused_at_its_first_asking(self, kind: str) -> None:
        questions: dict[str, Any] = {
            "made out of a value": lambda *, name: User.objects.filter(full_name=name + "!"),
            "chosen by a value": lambda *, name: (
                User.objects.filter(full_name=name) if "1" in name else User.objects.filter(email=name)
            ),
            "value left out": lambda *, name: User.objects.all(),
            "not text": lambda *, name: User.objects.filter(full_name__icontains=name),
        }
        with pytest.raises(NotCompilable):
            ask_compiled(questions[kind], name="Ann")


class TestAConnectionOfItsOwn:
    def test_writes_it_anew(self, own_database: str) -> None:
        user = UserFactory()
        assert ask_compiled(of_name, name=user.full_name) == [user]
        connection.close()

        assert ask_compiled(of_name, name=user.full_name) == [user]
