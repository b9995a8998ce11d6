"""Closed sessions, who came after all, and handovers: rows are only ever added."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only

class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_inspections'),
        ('dosing', '0028_events'),
        ('patients', '0005_episode_stages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Closure',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('first_on', models.DateField()),
                ('first_slot', models.CharField(choices=[('am', 'morning'), ('pm', 'afternoon'), ('eve', 'evening')], max_length=3)),
                ('last_on', models.DateField()),
                ('last_slot', models.CharField(choices=[('am', 'morning'), ('pm', 'afternoon'), ('eve', 'evening')], max_length=3)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('sessions', models.PositiveSmallIntegerField()),
                ('reopens_on', models.DateField()),
                ('reopens_slot', models.CharField(choices=[('am', 'morning'), ('pm', 'afternoon'), ('eve', 'evening')], max_length=3)),
                ('reason', models.CharField(choices=[('weather', 'Bad weather'), ('staff', 'Not enough staff'), ('stock', 'No stock'), ('premises', 'The premises: heating, water, power, damage'), ('safety', 'Safety or police'), ('other', 'Another reason')], max_length=8)),
                ('words', models.CharField(max_length=200)),
                ('closed_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closures', to='accounts.clinic')),
                ('closed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ClosedPerson',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('sessions', models.PositiveSmallIntegerField()),
                ('row', models.PositiveSmallIntegerField()),
                ('oral_plan', models.CharField(blank=True, max_length=300)),
                ('contact_due_at', models.DateTimeField()),
                ('episode', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='closures', to='patients.episode')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.person')),
                ('closure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='people', to='dosing.closure')),
            ],
        ),
        migrations.CreateModel(
            name='Reopening',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('from_on', models.DateField()),
                ('from_slot', models.CharField(choices=[('am', 'morning'), ('pm', 'afternoon'), ('eve', 'evening')], max_length=3)),
                ('from_at', models.DateTimeField()),
                ('words', models.CharField(max_length=200)),
                ('reopened_at', models.DateTimeField()),
                ('closure', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reopenings', to='dosing.closure')),
                ('reopened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='closure',
            index=models.Index(fields=['clinic', '-ends_at'], name='closures_of_a_clinic'),
        ),
        migrations.AddConstraint(
            model_name='closure',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['weather', 'staff', 'stock', 'premises', 'safety', 'other']), models.Q(('words', ''), _negated=True)), name='closure_says_why', violation_error_message='A closure says why, by a code and in words.'),
        ),
        migrations.AddConstraint(
            model_name='closure',
            constraint=models.CheckConstraint(condition=models.Q(('closed_at__lt', models.F('ends_at')), ('ends_at__gt', models.F('starts_at')), ('last_on__gte', models.F('first_on')), ('reopens_on__gte', models.F('last_on')), ('sessions__gte', 1)), name='closure_runs_forward_from_now', violation_error_message='A closure runs from a session to a later one, and is not all over.'),
        ),
        migrations.AddConstraint(
            model_name='closedperson',
            constraint=models.UniqueConstraint(fields=('closure', 'episode'), name='a_closure_names_a_person_once', violation_error_message='That person is on this closure already.'),
        ),
        migrations.AddConstraint(
            model_name='closedperson',
            constraint=models.CheckConstraint(condition=models.Q(('row__gte', 1), ('row__lte', 4), ('sessions__gte', 1)), name='closed_person_misses_a_session', violation_error_message='Whoever is on a closure misses a session, and stands in a row of the ladder.'),
        ),
        migrations.AddConstraint(
            model_name='reopening',
            constraint=models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='reopening_says_why', violation_error_message='A reopening says why.'),
        ),
        migrations.AddConstraint(
            model_name='reopening',
            constraint=models.UniqueConstraint(fields=('closure', 'from_at'), name='a_closure_ends_once_before_a_session', violation_error_message='The closure ends before that session already.'),
        ),
        migrations.CreateModel(
            name='LateArrival',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(choices=[('came_late', 'they came after all'), ('changed_mind', 'they want the dose after all')], max_length=12)),
                ('noted_at', models.DateTimeField()),
                ('ends', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='late_arrival', to='dosing.sessionoutcome')),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='late_arrivals', to='dosing.plannedsession')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason__in', ['came_late', 'changed_mind'])), name='late_arrival_has_a_reason', violation_error_message='A session goes on because somebody came late or changed their mind.')],
            },
        ),
        migrations.CreateModel(
            name='Handover',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('service_date', models.DateField()),
                ('slot', models.CharField(choices=[('am', 'morning'), ('pm', 'afternoon'), ('eve', 'evening')], max_length=3)),
                ('facts', models.JSONField()),
                ('words', models.CharField(blank=True, max_length=500)),
                ('content_sha256', models.CharField(max_length=64)),
                ('signed_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='handovers', to='accounts.clinic')),
                ('signed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='HandoverNote',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('words', models.CharField(max_length=300)),
                ('handover', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='dosing.handover')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='patients.person')),
            ],
        ),
        migrations.CreateModel(
            name='HandoverAcknowledgement',
            fields=[
                ('handover', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='acknowledgement', serialize=False, to='dosing.handover')),
                ('content_sha256', models.CharField(max_length=64)),
                ('acknowledged_at', models.DateTimeField()),
                ('acknowledged_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='handover',
            index=models.Index(fields=['clinic', '-signed_at'], name='handovers_of_a_clinic'),
        ),
        migrations.AddConstraint(
            model_name='handover',
            constraint=models.UniqueConstraint(fields=('clinic', 'service_date', 'slot'), name='a_session_is_handed_over_once', violation_error_message='This session is handed over already.'),
        ),
        migrations.AddConstraint(
            model_name='handovernote',
            constraint=models.UniqueConstraint(fields=('handover', 'patient'), name='one_handover_note_per_person', violation_error_message='That person has a line in this handover.'),
        ),
        migrations.AddConstraint(
            model_name='handovernote',
            constraint=models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='handover_note_says_something', violation_error_message='A line of a handover says something.'),
        ),
        make_append_only(
            "dosing_closure",
            "dosing_closedperson",
            "dosing_reopening",
            "dosing_latearrival",
            "dosing_handover",
            "dosing_handovernote",
            "dosing_handoveracknowledgement",
        ),
    ]
