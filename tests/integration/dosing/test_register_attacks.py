"""Statements with which the application's login might falsify the register: every one is refused."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from dosing.models import Batch
from dosing.queries.register import verify_register
from hat_clinic.settings import database_from
from tests.factories.register import a_stocked_batch
from tests.owner import as_owner

REGISTER_ROLE = settings.DATABASE_REGISTER_ROLE

# Each is one attempt, of one or more statements in one go.
ATTACKS = {
    "insert a line": "INSERT INTO dosing_registerentry SELECT * FROM dosing_registerentry",
    "insert a head": "INSERT INTO dosing_registerhead SELECT * FROM dosing_registerhead",
    "insert or update": (
        "INSERT INTO dosing_registerhead SELECT * FROM dosing_registerhead"
        " ON CONFLICT (line_id) DO UPDATE SET balance = 99"
    ),
    "update a line": "UPDATE dosing_registerentry SET ampoules = 9",
    "update a head": "UPDATE dosing_registerhead SET balance = 9",
    "update a batch": "UPDATE dosing_batch SET ampoules = 9",
    "update a ledger": "UPDATE dosing_registerline SET strength_mg = 10",
    "update a movement": "UPDATE dosing_stockmovement SET ampoules = 9",
    "merge": (
        "MERGE INTO dosing_registerhead h USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET balance = 9"
    ),
    "delete a line": "DELETE FROM dosing_registerentry",
    "delete a head": "DELETE FROM dosing_registerhead",
    "delete a batch": "DELETE FROM dosing_batch",
    "delete a movement": "DELETE FROM dosing_stockmovement",
    "truncate the lines": "TRUNCATE dosing_registerentry CASCADE",
    "truncate the heads": "TRUNCATE dosing_registerhead",
    "truncate from above": "TRUNCATE dosing_registerline CASCADE",
    "copy lines in": "COPY dosing_registerentry FROM STDIN",
    "lock out everybody": "LOCK TABLE dosing_registerentry IN ACCESS EXCLUSIVE MODE",
    "lock out writers": "LOCK TABLE dosing_registerhead IN SHARE MODE",
    "lock a head by hand": "SELECT 1 FROM dosing_registerhead FOR UPDATE",
    "lock a line by hand": "SELECT 1 FROM dosing_registerentry FOR SHARE",
    "disable triggers": "ALTER TABLE dosing_registerentry DISABLE TRIGGER ALL",
    "disable one trigger": "ALTER TABLE dosing_batch DISABLE TRIGGER batch_changes_only_by_movement",
    "drop a trigger": "DROP TRIGGER dosing_registerentry_rows_stay ON dosing_registerentry",
    "add a trigger": (
        "CREATE TRIGGER t BEFORE INSERT ON dosing_registerentry FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    ),
    "add a rule": "CREATE RULE r AS ON INSERT TO dosing_registerentry DO INSTEAD NOTHING",
    "drop a constraint": "ALTER TABLE dosing_registerentry DROP CONSTRAINT register_kind_is_known",
    "drop the table": "DROP TABLE dosing_registerentry CASCADE",
    "rename the table": "ALTER TABLE dosing_registerentry RENAME TO gone",
    "take the table": "ALTER TABLE dosing_registerentry OWNER TO CURRENT_USER",
    "inherit from it": "CREATE TEMP TABLE heir () INHERITS (dosing_registerentry)",
    "play a replica": "SET session_replication_role = replica",
    "become the register": f'SET ROLE "{REGISTER_ROLE}"',
    "sign in as the register": f'SET SESSION AUTHORIZATION "{REGISTER_ROLE}"',
    "join the register": f'GRANT "{REGISTER_ROLE}" TO CURRENT_USER',
    "make a function": "CREATE FUNCTION public.hat_now(text) RETURNS text LANGUAGE sql AS 'SELECT $1'",
    "replace the clock": (
        "CREATE OR REPLACE FUNCTION public.hat_now() RETURNS timestamptz LANGUAGE sql"
        " AS $$ SELECT timestamptz '2020-01-01' $$"
    ),
    "alter the function": (
        "ALTER FUNCTION register_append(uuid, text, integer, integer, integer, integer, text, text, uuid, uuid,"
        " uuid, uuid, text, uuid, uuid, timestamptz, uuid) SECURITY INVOKER"
    ),
    "call the digest": "SELECT register_digest('x')",
    "call a check": "SELECT require_whole_injection(gen_random_uuid())",
    "take a number": "SELECT nextval('dosing_registerentry_id_seq')",
    "set the number back": "SELECT setval('dosing_registerentry_id_seq', 1)",
    "grant oneself the right": (
        "GRANT UPDATE ON dosing_registerentry TO CURRENT_USER; UPDATE dosing_registerentry SET ampoules = 9"
    ),
    "write through a view": (
        "CREATE TEMP VIEW v AS SELECT * FROM dosing_registerhead; UPDATE v SET balance = 9"
    ),
    "write through a writing query": (
        "WITH gone AS (DELETE FROM dosing_registerentry RETURNING 1) SELECT count(*) FROM gone"
    ),
    "write through a block": "DO $$ BEGIN UPDATE dosing_registerhead SET balance = 9; END $$",
    "forge a number": (
        "SELECT register_append(p_seq => 1, p_line => (SELECT id FROM dosing_registerline), p_kind => 'obtained')"
    ),
}

STATE = (
    "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM ("
    "SELECT e::text FROM dosing_registerentry e UNION ALL SELECT h::text FROM dosing_registerhead h"
    " UNION ALL SELECT b::text FROM dosing_batch b UNION ALL SELECT m::text FROM dosing_stockmovement m"
    " UNION ALL SELECT l::text FROM dosing_registerline l) AS t"
)


@pytest.fixture
def stocked(own_database: str) -> Batch:
    """A ledger with one receipt, committed."""
    return a_stocked_batch(10)


@pytest.fixture
def application(stocked: Batch) -> Iterator[Any]:
    """A plain connection of the application's login, outside Django."""
    url = database_from("DATABASE_URL")
    plain = psycopg2.connect(
        dbname=connection.settings_dict["NAME"],
        user=url["USER"],
        password=url["PASSWORD"] or None,
        host=url["HOST"],
        port=url["PORT"] or None,
    )
    yield plain
    plain.close()


