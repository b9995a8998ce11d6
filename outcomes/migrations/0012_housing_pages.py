"""Where somebody lives is recorded by a named person, or imported; a correction names what it amends."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
        ('outcomes', '0011_incidents_are_append_only'),
        ('patients', '0009_harm_checks'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='housingrecord',
            name='one_housing_record_per_person_and_date',
        ),
        migrations.AddField(
            model_name='housingrecord',
            name='amends',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='amended_by', to='outcomes.housingrecord'),
        ),
        migrations.AddField(
            model_name='housingrecord',
            name='correction',
            field=models.CharField(blank=True, choices=[('wrong_key', 'Wrong key'), ('learned_later', 'Learned more later'), ('wrong_person', 'Logged for the wrong person'), ('entered_twice', 'Logged twice')], max_length=14),
        ),
        migrations.AddField(
            model_name='housingrecord',
            name='key',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='housingrecord',
            name='recorded_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='housingrecord',
            name='recorded_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='housingrecord',
            index=models.Index(fields=['patient', '-recorded_on'], name='housing_of_a_person'),
        ),
        migrations.AddConstraint(
            model_name='housingrecord',
            constraint=models.UniqueConstraint(fields=('key',), name='one_housing_record_per_key', violation_error_message='This line is stored already.'),
        ),
        migrations.AddConstraint(
            model_name='housingrecord',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('import_run__isnull', True), ('key__isnull', False), ('recorded_at__isnull', False), ('recorded_by__isnull', False)), models.Q(('amends__isnull', True), ('import_run__isnull', False), ('key__isnull', True), ('recorded_at__isnull', True), ('recorded_by__isnull', True)), _connector='OR'), name='housing_is_recorded_by_a_person_or_imported', violation_error_message='Where somebody lives is recorded by a named person, or imported.'),
        ),
        migrations.AddConstraint(
            model_name='housingrecord',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amends__isnull', True), ('correction', '')), models.Q(('amends__isnull', False), models.Q(('correction', ''), _negated=True)), _connector='OR'), name='housing_correction_has_its_reason', violation_error_message='Say why the line is written again.'),
        ),
    ]
