"""Checkpoints, incarnations and verifications of the register: rows are only ever added.

The database cannot check a signature. It can refuse a checkpoint of a line that is not there, so that what the
application stores is true when it is stored.
"""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from hat_clinic.core.triggers import make_append_only

GUARDS = """
CREATE FUNCTION checkpoint_tells_of_its_line() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.incarnation IS DISTINCT FROM (SELECT coalesce(max(i.number), 1) FROM public.dosing_incarnation i) THEN
        RAISE EXCEPTION 'A checkpoint is of the incarnation that lives.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'checkpoint_is_of_the_living_incarnation';
    END IF;
    IF NOT EXISTS (
        SELECT FROM public.dosing_registerentry e
            WHERE e.line_id = NEW.line_id AND e.seq = NEW.seq AND e.hash = NEW.head_hash AND e.balance = NEW.balance
    ) THEN
        RAISE EXCEPTION 'A checkpoint tells of a line of its register as it stands.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'checkpoint_tells_of_its_line';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION incarnation_follows_the_last() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.number IS NULL OR NEW.number <= (SELECT coalesce(max(i.number), 1) FROM public.dosing_incarnation i) THEN
        RAISE EXCEPTION 'A new incarnation has a higher number than every one before.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'incarnation_follows_the_last';
    END IF;
    RETURN NEW;
END
$$;
"""
TRIGGERS = [
    ("dosing_checkpoint", "checkpoint_tells_of_its_line"),
    ("dosing_incarnation", "incarnation_follows_the_last"),
]


def guard(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute(GUARDS, params=None)
    for table, name in TRIGGERS:
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();"
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};"
            f"REVOKE ALL ON FUNCTION {name}() FROM PUBLIC",
            params=None,
        )


class Migration(migrations.Migration):

    dependencies = [
        ('dosing', '0023_prescription_parts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(max_length=50)),
                ('incarnation', models.PositiveIntegerField()),
                ('seq', models.PositiveIntegerField()),
                ('head_hash', models.CharField(max_length=64)),
                ('balance', models.PositiveIntegerField()),
                ('made_at', models.DateTimeField()),
                ('key', models.CharField(max_length=64)),
                ('signature', models.CharField(max_length=128)),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checkpoints', to='dosing.registerline')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['line', '-made_at'], name='newest_checkpoint_of_a_line')],
                'constraints': [models.UniqueConstraint(fields=('line', 'incarnation', 'seq', 'head_hash'), name='one_checkpoint_per_line_of_a_register', violation_error_message='That line has its checkpoint.'), models.CheckConstraint(condition=models.Q(('key__regex', '^[0-9a-f]{64}$'), ('signature__regex', '^[0-9a-f]{128}$')), name='checkpoint_is_signed', violation_error_message='A checkpoint has a signature and names its key.')],
            },
        ),
        migrations.CreateModel(
            name='Incarnation',
            fields=[
                ('number', models.PositiveIntegerField(primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=300)),
                ('heads', models.JSONField()),
                ('lost', models.JSONField()),
                ('started_at', models.DateTimeField()),
                ('key', models.CharField(max_length=64)),
                ('signature', models.CharField(max_length=128)),
                ('confirmed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('started_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('started_by', models.F('confirmed_by')), _negated=True), name='incarnation_is_confirmed_by_another', violation_error_message='Two people start a new incarnation.'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='incarnation_has_a_reason', violation_error_message='Write why the database was restored.'), models.CheckConstraint(condition=models.Q(('key__regex', '^[0-9a-f]{64}$'), ('signature__regex', '^[0-9a-f]{128}$')), name='incarnation_is_signed', violation_error_message='A new incarnation has a signature and names its key.')],
            },
        ),
        migrations.CreateModel(
            name='RegisterVerification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('result', models.CharField(choices=[('whole', 'whole'), ('tampered', 'not whole'), ('cannot_tell', 'cannot tell')], max_length=12)),
                ('lines', models.PositiveIntegerField()),
                ('checkpoints', models.PositiveIntegerField()),
                ('first_bad_seq', models.PositiveIntegerField(null=True)),
                ('reason', models.TextField(blank=True)),
                ('verified_at', models.DateTimeField()),
                ('line', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='verifications', to='dosing.registerline')),
                ('verified_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['line', '-verified_at'], name='newest_verification_of_a_line')],
                'constraints': [models.CheckConstraint(condition=models.Q(('result__in', ['whole', 'tampered', 'cannot_tell'])), name='verification_result_is_known', violation_error_message='A verification finds a register whole, not whole, or cannot tell.'), models.CheckConstraint(condition=models.Q(models.Q(('first_bad_seq__isnull', False), ('result', 'tampered')), models.Q(models.Q(('result', 'tampered'), _negated=True), ('first_bad_seq__isnull', True)), _connector='OR'), name='verification_names_the_first_bad_line', violation_error_message='A register that is not whole has a first bad line, and no other has.'), models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), ('result', 'whole')), models.Q(models.Q(('result', 'whole'), _negated=True), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='verification_says_why_it_is_not_whole', violation_error_message='Say what is wrong with a register that is not whole.')],
            },
        ),
        make_append_only("dosing_checkpoint", "dosing_incarnation", "dosing_registerverification"),
        migrations.RunPython(guard, migrations.RunPython.noop),
    ]
