"""Those outside the clinic who read its reports have roles of their own."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinic_preset'),
    ]

    operations = [
        migrations.AlterField(
            model_name='invitation',
            name='roles',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('nurse', 'nurse'), ('doctor', 'doctor'), ('prescriber', 'non-medical prescriber'), ('case_worker', 'case worker'), ('commissioner', 'commissioner'), ('referrer', 'agency referrer'), ('cd_lead', 'controlled-drug lead'), ('clinical_lead', 'clinical lead'), ('manager', 'manager'), ('privacy_officer', 'privacy officer'), ('inspector', 'inspector'), ('board', 'board'), ('police_commissioner', 'police and crime commissioner'), ('probation', 'probation service'), ('prison_group', 'prison group'), ('evaluator', 'independent evaluator')], max_length=20), size=None),
        ),
        migrations.AlterField(
            model_name='membership',
            name='role',
            field=models.CharField(choices=[('nurse', 'nurse'), ('doctor', 'doctor'), ('prescriber', 'non-medical prescriber'), ('case_worker', 'case worker'), ('commissioner', 'commissioner'), ('referrer', 'agency referrer'), ('cd_lead', 'controlled-drug lead'), ('clinical_lead', 'clinical lead'), ('manager', 'manager'), ('privacy_officer', 'privacy officer'), ('inspector', 'inspector'), ('board', 'board'), ('police_commissioner', 'police and crime commissioner'), ('probation', 'probation service'), ('prison_group', 'prison group'), ('evaluator', 'independent evaluator')], max_length=20),
        ),
    ]
