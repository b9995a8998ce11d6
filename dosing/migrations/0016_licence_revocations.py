"""A licence is revoked by a row that is only ever added; nothing more is drawn up on an order under it."""

import uuid
from importlib import import_module
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import make_append_only


def ask_for_the_licence_of_a_drawn_dose(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Refuse a dose drawn up on an order whose licence is revoked."""
    allowed = import_module("dosing.migrations.0010_visits_are_guarded").ALLOWED
    begins = allowed.index("CREATE FUNCTION preparation_is_allowed(")
    function = allowed[begins : allowed.index("$$;", begins) + 3]
    changed = function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1).replace(
        "AND u.is_active\n",
        "AND u.is_active\n"
        "                AND NOT EXISTS (\n"
        "                    SELECT FROM public.dosing_licencerevocation gone WHERE gone.licence_id = o.licence_id\n"
        "                )\n",
        1,
    )
    if "licencerevocation" not in changed:
        raise RuntimeError("preparation_is_allowed is not what it was")
    schema_editor.execute(changed, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('dosing', '0015_oral'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LicenceRevocation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.TextField()),
                ('revoked_at', models.DateTimeField()),
                ('licence', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='revocation', to='dosing.licence')),
                ('revoked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='licence_revocation_has_its_reason', violation_error_message='Revoking a licence says why.')],
            },
        ),
        make_append_only("dosing_licencerevocation"),
        migrations.RunPython(ask_for_the_licence_of_a_drawn_dose, migrations.RunPython.noop),
    ]
