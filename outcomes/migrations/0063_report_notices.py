"""Readers are told of a report that was signed off; only ever added."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only


class Migration(migrations.Migration):

    dependencies = [
        ('outcomes', '0062_readers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ReportNotice',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reader', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('release', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='outcomes.reportrelease')),
            ],
        ),
        migrations.CreateModel(
            name='NoticeLetter',
            fields=[
                ('notice', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='letter', serialize=False, to='outcomes.reportnotice')),
                ('outcome', models.CharField(choices=[('sent', 'sent'), ('not_needed', 'not_needed')], max_length=10)),
                ('settled_at', models.DateTimeField()),
            ],
        ),
        migrations.AddConstraint(
            model_name='reportnotice',
            constraint=models.UniqueConstraint(fields=('release', 'reader'), name='one_notice_of_a_report_per_reader', violation_error_message='This person is told already.'),
        ),
        make_append_only("outcomes_reportnotice", "outcomes_noticeletter"),
    ]
