"""Safety incidents as the clinic writes them down, and who was told of each."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0009_urine_is_append_only'),
        ('patients', '0009_harm_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='IncidentReport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('incident', models.UUIDField(default=uuid.uuid4)),
                ('number', models.PositiveSmallIntegerField(default=1)),
                ('happened_on', models.DateField()),
                ('kind', models.CharField(choices=[('over_sedation', 'Over-sedation'), ('overdose', 'Overdose'), ('death', 'Death'), ('medicine_error', 'Mistake with a medicine'), ('injury', 'Fall or injury'), ('violence', 'Violence or threat'), ('other', 'Something else')], max_length=14)),
                ('place', models.CharField(choices=[('clinic', 'Here in the clinic'), ('home', 'At home'), ('street', 'In the street'), ('hospital', 'In hospital'), ('custody', 'In custody'), ('other', 'Elsewhere')], max_length=8)),
                ('harm', models.PositiveSmallIntegerField(choices=[(0, 'None'), (1, 'Low: watched longer, or first aid'), (2, 'Moderate: needed more treatment, will recover'), (3, 'Severe: lasting harm'), (4, 'Death')])),
                ('naloxone_given', models.BooleanField(null=True)),
                ('is_drug_related', models.BooleanField(null=True)),
                ('words', models.CharField(max_length=500)),
                ('why', models.CharField(blank=True, max_length=200)),
                ('key', models.UUIDField()),
                ('recorded_at', models.DateTimeField()),
                ('clinic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incident_reports', to='accounts.clinic')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='incident_reports', to='patients.person')),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='IncidentTelling',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('incident', models.UUIDField()),
                ('body', models.CharField(choices=[('person', 'The person or their family (duty of candour)'), ('learning', 'The national record of patient safety events'), ('cd_officer', 'The controlled-drugs accountable officer'), ('regulator', 'The care regulator'), ('coroner', 'The coroner'), ('commissioner', 'The commissioner')], max_length=12)),
                ('told_on', models.DateField()),
                ('words', models.CharField(blank=True, max_length=200)),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tellings', to='outcomes.incidentreport')),
            ],
        ),
        migrations.AddIndex(
            model_name='incidentreport',
            index=models.Index(fields=['clinic', 'happened_on'], name='incident_lines_of_a_clinic'),
        ),
        migrations.AddConstraint(
            model_name='incidentreport',
            constraint=models.UniqueConstraint(fields=('incident', 'number'), name='incident_lines_are_numbered_once', violation_error_message='Somebody corrected this incident meanwhile. Look at it first.'),
        ),
        migrations.AddConstraint(
            model_name='incidentreport',
            constraint=models.UniqueConstraint(fields=('key',), name='one_incident_line_per_key', violation_error_message='This incident is stored already.'),
        ),
        migrations.AddConstraint(
            model_name='incidentreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('number', 1), ('why', '')), models.Q(('number__gt', 1), models.Q(('why', ''), _negated=True)), _connector='OR'), name='incident_correction_has_its_reason', violation_error_message='Say why the incident is written again.'),
        ),
        migrations.AddConstraint(
            model_name='incidentreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('harm', 4), ('kind', 'death')), models.Q(models.Q(('kind', 'death'), _negated=True), ('harm__lt', 4)), _connector='OR'), name='incident_death_has_its_harm', violation_error_message='A death has the harm death, and nothing else has.'),
        ),
        migrations.AddConstraint(
            model_name='incidenttelling',
            constraint=models.UniqueConstraint(fields=('incident', 'body'), name='each_is_told_of_an_incident_once', violation_error_message='That they were told is written down already.'),
        ),
    ]
