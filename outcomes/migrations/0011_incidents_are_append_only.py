"""Incidents, and who was told of them, are only ever added."""

from django.db import migrations

from hat_clinic.core.triggers import make_append_only


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0010_incidents")]

    operations = [make_append_only("outcomes_incidentreport", "outcomes_incidenttelling")]
