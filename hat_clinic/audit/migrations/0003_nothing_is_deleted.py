"""The application's login may delete nothing, except in the few tables of the libraries that it clears itself.

Records are kept for years and closed by a date, never by a deletion; a clinic's retention is a job of the owner's.
Tables made later are born without the right as well.
"""

from typing import Any

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import quoted

# Sessions that ended, second factors replaced by their owner, counts that ran out, and the scheduler's own rows.
CLEARED_BY_THE_APPLICATION = (
    "django_session",
    "mfa_authenticator",
    "sign_in_cache",
    "django_celery_beat_clockedschedule",
    "django_celery_beat_crontabschedule",
    "django_celery_beat_intervalschedule",
    "django_celery_beat_periodictask",
    "django_celery_beat_periodictasks",
    "django_celery_beat_solarschedule",
)


def take_the_right_away(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    app_role = quoted(settings.DATABASE_APP_ROLE)

    def run(sql: str) -> None:
        schema_editor.execute(sql, params=None)

    run(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE DELETE ON TABLES FROM {app_role}")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            " AND has_table_privilege(%s, format('%%I.%%I', schemaname, tablename), 'DELETE')",
            [settings.DATABASE_APP_ROLE],
        )
        tables = [table for (table,) in cursor.fetchall()]
    for table in tables:
        if table not in CLEARED_BY_THE_APPLICATION:
            run(f"REVOKE DELETE ON {quoted(table)} FROM {app_role}")


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_events"),
        # What keeps the right is there before the default changes.
        ("accounts", "0002_sign_in_cache"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("sessions", "0001_initial"),
    ]

    operations = [migrations.RunPython(take_the_right_away)]
