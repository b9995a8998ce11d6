"""Statements with which the application's login might falsify the register, and what became of each."""

from __future__ import annotations

import io
from typing import Any

import psycopg2
from django.conf import settings

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
    "update a checkpoint": "UPDATE dosing_checkpoint SET seq = 9",
    "delete a checkpoint": "DELETE FROM dosing_checkpoint",
    "truncate the checkpoints": "TRUNCATE dosing_checkpoint",
    "checkpoint a line that is not there": (
        "INSERT INTO dosing_checkpoint (line_id, origin, incarnation, seq, head_hash, balance, made_at, made_by_id,"
        " key, signature) SELECT line_id, 'X', 1, seq + 1, hash, balance, now(), entered_by_id, repeat('a', 64),"
        " repeat('a', 128) FROM dosing_registerentry"
    ),
    "delete an incarnation": "DELETE FROM dosing_incarnation",
    "update a verification": "UPDATE dosing_registerverification SET result = 'whole'",
    "forge a number": (
        "SELECT register_append(p_seq => 1, p_line => (SELECT id FROM dosing_registerline), p_kind => 'obtained')"
    ),
}

# Everything that an attack might change, as one digest.
STATE = (
    "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM ("
    "SELECT e::text FROM dosing_registerentry e UNION ALL SELECT h::text FROM dosing_registerhead h"
    " UNION ALL SELECT b::text FROM dosing_batch b UNION ALL SELECT m::text FROM dosing_stockmovement m"
    " UNION ALL SELECT l::text FROM dosing_registerline l) AS t"
)


def attempt(cursor: Any, statement: str) -> None:
    """Try one attack as whoever the cursor is."""
    if statement.startswith("COPY"):
        cursor.copy_expert(statement, io.StringIO(""))
    else:
        cursor.execute(statement)


def list_successes(connection: Any) -> list[str]:
    """Try every attack on a plain connection and return the names of those that the database let pass."""
    succeeded = []
    for name, statement in ATTACKS.items():
        try:
            with connection.cursor() as cursor:
                attempt(cursor, statement)
            connection.commit()
            succeeded.append(name)
        except psycopg2.Error as refusal:
            if refusal.pgcode is None:
                raise  # no refusal of the database: the connection is gone
            connection.rollback()
    return succeeded
