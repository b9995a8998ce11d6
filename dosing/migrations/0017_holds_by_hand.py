"""Holds may be placed by hand; what one says stays as it was written."""

from importlib import import_module
from typing import Any

import django.db.models.deletion
import dosing.rules.holds
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def keep_what_a_hold_says(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let nothing of a hold be changed but its lifting."""
    allowed = import_module("dosing.migrations.0010_visits_are_guarded").ALLOWED
    begins = allowed.index("CREATE FUNCTION hold_is_only_lifted(")
    function = allowed[begins : allowed.index("$$;", begins) + 3]
    changed = function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
    for row in ("NEW", "OLD"):
        said = ", ".join(f"{row}.{name}" for name in ("severity", "reason", "happened_at", "review_on"))
        changed = changed.replace(f"{row}.opened_by_id)", f"{row}.opened_by_id, {said})", 1)
    if changed.count("happened_at") != 2:
        raise RuntimeError("hold_is_only_lifted is not what it was")
    schema_editor.execute(changed, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_terminals'),
        ('dosing', '0016_licence_revocations'),
        ('patients', '0005_episode_stages'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='hold',
            name='hold_lifted_with_a_reason_by_another',
        ),
        migrations.AddField(
            model_name='hold',
            name='happened_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='hold',
            name='reason',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='hold',
            name='review_on',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='hold',
            name='severity',
            field=models.CharField(choices=[('hold', 'Hold'), ('suspension', 'Suspension')], default=dosing.rules.holds.HoldSeverity['HOLD'], max_length=12),
        ),
        migrations.AlterField(
            model_name='hold',
            name='check_made',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hold', to='dosing.preinjectioncheck'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('lifted_at__isnull', True), models.Q(models.Q(('lift_reason', ''), _negated=True), models.Q(('check_made__isnull', True), models.Q(('lifted_by', models.F('opened_by')), _negated=True), _connector='OR')), _connector='OR'), name='hold_lifted_with_a_reason_by_another', violation_error_message='A hold is lifted with a reason, and by somebody else than who made the check that opened it.'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('check_made__isnull', False), models.Q(('reason', ''), _negated=True), _connector='OR'), name='hold_by_hand_is_in_words', violation_error_message='A hold that no check opened says in words what it is for.'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('severity__in', ['hold', 'suspension'])), name='hold_severity_is_known', violation_error_message='It is a hold or a suspension.'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('codes__contains', ['overdose_away']), ('happened_at__isnull', False)), models.Q(models.Q(('codes__contains', ['overdose_away']), _negated=True), ('happened_at__isnull', True)), _connector='OR'), name='hold_overdose_away_says_when', violation_error_message='An overdose away from the clinic is written with its moment.'),
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.CheckConstraint(condition=models.Q(('happened_at__isnull', True), ('happened_at__lte', models.F('opened_at')), _connector='OR'), name='hold_tells_of_the_past', violation_error_message='What a hold tells of has happened already.'),
        ),
        migrations.RunPython(keep_what_a_hold_says, migrations.RunPython.noop),
    ]