def attempt(cursor: Any, statement: str) -> None:
    if statement.startswith("COPY"):
        cursor.copy_expert(statement, io.StringIO(""))
    else:
        cursor.execute(statement)


class TestTheApplicationsLogin:
    @pytest.mark.parametrize("is_in_a_transaction", [True, False], ids=["inside", "outside"])
    def test_can_falsify_nothing_in_or_outside_a_transaction(
        self, application: Any, stocked: Batch, own_database: str, is_in_a_transaction: bool
    ) -> None:
        application.autocommit = not is_in_a_transaction
        cursor = application.cursor()
        with as_owner(own_database) as owner:
            owner.execute(STATE)
            before = owner.fetchone()

            succeeded = []
            for name, statement in ATTACKS.items():
                try:
                    attempt(cursor, statement)
                    application.commit()
                    succeeded.append(name)
                except psycopg2.Error as refusal:
                    assert refusal.pgcode is not None
                    application.rollback()
            owner.execute(STATE)

            assert succeeded == []
            assert owner.fetchone() == before
        assert verify_register(stocked.line_id).ok

    def test_cannot_put_a_temporary_table_in_the_place_of_a_table(
        self, application: Any, stocked: Batch
    ) -> None:
        cursor = application.cursor()
        cursor.execute(
            "CREATE TEMP TABLE dosing_registerhead AS SELECT * FROM public.dosing_registerhead;"
            "CREATE TEMP TABLE dosing_registerline AS SELECT * FROM public.dosing_registerline;"
            "CREATE TEMP TABLE accounts_user AS SELECT * FROM public.accounts_user;"
            "UPDATE pg_temp.dosing_registerhead SET seq = 500, balance = 500"
        )
        cursor.execute("SET search_path = pg_temp, public")

        cursor.execute(
            "SELECT new_seq, new_balance FROM public.register_append(%s, 'obtained', 5, NULL, NULL, NULL, 'A',"
            " 'B', NULL, NULL, NULL, NULL, '0088', %s, NULL, now(), gen_random_uuid())",
            [str(stocked.line_id), str(stocked.line.opened_by_id)],
        )

        assert cursor.fetchone() == (2, 15)
        application.rollback()

    def test_cannot_shadow_what_the_function_calls(self, application: Any, stocked: Batch) -> None:
        cursor = application.cursor()
        cursor.execute(
            "CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT '\\x00'::bytea $$;"
            "CREATE FUNCTION pg_temp.hat_now() RETURNS timestamptz LANGUAGE sql"
            " AS $$ SELECT timestamptz '2020-01-01' $$;"
            "SET search_path = pg_temp, public, pg_catalog"
        )

        cursor.execute(
            "SELECT length(new_hash), new_recorded_at > '2021-01-01'"
            " FROM public.register_append(%s, 'obtained', 5, NULL, NULL, NULL, 'A', 'B', NULL, NULL, NULL,"
            " NULL, '0088', %s, NULL, '2019-01-01', gen_random_uuid())",
            [str(stocked.line_id), str(stocked.line.opened_by_id)],
        )

        assert cursor.fetchone() == (64, True)
        application.rollback()

    def test_cannot_put_off_the_checks_beyond_the_commit(self, application: Any, stocked: Batch) -> None:
        cursor = application.cursor()
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(
            "SELECT register_append(%s, 'obtained', 5, NULL, NULL, NULL, 'A', 'B', NULL, NULL, NULL,"
            " NULL, '0088', %s, NULL, '2019-01-01', gen_random_uuid())",
            [str(stocked.line_id), str(stocked.line.opened_by_id)],
        )

        with pytest.raises(psycopg2.errors.CheckViolation, match="without its stock movement"):
            application.commit()

        assert stocked.line.entries.count() == 1

    def test_cannot_make_a_line_less_durable(self, application: Any, stocked: Batch) -> None:
        cursor = application.cursor()
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(
            "SELECT register_append(%s, 'obtained', 5, NULL, NULL, NULL, 'A', 'B', NULL, NULL, NULL,"
            " NULL, '0088', %s, NULL, '2019-01-01', gen_random_uuid())",
            [str(stocked.line_id), str(stocked.line.opened_by_id)],
        )

        cursor.execute("SHOW synchronous_commit")

        assert cursor.fetchone() == ("on",)
        application.rollback()


BY_THE_OWNER = [
    "UPDATE dosing_registerentry SET ampoules = 9",
    "DELETE FROM dosing_registerentry",
    "TRUNCATE dosing_registerentry CASCADE",
    "DELETE FROM dosing_registerhead",
    "TRUNCATE dosing_registerhead",
    "UPDATE dosing_registerhead SET balance = 9",
    "UPDATE dosing_registerhead SET seq = seq + 2",
    "UPDATE dosing_registerline SET strength_mg = 10",
    "UPDATE dosing_batch SET ampoules = 9",
    "UPDATE dosing_batch SET number = 'X'",
    "DELETE FROM dosing_batch",
    "TRUNCATE dosing_batch CASCADE",
    "UPDATE dosing_stockmovement SET ampoules = 9",
    "SET session_replication_role = replica",
]


class TestTheOwnersLogin:
    def test_is_refused_too_while_the_triggers_stand(self, stocked: Batch, own_database: str) -> None:
        with as_owner(own_database) as owner:
            owner.execute(STATE)
            before = owner.fetchone()

            for statement in BY_THE_OWNER:
                with pytest.raises(psycopg2.Error):
                    owner.execute(statement)

            owner.execute(STATE)
            assert owner.fetchone() == before
