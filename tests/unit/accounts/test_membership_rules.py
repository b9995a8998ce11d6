"""Who gets a role, for how long, and who may lose it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hat_clinic.accounts.rules import INSPECTOR_LIMIT, Role, may_close_account, may_end_role, may_grant_role
from hat_clinic.core.decisions import Decision

AT = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
A_MOMENT = timedelta(microseconds=1)


def granting(role: Role = Role.NURSE, **changes: object) -> Decision:
    facts: dict[str, object] = {
        "is_open": True,
        "is_held": False,
        "has_agency": False,
        "ends_at": None,
        "at": AT,
    }
    return may_grant_role(role=role, **(facts | changes))  # type: ignore[arg-type]  # a test's own changes


def codes(decision: Decision) -> list[str]:
    return [finding.code for finding in decision]


class TestGrantingARole:
    @pytest.mark.parametrize("role", sorted(set(Role) - {Role.REFERRER, Role.INSPECTOR}))
    def test_needs_neither_agency_nor_end(self, role: Role) -> None:
        assert granting(role).is_allowed

    def test_on_a_closed_account_is_refused(self) -> None:
        assert codes(granting(is_open=False)) == ["account_is_closed"]

    def test_that_is_held_already_is_refused(self) -> None:
        assert codes(granting(is_held=True)) == ["role_is_held"]

    def test_of_a_referrer_needs_an_agency(self) -> None:
        assert granting(Role.REFERRER, has_agency=True).is_allowed
        assert codes(granting(Role.REFERRER)) == ["referrer_without_agency"]

    def test_of_anybody_else_takes_no_agency(self) -> None:
        assert codes(granting(Role.NURSE, has_agency=True)) == ["agency_without_referrer"]

    def test_may_end_from_the_next_moment_on(self) -> None:
        assert granting(ends_at=AT + A_MOMENT).is_allowed
        assert codes(granting(ends_at=AT)) == ["role_ends_before_it_starts"]

    def test_of_an_inspector_ends_within_31_days(self) -> None:
        assert granting(Role.INSPECTOR, ends_at=AT + INSPECTOR_LIMIT).is_allowed
        assert codes(granting(Role.INSPECTOR, ends_at=AT + INSPECTOR_LIMIT + A_MOMENT)) == [
            "inspection_has_no_end"
        ]

    def test_of_an_inspector_has_an_end(self) -> None:
        assert codes(granting(Role.INSPECTOR)) == ["inspection_has_no_end"]

    def test_of_another_may_be_long(self) -> None:
        assert granting(Role.NURSE, ends_at=AT + timedelta(days=365)).is_allowed

    def test_tells_every_reason_at_once(self) -> None:
        decision = granting(Role.INSPECTOR, is_held=True, has_agency=True, ends_at=AT)

        assert codes(decision) == ["role_is_held", "agency_without_referrer", "role_ends_before_it_starts"]


class TestEndingARole:
    def test_that_is_held_is_allowed(self) -> None:
        assert may_end_role(role=Role.NURSE, is_held=True, other_managers=0).is_allowed

    def test_that_is_not_held_is_refused(self) -> None:
        decision = may_end_role(role=Role.MANAGER, is_held=False, other_managers=0)

        assert codes(decision) == ["role_is_not_held"]

    def test_of_the_last_manager_is_refused(self) -> None:
        assert may_end_role(role=Role.MANAGER, is_held=True, other_managers=1).is_allowed
        assert codes(may_end_role(role=Role.MANAGER, is_held=True, other_managers=0)) == ["last_manager"]


class TestClosingAnAccount:
    def test_is_allowed_where_all_roles_are_here(self) -> None:
        assert may_close_account(roles_elsewhere=0, is_manager=False, other_managers=0).is_allowed

    def test_is_refused_while_a_role_stands_elsewhere(self) -> None:
        decision = may_close_account(roles_elsewhere=1, is_manager=False, other_managers=0)

        assert codes(decision) == ["works_elsewhere_too"]

    def test_of_the_last_manager_is_refused(self) -> None:
        assert may_close_account(roles_elsewhere=0, is_manager=True, other_managers=1).is_allowed
        decision = may_close_account(roles_elsewhere=1, is_manager=True, other_managers=0)
        assert codes(decision) == ["works_elsewhere_too", "last_manager"]
