"""Support sessions are only ever added: a correction is a row of its own."""

from django.db import migrations

from hat_clinic.core.triggers import make_append_only


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0006_own_support")]

    operations = [make_append_only("outcomes_supportsession")]
