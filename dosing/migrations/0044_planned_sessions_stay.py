"""Planned sessions are only ever added, as nothing ever changed one: reports rest on that."""

import django.db.models.deletion
from django.db import migrations, models

from hat_clinic.core.triggers import make_append_only


class Migration(migrations.Migration):
    dependencies = [("dosing", "0043_oral_doses_on_paper")]

    operations = [
        migrations.AlterField(
            model_name="plannedsession",
            name="clinic",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="planned_sessions",
                to="accounts.clinic",
            ),
        ),
        make_append_only("dosing_plannedsession"),
    ]
