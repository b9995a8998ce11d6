"""Months that need not be read again for a report: marks of what was written, and tallies of what was frozen."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_readers_of_reports'),
        ('outcomes', '0068_rollup_failures'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChangedMonth',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('table_name', models.CharField(max_length=30)),
                ('month', models.DateField()),
                ('clinic', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
            ],
            options={
                'indexes': [models.Index(fields=['clinic', 'table_name', 'month'], name='changed_months_of_a_clinic')],
            },
        ),
        migrations.CreateModel(
            name='KeptMonth',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('table_name', models.CharField(max_length=30)),
                ('month', models.DateField()),
                ('settled_on', models.DateField()),
                ('form', models.CharField(max_length=64)),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('segment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='kept_months', to='outcomes.extractsegment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('clinic', 'table_name', 'month'), name='a_month_of_a_table_is_kept_once', violation_error_message='That month is kept already.')],
            },
        ),
        migrations.CreateModel(
            name='SegmentTally',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('person', models.CharField(max_length=36)),
                ('assay', models.CharField(max_length=30)),
                ('state', models.CharField(max_length=20)),
                ('number', models.PositiveIntegerField()),
                ('segment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tallies', to='outcomes.extractsegment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('segment', 'person', 'assay', 'state'), name='one_tally_per_person_and_state', violation_error_message='That is counted already.')],
            },
        ),
        migrations.AddIndex(
            model_name='outcomeform',
            index=models.Index(fields=['clinic', 'completed_on'], name='outcome_forms_of_a_clinic'),
        ),
        migrations.AddIndex(
            model_name='ownanswers',
            index=models.Index(fields=['clinic', 'answered_on'], name='own_answers_of_a_clinic'),
        ),
        migrations.RemoveField(model_name='extractsegment', name='sessions'),
        migrations.RunSQL(
            "DROP FUNCTION sessions_of_segment(varchar, jsonb);",
            """
            CREATE FUNCTION sessions_of_segment(table_name varchar, rows jsonb) RETURNS jsonb
                LANGUAGE sql IMMUTABLE AS 'SELECT NULL::jsonb';
            """,
        ),
        migrations.DeleteModel(name='CompleteMonth'),
    ]
