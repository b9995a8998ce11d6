from __future__ import annotations

import pytest

from hat_clinic.accounts.rules import ALLOWED, Permission, Role, may


class TestRoles:
    def test_all_are_in_the_table(self) -> None:
        assert set(ALLOWED) == set(Role)

    def test_all_have_words(self) -> None:
        assert all(role.label for role in Role)

    def test_each_permission_belongs_to_somebody(self) -> None:
        assert frozenset.union(*ALLOWED.values()) == frozenset(Permission)

    @pytest.mark.parametrize("permission", list(Permission))
    def test_nobody_may_without_a_role(self, permission) -> None:
        assert not may(frozenset(), permission)

    def test_two_roles_add_up(self) -> None:
        both = frozenset({Role.NURSE, Role.MANAGER})

        assert may(both, Permission.RECORD_INJECTION)
        assert may(both, Permission.REQUEST_REPORT)

    def test_the_commissioner_sees_reports_and_nothing_else(self) -> None:
        assert ALLOWED[Role.COMMISSIONER] == {Permission.SEE_REPORTS, Permission.SEE_ROLLUPS}

    @pytest.mark.parametrize(
        "role",
        [Role.BOARD, Role.POLICE_COMMISSIONER, Role.PROBATION, Role.PRISON_GROUP, Role.EVALUATOR],
    )
    def test_other_readers_see_reports_and_nothing_else(self, role) -> None:
        assert ALLOWED[role] == {Permission.SEE_REPORTS}
