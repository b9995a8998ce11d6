"""A request names into how many injections a session may be divided, and is signed with that number."""

from typing import Any

from django.conf import settings
from django.db import migrations, models

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BEFORE = "AND o.interval_minutes = asked.interval_minutes"
AFTER = f"{BEFORE} AND o.injections_per_session = asked.injections_per_session"


def ask_for_the_injections_too(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Compare the number of injections of a request with its order, in the function as it stands now."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('order_request_standing_is_right()'::regprocedure)")
        standing: str = cursor.fetchone()[0]
    if standing.count(BEFORE) != 1:
        raise RuntimeError("order_request_standing_is_right is not what it was")
    schema_editor.execute(standing.replace(BEFORE, AFTER, 1), params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_terminals'),
        ('dosing', '0021_more_injections'),
        ('patients', '0005_episode_stages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='orderrequest',
            name='order_request_is_within_the_ceilings',
        ),
        migrations.AddField(
            model_name='orderrequest',
            name='injections_per_session',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddConstraint(
            model_name='orderrequest',
            constraint=models.CheckConstraint(condition=models.Q(('daily_max_mg__gte', models.F('dose_mg')), ('daily_max_mg__lte', 1000), ('dose_mg__gte', 1), ('dose_mg__lte', 450), ('injections_per_session__gte', 1), ('injections_per_session__lte', 3), ('interval_minutes__gte', 180), ('observation_minutes__gte', 15), models.Q(('least_mg__isnull', True), models.Q(('least_mg__gte', 1), ('least_mg__lt', models.F('dose_mg'))), _connector='OR'), models.Q(('gap_cap_percent__isnull', True), ('gap_cap_percent__lte', 75), _connector='OR'), models.Q(('dose_mg__lte', 400), models.Q(('high_dose_reason', ''), _negated=True), _connector='OR')), name='order_request_is_within_the_ceilings', violation_error_message='No clinic may order that, so nobody asks for it.'),
        ),
        migrations.RunPython(ask_for_the_injections_too, migrations.RunPython.noop),
    ]
