"""The schedule asks once for a report; a try that failed is tried again; a new issue says why it was asked for."""

import outcomes.rules.evaluation.schedule
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0032_rooms_and_colleagues'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='reportrequest',
            name='finished_request_has_a_report_or_a_failure',
        ),
        migrations.AddField(
            model_name='reportrequest',
            name='is_scheduled',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='reportrequest',
            name='not_before',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='reportrequest',
            name='reason',
            field=models.CharField(blank=True, default='', max_length=300),
        ),
        migrations.AddField(
            model_name='reportrequest',
            name='stage',
            field=models.CharField(choices=[('waiting', 'waits for the worker'), ('counting', 'is being built: the records are frozen and counted'), ('printing', 'is being built: the pages are printed'), ('done', 'is built')], default=outcomes.rules.evaluation.schedule.Stage['WAITING'], max_length=8),
        ),
        migrations.AddField(
            model_name='reportrequest',
            name='tries',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='reportrun',
            name='reason',
            field=models.CharField(blank=True, db_default='', default='', max_length=300),
        ),
        migrations.AddConstraint(
            model_name='reportrequest',
            constraint=models.UniqueConstraint(condition=models.Q(('is_scheduled', True)), fields=('clinic', 'month', 'edition'), name='one_scheduled_request_per_report', violation_error_message='The schedule asked for this report before.'),
        ),
        migrations.AddConstraint(
            model_name='reportrequest',
            constraint=models.CheckConstraint(condition=models.Q(('tries__lte', 5)), name='report_request_is_tried_five_times_at_most', violation_error_message='It was tried often enough.'),
        ),
        migrations.AddConstraint(
            model_name='reportrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('run__isnull', True)), models.Q(('failure', ''), ('finished_at__isnull', False), ('run__isnull', False)), models.Q(('finished_at__isnull', False), ('run__isnull', True), models.Q(('failure', ''), _negated=True)), _connector='OR'), name='finished_request_has_a_report_or_a_failure', violation_error_message='A finished request names its report or says why there is none.'),
        ),
    ]
