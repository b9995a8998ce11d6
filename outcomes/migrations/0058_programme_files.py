"""Which files of the programme were brought in, so that none comes in twice."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0057_clinic_corrections'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ProgrammeFile',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(choices=[('phases.csv', 'phases.csv'), ('disruptions.csv', 'disruptions.csv'), ('area.csv', 'area.csv'), ('need.csv', 'need.csv')], max_length=20)),
                ('sha256', models.CharField(max_length=64)),
                ('lines', models.PositiveIntegerField()),
                ('imported_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='programme_files', to='accounts.clinic')),
                ('imported_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('clinic', 'name', 'sha256'), name='one_programme_file_of_a_content', violation_error_message='This file was brought in before.'), models.CheckConstraint(condition=models.Q(('lines__gte', 1), ('name__in', ('phases.csv', 'disruptions.csv', 'area.csv', 'need.csv')), ('sha256__regex', '^[0-9a-f]{64}$')), name='programme_file_is_known_and_has_lines', violation_error_message='A file is one of the four, and has lines.')],
            },
        ),
        make_append_only("outcomes_programmefile"),
    ]
