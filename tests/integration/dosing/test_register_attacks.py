"""Statements with which the application's login might falsify the register: every one is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.db import connection

from dosing.models import Batch
from dosing.queries.register import verify_register
from hat_clinic.scenarios.proofs.attacks import STATE, list_successes
from hat_clinic.settings import database_from
from tests.factories.register import a_stocked_batch
from tests.owner import as_owner


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


class TestTheApplicationsLogin:
    @pytest.mark.parametrize("is_in_a_transaction", [True, False], ids=["inside", "outside"])
    def test_can_falsify_nothing_in_or_outside_a_transaction(
        self, application: Any, stocked: Batch, own_database: str, is_in_a_transaction: bool
    ) -> None:
        application.autocommit = not is_in_a_transaction
        with as_owner(own_database) as owner:
            owner.execute(STATE)
            before = owner.fetchone()

            succeeded = list_successes(application)

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
