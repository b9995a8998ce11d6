"""Prescriptions that were printed: rows of this table are only ever added."""

import datetime
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import uuid
from django.conf import settings
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only


class Migration(migrations.Migration):

    dependencies = [
        ('dosing', '0013_plans_and_gaps'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='PrescriptionPrint',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveSmallIntegerField()),
                ('form', models.CharField(choices=[('fp10mda', 'FP10MDA, for instalments'), ('clinic', 'the clinic’s own form')], max_length=8)),
                ('strength_mg', models.PositiveSmallIntegerField()),
                ('wordings', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=5)),
                ('dated_on', models.DateField()),
                ('first_on', models.DateField()),
                ('days', models.PositiveSmallIntegerField()),
                ('instalment_mg', models.PositiveSmallIntegerField()),
                ('total_mg', models.PositiveIntegerField()),
                ('reason', models.TextField(blank=True, default='')),
                ('sheet', models.JSONField()),
                ('printed_at', models.DateTimeField()),
                ('licence', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prescriptions', to='dosing.licence')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prescriptions', to='dosing.order')),
                ('printed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('order', 'number'), name='prescriptions_of_an_order_are_numbered_once', violation_error_message='Somebody printed a prescription of this order meanwhile.'), models.CheckConstraint(condition=models.Q(('days__gte', 1), ('instalment_mg__gte', 1), ('number__gte', 1), ('strength_mg__gte', 1), ('total_mg', django.db.models.expressions.CombinedExpression(models.F('instalment_mg'), '*', models.F('days')))), name='prescription_total_is_its_instalments', violation_error_message='The total is the milligrams of a day times the days.'), models.CheckConstraint(condition=models.Q(models.Q(('form', 'fp10mda'), _negated=True), models.Q(('days__lte', 14), ('wordings__len__gte', 1)), _connector='OR'), name='instalment_form_is_short_and_has_its_wording', violation_error_message='An FP10MDA runs for 14 days at most and says how instalments are supplied.'), models.CheckConstraint(condition=models.Q(('first_on__gte', models.F('dated_on')), ('first_on__lte', django.db.models.expressions.CombinedExpression(models.F('dated_on'), '+', models.Value(datetime.timedelta(days=28))))), name='prescription_is_first_supplied_in_time', violation_error_message='The first supply is within 28 days of the date on the prescription.'), models.CheckConstraint(condition=models.Q(('days__lte', 30), models.Q(('reason', ''), _negated=True), _connector='OR'), name='prescription_of_a_long_supply_has_its_reason', violation_error_message='More than 30 days of supply need a reason.')],
            },
        ),
        make_append_only("dosing_prescriptionprint"),
    ]
