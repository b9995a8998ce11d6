"""What stands in the database against the application's login, compared with a written list."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection

pytestmark = pytest.mark.django_db

FIXED_PATH = ["search_path=pg_catalog, public, pg_temp"]

# Every function of the register: may the application call it, does it run as the register's role?
FUNCTIONS = {
    "batch_begins_empty": (False, False),
    "batch_changes_only_by_movement": (False, False),
    "injection_is_ordered": (False, True),
    "injection_is_whole": (False, True),
    "outcome_agrees_with_its_injection": (False, True),
    "quarantine_moves_its_batch": (False, True),
    "register_append": (True, True),
    "register_digest": (False, False),
    "register_entry_is_whole": (False, True),
    "register_head_steps_by_one": (False, False),
    "register_line_has_its_act": (False, True),
    "register_lock": (True, True),
    "register_open_head": (False, True),
    "register_time": (False, False),
    "require_whole_injection": (False, False),
    "stock_movement_agrees_with_its_line": (False, True),
    "stock_movement_moves_its_batch": (False, True),
}

# Two that run as the owner: what adds up a frozen month, and what takes the marks of a report's months away.
OF_REPORTS = {"count_frozen_months", "take_marks_away"}

# Every trigger of these tables that is not a foreign key's own: A is "always", whatever the session sets.
TRIGGERS = {
    ("dosing_batch", "batch_begins_empty", "A"),
    ("dosing_batch", "batch_changes_only_by_movement", "A"),
    ("dosing_batch", "dosing_batch_rows_stay", "A"),
    ("dosing_batch", "dosing_batch_table_stays", "A"),
    ("dosing_injection", "dosing_injection_rows_stay", "A"),
    ("dosing_injection", "dosing_injection_table_stays", "A"),
    ("dosing_injection", "injection_began_before_its_emergency", "A"),
    ("dosing_injection", "injection_is_not_the_authorisers", "A"),
    ("dosing_injection", "injection_is_of_its_paper_line", "A"),
    ("dosing_injection", "injection_is_ordered", "A"),
    ("dosing_injection", "injection_is_prepared", "A"),
    ("dosing_injection", "injection_is_whole", "A"),
    ("dosing_injection", "injection_within_its_session", "A"),
    ("dosing_registerentry", "dosing_registerentry_rows_stay", "A"),
    ("dosing_registerentry", "dosing_registerentry_table_stays", "A"),
    ("dosing_registerentry", "register_entry_is_whole", "A"),
    ("dosing_registerentry", "register_line_has_its_act", "A"),
    ("dosing_registerhead", "dosing_registerhead_rows_stay", "A"),
    ("dosing_registerhead", "dosing_registerhead_table_stays", "A"),
    ("dosing_registerhead", "register_head_steps_by_one", "A"),
    ("dosing_registerline", "dosing_registerline_rows_stay", "A"),
    ("dosing_registerline", "dosing_registerline_table_stays", "A"),
    ("dosing_registerline", "register_open_head", "A"),
    ("dosing_sessionoutcome", "dosing_sessionoutcome_marks_months", "A"),
    ("dosing_sessionoutcome", "dosing_sessionoutcome_rows_stay", "A"),
    ("dosing_sessionoutcome", "dosing_sessionoutcome_table_stays", "A"),
    ("dosing_sessionoutcome", "outcome_agrees_with_its_injection", "A"),
    ("dosing_sessionoutcome", "amending_outcome_says_why", "A"),
    ("dosing_sessionoutcome", "outcome_amends_its_session", "A"),
    ("dosing_stockmovement", "dosing_stockmovement_rows_stay", "A"),
    ("dosing_stockmovement", "dosing_stockmovement_table_stays", "A"),
    ("dosing_stockmovement", "stock_movement_agrees_with_its_line", "A"),
    ("dosing_stockmovement", "stock_movement_moves_its_batch", "A"),
}

RIGHTS = {
    "dosing_registerentry": {"SELECT"},
    "dosing_registerhead": {"SELECT"},
    "dosing_registerline": {"SELECT", "INSERT"},
    "dosing_batch": {"SELECT", "INSERT"},
    "dosing_stockmovement": {"SELECT", "INSERT"},
    "dosing_injection": {"SELECT", "INSERT"},
    "dosing_sessionoutcome": {"SELECT", "INSERT"},
}


def rows(query: str, *parameters: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


class TestTheRegistersFunctions:
    def test_are_as_listed(self) -> None:
        found = rows(
            "SELECT proname, has_function_privilege(%s, p.oid, 'EXECUTE'), prosecdef, proconfig,"
            " has_function_privilege('pg_monitor', p.oid, 'EXECUTE')"
            " FROM pg_proc p WHERE pg_get_userbyid(proowner) = %s",
            settings.DATABASE_APP_ROLE,
            settings.DATABASE_REGISTER_ROLE,
        )

        assert {name: (may_call, definer) for name, may_call, definer, _, _ in found} == FUNCTIONS
        assert [name for name, _, _, path, _ in found if path != FIXED_PATH] == []
        assert [name for name, _, _, _, anybody in found if anybody] == []

    def test_are_no_others_that_run_as_somebody_else(self) -> None:
        found = rows(
            "SELECT proname FROM pg_proc p WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        )

        definers = {name for name, (_, is_definer) in FUNCTIONS.items() if is_definer}
        assert {name for (name,) in found} == definers | {"hat_now", *OF_REPORTS}


class TestTheTriggers:
    def test_are_as_listed_and_always_on(self) -> None:
        found = rows(
            "SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger"
            " WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY (%s)",
            list(RIGHTS),
        )

        assert set(found) == TRIGGERS


class TestTheApplicationsLogin:
    @pytest.mark.parametrize(("table", "expected"), RIGHTS.items())
    def test_has_these_rights_and_no_others(self, table: str, expected: set[str]) -> None:
        rights = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]

        held = {
            right
            for right in rights
            if rows("SELECT has_table_privilege(%s, %s, %s)", settings.DATABASE_APP_ROLE, table, right)
            == [(True,)]
        }
        by_column = {
            right
            for right in ("INSERT", "UPDATE", "REFERENCES")
            if rows("SELECT has_any_column_privilege(%s, %s, %s)", settings.DATABASE_APP_ROLE, table, right)
            == [(True,)]
        }

        assert held == expected
        assert by_column == expected - {"SELECT"}

    def test_owns_nothing(self) -> None:
        found = rows(
            "SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = %s"
            " UNION ALL SELECT proname FROM pg_proc WHERE pg_get_userbyid(proowner) = %s",
            settings.DATABASE_APP_ROLE,
            settings.DATABASE_APP_ROLE,
        )

        assert found == []

    def test_is_an_ordinary_login_that_belongs_to_no_other_role(self) -> None:
        found = rows(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,"
            " (SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid)"
            " FROM pg_roles r WHERE rolname = current_user"
        )

        assert found == [(False, False, False, False, False, 0)]

    @pytest.mark.parametrize("right", ["CREATE"])
    def test_makes_nothing_in_the_schema(self, right: str) -> None:
        assert rows("SELECT has_schema_privilege(current_user, 'public', %s)", right) == [(False,)]


class TestTheRegistersRole:
    def test_owns_the_entries_the_heads_and_their_numbers(self) -> None:
        found = rows(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'S') AND pg_get_userbyid(relowner) = %s",
            settings.DATABASE_REGISTER_ROLE,
        )

        assert {name for (name,) in found} == {
            "dosing_registerentry",
            "dosing_registerentry_id_seq",
            "dosing_registerhead",
        }

    def test_is_nobodys_login_and_makes_nothing_in_the_schema(self) -> None:
        found = rows(
            "SELECT rolcanlogin, rolsuper, has_schema_privilege(rolname, 'public', 'CREATE')"
            " FROM pg_roles WHERE rolname = %s",
            settings.DATABASE_REGISTER_ROLE,
        )

        assert found == [(False, False, False)]
