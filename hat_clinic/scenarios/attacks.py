"""Plain SQL sent with the application's own login, outside the program."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from django.db import connection

from dosing.models import RegisterEntry
from hat_clinic.scenarios.reading import NotBuilt
from hat_clinic.scenarios.results import Result, barred

# Each statement is tried as it is, and with every setting of a session that the login may change and that could
# matter. They last as long as the attempt.
SETTINGS = (
    "",
    "SET LOCAL synchronous_commit = off",
    "SET LOCAL search_path = pg_temp, public",
    "SET CONSTRAINTS ALL DEFERRED",
    "SET LOCAL row_security = off",
)
_UPDATE = re.compile(r"update the ampoules of (\w+) to (-?\d+)")
_DELETE = re.compile(r"delete (\w+)")
_WHOLE = {
    "truncate the register": "TRUNCATE public.dosing_registerentry CASCADE",
    "disable the trigger": "ALTER TABLE public.dosing_registerentry DISABLE TRIGGER ALL",
    "insert a row with a chosen number and balance": (
        "INSERT INTO public.dosing_registerentry (id, line_id, seq, kind, ampoules, balance, party_name,"
        " party_address, identity_salt, reference, entered_by_id, occurred_at, recorded_at, key, previous_hash, hash)"
        " SELECT id + 1, line_id, seq + 1, kind, ampoules, 9999, party_name, party_address, identity_salt,"
        " reference, entered_by_id, occurred_at, recorded_at, gen_random_uuid(), hash, repeat('0', 64)"
        " FROM public.dosing_registerentry ORDER BY id DESC LIMIT 1"
    ),
}


def statement_of(words: str, entries: Mapping[str, RegisterEntry]) -> str:
    """Return the SQL that a statement in words stands for."""
    update, delete = _UPDATE.fullmatch(words), _DELETE.fullmatch(words)
    if update is not None and update[1] in entries:
        return (
            f"UPDATE public.dosing_registerentry SET ampoules = {int(update[2])}"  # noqa: S608 - two numbers
            f" WHERE id = {entries[update[1]].id}"
        )
    if delete is not None and delete[1] in entries:
        return f"DELETE FROM public.dosing_registerentry WHERE id = {entries[delete[1]].id}"  # noqa: S608 - a number
    if words in _WHOLE:
        return _WHOLE[words]
    raise NotBuilt(f"the statement {words}")


def send(setting: str, statement: str) -> None:
    """Send a setting, if there is one, and a statement, inside the caller's transaction."""
    with connection.cursor() as cursor:
        if setting:
            cursor.execute(setting)
        cursor.execute(statement)


def refused_by_the_database(told: str) -> Result:
    """Return the result of a statement that the database refused: the program was not asked, so no trail is."""
    return replace(barred(told), is_trail_asked=False)
