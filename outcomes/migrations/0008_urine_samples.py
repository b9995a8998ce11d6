"""Urine samples of our own: the day drawn for each person and week, and the steps of each sample."""

import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0007_support_is_append_only'),
        ('patients', '0009_harm_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='UrineDraw',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('week_on', models.DateField()),
                ('due_on', models.DateField()),
                ('assay', models.CharField(choices=[('street_heroin_marker', 'Street-heroin marker'), ('generic_opiate', 'Routine opiate screen'), ('cocaine', 'Cocaine'), ('benzodiazepine', 'Benzodiazepines'), ('amphetamine', 'Amphetamines')], default='street_heroin_marker', max_length=20)),
                ('drawn_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='urine_draws', to='accounts.clinic')),
                ('drawn_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='urine_draws', to='patients.person')),
            ],
        ),
        migrations.CreateModel(
            name='UrineStep',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('before', models.CharField(choices=[('due', 'due'), ('taken', 'taken'), ('not_taken', 'not taken'), ('sent', 'sent'), ('result', 'result is there'), ('void', 'void')], max_length=9)),
                ('kind', models.CharField(choices=[('due', 'due'), ('taken', 'taken'), ('not_taken', 'not taken'), ('sent', 'sent'), ('result', 'result is there'), ('void', 'void')], max_length=9)),
                ('taken_on', models.DateField(null=True)),
                ('was_seen', models.BooleanField(null=True)),
                ('is_sealed', models.BooleanField(null=True)),
                ('reference', models.CharField(blank=True, max_length=20)),
                ('assay', models.CharField(blank=True, choices=[('street_heroin_marker', 'Street-heroin marker'), ('generic_opiate', 'Routine opiate screen'), ('cocaine', 'Cocaine'), ('benzodiazepine', 'Benzodiazepines'), ('amphetamine', 'Amphetamines')], max_length=20)),
                ('found', models.CharField(blank=True, choices=[('negative', 'Negative'), ('positive', 'Positive'), ('void', 'Could not be tested')], max_length=8)),
                ('reported_on', models.DateField(null=True)),
                ('because', models.CharField(blank=True, max_length=13)),
                ('words', models.CharField(blank=True, max_length=200)),
                ('key', models.UUIDField()),
                ('recorded_at', models.DateTimeField()),
                ('amends', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='outcomes.urinestep')),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='urine_steps', to='accounts.clinic')),
                ('draw', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='outcomes.urinedraw')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='urinedraw',
            index=models.Index(fields=['clinic', 'due_on'], name='urine_days_of_a_clinic'),
        ),
        migrations.AddConstraint(
            model_name='urinedraw',
            constraint=models.UniqueConstraint(fields=('patient', 'week_on'), name='one_urine_day_per_person_and_week', violation_error_message='A day of this week was drawn for this person already.'),
        ),
        migrations.AddConstraint(
            model_name='urinedraw',
            constraint=models.CheckConstraint(condition=models.Q(('week_on__iso_week_day', 1)), name='urine_week_begins_on_monday', violation_error_message='A week is named by its Monday.'),
        ),
        migrations.AddConstraint(
            model_name='urinedraw',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__gte', models.F('week_on')), ('due_on__lt', django.db.models.expressions.CombinedExpression(models.F('week_on'), '+', models.Value(7)))), name='urine_day_lies_in_its_week', violation_error_message='The day lies in its week.'),
        ),
        migrations.AddIndex(
            model_name='urinestep',
            index=models.Index(fields=['clinic', 'recorded_at'], name='urine_steps_of_a_clinic'),
        ),
        migrations.AddConstraint(
            model_name='urinestep',
            constraint=models.UniqueConstraint(fields=('draw', 'number'), name='urine_steps_are_numbered_once', violation_error_message='Somebody wrote the next step meanwhile. Look at it first.'),
        ),
        migrations.AddConstraint(
            model_name='urinestep',
            constraint=models.UniqueConstraint(fields=('key',), name='one_urine_step_per_key', violation_error_message='This step is stored already.'),
        ),
        migrations.AddConstraint(
            model_name='urinestep',
            constraint=models.UniqueConstraint(condition=models.Q(('amends__isnull', True), ('kind', 'result')), fields=('draw', 'assay'), name='one_urine_result_per_sample_and_test', violation_error_message='There is a result of this test already; correct that one.'),
        ),
        migrations.AddConstraint(
            model_name='urinestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('before', 'due'), ('kind__in', ['not_taken', 'taken'])), models.Q(('before', 'taken'), ('kind__in', ['sent', 'void'])), models.Q(('before', 'not_taken'), ('kind__in', ['taken'])), models.Q(('before', 'sent'), ('kind__in', ['result', 'void'])), models.Q(('before', 'result'), ('kind__in', ['result'])), _connector='OR'), name='urine_step_may_follow', violation_error_message='This step does not follow the one before it.'),
        ),
        migrations.AddConstraint(
            model_name='urinestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_sealed__isnull', False), ('kind', 'taken'), ('taken_on__isnull', False), ('was_seen__isnull', False), models.Q(('reference', ''), _negated=True)), models.Q(models.Q(('kind', 'taken'), _negated=True), ('is_sealed__isnull', True), ('reference', ''), ('taken_on__isnull', True), ('was_seen__isnull', True)), _connector='OR'), name='urine_taken_says_how', violation_error_message='A sample that was taken has its day, number and how it was given.'),
        ),
        migrations.AddConstraint(
            model_name='urinestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'result'), ('reported_on__isnull', False), models.Q(('assay', ''), _negated=True), models.Q(('found', ''), _negated=True)), models.Q(models.Q(('kind', 'result'), _negated=True), ('amends__isnull', True), ('assay', ''), ('found', ''), ('reported_on__isnull', True)), _connector='OR'), name='urine_result_says_what', violation_error_message='A result has its test, what was found and its day.'),
        ),
        migrations.AddConstraint(
            model_name='urinestep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('because__in', ['clinic_closed', 'could_not', 'custody', 'declined', 'did_not_come', 'diluted', 'hospital', 'lost', 'other', 'seal_broken', 'spilt', 'wrong_label', 'wrong_person']), ('kind__in', ['not_taken', 'void'])), models.Q(('because', ''), ('kind__in', ['taken', 'sent', 'result'])), _connector='OR'), name='urine_step_has_its_reason', violation_error_message='Say why it was not taken, or why it is void.'),
        ),
        migrations.AddConstraint(
            model_name='urinestep',
            constraint=models.CheckConstraint(condition=models.Q(('amends__isnull', True), models.Q(('words', ''), _negated=True), _connector='OR'), name='urine_correction_has_its_reason', violation_error_message='Say why the result is written again.'),
        ),
    ]
