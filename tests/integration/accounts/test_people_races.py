"""Invitations and roles at the same moment, on real connections."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from hat_clinic.accounts.actions import (
    InvitationRefused,
    close_account,
    end_role,
    people,
    withdraw_invitation,
)
from hat_clinic.accounts.models import Membership, User
from hat_clinic.accounts.rules import Role
from hat_clinic.core.clock import now
from tests.factories.invitations import accept


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run each work in a thread and a connection of its own, all let go at the same moment."""
    barrier = threading.Barrier(len(works))
    answers: list[Any] = [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=30)
            answers[place] = work()
        except Exception as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


@pytest.mark.race
class TestAtTheSameMoment:
    """Real connections, real commits."""

    def test_an_invitation_makes_one_person(self, own_database: str, invite) -> None:
        for number in range(5):
            email = f"noor{number}@clinic.example"
            invited = invite(email)

            answers = at_once(*[lambda invited=invited: accept(invited)] * 6)

            assert Counter(type(answer).__name__ for answer in answers) == {
                "User": 1,
                "InvitationRefused": 5,
            }, answers
            assert Membership.objects.filter(user__email=email).count() == 1

    def test_an_invitation_grants_a_known_person_once(
        self, own_database: str, invite, make_clinic, make_member
    ) -> None:
        other = make_clinic("OTHER")
        for number in range(5):
            known = make_member(other, Role.NURSE, f"known{number}")
            invited = invite(known.email, Role.DOCTOR)

            answers = at_once(*[lambda invited=invited, known=known: accept(invited, by=known)] * 6)

            assert Counter(type(answer).__name__ for answer in answers)["User"] == 1, answers
            assert Membership.objects.filter(user=known, role=Role.DOCTOR).count() == 1

    def test_an_invitation_is_accepted_or_withdrawn(self, own_database: str, clinic, manager, invite) -> None:
        for number in range(5):
            invited = invite(f"noor{number}@clinic.example")

            answers = at_once(
                lambda invited=invited: accept(invited),
                lambda invited=invited: withdraw_invitation(
                    clinic=clinic, invitation_id=invited.invitation.pk, by=manager, at=now()
                ),
            )

            invited.invitation.refresh_from_db()
            assert sum(isinstance(answer, InvitationRefused) for answer in answers) == 1, answers
            assert (invited.invitation.accepted_at is None) != (invited.invitation.withdrawn_at is None)

    def test_two_managers_who_end_each_others_role_leave_one(
        self, own_database: str, clinic, manager, make_member
    ) -> None:
        second = make_member(clinic, Role.MANAGER, "manager2")
        for _ in range(5):
            at_once(
                lambda: end_role(user=second, clinic=clinic, role=Role.MANAGER, by=manager, at=now()),
                lambda: close_account(user=manager, clinic=clinic, by=second, at=now()),
            )

            left = Membership.objects.filter(clinic=clinic, role=Role.MANAGER, ends_at__isnull=True)
            assert left.count() == 1
            User.objects.update(is_active=True)
            Membership.objects.filter(role=Role.MANAGER).update(ends_at=None)

    def test_two_managers_leave_none_where_the_lock_is_taken_away(
        self, own_database: str, clinic, manager, make_member, monkeypatch
    ) -> None:
        """The positive control: only the lock decides the race."""
        second = make_member(clinic, Role.MANAGER, "manager2")
        asked = threading.Barrier(2)
        count = people.count_other_managers

        def count_together(**facts: Any) -> int:
            others = count(**facts)
            asked.wait(timeout=30)
            return others

        monkeypatch.setattr(people, "_lock_staff_of", lambda clinic: None)
        monkeypatch.setattr(people, "count_other_managers", count_together)

        at_once(
            lambda: end_role(user=second, clinic=clinic, role=Role.MANAGER, by=manager, at=now()),
            lambda: end_role(user=manager, clinic=clinic, role=Role.MANAGER, by=second, at=now()),
        )

        assert not Membership.objects.filter(clinic=clinic, role=Role.MANAGER, ends_at=None).exists()
