"""Rows of these tables are only ever added."""

from django.db import migrations

from hat_clinic.core.triggers import make_append_only


class Migration(migrations.Migration):
    dependencies = [("referrals", "0002_agencies_refer")]

    operations = [
        make_append_only(
            "referrals_agencyflag",
            "referrals_priortreatment",
            "referrals_referraldecision",
        ),
    ]
