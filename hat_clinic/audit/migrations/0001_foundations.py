"""What every table stands on: the clock, the refusal, and what the application's login may do by default."""

from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import quoted

CLOCK = """
CREATE FUNCTION hat_now() RETURNS timestamptz
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog
AS $$
DECLARE
    set_to timestamptz;
BEGIN
    -- Only scratch, test and demo-building databases have this table, and only the owner writes it.
    IF to_regclass('public.clock_override') IS NOT NULL THEN
        EXECUTE 'SELECT at FROM public.clock_override' INTO set_to;
    END IF;
    RETURN coalesce(set_to, clock_timestamp());
END
$$
"""

REFUSAL = """
CREATE FUNCTION refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog
AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only ever added: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$
"""


def grant_rights(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    app_role = quoted(settings.DATABASE_APP_ROLE)
    schema_editor.execute(
        f"""
        ALTER DEFAULT PRIVILEGES IN SCHEMA public
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app_role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app_role};
        GRANT SELECT ON django_migrations TO {app_role};
        """,
        params=None,
    )


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []
    # Everybody else's tables come after, so that the default rights reach them.
    run_before = [
        ("contenttypes", "0001_initial"),
        ("sessions", "0001_initial"),
        ("django_celery_beat", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(CLOCK, "DROP FUNCTION hat_now()"),
        migrations.RunSQL(REFUSAL, "DROP FUNCTION refuse_change()"),
        migrations.RunPython(grant_rights, migrations.RunPython.noop),
    ]
