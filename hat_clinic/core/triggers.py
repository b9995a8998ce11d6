"""SQL for migrations: tables that may only grow, and what the application's login may do with them.

Hand-written and plain on purpose: the triggers are ENABLE ALWAYS and know no setting that ignores them.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def quoted(name: str) -> str:
    """Return a PostgreSQL identifier in quotes."""
    return '"' + name.replace('"', '""') + '"'


def make_append_only(*tables: str) -> migrations.RunPython:
    """Return the operation that makes tables refuse UPDATE, DELETE and TRUNCATE, whoever asks.

    The application's login also loses the right to try.
    """

    def forwards(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
        app_role = quoted(settings.DATABASE_APP_ROLE)
        for table in tables:
            schema_editor.execute(
                f"""
                CREATE TRIGGER {quoted(table + "_rows_stay")}
                    BEFORE UPDATE OR DELETE ON {quoted(table)}
                    FOR EACH ROW EXECUTE FUNCTION refuse_change();
                CREATE TRIGGER {quoted(table + "_table_stays")}
                    BEFORE TRUNCATE ON {quoted(table)}
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
                ALTER TABLE {quoted(table)} ENABLE ALWAYS TRIGGER {quoted(table + "_rows_stay")};
                ALTER TABLE {quoted(table)} ENABLE ALWAYS TRIGGER {quoted(table + "_table_stays")};
                REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES ON {quoted(table)} FROM {app_role};
                """,
                params=None,
            )

    return migrations.RunPython(forwards, migrations.RunPython.noop)
