"""Why the figures of a group of clinics could not be put together; only ever added."""

import django.db.models.deletion
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_readers_of_reports'),
        ('outcomes', '0067_network_ends'),
    ]

    operations = [
        migrations.CreateModel(
            name='RollupFailure',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('failed_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='failures', to='outcomes.rolluprequest')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('request', 'number'), name='one_failure_of_a_number_per_rollup', violation_error_message='That try is stored as failed already.'), models.CheckConstraint(condition=models.Q(('number__gte', 1), ('number__lte', 5)), name='rollup_is_tried_five_times_at_most', violation_error_message='It was tried often enough.')],
            },
        ),
        make_append_only("outcomes_rollupfailure"),
    ]
