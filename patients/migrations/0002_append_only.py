"""Rows of these tables are only ever added."""

from django.db import migrations

from hat_clinic.core.triggers import make_append_only


class Migration(migrations.Migration):
    dependencies = [("patients", "0001_initial")]

    operations = [
        make_append_only(
            "patients_importrun",
        ),
    ]
