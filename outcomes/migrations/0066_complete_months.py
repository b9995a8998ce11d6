"""Months of sessions that need not be read again: what the database counts of them, and when they are the same."""

import django.db.models.deletion
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

FORWARDS = """
CREATE FUNCTION sessions_of_segment(table_name varchar, rows jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN table_name = 'attendance' THEN coalesce((
        SELECT jsonb_agg(jsonb_build_object('person', person, 'outcome', outcome, 'sessions', sessions)
                         ORDER BY person, outcome)
        FROM (SELECT person, outcome, count(*) AS sessions
              FROM jsonb_to_recordset(rows) AS r(person text, outcome text)
              GROUP BY person, outcome) AS counted), '[]') END
$$;
"""
BACKWARDS = "DROP FUNCTION sessions_of_segment(varchar, jsonb);"


class Migration(migrations.Migration):

    dependencies = [
        ('outcomes', '0060_unit_costs'),
        ('dosing', '0044_planned_sessions_stay'),
    ]

    operations = [
        migrations.RunSQL(FORWARDS, BACKWARDS),
        migrations.AddField(
            model_name='extractsegment',
            name='sessions',
            field=models.GeneratedField(db_persist=True, expression=models.Func('table_name', 'rows', function='sessions_of_segment'), output_field=models.JSONField(null=True)),
        ),
        migrations.CreateModel(
            name='CompleteMonth',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('sessions', models.PositiveIntegerField()),
                ('amendments', models.PositiveIntegerField()),
                ('form', models.CharField(max_length=64)),
                ('segment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='complete_months', to='outcomes.extractsegment')),
            ],
        ),
        migrations.AddConstraint(
            model_name='completemonth',
            constraint=models.UniqueConstraint(fields=('segment', 'sessions', 'amendments', 'form'), name='complete_month_is_counted_once', violation_error_message='That month is counted already.'),
        ),
        make_append_only("outcomes_completemonth"),
    ]
