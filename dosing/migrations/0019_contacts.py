"""Contacts about people who missed sessions: rows are only ever added."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_terminals'),
        ('dosing', '0018_limits_pages'),
        ('patients', '0005_episode_stages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reached', models.CharField(choices=[('person', 'the person'), ('seen', 'somebody who has seen them since (family, hostel, hospital, custody)'), ('pharmacy', 'the pharmacy that dispenses for them'), ('nobody', 'nobody: it was tried')], max_length=8)),
                ('how', models.CharField(choices=[('phone', 'by phone'), ('visit', 'by a visit'), ('message', 'by message or letter'), ('here', 'they came here')], max_length=7)),
                ('words', models.CharField(max_length=500)),
                ('noted_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='accounts.clinic')),
                ('episode', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='patients.episode')),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='patients.person')),
            ],
            options={
                'indexes': [models.Index(fields=['episode', '-noted_at'], name='contacts_of_a_treatment')],
                'constraints': [models.CheckConstraint(condition=models.Q(('how__in', ['phone', 'visit', 'message', 'here']), ('reached__in', ['person', 'seen', 'pharmacy', 'nobody']), models.Q(('words', ''), _negated=True)), name='contact_says_whom_how_and_what', violation_error_message='A contact says whom it reached, how, and what was said.')],
            },
        ),
        make_append_only("dosing_contact"),
    ]
