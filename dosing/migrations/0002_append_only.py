"""Rows of these tables are only ever added."""

from django.db import migrations

from hat_clinic.core.triggers import make_append_only


class Migration(migrations.Migration):
    dependencies = [("dosing", "0001_initial")]

    operations = [
        make_append_only(
            "dosing_protocolversion",
            "dosing_licence",
            "dosing_order",
            "dosing_signature",
            "dosing_injection",
            "dosing_sessionoutcome",
            "dosing_recordedrequest",
            "dosing_registerentry",
            "dosing_stockmovement",
        ),
    ]
